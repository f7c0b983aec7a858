"""What if, the improvement log, and logs of other systems in the same views."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heli.access.viewer import Viewer
from heli.api import flow_figures as figures
from heli.api import shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.files import ONE_FILE
from heli.api.flows import CODE, NODE, TAG, sees_all
from heli.api.route import Answer, Call, Route
from heli.flows.analytics import improving
from heli.flows.finding import may_administer
from heli.flows.models import Improvement, OtherLog
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words

COLUMNS = ("case", "activity", "time", "start", "actor", "group", "lifecycle")
NO_COLUMN = Words("没有这个参数", "no such parameter")

_INT: shape.Schema = {"type": "integer"}
_TEXT: shape.Schema = {"type": "string"}
_MAYBE: shape.Schema = {"type": ["number", "null"]}
_MAYBE_INT: shape.Schema = {"type": ["integer", "null"]}
_RECKONED = shape.record({"p50": _MAYBE, "p90": _MAYBE, "low": _MAYBE, "high": _MAYBE})
_NUMBERS: shape.Schema = {"type": "object", "maxProperties": 20, "additionalProperties": {"type": "number"}}
SCHEMAS = {
    "FlowForeseen": shape.record(
        {
            "cases": _INT, "now": _RECKONED, "then": _RECKONED, "change": {"type": "number"},
            "error": shape.nullable(shape.record({"p50": {"type": "number"}, "p90": {"type": "number"}})),
        }
    ),
    "FlowImprovement": shape.record(
        {
            "id": _TEXT, "code": _TEXT, "node": _TEXT, "other": _TEXT, "title": _TEXT, "note": _TEXT, "evidence": _NUMBERS,
            "before": _MAYBE_INT, "after": _MAYBE_INT,
            "state": {"type": "string", "enum": [Improvement.OPEN, Improvement.DONE, Improvement.DROPPED]}, "by": shape.nullable(ref(PERSON)),
            "at": _TEXT, "closed_at": {"type": ["string", "null"]}, "draft": shape.nullable(shape.record({"id": _TEXT, "state": _TEXT})),
        }
    ),
    "FlowLog": shape.record(
        {
            "id": _TEXT, "name": _TEXT, "cases": _INT, "events": _INT, "at": _TEXT,
            "state": {"type": "string", "enum": [*OtherLog.ON_THE_WAY, OtherLog.READY, OtherLog.FAILED]},
            "done": {**_INT, "description": "How much of it has been read, in per cent"},
            "problems": {
                **shape.array(shape.record({"place": _TEXT, "code": _TEXT, "message": ref(WORDS)})),
                "description": "Why it could not be read",
            },
        }
    ),
}  # fmt: skip


# -- what if -----------------------------------------------------------------------------------------------------------


def steps(call: Call) -> Answer:
    """Steps at which something can be tried, with how many people did them."""
    from heli.flows.analytics import wondering

    return Answer({"items": wondering.steps(figures.source_of(call, figures.process_of(call)))})


def wonder(call: Call) -> Answer:
    """What other people, another mode or a limit would have made of the same cases."""
    from heli.flows.analytics import wondering

    found = figures.source_of(call, figures.process_of(call))
    wishes = [
        wondering.Wish(one["node"], one.get("people"), one.get("mode"), one.get("deciding", 2), one.get("hours"))
        for one in call.body["changes"]
    ]
    return Answer(wondering.reckon(found, wishes))


# -- improvements ------------------------------------------------------------------------------------------------------


def improvements(call: Call) -> Answer:
    """The improvement log, newest first, for who reads processes."""
    process = figures.process_of(call)
    if not sees_all(call):
        raise NotFound
    return Answer({"items": improvements_said(improving.listed(process))})


def improve(call: Call) -> Answer:
    """Note what is to be done better."""
    process = figures.process_of(call)
    made = improving.note(call.viewer, process, improving.Noted(**call.body))
    return Answer(
        improvements_said([made])[0], 201, location=f"/flows/processes/{process.code}/improvements", replay="body"
    )


def close(call: Call) -> Answer:
    """Say by which version it was done, or that it is dropped."""
    given = call.body
    made = improving.close(call.viewer, int(call.path["id"]), given.get("version"), given.get("text", ""))
    return Answer(improvements_said([made])[0])


def improvements_said(rows: Iterable[Improvement], viewer: Viewer | None = None) -> list[dict[str, Any]]:
    """Entries of the log, with the draft in which each is drawn. ``viewer``: who draws with others there; the figures of somebody else's
    suggestion may be of cases that they may not know, and are told to who looks after processes alone."""
    listed = list(rows)
    every = viewer is None or may_administer(viewer.view)
    bare = {one.pk for one in listed if not every and viewer is not None and one.by_id != viewer.person}
    told = people(one.by_id for one in listed)
    return [
        {
            "id": str(one.pk), "code": one.code, "node": one.node, "other": one.other, "title": one.title,
            "note": "" if one.pk in bare else one.note, "evidence": {} if one.pk in bare else one.evidence,
            "before": one.before, "after": one.after, "state": one.state, "by": told.get(one.by_id), "at": moment(one.at),
            "closed_at": moment(one.closed_at), "draft": {"id": str(one.draft.pk), "state": one.draft.state} if one.draft is not None else None,
        }
        for one in listed
    ]  # fmt: skip


# -- logs of others ----------------------------------------------------------------------------------------------------


def logs(call: Call) -> Answer:
    """Logs that I have uploaded, newest first."""
    from heli.flows.analytics import others

    return Answer({"items": [_log(one) for one in others.listed(call.viewer)]})


def _log(one: OtherLog) -> dict[str, Any]:
    return {
        "id": str(one.pk), "name": one.name, "cases": one.cases, "events": one.events, "at": moment(one.at), "state": one.state,
        "done": one.done, "problems": one.problems,
    }  # fmt: skip


def upload(call: Call) -> Answer:
    """Upload a log of another system, as XES or CSV; the form may name the columns of a CSV. A job reads it: the list says how far it is."""
    from heli.flows.analytics import others

    form = call.request
    if list(form.FILES) != ["file"] or len(form.FILES.getlist("file")) != 1:
        raise Invalid(Problem("file", "required", ONE_FILE))
    unknown = [one for one in form.POST if one not in COLUMNS]
    if unknown:
        raise Invalid([Problem(one[:80], "unknown", NO_COLUMN) for one in unknown])
    given: Any = form.FILES["file"]
    columns = {one: form.POST[one][:300] for one in COLUMNS if form.POST.get(one)}
    made = others.add(call.viewer, given.name or "", b"".join(given.chunks()), columns)
    return Answer(_log(made), 201, location=f"/flows/logs/{made.pk}", replay="body")


def log_live(call: Call) -> Answer:
    """Figures of a log of mine."""
    from heli.flows.analytics import others

    known = others.one(call.viewer, int(call.path["id"]))
    told = known.live
    told["shapes"] = [{**one, "resolver": None, "mode": None} for one in told["shapes"]]
    told["waiting"] = [
        {**one, "instance": None, "title": None, "title_words": None, "holders": []} for one in told["waiting"]
    ]
    name = Words(known.row.name, known.row.name).json()
    return Answer({**told, "name": name, "version": None, "versions": [], "departments": []})


def log_ways(call: Call) -> Answer:
    """Ways, rework and hand-offs of a log of mine."""
    from heli.flows.analytics import others

    known = others.one(call.viewer, int(call.path["id"]))
    return Answer({**known.ways, "names": figures.named(known.source, known.ways)})


def forget(call: Call) -> Answer:
    """Delete a log of mine."""
    from heli.flows.analytics import others

    others.remove(call.viewer, int(call.path["id"]))
    return Answer(None, 204)


_CHANGE = shape.record(
    {
        "node": NODE, "people": {"type": "integer", "minimum": 1, "maximum": 1000}, "mode": {"type": "string", "enum": ["any", "all"]},
        "deciding": {"type": "integer", "minimum": 1, "maximum": 20}, "hours": {"type": "number", "minimum": 0.1, "maximum": 10_000},
    }, ("node",),
)  # fmt: skip
NOTED = shape.record(
    {"title": shape.text(200, 1), "code": shape.text(20), "node": shape.text(200), "other": shape.text(200), "note": shape.text(2000),
     "evidence": _NUMBERS}, ("title",)
)  # fmt: skip
_PATH, _ID = {"code": CODE}, {"id": shape.NUMBER_ID}
_UPLOAD: shape.Schema = {
    "type": "object", "properties": {"file": {"type": "string", "format": "binary"}, **dict.fromkeys(COLUMNS, shape.text(300))},
    "required": ["file"], "additionalProperties": False,
}  # fmt: skip
_STEP = shape.record({"id": _TEXT, "name": ref(WORDS), "people": _INT})

ROUTES = (
    Route("GET", "/flows/processes/{code}/analytics/steps", steps, "listProcessSteps", "Steps at which something can be tried", TAG,
          path_schemas=_PATH,
          params=figures.ASKED, answers={200: items(_STEP)}, errors=(403, 404)),
    Route("POST", "/flows/processes/{code}/analytics/what-if", wonder, "foreseeProcess", "What a change would have made of the same cases", TAG,
          path_schemas=_PATH, params=figures.ASKED, body=shape.record({"changes": {**shape.array(_CHANGE, 20), "minItems": 1}}),
          answers={200: ref("FlowForeseen")}, errors=(403, 404, 409)),
    Route("GET", "/flows/processes/{code}/improvements", improvements, "listImprovements", "The improvement log of a process", TAG,
          path_schemas=_PATH,
          answers={200: items(ref("FlowImprovement"))}, errors=(404,)),
    Route("POST", "/flows/processes/{code}/improvements", improve, "noteImprovement", "Note what is to be done better", TAG,
          path_schemas=_PATH, keyed=True,
          body=NOTED,
          answers={201: ref("FlowImprovement")}, errors=(404, 409)),
    Route("POST", "/flows/improvements/{id}/close", close, "closeImprovement", "Done by a version, or dropped", TAG,
          path_schemas=_ID,
          body=shape.record({"version": {"type": "integer", "minimum": 1, "maximum": 1_000_000}, "text": shape.text(2000)}, ()),
          answers={200: ref("FlowImprovement")}, errors=(404, 409)),
    Route("GET", "/flows/logs", logs, "listLogs", "Logs of other systems that I have uploaded", TAG,
          answers={200: items(ref("FlowLog"))}, errors=(404,)),
    Route("POST", "/flows/logs", upload, "uploadLog", "Upload a log of another system, as XES or CSV", TAG, form=_UPLOAD, keyed=True,
          answers={201: ref("FlowLog")}, errors=(404, 409)),
    Route("GET", "/flows/logs/{id}", log_live, "getLogFigures", "Figures of a log", TAG,
          path_schemas=_ID, answers={200: ref("FlowFigures")}, errors=(404, 409)),
    Route("GET", "/flows/logs/{id}/ways", log_ways, "getLogWays", "Ways, rework and hand-offs of a log", TAG,
          path_schemas=_ID,
          answers={200: ref("FlowWays")}, errors=(404, 409)),
    Route("DELETE", "/flows/logs/{id}", forget, "deleteLog", "Delete a log", TAG,
          path_schemas=_ID, answers={204: None}, errors=(404,)),
)  # fmt: skip
