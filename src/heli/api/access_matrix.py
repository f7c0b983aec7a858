"""GET /access/matrix: fields × roles of one object type, and setting its cells in a draft. GET /access/vocabulary: what rules
may speak of."""

from __future__ import annotations

from typing import Any

from heli.access.core.line import OPERATORS, TypeShape
from heli.access.scopes import SCOPES
from heli.access.shapes import PAGE, SHAPES
from heli.api import shape
from heli.api.access_common import CODE, DRAFT, FLAG, NUMBER, TEXT, named, needs_rules
from heli.api.common import WORDS, ref
from heli.api.drafts import etag, needs
from heli.api.route import Answer, Call, Param, Route
from heli.audit import log
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.policy import drafts, matrix
from heli.policy import holders as holding
from heli.policy.proposed import Proposed, draft_of, roles
from heli.policy.sentences import joined, scope_said, scopes_said, sentence
from heli.records.said import CLASSES, LEVELS, said_action
from heli.records.types import TYPES

NO_ROLE = Words("没有这个角色", "no such role")
STATE: shape.Schema = {"type": "string", "enum": list(matrix.STATES)}
ROW = shape.record({"key": TEXT, "name": ref(WORDS), "data_class": TEXT, "field": FLAG, "readonly": FLAG})
COLUMN = shape.record(
    {
        "id": TEXT, "at": shape.nullable(NUMBER), "scope": ref(WORDS), "edit_scope": shape.nullable(ref(WORDS)),
        "sentence": ref(WORDS), "mark": {"type": ["string", "null"]},
        "states": shape.array(STATE), "own": shape.array(FLAG), "was": shape.array({"type": ["string", "null"]}),
    }
)  # fmt: skip
ROLE = shape.record(
    {
        "code": TEXT, "name": ref(WORDS), "people": NUMBER, "mark": {"type": ["string", "null"]},
        "columns": shape.array(ref("MatrixColumn")),
    }
)  # fmt: skip
NAMED = shape.record({"code": TEXT, "name": ref(WORDS)})
FIELD = shape.record(
    {
        "code": TEXT, "name": ref(WORDS), "kind": TEXT, "data_class": TEXT, "operators": shape.array(TEXT),
        "options": shape.array(shape.record({"value": TEXT, "name": ref(WORDS)})), "readonly": FLAG,
    }
)  # fmt: skip
SCHEMAS = {
    "MatrixRow": ROW,
    "MatrixColumn": COLUMN,
    "MatrixRole": ROLE,
    "Matrix": shape.record(
        {
            "type": TEXT, "name": ref(WORDS), "rows": shape.array(ref("MatrixRow")),
            "roles": shape.array(ref("MatrixRole")), "levels": shape.array(NAMED), "without": shape.array(NAMED),
        }
    ),
    "CellsSet": shape.record({"revision": NUMBER, "size": NUMBER}),
    "Vocabulary": shape.record(
        {
            "types": shape.array(NAMED), "pages": shape.array(NAMED), "actions": shape.array(NAMED),
            "scopes": shape.array(shape.record({"code": TEXT, "name": ref(WORDS), "fact": ref(WORDS)})),
            "fields": shape.array(FIELD), "levels": shape.array(NAMED), "classes": shape.array(NAMED),
        }
    ),
}  # fmt: skip


def get_matrix(call: Call) -> Answer:
    """Every role that reads or edits the type, column by column; others are named apart."""
    needs_rules(call)
    kind = SHAPES.get(call.query.get("type", ""))
    if kind is None or not kind.fields:
        raise Invalid(Problem("type", "unknown", Words("没有这个对象", "no such object type")))
    code = kind.code
    found = roles(draft_of(call.query.get("draft")))
    holders = holding.now().roles
    said: list[dict[str, Any]] = []
    without: list[dict[str, Any]] = []
    for one in found.values():
        columns = _columns(one, kind)
        if columns:
            said.append(
                {
                    "code": one.code, "name": named(one.shown), "people": len(holders.get(one.code, {})),
                    "mark": one.mark, "columns": columns,
                }
            )  # fmt: skip
        else:
            without.append({"code": one.code, "name": named(one.shown)})
    rows = [_row(kind, key) for key in matrix.rows(kind)]
    levels = [{"code": level, "name": LEVELS[level].json()} for level in matrix.STATES]
    return Answer(
        {
            "type": code, "name": kind.words.json(), "rows": rows, "roles": said, "levels": levels, "without": without,
        }
    )  # fmt: skip


def _row(kind: TypeShape, key: str) -> dict[str, Any]:
    field = kind.fields.get(key)
    return {
        "key": key,
        "name": (TYPES[kind.code].fields[key].words if field is not None else CLASSES[key]).json(),
        "data_class": field.data_class if field is not None else key,
        "field": field is not None,
        "readonly": not matrix.writable(kind, key),
    }


def _columns(one: Proposed, kind: TypeShape) -> list[dict[str, Any]]:
    lines = one.shown["lines"]
    stored = one.stored["lines"] if one.stored is not None else []
    before = {c.id: matrix.cells(stored, c, kind) for c in matrix.columns(stored, kind.code)}
    found: list[dict[str, Any]] = []
    for column in matrix.columns(lines, kind.code):
        now, was = matrix.cells(lines, column, kind), before.get(column.id)
        main = lines[column.first]
        edits = [lines[i] for i in column.edits if set(lines[i]["scope"]) != set(main["scope"])]
        scopes = list(dict.fromkeys(scope for line in edits for scope in line["scope"]))
        states = [cell.state for cell in now.values()]
        own = [cell.own for cell in now.values()]
        found.append(
            {
                "id": column.id, "at": column.at, "scope": scopes_said(main).json(),
                "edit_scope": joined(map(scope_said, scopes), "、", " or ").json() if scopes else None,
                "sentence": sentence(main).json(), "mark": "new" if was is None else None, "states": states,
                "own": own,
                "was": [
                    was[key].state if was is not None and (was[key] != cell) else None for key, cell in now.items()
                ],
            }
        )  # fmt: skip
    return found


def vocabulary(call: Call) -> Answer:
    """Types, pages, scopes; for one type also its actions and fields with what conditions may say of them."""
    needs_rules(call)
    code = call.query.get("type")
    kind = SHAPES.get(code) if code is not None else None
    if code is not None and kind is None:
        raise NotFound
    actions = sorted(kind.actions) if kind is not None else []
    return Answer(
        {
            "types": [{"code": t.code, "name": t.words.json()} for t in TYPES],
            "pages": [
                {"code": s.code, "name": s.words.json()} for s in SHAPES if s.code.startswith(PAGE)
            ],
            "actions": [{"code": one, "name": said_action(code or "", one).json()} for one in actions],
            "scopes": _scopes(),
            "fields": _fields(code) if code in TYPES else [],
            "levels": [{"code": level, "name": LEVELS[level].json()} for level in matrix.STATES],
            "classes": [{"code": one, "name": words.json()} for one, words in CLASSES.items()],
        }
    )  # fmt: skip


def _scopes() -> list[dict[str, Any]]:
    """Every scope that a role may name, with each parameter; loans and nodes write their own."""
    texts = [
        f"{one.name}:{parameter}" if parameter else one.name
        for one in SCOPES
        for parameter in (one.parameters or ())
        if (one.name, parameter) != ("customer", "own")
    ]
    words = {one.name: one.fact for one in SCOPES}
    return [
        {"code": text, "name": scope_said(text).json(), "fact": words[text.partition(":")[0]].json()} for text in texts
    ]


def _fields(code: str | None) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code, "name": one.words.json(), "kind": one.kind, "data_class": one.data_class,
            "operators": [op for op in OPERATORS if op in one.operators],
            "options": [{"value": o.value, "name": Words(o.zh, o.en).json()} for o in getattr(one, "options", ())],
            "readonly": one.readonly or one.flow,
        }
        for one in TYPES[str(code)].fields.values()
    ]  # fmt: skip


def set_cells(call: Call) -> Answer:
    """Set cells in a draft: on what the draft says by now, so that two people who edit at once lose nothing."""
    needs(call, "administer")
    pk, body = int(call.path["id"]), call.body
    wanted: dict[str, list[tuple[int, matrix.Edit]]] = {}
    for at, one in enumerate(body["edits"]):
        wanted.setdefault(one["role"], []).append((at, matrix.Edit(one["column"], one["key"], one["state"])))
    with log.transaction():
        draft = drafts.get(pk, lock=True)
        found = roles(draft)
        things: list[tuple[str, str, Any]] = []
        for code, edits in wanted.items():
            state = found[code].state if code in found else None
            if state is None:
                raise Invalid(Problem(f"edits/{edits[0][0]}/role", "unknown", NO_ROLE))
            stored = found[code].stored or state
            lines = matrix.settled(_edited(state["lines"], body["type"], edits), stored["lines"])
            things.append(("role", code, {**state, "lines": lines}))
        draft = drafts.put_many(call.viewer.actor, pk, draft.revision, things)
    return Answer({"revision": draft.revision, "size": len(draft.changes)}, headers={"ETag": etag(draft)})


def _edited(lines: Any, type: str, edits: list[tuple[int, matrix.Edit]]) -> list[dict[str, Any]]:
    found = list(lines)
    for at, one in edits:
        try:
            found = matrix.set_cell(found, type, one.column, one.key, one.state)
        except Invalid as error:
            raise Invalid([Problem(f"edits/{at}/{p.place}", p.code, p.words) for p in error.problems]) from None
    return found


_EDIT = shape.record({"role": CODE, "column": CODE, "key": CODE, "state": {"enum": [*matrix.STATES, None]}})
ROUTES = (
    Route("POST", "/access/drafts/{id}/cells", set_cells, "setCells", "Set cells of the matrix in a draft", "access",
          path_schemas={"id": shape.NUMBER_ID},
          body=shape.record({"type": CODE, "edits": {**shape.array(_EDIT, 2000), "minItems": 1}}),
          answers={200: ref("CellsSet")}, errors=(403, 409)),
    Route("GET", "/access/matrix", get_matrix, "getMatrix", "Fields × roles of one object type", "access",
          params=(Param("type", CODE, "An object type, always needed"), DRAFT),
          answers={200: ref("Matrix")}, errors=(403, 404)),
    Route("GET", "/access/vocabulary", vocabulary, "getVocabulary", "What rules may speak of", "access",
          params=(Param("type", CODE, "An object type, page or part of administration"),),
          answers={200: ref("Vocabulary")}, errors=(403, 404)),
)  # fmt: skip
