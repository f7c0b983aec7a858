"""Files of what is said on a case: added by whoever it concerns, read by whoever may follow it, missing to everybody else."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.common import ref
from heli.api.files import FILE_HEADERS, FORM, ONE_FILE, disposition
from heli.api.route import Answer, Call, Route
from heli.flows import commenting
from heli.kernel.errors import Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.records import files

BY_TOKEN = Words("令牌不能处理待办，请登录后操作", "a token decides nothing: sign in to do this")
SCHEMAS = {
    "FlowFile": shape.record({"id": {"type": "string"}, "name": {"type": "string"}, "size": {"type": "integer"}})
}


def said(one: files.File) -> dict[str, Any]:
    """A file of a comment."""
    return {"id": str(one.id), "name": one.name, "size": one.size}


def _case(call: Call) -> int:
    """Raises Refused for a token, as comments do."""
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    return int(call.path["id"])


def add(call: Call) -> Answer:
    """Add a file for the comment that I am about to make."""
    form = call.request
    if list(form.FILES) != ["file"] or len(form.FILES.getlist("file")) != 1 or form.POST:
        raise Invalid(Problem("file", "required", ONE_FILE))
    given: Any = form.FILES["file"]
    made = commenting.attach(call.viewer, _case(call), given.name or "", given.chunks())
    where = f"/api/v1/flows/instances/{call.path['id']}/files/{made.id}"
    return Answer(said(made), 201, {"Location": where}, replay="body")


def read(call: Call) -> Answer:
    """A file of a comment."""
    one = commenting.one(call.viewer, int(call.path["id"]), int(call.path["file"]))
    try:
        content = one.path.read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    return Answer(content, headers={**FILE_HEADERS, "Content-Disposition": disposition(one.name)})


def remove(call: Call) -> Answer:
    """Take away a file that I have not said anything with yet."""
    commenting.detach(call.viewer, _case(call), int(call.path["file"]))
    return Answer(status=204)


_AT = {"id": shape.NUMBER_ID, "file": shape.NUMBER_ID}
ROUTES = (
    Route("POST", "/flows/instances/{id}/files", add, "addInstanceFile", "Add a file for a comment on a case", "processes",
          path_schemas={"id": shape.NUMBER_ID}, form=FORM, keyed=True, answers={201: ref("FlowFile")}, errors=(403, 404, 409)),
    Route("GET", "/flows/instances/{id}/files/{file}", read, "getInstanceFile", "A file of a comment on a case", "processes", path_schemas=_AT,
          answers={200: {"type": "string", "format": "binary"}}, media="application/octet-stream", errors=(404,)),
    Route("DELETE", "/flows/instances/{id}/files/{file}", remove, "deleteInstanceFile", "Take away a file that was not sent yet", "processes",
          path_schemas=_AT, answers={204: None}, errors=(403, 404)),
)  # fmt: skip
