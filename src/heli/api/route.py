"""What a route is: one method at one address, with all that describes it and all that checks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.body import JSON_LIMIT, LONG_LIMIT
from heli.api.shape import Schema
from heli.api.viewer import NOT_SIGNED_IN
from heli.kernel.errors import BadRequest, HeliError, Invalid, NotSignedIn, Problem
from heli.kernel.words import Words

MOST_QUERY = 60_000
"""Bytes of a query string; servers refuse a little more by themselves."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

TWICE = Words("只能给一次", "may be given once only")
UNKNOWN = Words("没有这个参数", "no such parameter")


class UriTooLong(HeliError):
    """The query does not fit an address."""

    status = 414
    code = "uri_too_long"


@dataclass(frozen=True, slots=True)
class Param:
    """A query parameter. ``read`` turns its text into a value (raising Invalid); by default the schema decides."""

    name: str
    schema: Schema
    help: str
    required: bool = False
    read: Callable[[str], Any] | None = None

    def value(self, text: str) -> Any:
        kind = self.schema.get("type")
        found: Any = text
        if kind == "integer":
            found = int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 19 else text
        elif kind == "boolean":
            found = {"true": True, "false": False}.get(text, text)
        try:
            shape.check(found, self.schema)
        except Invalid as error:
            raise Invalid([Problem(self.name, p.code, p.words) for p in error.problems]) from None
        return found if self.read is None else self.read(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back. ``body`` is dumped as JSON unless it is bytes.

    ``location`` names what was made; ``replay`` says how a repeated keyed POST is answered: ``location`` reads it
    again there, ``body`` repeats these words, ``never`` refuses (secrets are shown once).
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    location: str = ""
    replay: str = "location"


@dataclass(slots=True)
class Call:
    """One request on its way to a handler."""

    request: HttpRequest
    path: Mapping[str, str]
    known: Viewer | None
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    origin: str = ""
    request_id: str = ""

    @property
    def viewer(self) -> Viewer:
        if self.known is None:
            raise NotSignedIn(NOT_SIGNED_IN)
        return self.known

    @property
    def person(self) -> int:
        """The id of the person who asks. Raises NotSignedIn for nobody."""
        found = self.viewer.person
        if found is None:
            raise NotSignedIn(NOT_SIGNED_IN)
        return found

    @property
    def if_match(self) -> str | None:
        found: str | None = self.request.META.get("HTTP_IF_MATCH")
        return found


type Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` is below /api/v1 with ``{name}`` for variable parts.

    ``body`` describes a JSON body; with ``own_body`` it is checked by it too (the write door checks records' bodies).
    ``form`` describes a multipart form instead. ``answers`` are schemas by status (None: no content).
    ``errors`` are the statuses beside those that follow from the rest.
    """

    method: str
    path: str
    handle: Handler
    id: str
    summary: str
    tag: str
    params: tuple[Param, ...] = ()
    path_schemas: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    own_body: bool = True
    body_required: bool = True
    form: Schema | None = None
    answers: Mapping[int, Schema | None] = field(default_factory=dict)
    media: str = "application/json"
    errors: tuple[int, ...] = ()
    signed_in: bool = True
    if_match: bool = False
    keyed: bool = False
    etag: bool = False
    names: Mapping[str, Param] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {p.name: p for p in self.params})

    @property
    def changes(self) -> bool:
        return self.method not in SAFE

    @property
    def most(self) -> int:
        """Bytes of its JSON body: more where a text in it may alone be longer than other bodies."""
        texts = (one.get("maxLength", 0) for one in (self.body or {}).get("properties", {}).values())
        return LONG_LIMIT if max(texts, default=0) > JSON_LIMIT else JSON_LIMIT

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every error status this route may answer with."""
        found = {400, 429, 500, 503, *self.errors}
        if self.signed_in:
            found |= {401, 403}  # a session's mode may close it
        if self.changes:
            found.add(403)  # a missing CSRF token, at least
        found.add(422)  # an unknown query parameter, at least
        if self.params:
            found.add(414)
        if "{" in self.path:
            found.add(404)
        if self.body is not None or self.form is not None:
            found |= {413, 415}
        if self.if_match:
            found |= {412, 428}
        if self.keyed:
            found |= {404, 409}  # what a repeated request made may no longer be seen
        return tuple(sorted(found))

    def read_query(self, text: str) -> dict[str, Any]:
        """The query parameters. Raises BadRequest for what is no query, Invalid naming each wrong parameter."""
        if not text:
            pairs: list[tuple[str, str]] = []
        else:
            pairs = _pairs(text)
        found: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, value in pairs:
            param = self.names.get(name)
            if param is None:
                problems.append(Problem(name[:80], "unknown", UNKNOWN))
            elif name in found:
                problems.append(Problem(name, "twice", TWICE))
            else:
                try:
                    found[name] = param.value(value)
                except Invalid as error:
                    problems.extend(error.problems)
        for param in self.params:
            if param.required and param.name not in found and not any(p.place == param.name for p in problems):
                problems.append(Problem(param.name, "required", Words("必填", "required")))
        if problems:
            raise Invalid(problems)
        return found


def _pairs(text: str) -> list[tuple[str, str]]:
    if len(text) > MOST_QUERY:
        raise UriTooLong(Words("查询过长", "the query string is too long"))
    try:
        text = text.encode("latin-1").decode()  # as WSGI hands it over
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=64)
    except ValueError:  # UnicodeDecodeError is one
        raise BadRequest(
            Words("查询字符串无法解读（应为 UTF-8）", "the query string cannot be read (UTF-8 is expected)"),
            code="malformed",
        ) from None
