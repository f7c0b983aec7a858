"""Processes: what there is, what runs, and every move on it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from heli.access.viewer import Viewer
from heli.api import flow_giving, flow_packets, shape
from heli.api import flow_said as said
from heli.api.common import items, moment, people, ref
from heli.api.files import FILE_HEADERS, disposition
from heli.api.route import Answer, Call, Param, Route
from heli.crm import processes as ships
from heli.flows import (
    answering,
    commenting,
    confirming,
    deciding,
    definitions,
    hearing,
    inbox,
    library,
    matters,
    moves,
    seen,
    tending,
    told_of,
)
from heli.flows import begin as beginning
from heli.flows.core import bpmn
from heli.flows.core.definition import named
from heli.flows.drafts import may_design
from heli.flows.finding import may_administer
from heli.flows.models import Instance, Process, Version
from heli.kernel.errors import Invalid, NotFound, Problem, Refused
from heli.kernel.words import Language, Words
from heli.notices import inbox as notices
from heli.records import many, visible
from heli.records.sight import kind_of

TAG = "processes"
PAGE = 100
NO_PAGE = Words("不是上一页给出的 next", "this is no next of a page before")
_AFTER: shape.Schema = {"type": "string", "pattern": "^[0-9T:.Z-]{20,40}/[0-9]{1,18}$"}
CODE: shape.Schema = {"type": "string", "pattern": "^[a-z0-9_]{1,64}$"}
NODE: shape.Schema = shape.text(200, 1)
TEXT = shape.text(4000)
PERSON_ID = shape.NUMBER_ID
NUMBER: shape.Schema = {"type": "string", "pattern": "^[0-9]{1,9}$"}
VALUES: shape.Schema = {"type": "object", "maxProperties": 200}
BY_TOKEN = Words("令牌不能处理待办，请登录后操作", "a token decides nothing: sign in to do this")
UNPUBLISHED = Words("令牌不能发布，请登录后操作", "a token publishes nothing: sign in to do this")
SCHEMAS = said.SCHEMAS | flow_giving.SCHEMAS


def sees_all(call: Call) -> bool:
    return may_administer(call.viewer.view) or (
        call.viewer.view is not None and call.viewer.view.may("process", "read")
    )


# -- processes ---------------------------------------------------------------------------------------------------------


def processes(call: Call) -> Answer:
    """Processes that instances can be begun of; with ``type`` those about such records."""
    rows = Process.objects.filter(closed_at=None, current__isnull=False).order_by("pk")
    if "type" in call.query:
        rows = rows.filter(type=call.query["type"])
    every = sees_all(call)
    if every:
        rows = Process.objects.order_by("pk") if "type" not in call.query else rows
    found = [_process(call.viewer, one, every) for one in rows.select_related("current")[:PAGE]]
    return Answer({"items": [one for one in found if every or one["by_hand"]]})


def _process(viewer: Viewer, one: Process, every: bool) -> dict[str, Any]:
    asks = said.begin_asks(viewer, one.current) if one.current is not None and one.closed_at is None else said.NO_ASKS
    return {
        "code": one.code, "name": one.words.json(), "type": one.type, **asks,
        "type_name": type_words.json() if (type_words := matters.about(one.type)) is not None else None,
        "version": one.current.number if one.current is not None else None,
        "about": named(about).json() if one.current is not None and (about := library.definition(one.current).about) else None,
        "by_hand": one.current is not None and library.definition(one.current).begun is not None and one.type not in matters.MATTERS,
        "running": Instance.objects.filter(process_code=one.code, state=Instance.RUNNING, hidden=False).count() if every else None,
        "waiting": Version.objects.filter(process=one, state=Version.WAITING).count() if every else 0,
        "shipped": ships.beside(one) if may_design(viewer.view) else None,
    }  # fmt: skip


def known_process(call: Call) -> Process:
    """The process of the address, for who may read processes. Raises NotFound."""
    found = Process.objects.filter(code=call.path["code"]).first()
    if found is None or not (sees_all(call) or _confirms(call) or may_design(call.viewer.view)):
        raise NotFound
    return found


def _confirms(call: Call) -> bool:
    return call.viewer.view is not None and call.viewer.view.may("policy", "grant")


def versions(call: Call) -> Answer:
    """The versions of a process, newest first."""
    process = known_process(call)
    rows = list(Version.objects.filter(process=process).defer("source").order_by("-number")[:PAGE])
    return Answer({"items": versions_said(call, process, rows)})


def versions_said(call: Call, process: Process, rows: list[Version]) -> list[dict[str, Any]]:
    every = sees_all(call)
    running = Instance.objects.filter(version__in=rows, state=Instance.RUNNING, parent=None, hidden=False).values_list(
        "version_id", flat=True
    )
    counts = Counter(running) if every else Counter()
    told = people({*(one.by_id for one in rows), *(one.answered_by for one in rows)})
    waits, confirms = [one for one in rows if one.state == Version.WAITING], _confirms(call)
    hands = confirming.hands(waits)
    why = {
        one.pk: confirming.touched(one, call.person, hands[one.pk], library.definition(one))
        if confirms
        else confirming.awaited(call.person, hands[one.pk], library.definition(one))
        for one in waits
    }
    mine = {pk for pk, words in why.items() if words is None and confirms}
    hears = confirms or may_administer(call.viewer.view)
    reasons = answering.reasons(process) if any(one.answered_by for one in rows) else {}
    return [
        {
            "id": str(one.pk), "number": one.number, "state": one.state, "note": one.note, "at": moment(one.at),
            "answer": reasons.get(one.number, "") if one.answered_by and (hears or one.by_id == call.person) else "",
            "by": told.get(one.by_id or 0), "answered_by": told.get(one.answered_by or 0), "current": one.pk == process.current_id,
            "may_answer": one.pk in mine, "why_not": words.json() if (words := why.get(one.pk)) is not None else None,
            "gives": flow_giving.gifts(call.viewer, one) if one.pk in mine else [],
            "running": counts[one.pk] if every else None,
        }
        for one in rows
    ]  # fmt: skip


def source(call: Call) -> Answer:
    """The file of one version, byte for byte."""
    found = Version.objects.filter(process=known_process(call), number=int(call.path["number"])).first()
    if found is None:
        raise NotFound
    return Answer(bytes(found.source), headers={"Content-Type": "application/xml"})


def publish(call: Call) -> Answer:
    """Publish a file as the next version of its process. No token does: who made it for a service account would confirm what they published
    by it."""
    if call.viewer.role:
        raise Refused(UNPUBLISHED, code="by_token")
    made = definitions.publish(call.viewer, call.body["source"].encode(), call.body.get("note", ""))
    return Answer(
        versions_said(call, made.process, [made])[0], 201, location=f"/flows/processes/{made.process.code}/versions"
    )


def answer(call: Call) -> Answer:
    """Say yes or no to a version that gives more than its author may give."""
    made = definitions.answer(call.viewer, int(call.path["id"]), call.body["yes"], call.body.get("text", ""))
    return Answer(versions_said(call, made.process, [made])[0])


# -- instances ---------------------------------------------------------------------------------------------------------


def listed(call: Call) -> Answer:
    """Instances that I began, worked on or was told of; all of them, or those that stand still, for who looks after processes."""
    rows = inbox.instances(call.viewer, call.query.get("scope", "begun"), call.query.get("process", ""))
    if "before" in call.query:
        rows = rows.filter(pk__lt=int(call.query["before"]))
    return Answer({"items": said.heads(call.viewer, [one for one in rows[:PAGE] if seen.hears(call.viewer, one)])})


def of_record(call: Call) -> Answer:
    """What has run for a record that I see."""
    kind = kind_of(call.path["type"])
    if not visible.among(call.viewer, kind.code, [call.path["id"]]):
        raise NotFound
    rows = inbox.of_record(kind.code, call.path["id"])
    told = [one for one in rows if seen.begun_in_sight(call.viewer, one) or seen.concerns(call.viewer, one)]
    return Answer({"items": said.heads(call.viewer, told)})


def running_for(call: Call) -> Answer:
    """Of many records, such as are about to be deleted, for how many a case runs: of those that the viewer sees, whose cases they are told."""
    kind = kind_of(call.path["type"])
    if call.viewer.view is None or call.viewer.view.type(kind.code) is None:
        raise NotFound
    records, cases = inbox.running_for(kind.code, visible.among(call.viewer, kind.code, call.body["items"]))
    return Answer({"records": records, "cases": cases})


def begin(call: Call) -> Answer:
    """Begin an instance."""
    given = call.body
    chosen = {node: [int(one) for one in people] for node, people in given.get("chosen", {}).items()}
    asked = beginning.Begin(
        given["process"],
        given.get("record", ""),
        given.get("data", {}),
        chosen,
        given.get("change", {}),
        given.get("text", ""),
    )
    made = beginning.begin(call.viewer, asked)
    return Answer(_whole(call, made), 201, location=f"/flows/instances/{made}")


def one(call: Call) -> Answer:
    """An instance with its steps, its history, my work in it and what I may do."""
    return Answer(_whole(call, _instance(call)))


def sheet(call: Call) -> Answer:
    """审批单: the case as PDF, with what I may see of it."""
    from heli.api import flow_sheet  # drawing PDF is large, and for those alone who print

    found = seen.one(call.viewer, _instance(call))
    if found is None:
        raise NotFound
    language: Language = "en" if call.query.get("language", call.viewer.language) == "en" else "zh"
    name = f"{found.row.version.process.words(language)}-{found.row.pk}.pdf"
    return Answer(
        flow_sheet.drawn(call.viewer, found, language),
        headers={**FILE_HEADERS, "Content-Type": "application/pdf", "Content-Disposition": disposition(name)},
    )


def _instance(call: Call) -> int:
    return int(call.path["id"])


def _whole(call: Call, instance: int) -> dict[str, Any]:
    found = seen.one(call.viewer, instance)
    if found is None:
        raise NotFound
    return said.whole(found)


def mine(call: Call) -> Answer:
    """Work that waits for me, or for whom I stand in for, the oldest first."""
    rows = inbox.to_do(call.viewer)
    if "after" in call.query:
        text, _, pk = call.query["after"].partition("/")
        try:
            at = datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            raise Invalid(Problem("after", "page", NO_PAGE)) from None
        rows = rows.filter(Q(opened_at__gt=at) | Q(opened_at=at, pk__gt=int(pk)))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    next_ = f"{last.opened_at:%Y-%m-%dT%H:%M:%S.%fZ}/{last.pk}" if last is not None else None
    return Answer({"items": said.works(call.viewer, found[:PAGE]), "next": next_})


# -- moves -------------------------------------------------------------------------------------------------------------


def _after(call: Call) -> Answer:
    """The instance as it is after the move; for whom it no longer concerns, nothing."""
    found = seen.one(call.viewer, _instance(call))
    return Answer(said.whole(found)) if found is not None else Answer(None, 204)


def _acts(call: Call) -> tuple[int, int]:
    """The instance and the number of the work. Raises Refused for a token."""
    return _moves(call), int(call.path["number"])


def _moves(call: Call) -> int:
    """The instance. Raises Refused for a token."""
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    return _instance(call)


def decide(call: Call) -> Answer:
    """Approve, or reject to where ``to`` says."""
    instance, number = _acts(call)
    given = call.body
    asked = deciding.Decision(
        given["approve"], given.get("to"), given.get("text", ""), given.get("values", {}), given.get("given", {}),
        given.get("packets", {}),
    )  # fmt: skip
    deciding.decide(call.viewer, instance, number, asked)
    return _after(call)


def claim(call: Call) -> Answer:
    """认领: take work that several could do."""
    moves.claim(call.viewer, *_acts(call))
    return _after(call)


def transfer(call: Call) -> Answer:
    """转办: somebody else does it instead."""
    moves.transfer(call.viewer, *_acts(call), int(call.body["to"]), call.body.get("text", ""))
    return _after(call)


def delegate(call: Call) -> Answer:
    """委派: somebody gives their view first."""
    moves.delegate(call.viewer, *_acts(call), int(call.body["to"]), call.body.get("text", ""))
    return _after(call)


def add_signer(call: Call) -> Answer:
    """加签: somebody signs too."""
    moves.add_signer(call.viewer, *_acts(call), int(call.body["to"]), call.body["place"], call.body.get("text", ""))
    return _after(call)


def remove_signer(call: Call) -> Answer:
    """减签: somebody need not sign."""
    moves.remove_signer(call.viewer, *_acts(call), call.body["other"], call.body.get("text", ""))
    return _after(call)


def reassign(call: Call) -> Answer:
    """Give somebody's work to another, as who looks after processes."""
    tending.reassign(call.viewer, *_acts(call), int(call.body["to"]), call.body.get("text", ""))
    return _after(call)


def note_seen(call: Call) -> Answer:
    """Note that I have looked at my work."""
    instance, number = _acts(call)
    moves.see(call.viewer, instance, number)
    notices.look_at(call.person, told_of.FLOW, str(instance))
    return Answer(None, 204)


def take_back(call: Call) -> Answer:
    """拿回: what I decided at a node."""
    moves.take_back(call.viewer, _moves(call), call.body["node"])
    return _after(call)


def withdraw(call: Call) -> Answer:
    """撤回: end what I began."""
    moves.withdraw(call.viewer, _moves(call), (call.body or {}).get("text", ""))
    return _after(call)


def retry(call: Call) -> Answer:
    """Try again what stands still at a node."""
    tending.retry(call.viewer, _instance(call), call.body["node"], call.body.get("text", ""))
    return _after(call)


def tend(call: Call) -> Answer:
    """Whose turn it is, as who looks after processes: an act that says why, and is kept."""
    return Answer(said.tended(tending.look(call.viewer, _moves(call), call.body["text"])))


def end(call: Call) -> Answer:
    """End a case that should not go on, as who looks after processes."""
    tending.end(call.viewer, _moves(call), call.body["text"])
    return _after(call)


def message(call: Call) -> Answer:
    """Tell a message or a signal to the cases that wait for it and the processes that begin by it."""
    given = call.body
    cause = hearing.say(
        call.viewer, given["name"], given.get("key", ""), given.get("data", {}), given.get("id", ""), signal=given.get("signal", False)
    )  # fmt: skip
    return Answer({"cause": cause}, 202)


def comment(call: Call) -> Answer:
    """Say something on it."""
    given = call.body
    people, files = ([int(one) for one in given.get(name, ())] for name in ("people", "files"))
    commenting.comment(call.viewer, _moves(call), given["text"], people, files)
    return _after(call)


def copy(call: Call) -> Answer:
    """抄送: let others follow it."""
    moves.copy_to(call.viewer, _moves(call), [int(one) for one in call.body["people"]])
    return _after(call)


def urge(call: Call) -> Answer:
    """催办: ask those who have it to get on."""
    moves.urge(call.viewer, _moves(call))
    return _after(call)


_CODE = {"code": CODE}
_ID = {"id": shape.NUMBER_ID}
_WORK = {"id": shape.NUMBER_ID, "number": NUMBER}
_INSTANCE = {200: ref("FlowInstance"), 204: None}
_ERRORS = (403, 404, 409)
SOURCE = shape.text(bpmn.LARGEST, 1)
_TO = shape.record({"to": PERSON_ID, "text": TEXT}, ("to",))
_WHY = shape.record({"text": TEXT})
_NOTED = shape.record({"text": TEXT}, ())


def _move(
    path: str, handle: Any, id_: str, summary: str, body: Any, *, required: bool = True, work: bool = True
) -> Route:
    where = "/flows/instances/{id}/work/{number}/" if work else "/flows/instances/{id}/"
    return Route("POST", where + path, handle, id_, summary, TAG, path_schemas=_WORK if work else _ID, body=body, body_required=required,
                 answers=_INSTANCE, errors=_ERRORS)  # fmt: skip


ROUTES = (
    Route("GET", "/flows/processes", processes, "listProcesses", "Processes that can be begun", TAG,
          params=(Param("type", CODE, "About records of this type"),), answers={200: items(ref("FlowProcess"))}),
    Route("POST", "/flows/processes", publish, "publishProcess", "Publish a BPMN file as the next version of its process", TAG,
          body=shape.record({"source": SOURCE, "note": shape.text(500)}, ("source",)), answers={201: ref("FlowVersion")}, errors=_ERRORS),
    Route("GET", "/flows/processes/{code}/versions", versions, "listProcessVersions", "The versions of a process", TAG, path_schemas=_CODE,
          answers={200: items(ref("FlowVersion"))}, errors=(404,)),
    Route("GET", "/flows/processes/{code}/versions/{number}/source", source, "getProcessSource", "The BPMN file of a version", TAG,
          path_schemas={**_CODE, "number": NUMBER}, answers={200: {"type": "string", "format": "binary"}}, media="application/xml", errors=(404,)),
    Route("POST", "/flows/versions/{id}/answer", answer, "answerProcessVersion", "Say yes or no to a version that waits", TAG, path_schemas=_ID,
          body=shape.record({"yes": {"type": "boolean"}, "text": shape.text(500)}, ("yes",)), answers={200: ref("FlowVersion")}, errors=_ERRORS),
    Route("POST", "/flows/messages", message, "tellMessage", "Tell a message to cases that wait for it", TAG,
          body=shape.record({
              "name": shape.text(80, 1), "key": shape.text(200), "data": VALUES, "id": shape.text(50), "signal": {"type": "boolean"},
          }, ("name",)), answers={202: shape.record({"cause": said.TEXT})}, errors=(404,)),
    Route("GET", "/flows/instances", listed, "listInstances", "Instances that concern me", TAG,
          params=(Param("scope", {"type": "string", "enum": list(inbox.SCOPES)}, "How they concern me"), Param("process", CODE, "Of this process"),
                  Param("before", shape.NUMBER_ID, "Older than this one")),
          answers={200: items(ref("FlowHead"))}),
    Route("POST", "/flows/instances", begin, "beginInstance", "Begin a process", TAG, keyed=True,
          body=shape.record({
              "process": CODE, "record": shape.ID, "data": VALUES, "change": VALUES, "text": TEXT,
              "chosen": {"type": "object", "maxProperties": 50, "additionalProperties": shape.array(PERSON_ID, 50)},
          }, ("process",)), answers={201: ref("FlowInstance")}, errors=_ERRORS),
    Route("GET", "/flows/instances/{id}", one, "getInstance", "One instance", TAG, path_schemas=_ID,
          answers={200: ref("FlowInstance")}, errors=(404,)),
    Route("GET", "/flows/instances/{id}/sheet", sheet, "printInstance", "An approval as PDF", TAG, path_schemas=_ID,
          params=(Param("language", {"type": "string", "enum": ["zh", "en"]}, "In which language"),),
          answers={200: {"type": "string", "format": "binary"}}, media="application/pdf", errors=(404,)),
    Route("GET", "/flows/records/{type}/{id}", of_record, "listInstancesOfRecord", "What has run for a record", TAG,
          path_schemas={"type": CODE, "id": shape.ID}, answers={200: items(ref("FlowHead"))}, errors=(404,)),
    Route("POST", "/flows/records/{type}/running", running_for, "countRunningOfRecords", "For how many of these records a case runs", TAG,
          path_schemas={"type": CODE}, body=shape.record({"items": {**shape.array(shape.ID, many.MOST), "minItems": 1}}, ("items",)),
          answers={200: shape.record({"records": {"type": "integer"}, "cases": {"type": "integer"}})}, errors=(404,)),
    Route("GET", "/flows/work", mine, "listWork", "Work that waits for me", TAG, params=(Param("after", _AFTER, "The ``next`` of the page before"),),
          answers={200: items(ref("FlowWork"), paged=True)}),
    _move("decide", decide, "decide", "Approve or reject", shape.record({
        "approve": {"type": "boolean"}, "to": shape.nullable(NODE), "text": TEXT, "values": VALUES, "given": VALUES,
        "packets": {"type": "object", "maxProperties": 20, "additionalProperties": flow_packets.GATHERED}}, ("approve",))),
    _move("claim", claim, "claimWork", "Take work that several could do", shape.record({}), required=False),
    _move("transfer", transfer, "transferWork", "Hand my work to somebody else", _TO),
    _move("delegate", delegate, "delegateWork", "Ask somebody for their view first", _TO),
    _move("add-signer", add_signer, "addSigner", "Ask somebody to sign too",
          shape.record({"to": PERSON_ID, "place": {"type": "string", "enum": ["before", "after", "parallel"]}, "text": TEXT}, ("to", "place"))),
    _move("remove-signer", remove_signer, "removeSigner", "Take somebody's signature off",
          shape.record({"other": {"type": "integer", "minimum": 0, "maximum": 10**9}, "text": TEXT}, ("other",))),
    _move("reassign", reassign, "reassignWork", "Give somebody's work to another", _TO),
    Route("POST", "/flows/instances/{id}/work/{number}/seen", note_seen, "noteWorkSeen", "Note that I have looked at my work", TAG,
          path_schemas=_WORK, body=shape.record({}), body_required=False, answers={204: None}),
    _move("take-back", take_back, "takeBack", "Take back what I decided", shape.record({"node": NODE, "text": TEXT}, ("node",)), work=False),
    _move("withdraw", withdraw, "withdrawInstance", "End what I began", _NOTED, required=False, work=False),
    _move("urge", urge, "urgeInstance", "Ask those who have it to get on", shape.record({}), required=False, work=False),
    Route("POST", "/flows/instances/{id}/tend", tend, "tendInstance", "Ask whose turn it is, as who looks after processes", TAG, path_schemas=_ID,
          body=_WHY, answers={200: ref("FlowTended")}, errors=_ERRORS),
    _move("end", end, "endInstance", "End it, as who looks after processes", _WHY, work=False),
    _move("retry", retry, "retryNode", "Try again what stands still", shape.record({"node": NODE, "text": TEXT}, ("node",)), work=False),
    _move("comment", comment, "commentInstance", "Say something on an instance",
          shape.record({
              "text": TEXT, "people": shape.array(PERSON_ID, 50), "files": shape.array(shape.NUMBER_ID, commenting.MOST_FILES),
          }, ("text",)), work=False),
    _move("copy", copy, "copyInstance", "Let others follow an instance", shape.record({"people": shape.array(PERSON_ID, 50)}), work=False),
)  # fmt: skip
