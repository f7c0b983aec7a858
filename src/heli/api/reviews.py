"""Reviews of rights: what a reviewer decides, what security starts and reads, and how much everyone holds over time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from heli.access.models import Role
from heli.access.viewer import Viewer
from heli.api import review_waits, shape
from heli.api.common import PERSON, WORDS, people, ref
from heli.api.drafts import needs
from heli.api.route import Answer, Call, Param, Route
from heli.audit import log
from heli.kernel import clock
from heli.kernel.errors import Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org import zone
from heli.org.models import Department, Person
from heli.org.tree import load_tree
from heli.review import campaigns, decide, growth, lessen, report, titles
from heli.review import ending as ends
from heli.review.models import Campaign, Item, Share, Volume

TAG = "reviews"
MOST = 100
PAGE = 1000
ROWS = 50
"""Items of a page of what became of a campaign."""
END_ASKED = Words(
    "{name}请你确认提前结束这次复核。原因：{why}",
    "{name} asks you to confirm that this review ends early. Reason: {why}",
)
BY_TOKEN = Words("令牌不能复核权限，请登录后操作", "a token reviews nothing: sign in to do this")
NOT_YOURS = Words("你不能查看它的权限体积", "you may not see how much it holds")
NOT_A_MOMENT = Words("应为带时区的时间", "must be a moment with its zone")
COMPANY = Words("全公司权限体积", "rights held in the company")
OWN = Words("我的权限体积", "rights I hold")
OF_DEPARTMENT = Words("{d}权限体积", "rights held in {d}")


def _reads_policy(call: Call) -> bool:
    view = call.viewer.view
    return view is not None and view.may("policy", "read")


def _person(call: Call) -> int:
    """Who decides. Raises Refused for a token."""
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    return call.person


def overview(call: Call) -> Answer:
    """My batches; for who reads the rules also the campaigns; and how much is held where I answer for it."""
    view = call.viewer.view
    rows = Campaign.objects.order_by("-pk")[:MOST] if _reads_policy(call) else []
    return Answer(
        {
            "batches": _batches(call),
            "campaigns": [report.progress(one) for one in rows],
            "volume": _volume(call),
            "may_start": view is not None and view.may("policy", "administer"),
        }
    )


def _batches(call: Call) -> list[dict[str, Any]]:
    found = report.batches(call.person)
    held = {int(one["campaign"]) for one in found if one["held"]}
    waits = review_waits.by_campaign(call.viewer, call.person, held)
    return [{**one, "waits": waits.get(int(one["campaign"])) if one["held"] else None} for one in found]


def _volume(call: Call) -> dict[str, Any]:
    """The curve at the foot of the page: of the department I head, of the company, or mine."""
    headed = Department.objects.filter(head_id=call.person, closed_at=None).order_by("pk").first()
    if headed is not None:
        name = Words(headed.name, headed.name_en or headed.name)
        kind, key, words = Volume.DEPARTMENT, str(headed.pk), OF_DEPARTMENT.fill(d=name)
    elif _reads_policy(call):
        kind, key, words = Volume.COMPANY, "", COMPANY
    else:
        kind, key, words = Volume.PERSON, str(call.person), OWN
    return {
        "name": words.json(),
        "kind": kind,
        "key": key,
        "months": growth.days(growth.curve(kind, key, zone.today())),
    }


def volume(call: Call) -> Answer:
    """Twelve months of one person, role, department or the company, and who grew most."""
    kind, key = call.query["kind"], call.query.get("key", "")
    reads = _reads_policy(call)
    if not reads and not (kind == Volume.PERSON and key == str(call.person)) and not _answers_for(call, kind, key):
        raise Refused(NOT_YOURS, code="no_line")
    today = zone.today()
    most = growth.grown(kind, today) if reads and kind in (Volume.PERSON, Volume.ROLE) and not key else []
    keys = [k for k, _, _ in most]
    names, curves = _names(kind, keys), growth.curves(kind, keys, today) if keys else {}
    return Answer(
        {
            "kind": kind, "key": key, "months": growth.days(growth.curve(kind, key, today)),
            "grown": [
                {"key": k, "name": names.get(k, Words(k, k)).json(), "then": then, "now": now,
                 "months": growth.days(curves[k])}
                for k, then, now in most
            ],
        }
    )  # fmt: skip


def _names(kind: str, keys: list[str]) -> dict[str, Words]:
    if kind == Volume.ROLE:
        rows = Role.objects.filter(code__in=keys).values_list("code", "name", "name_en")
        return {code: Words(name, name_en or name) for code, name, name_en in rows}
    people = Person.objects.filter(pk__in=[int(k) for k in keys]).values_list("pk", "display_name")
    return {str(pk): Words(name, name) for pk, name in people}


def _answers_for(call: Call, kind: str, key: str) -> bool:
    """Whether the viewer heads this department or one above it."""
    if kind != Volume.DEPARTMENT or not key.isdecimal() or len(key) > 18:
        return False
    tree = load_tree()
    return any(tree.nodes[one].head == call.person for one in tree.above(int(key)))


def start(call: Call) -> Answer:
    """Begin a campaign."""
    needs(call, "administer")
    by, body = call.viewer.actor, call.body
    department = body.get("department")
    made = campaigns.start(
        by, body["kind"], department=int(department) if department is not None else None, title=body.get("title", ""),
        days=body.get("days", campaigns.DAYS),
    )  # fmt: skip
    return Answer(report.progress(made), 201, location=f"/access/reviews/{made.pk}")


def ending(call: Call) -> Answer:
    """What ending a campaign now would do with what nobody has answered, were I to do it."""
    needs(call, "administer")
    campaign = campaigns.get(int(call.path["id"]))
    return Answer(
        {
            "over": campaign.closed_at is not None or campaign.ended_at is not None,
            "final": ends.unsubmitted(campaign),
            "asked": report.asked(campaign),
            "ways": [
                {
                    "unanswered": o.how,
                    "ends": o.ends,
                    "proposed": o.proposed,
                    "stays": o.stays,
                    "own": o.own,
                    "people": o.people,
                    "powerful": o.powerful,
                    "second": o.second,
                }
                for o in ends.outcomes(campaign, call.person)
            ],
        }
    )


def end(call: Call) -> Answer:
    """End a campaign before its deadline."""
    needs(call, "administer")
    body = call.body
    found = ends.end(call.viewer.actor, _person(call), int(call.path["id"]), body["unanswered"], body["reason"])
    return Answer(report.progress(found))


def unask(call: Call) -> Answer:
    """Take back that somebody asked to end a campaign early, or say no to it."""
    needs(call, "administer")
    _person(call)
    return Answer(report.progress(ends.withdraw(call.viewer.actor, int(call.path["id"]))))


def one(call: Call) -> Answer:
    """How far a campaign is."""
    needs(call, "read")
    return Answer(report.progress(campaigns.get(int(call.path["id"]))))


def results(call: Call) -> Answer:
    """What became of a campaign, item by item: fifty at a time."""
    needs(call, "read")
    asked = call.query
    reviewer = asked.get("reviewer")
    items, more = report.results(
        campaigns.get(int(call.path["id"])), state=asked.get("state", ""), after=asked.get("after", 0), most=ROWS,
        reviewer=int(reviewer) if reviewer is not None else None,
    )  # fmt: skip
    return Answer({"items": items, "next": more})


def evidence(call: Call) -> Answer:
    """Who decided what when: a thousand items at a time."""
    needs(call, "read")
    campaign = campaigns.get(int(call.path["id"]))
    rows = list(report.evidence(campaign, after=call.query.get("after", 0), most=PAGE))
    more = len(rows) == PAGE
    return Answer({"items": rows, "next": int(rows[-1]["item"]) if more else None})


def evidence_csv(call: Call) -> Answer:
    """The same as one table for a spreadsheet."""
    needs(call, "read")
    campaign = campaigns.get(int(call.path["id"]))
    language = call.query.get("language") or call.viewer.language or "zh"
    raw = report.as_csv(report.evidence(campaign), language)
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="review-{campaign.pk}.csv"',
    }
    with log.transaction():
        campaigns.tell(call.viewer.actor, "review.export", campaign.pk, after={"format": "csv"})
    return Answer(raw, headers=headers)


def share(call: Call) -> Answer:
    """What one reviewer judges in a campaign, for them and for who reads the rules."""
    key = call.path["id"]
    found = Share.objects.select_related("campaign").filter(pk=int(key)).first()
    if found is None or (found.reviewer_id != call.person and not _reads_policy(call)):
        raise NotFound
    waits = review_waits.by_campaign(call.viewer, found.reviewer_id, [found.campaign_id])
    return Answer({**report.share(found), "waits": waits.get(found.campaign_id)})


def table(call: Call) -> Answer:
    """One of my batches."""
    return _decided(call)


def ways(call: Call) -> Answer:
    """How one item could be narrowed."""
    found = decide.batch_of(call.person, int(call.path["batch"])).items.filter(pk=int(call.path["item"])).first()
    if found is None:
        raise NotFound
    return Answer(lessen.options(found))


def _decided(call: Call) -> Answer:
    batch = decide.batch_of(call.person, int(call.path["batch"]))
    waits = review_waits.by_campaign(call.viewer, call.person, [batch.campaign_id])
    return Answer({**report.table(batch), "waits": waits.get(batch.campaign_id)})


def _asked(call: Call) -> tuple[Any, int, int, int]:
    return call.viewer.actor, _person(call), int(call.path["batch"]), int(call.path["item"])


def keep(call: Call) -> Answer:
    """Leave a right as it is."""
    decide.keep(*_asked(call), note=call.body.get("note", ""))
    return _decided(call)


def revoke(call: Call) -> Answer:
    """Take a right back."""
    decide.revoke(*_asked(call), note=call.body.get("note", ""))
    return _decided(call)


def narrow(call: Call) -> Answer:
    """Put a narrower right, or one that ends earlier, in its place."""
    body = call.body
    lessen.lessen(
        *_asked(call),
        lines=body.get("lines"),
        until=_moment(body),
        note=body.get("note", ""),
        whom=body.get("whom"),
        way=body.get("way"),
    )
    return _decided(call)


def _moment(body: dict[str, Any]) -> datetime | None:
    text = body.get("until")
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year <= 9000:
        raise Invalid(Problem("until", "type", NOT_A_MOMENT))
    return found.astimezone(UTC)


def delegate(call: Call) -> Answer:
    """Pass an item on to somebody else."""
    decide.delegate(*_asked(call), to=int(call.body["to"]), note=call.body.get("note", ""))
    return _decided(call)


def undo(call: Call) -> Answer:
    """Take a decision back that has not been submitted."""
    decide.undo(*_asked(call))
    return _decided(call)


def accept(call: Call) -> Answer:
    """Keep what is of low risk and suggested to be kept."""
    decide.accept_keeps(call.viewer.actor, _person(call), int(call.path["batch"]))
    return _decided(call)


def submit(call: Call) -> Answer:
    """Make what is decided final."""
    decide.submit(call.viewer.actor, _person(call), int(call.path["batch"]))
    return _decided(call)


REVIEW = Words("复核：{title} · 第 {n} 批，{k} 项待定", "review: {title}, batch {n}, {k} to decide")


def waiting(person: int) -> list[dict[str, Any]]:
    """What the workbench says of reviews that wait for somebody."""
    open_ = report.open_batches(person)
    titled = titles.many(batch.campaign for batch, _ in open_)
    return [
        {
            "kind": "review", "type": "review", "id": str(batch.pk), "title": batch.campaign.title,
            "title_words": titled[batch.campaign_id].json(),
            "since": report.stamp(batch.campaign.created_at), "due": report.stamp(until),
            "why": REVIEW.fill(
                title=titled[batch.campaign_id], n=batch.number, k=batch.items.filter(state=Item.PENDING).count()
            ).json(),
            "group": "today" if report.days_left(until) < 1 else "week" if report.days_left(until) < 7 else "later",
        }
        for batch, until in open_
        if until > clock.now()
    ]  # fmt: skip


def ending_asked(viewer: Viewer) -> list[dict[str, Any]]:
    """Campaigns of which somebody else asks that they end early: for who could say the same."""
    if viewer.person is None or viewer.role or viewer.view is None or not viewer.view.may("policy", "administer"):
        return []
    found = ends.waiting_for(viewer.person)
    names, titled = people(one.asked_by for one in found), titles.many(found)
    return [
        {
            "kind": "review", "type": "review", "id": f"end{one.pk}", "title": one.title, "title_words": titled[one.pk].json(),
            "since": report.stamp(one.asked_at), "due": None,
            "why": END_ASKED.fill(name=(names.get(one.asked_by or 0) or {}).get("name", ""), why=one.asked_why).json(), "group": "today",
        }
        for one in found
    ]  # fmt: skip


_TEXT: shape.Schema = {"type": "string"}
_MAYBE: shape.Schema = {"type": ["string", "null"]}
_NUMBER: shape.Schema = {"type": "integer"}
_FLAG: shape.Schema = {"type": "boolean"}
_MONTHS = shape.array(shape.record({"day": _TEXT, "n": _NUMBER}))
_NOTE = {"note": shape.text(500)}
_ITEM = {"batch": shape.NUMBER_ID, "item": shape.NUMBER_ID}
_WAYS = shape.array(shape.record({"code": _TEXT, "words": ref(WORDS), "lines": shape.array({"type": "object"})}))
_STATES = [state for state, _ in Item.STATES]
_WAY = {"type": "string", "enum": list(Campaign.UNANSWERED)}
_ASKED = shape.nullable(shape.record({"at": _TEXT, "by": ref(PERSON), "reason": _TEXT, "unanswered": _WAY}))
_ENDED = shape.nullable(
    shape.record(
        {
            "at": _TEXT, "by": ref(PERSON), "reason": _TEXT, "unanswered": _WAY,
            "asked_by": {**shape.nullable(ref(PERSON)), "description": "Who asked for it, where it took two people"},
        }
    )
)  # fmt: skip
_DRAFT = shape.record({"id": _TEXT, "title": _TEXT, "state": _TEXT, "answer": _TEXT})
_DEADLINE = shape.nullable(
    shape.record(
        {
            "at": _TEXT, "answered": {**_NUMBER, "description": "By reviewers, in time"},
            "final": {**_NUMBER, "description": "Of these, what was not handed in and became final by it"},
            "ended": {**_NUMBER, "description": "Unanswered and ended"},
            "proposed": {**_NUMBER, "description": "Unanswered, its end proposed in drafts"},
            "gone": {**_NUMBER, "description": "Unanswered and gone already"}, "later": {**_NUMBER, "description": "Unanswered and put off once"},
            "left": {**_NUMBER, "description": "Of these, what waits for its reviewer still"}, "until": _MAYBE, "drafts": shape.array(_DRAFT),
        }
    )
)  # fmt: skip
_ITEM_OF: dict[str, shape.Schema] = {
    "id": _TEXT, "person": shape.nullable(ref(PERSON)), "where": shape.nullable(ref(WORDS)), "what": ref(WORDS),
    "origin": ref(WORDS), "via": _TEXT, "bars": shape.array(_NUMBER), "last": _MAYBE,
    "idle": {"type": ["integer", "null"]}, "outlier": shape.record({"kind": _TEXT, "words": ref(WORDS)}),
    "suggestion": shape.record({"decision": _TEXT, "until": _MAYBE, "words": ref(WORDS)}), "risk": _NUMBER,
    "band": _TEXT, "secret": _FLAG, "state": {"type": "string", "enum": _STATES}, "note": _TEXT,
    "submitted": _FLAG, "rolled": _FLAG, "delegated_by": shape.nullable(ref(PERSON)), "due": _TEXT,
    "proposed": shape.nullable(ref(WORDS)), "unanswered": _FLAG,
    "draft": shape.nullable(_DRAFT),
}  # fmt: skip
SCHEMAS = review_waits.SCHEMAS | {
    "ReviewEnding": shape.record(
        {
            "over": _FLAG, "final": _NUMBER, "asked": _ASKED,
            "ways": shape.array(
                shape.record(
                    {
                        "unanswered": _WAY, "ends": _NUMBER, "proposed": _NUMBER, "stays": _NUMBER, "own": _NUMBER,
                        "people": {**_NUMBER, "description": "Others who lose something at once"},
                        "powerful": {**_NUMBER, "description": "Of what they lose, rights with which they administer, or give rights"},
                        "second": {**_FLAG, "description": "It takes another administrator, who asks for the same"},
                    }
                )
            ),
        }
    ),
    "ReviewBatchHead": shape.record(
        {
            "id": _TEXT, "campaign": _TEXT, "title": _TEXT, "title_words": ref(WORDS), "number": _NUMBER, "of": _NUMBER, "size": _NUMBER,
            "decided": _NUMBER, "taken": _NUMBER, "minutes": _NUMBER, "due": _TEXT, "days_left": _NUMBER, "done": _FLAG, "held": _FLAG,
            "waits": review_waits.WAITS,
        }
    ),
    "ReviewCampaign": shape.record(
        {
            "id": _TEXT, "title": _TEXT, "title_words": ref(WORDS), "kind": _TEXT, "created_at": _TEXT, "due": _TEXT, "closed_at": _MAYBE,
            "ended": _ENDED, "asked": {**_ASKED, "description": "Who asks to end it early, as long as that waits for a second person"},
            "states": {"type": "object", "additionalProperties": _NUMBER}, "total": _NUMBER, "unanswered": _NUMBER,
            "deadline": {**_DEADLINE, "description": "Where all of it ended when its deadline came; null before, and of one that was ended early"},
            "reviewers": shape.array(shape.record({"person": ref(PERSON), "total": _NUMBER, "pending": _NUMBER})),
        }
    ),
    "ReviewOverview": shape.record(
        {
            "batches": shape.array(ref("ReviewBatchHead")), "campaigns": shape.array(ref("ReviewCampaign")),
            "volume": shape.record({"name": ref(WORDS), "kind": _TEXT, "key": _TEXT, "months": _MONTHS}),
            "may_start": _FLAG,
        }
    ),
    "ReviewItem": shape.record(_ITEM_OF),
    "ReviewResult": shape.record(
        {**_ITEM_OF, "reviewer": shape.nullable(ref(PERSON)), "decided_by": shape.nullable(ref(PERSON)), "decided_at": _MAYBE}
    ),
    "ReviewResults": shape.record({"items": shape.array(ref("ReviewResult")), "next": {"type": ["integer", "null"]}}),
    "ReviewBatch": shape.record(
        {
            "id": _TEXT, "campaign": _TEXT, "title": _TEXT, "title_words": ref(WORDS), "number": _NUMBER, "due": _TEXT, "days_left": _NUMBER,
            "draft": _MAYBE, "ended": _ENDED, "held": _FLAG, "waits": review_waits.WAITS,
            "acceptable": _NUMBER, "unsubmitted": _NUMBER, "items": shape.array(ref("ReviewItem")),
        }
    ),
    "ReviewShare": shape.record(
        {
            "id": _TEXT, "campaign": _TEXT, "title": _TEXT, "title_words": ref(WORDS),
            "kind": _TEXT, "reviewer": ref(PERSON), "due": _TEXT, "days_left": _NUMBER,
            "held": _FLAG, "waits": review_waits.WAITS, "done": _FLAG, "ended": _ENDED, "batch": _MAYBE, "total": _NUMBER, "pending": _NUMBER,
            "unsubmitted": _NUMBER, "high": _NUMBER, "unanswered": _NUMBER, "states": {"type": "object", "additionalProperties": _NUMBER},
        }
    ),
    "ReviewWays": shape.record(
        {
            "options": _WAYS,
            "whom": shape.array(shape.record({"code": _TEXT, "words": ref(WORDS), "people": _NUMBER, "options": _WAYS})),
        }
    ),
    "ReviewEvidence": shape.record(
        {"items": shape.array({"type": "object"}), "next": {"type": ["integer", "null"]}}
    ),
    "ReviewVolume": shape.record(
        {
            "kind": _TEXT, "key": _TEXT, "months": _MONTHS,
            "grown": shape.array(shape.record({"key": _TEXT, "name": ref(WORDS), "then": _NUMBER, "now": _NUMBER, "months": _MONTHS})),
        }
    ),
}  # fmt: skip


def _decision(path: str, handle: Any, id_: str, said: str, body: shape.Schema) -> Route:
    return Route(
        "POST", f"/access/reviews/batches/{{batch}}/items/{{item}}/{path}", handle, id_, said, TAG, path_schemas=_ITEM,
        body=body, errors=(403, 409), answers={200: ref("ReviewBatch")},
    )  # fmt: skip


_ID = {"id": shape.NUMBER_ID}
_BATCH = {"batch": shape.NUMBER_ID}
_NOTED = shape.record(_NOTE, required=())
ROUTES = (
    Route("GET", "/access/reviews", overview, "getReviews", "My batches, and the campaigns", TAG,
          answers={200: ref("ReviewOverview")}),
    Route("POST", "/access/reviews", start, "startReview", "Begin a campaign", TAG, keyed=True,
          body=shape.record(
              {"kind": {"type": "string", "enum": list(campaigns.KINDS)}, "department": shape.NUMBER_ID,
               "title": shape.text(200), "days": {"type": "integer", "minimum": campaigns.SHORTEST, "maximum": campaigns.LONGEST}},
              required=("kind",)),
          errors=(403, 409), answers={201: ref("ReviewCampaign")}),
    Route("GET", "/access/reviews/growth", volume, "getVolume", "How much is held over twelve months", TAG,
          params=(Param("kind", {"type": "string", "enum": [k for k, _ in Volume.KINDS]}, "Of what", required=True),
                  Param("key", shape.text(64), "Which: an id, or a role's code")),
          errors=(403,), answers={200: ref("ReviewVolume")}),
    Route("GET", "/access/reviews/shares/{id}", share, "getReviewShare", "What one reviewer judges in a campaign", TAG, path_schemas=_ID,
          answers={200: ref("ReviewShare")}),
    Route("GET", "/access/reviews/{id}", one, "getReview", "How far a campaign is", TAG, path_schemas=_ID, errors=(403,),
          answers={200: ref("ReviewCampaign")}),
    Route("GET", "/access/reviews/{id}/end", ending, "getReviewEnding", "What ending a campaign now would do", TAG,
          path_schemas=_ID, errors=(403,), answers={200: ref("ReviewEnding")}),
    Route("POST", "/access/reviews/{id}/end", end, "endReview", "End a campaign before its deadline", TAG, path_schemas=_ID,
          body=shape.record({"unanswered": _WAY, "reason": shape.text(500, 1)}),
          errors=(403, 409), answers={200: ref("ReviewCampaign")}),
    Route("DELETE", "/access/reviews/{id}/end", unask, "withdrawReviewEnding", "Take back that a campaign ends early, or say no to it", TAG,
          path_schemas=_ID, errors=(403, 409), answers={200: ref("ReviewCampaign")}),
    Route("GET", "/access/reviews/{id}/items", results, "listReviewItems", "What became of a campaign, item by item", TAG,
          path_schemas=_ID, errors=(403,),
          params=(Param("state", {"type": "string", "enum": [*_STATES, report.SILENT]}, "Of one outcome, or `unanswered` by reviewers"),
                  Param("reviewer", shape.NUMBER_ID, "Those that one person judges"),
                  Param("after", {"type": "integer", "minimum": 0, "maximum": 2**62}, "`next` of the page before")),
          answers={200: ref("ReviewResults")}),
    Route("GET", "/access/reviews/{id}/evidence", evidence, "listReviewEvidence", "Who decided what when", TAG,
          path_schemas=_ID, errors=(403,),
          params=(Param("after", {"type": "integer", "minimum": 0, "maximum": 2**62}, "`next` of the page before"),),
          answers={200: ref("ReviewEvidence")}),
    Route("GET", "/access/reviews/{id}/evidence.csv", evidence_csv, "exportReviewEvidence", "The same for a spreadsheet",
          TAG, path_schemas=_ID, errors=(403,), media="text/csv",
          params=(Param("language", {"type": "string", "enum": ["zh", "en"]}, "Of the words"),),
          answers={200: {"type": "string"}}),
    Route("GET", "/access/reviews/batches/{batch}", table, "getReviewBatch", "One of my batches", TAG,
          path_schemas=_BATCH, answers={200: ref("ReviewBatch")}),
    Route("GET", "/access/reviews/batches/{batch}/items/{item}", ways, "getReviewWays", "How an item could be narrowed", TAG,
          path_schemas=_ITEM, answers={200: ref("ReviewWays")}),
    _decision("keep", keep, "keepReviewed", "Keep a right", _NOTED),
    _decision("revoke", revoke, "revokeReviewed", "Take a right back", _NOTED),
    _decision("narrow", narrow, "narrowReviewed", "Narrow a right",
              shape.record({**_NOTE, "lines": shape.array({"type": "object"}, 2000), "until": shape.text(40),
                            "whom": {"type": "string", "enum": ["person", "holders", "role"]},
                            "way": {"type": "string", "enum": ["used", "read", "masked"]}}, required=())),
    _decision("delegate", delegate, "delegateReviewed", "Pass an item on",
              shape.record({**_NOTE, "to": shape.NUMBER_ID}, required=("to",))),
    _decision("undo", undo, "undoReviewed", "Take a decision back", shape.record({}, required=())),
    Route("POST", "/access/reviews/batches/{batch}/accept", accept, "acceptReviewed", "Keep what is suggested to be kept",
          TAG, path_schemas=_BATCH, body=shape.record({}, required=()), errors=(403, 409), answers={200: ref("ReviewBatch")}),
    Route("POST", "/access/reviews/batches/{batch}/submit", submit, "submitReviewed", "Make decisions final", TAG,
          path_schemas=_BATCH, body=shape.record({}, required=()), errors=(403, 409), answers={200: ref("ReviewBatch")}),
)  # fmt: skip
