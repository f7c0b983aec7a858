"""Attachments over HTTP: a form in, an attachment out; never anything that a browser would run."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from heli.api import shape
from heli.api.common import PERSON, items, moment, people, ref
from heli.api.record import NO_ID
from heli.api.route import Answer, Call, Route
from heli.api.schemas import name_of
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import files
from heli.records.types import ObjectType

FORM: shape.Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
    "additionalProperties": False,
}
_FILE = {**NO_ID, "file": shape.NUMBER_ID}
SCHEMAS = {
    "File": shape.record(
        {"id": {"type": "string"}, "name": {"type": "string"}, "size": {"type": "integer"}, "media": {"type": "string"},
         "at": shape.MOMENT, "by": shape.nullable(ref(PERSON)), "can_delete": {"type": "boolean"}}
    ),
}  # fmt: skip
ONE_FILE = Words("表单应恰有一个文件，字段名为 file", "the form must hold exactly one file, named file")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
FILE_HEADERS = {"Content-Security-Policy": "sandbox; default-src 'none'", "Content-Type": "application/octet-stream"}


def _said(found: list[files.File], may: bool) -> list[dict[str, Any]]:
    names = people(one.by for one in found)
    return [
        {"id": str(one.id), "name": one.name, "size": one.size, "media": one.media, "at": moment(one.at),
         "by": names.get(one.by), "can_delete": may}
        for one in found
    ]  # fmt: skip


def routes(kind: ObjectType) -> list[Route]:
    """Files of records of one type."""
    code, name = kind.code, name_of(kind)
    at = f"/records/{code}/{{id}}/files"

    def listed(call: Call) -> Answer:
        found = files.listed(call.viewer, code, call.path["id"])
        return Answer({"items": _said(found, files.may_change(call.viewer, code, call.path["id"]))})

    def add(call: Call) -> Answer:
        form = call.request
        if list(form.FILES) != ["file"] or len(form.FILES.getlist("file")) != 1 or form.POST:
            raise Invalid(Problem("file", "required", ONE_FILE))
        given: Any = form.FILES["file"]
        made = files.add(call.viewer, code, call.path["id"], given.name or "", given.chunks())
        where = f"/records/{code}/{call.path['id']}/files/{made.id}"
        return Answer(_said([made], True)[0], 201, {"Location": f"/api/v1{where}"}, replay="body")

    def read(call: Call) -> Answer:
        found = files.one(call.viewer, code, call.path["id"], int(call.path["file"]))
        try:
            content = found.path.read_bytes()
        except FileNotFoundError:
            raise NotFound from None
        return Answer(content, headers={**FILE_HEADERS, "Content-Disposition": disposition(found.name)})

    def remove(call: Call) -> Answer:
        files.remove(call.viewer, code, call.path["id"], int(call.path["file"]))
        return Answer(status=204)

    one = kind.words.en
    return [
        Route("GET", at, listed, f"list{name}Files", f"Files: {one}", code, path_schemas=NO_ID, answers={200: items(ref("File"))}),
        Route("POST", at, add, f"add{name}File", f"Attach a file: {one}", code, path_schemas=NO_ID, form=FORM, keyed=True,
              answers={201: ref("File")}, errors=(409,)),
        Route("GET", f"{at}/{{file}}", read, f"get{name}File", f"Download a file: {one}", code, path_schemas=_FILE,
              answers={200: {"type": "string", "format": "binary"}}, media="application/octet-stream"),
        Route("DELETE", f"{at}/{{file}}", remove, f"delete{name}File", f"Remove a file: {one}", code, path_schemas=_FILE,
              answers={204: None}),
    ]  # fmt: skip


def disposition(name: str) -> str:
    """``attachment`` with the name for every browser (RFC 6266)."""
    name = _CONTROL.sub("_", name)
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
