"""One decision for a program that asks: may this subject do this with that resource, and why, as far as the program may know.

The program holds ``decide`` on the type, within a scope. Elsewhere the answer is no, without a reason, whatever the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from heli.access import view as views
from heli.access.core.decide import Decision, TypeRights
from heli.access.core.line import REACH, Held
from heli.access.shapes import DECIDE
from heli.access.viewer import Viewer
from heli.integration.authzen import names
from heli.integration.authzen.names import Named
from heli.kernel.actor import Actor
from heli.kernel.errors import NO_SUCH, HeliError, NotFound
from heli.kernel.ids import is_id
from heli.kernel.words import Words
from heli.org.models import Person
from heli.records import fields as f
from heli.records import reach, reasons, rows, write
from heli.records.sight import Sight, row_facts
from heli.records.types import TYPES, ObjectType

SUBJECTS = frozenset({"user", "person", "identity", "service"})
"""What programs call people."""
ALLOWED = Words("{role}：{via}", "{role}: {via}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as understood: the person (None: nobody of ours), the type (None: none of ours), our action."""

    subject: Viewer | None
    named: Named | None
    action: str | None
    id: str = ""
    properties: Mapping[str, Any] | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision. ``reason`` is told to who asks within their ``decide``; ``admin`` to who reads the rules besides."""

    allowed: bool
    code: str = ""
    reason: Words | None = None
    admin: Words | None = None


NO = Answer(False)


def person(kind: str, text: str) -> Viewer | None:
    """The active person with this user name or e-mail."""
    if kind not in SUBJECTS or not text or len(text) > 254 or "\x00" in text:
        return None
    here = Person.objects.exclude(status=Person.LEFT)
    found = here.filter(username__iexact=text).first()
    if found is None and "@" in text:
        several = list(here.filter(email__iexact=text)[:2])
        found = several[0] if len(several) == 1 else None
    return viewer_of(found) if found is not None else None


def viewer_of(found: Person) -> Viewer:
    """Somebody as the one who would act; nothing is done as them."""
    name = found.display_name
    return Viewer(found.pk, found.username, name, found.kind, Actor(found.pk, name, "authzen"), views.of(found.pk))


def understood(subject: Mapping[str, Any], action: Mapping[str, Any], resource: Mapping[str, Any]) -> Asked:
    """The question in our own words; what is none of ours is None."""
    named = names.find(resource["type"])
    extra = {k: v for k, v in resource.items() if k not in ("type", "id", "properties")}
    given = {**extra, **(resource.get("properties") or {})}
    field = (action.get("properties") or {}).get("field")
    return Asked(
        person(subject["type"], subject["id"]),
        named,
        named.action(action["name"]) if named is not None else None,
        resource.get("id", ""),
        given,
        field if isinstance(field, str) else None,
    )


def decide(caller: Viewer, asked: Asked) -> Answer:
    """The decision, told as far as the caller may know."""
    if asked.named is None or asked.action is None or caller.view is None:
        return NO
    code = asked.named.shape.code
    if code not in TYPES:
        return _of_type(caller, asked) if caller.view.may(code, DECIDE) else NO
    row = row_of(TYPES[code], asked)
    if row is None:
        # Of what is not there, and of what is kept elsewhere and not described, only the type can be asked.
        ask_type = asked.named.elsewhere or asked.action == "create"
        return _of_type(caller, asked) if ask_type and caller.view.may(code, DECIDE) else NO
    if not may_ask(caller, TYPES[code], row):
        return NO
    if asked.subject is None:
        return Answer(False, "no_subject", Words("没有这个人，或已离职", "no such person, or they have left"))
    return of_row(caller, asked.subject, TYPES[code], asked.action, row, asked.field)


def _of_type(caller: Viewer, asked: Asked) -> Answer:
    subject, named, action = asked.subject, asked.named, asked.action
    assert named is not None and action is not None  # asked by who has looked
    if subject is None or subject.view is None:
        return Answer(False, "no_subject", Words("没有这个人，或已离职", "no such person, or they have left"))
    rights = subject.view.type(named.shape.code)
    if rights is not None and rights.ever(action):
        return Answer(True, "allowed", None, _because(caller, rights.held(action)))
    words = reasons.WORDS["no_line"].fill(
        action=reasons.ACTIONS.get(action, Words(action, action)), type=named.shape.words
    )
    return Answer(False, "no_line", words)


def row_of(kind: ObjectType, asked: Asked) -> dict[str, Any] | None:
    """The stored record that is meant, or what the program describes where it keeps the records itself; without reach."""
    named = asked.named
    if named is not None and named.elsewhere:
        return _described(kind, named, asked.properties or {})
    return stored(kind, asked.id)


def stored(kind: ObjectType, record: str) -> dict[str, Any] | None:
    """A live record by id, whoever may see it: for deciding only."""
    if not is_id(record):
        return None
    system = Viewer(
        None, "authzen", "authzen", "system", Actor(None, "authzen"), None, system="a decision is asked for"
    )
    return rows.load(Sight(system, kind), record)


def _described(kind: ObjectType, named: Named, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """A row of what the program says of its record: None when it says nothing that is known here."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        code = named.properties.get(name)
        one = kind.fields.get(code) if code is not None else None
        if one is None or code is None:
            continue
        if isinstance(one, f.PersonRef):
            found = person("user", value) if isinstance(value, str) else None
            values[code] = found.person if found is not None else 0  # somebody who is nobody here: it is no one's own
            continue
        try:
            values[code] = one.parse(value)
        except f.FieldError:
            return None
    if not values:
        return None
    row = {**write.defaults(kind), **write.columns(kind, values), "id": ""}
    owner = row.get("owner_id")
    if owner and row.get("department_id") is None:
        row["department_id"] = views.of(owner).home  # as a record that they made here would have
    return row_facts({column: row.get(column) for column in kind.stored}, frozenset())


def reached(who: Viewer, rights: TypeRights, kind: ObjectType, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's facts as this person reaches it."""
    if not row["id"]:
        return {**row, REACH: frozenset()}
    account = row.get("account_id") if kind.parent == "account" else None
    return {**row, REACH: reach.of_row(who.person, rights, row["id"], account)}


def may_ask(caller: Viewer, kind: ObjectType, row: Mapping[str, Any]) -> bool:
    """Whether the caller holds ``decide`` on this record."""
    rights = caller.view.type(kind.code) if caller.view is not None else None
    if rights is None:
        return False
    return rights.decide(DECIDE, reached(caller, rights, kind, row)).allowed


def decision(
    subject: Viewer, kind: ObjectType, action: str, row: Mapping[str, Any], field: str | None = None
) -> Decision:
    """As the doors decide: what one does not see, one does nothing with."""
    rights = subject.view.type(kind.code) if subject.view is not None else None
    if rights is None:
        return Decision(False, (), "no_line")
    facts = reached(subject, rights, kind, row)
    if action != "create" and not rights.decide("read", facts).allowed:
        return Decision(False, (), "unseen")
    return rights.decide_field(action, field, facts) if field is not None else rights.decide(action, facts)


def of_row(
    caller: Viewer, subject: Viewer, kind: ObjectType, action: str, row: Mapping[str, Any], field: str | None
) -> Answer:
    """The decision on a record that the caller may ask about, with its reason."""
    if field is not None and field not in kind.fields:
        return Answer(False, "unknown", Words("没有这个字段", "no such field"))
    found = decision(subject, kind, action, row, field)
    if found.allowed:
        return Answer(True, "allowed", None, _because(caller, found.because))
    if found.reason in ("unseen", "no_line") and action != "create":
        return Answer(
            False, "not_found", NO_SUCH
        )  # may be shown to the subject, who is told no more than the page tells
    rights = subject.view.type(kind.code) if subject.view is not None else None
    facts = reached(subject, rights, kind, row) if rights is not None else row
    try:
        code, words = reasons.reason(subject, kind, action, facts, field)
    except (HeliError, KeyError):
        code, words = "refused", NotFound().words
    return Answer(False, code, words)


def _because(caller: Viewer, because: tuple[Held, ...]) -> Words | None:
    """Through which role and post, for a caller who reads the rules."""
    if not because or caller.view is None or not caller.view.may("policy", "read"):
        return None
    source = because[0].source
    return ALLOWED.fill(role=source.role_words, via=source.via)


def as_caller(who: Viewer) -> Viewer | None:
    """Programs alone ask: a service account, by its token."""
    return replace(who) if who.kind == Person.SERVICE and who.role else None
