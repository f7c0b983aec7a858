"""What the routes that change the organisation share: who may, days and ids in bodies, and answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

from heli.api import organisation, second_person, shape
from heli.api.common import ref
from heli.api.own_rights import never_wider
from heli.api.route import Answer, Call, Handler, Route
from heli.kernel.errors import Conflict, HeliError, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org import zone
from heli.org.models import Person

TAG = "organisation"
BY_TOKEN = Words("令牌不能设置或重置密码，请登录后操作", "a token sets and resets no passwords: sign in to do this")
SENT = {"starts": "from", "ends": "until", "display_name": "name"}
"""What bodies call some of what the organisation's verbs call otherwise."""
NOT_A_DAY = Words("应为日期，如 2026-11-23", "must be a day such as 2026-11-23")

DAY: shape.Schema = {"type": ["string", "null"], "format": "date"}
NAME = shape.text(200, 1)
REF = shape.NUMBER_ID
MAYBE_REF = shape.nullable(REF)
ID = {"id": shape.NUMBER_ID}
CONFLICT = (409,)


def number(value: str | None) -> int | None:
    """The id in a body; None stays None."""
    return int(value) if value is not None else None


def day(body: dict[str, Any], name: str, *, end: bool = False) -> datetime | None:
    """The start of a day in the company's zone; as an end, the start of the day after. Today as a start means now.

    Raises Invalid at ``name`` for what is no day since 1900.
    """
    text = body.get(name)
    if text is None:
        return None
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None or found.year < 1900:
        raise Invalid(Problem(name, "type", NOT_A_DAY))
    if not end and found == zone.today():
        return None
    try:
        return zone.day_start(found + timedelta(days=1 if end else 0))
    except OverflowError:
        raise Invalid(Problem(name, "type", NOT_A_DAY)) from None


def by_person(call: Call) -> None:
    """Raises Refused for a token: with somebody's password it would reach further than the one role it is bound to."""
    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")


def not_self(call: Call, person: int, words: Words) -> None:
    """Raises Conflict when the change is about the very person who asks."""
    if person == call.viewer.person:
        raise Conflict(words, code="self")


def known(call: Call) -> int:
    """The id in the path, of a person that exists. Raises NotFound."""
    pk = int(call.path["id"])
    if not Person.objects.filter(pk=pk).exists():
        raise NotFound
    return pk


def person_answer(call: Call, pk: int, status: int = 200) -> Answer:
    """The person's page as it now is."""
    found = Person.objects.get(pk=pk)
    return Answer(organisation.payload(call, found), status, location=f"/organisation/people/{pk}")


def change(properties: dict[str, shape.Schema]) -> shape.Schema:
    """A body that gives at least one of these."""
    return {**shape.record(properties, required=()), "minProperties": 1}


def about(path: str, handle: Any, id_: str, said: str, body: shape.Schema) -> Route:
    """A change of one person, answered with their page."""
    return Route("POST", f"/organisation/people/{{id}}/{path}", handle, id_, said, TAG, path_schemas=ID, body=body,
                 keyed=True, errors=CONFLICT, answers={200: ref("PersonPage")})  # fmt: skip


def as_sent(handle: Handler) -> Handler:
    """The same handler, whose refusals name places as the body does: ``from`` and ``until``, not as the verb does."""

    @wraps(handle)
    def named(call: Call) -> Answer:
        try:
            return handle(call)
        except HeliError as error:
            error.problems = tuple(replace(one, place=SENT.get(one.place, one.place)) for one in error.problems)
            raise

    return named


def guarded(routes: Iterable[Route]) -> tuple[Route, ...]:
    """The same routes, none of which leaves who asks with wider rights, nor makes anybody powerful without a second
    person; their refusals name places as they were sent."""
    looked_at = (second_person.guarded(one) for one in routes)
    return tuple(replace(one, handle=as_sent(never_wider(one.handle))) for one in looked_at)
