"""Epochs: what a compiled view is valid for. They change in the transaction of the change, so no process serves old rights.

An epoch is a random number that never comes back: a view compiled inside a transaction that is then rolled back
carries an epoch that nobody will ever read again. Counting up would reach the same number with other rights.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from heli.kernel import closing, hooks, quick
from heli.kernel.quick import Row, Statement

POLICY = "policy"
ANY = "any"
"""Moves with every change of rights or organisation, whomever it concerns: what is kept of the whole company hangs on it."""
_BUMP = "INSERT INTO access_epoch (key, value) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_MAKE = "INSERT INTO access_epoch (key, value) VALUES (%s, 0) ON CONFLICT (key) DO NOTHING"
_READ = "SELECT key, value FROM access_epoch WHERE key IN ('policy', %s)"
_WORK = "SELECT DISTINCT person_id, line FROM access_reach WHERE kind='workitem' AND person_id IN ({marks})"
_STAMP = (
    "COALESCE((SELECT value FROM access_epoch WHERE key = 'policy'), 0), "
    "COALESCE((SELECT value FROM access_epoch WHERE key = 'p' || {person}), 0), "
    "(SELECT {tags} FROM access_reach WHERE kind = 'workitem' AND person_id = {person})"
)
_TAGS = {"sqlite": "GROUP_CONCAT(DISTINCT line)", "postgresql": "STRING_AGG(DISTINCT line, ',')"}
_BOTH = "SELECT key, value FROM access_epoch WHERE key IN (%s, %s)"
_MANY = "SELECT key, value FROM access_epoch WHERE key IN ({marks})"

type Stamp = tuple[int, int] | tuple[int, int, tuple[str, ...]]
"""(policy epoch, person epoch, and the nodes of processes at which the person has open work, when there are any). Work opens and closes
without moving an epoch: whoever has none is spared its lines, and whoever has some is built anew when they change."""


def _fresh() -> int:
    return secrets.randbits(62) + 1


def bump_policy() -> None:
    """Rules or the organisation changed: every compiled view is old when this transaction commits."""
    with connection.cursor() as cursor:
        # The policy first: a write holds it shared (``hold``) and then moves the other one. Who waits for such a write
        # must have nothing yet that it still needs.
        for key in (POLICY, ANY):
            cursor.execute(_BUMP, [key, _fresh()])
    closing.add(hooks.rights_changed.fire, None)


def bump_people(people: Iterable[int]) -> None:
    """These people's assignments or grants changed."""
    concerned = frozenset(people)
    keys = [f"p{person}" for person in sorted(concerned)]
    with connection.cursor() as cursor:
        for key in (ANY, *keys) if keys else ():  # first the one that all changes share: they take turns and never ring
            cursor.execute(_BUMP, [key, _fresh()])
    if concerned:
        closing.add(hooks.rights_changed.fire, concerned)


def lock_policy() -> None:
    """Let nobody else change the rules until this transaction ends: what is read of them now is what will be changed."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [POLICY])
        if connection.vendor == "postgresql":
            cursor.execute("SELECT value FROM access_epoch WHERE key = %s FOR UPDATE", [POLICY])


def lock_all() -> None:
    """Let nobody else change anybody's rights until this transaction ends: what is asked of the whole company now still holds when it does."""
    lock_policy()
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [ANY])
        if connection.vendor == "postgresql":
            cursor.execute("SELECT value FROM access_epoch WHERE key = %s FOR UPDATE", [ANY])


def columns(person: str) -> str:
    """SQL of the three values that ``of_columns`` makes a stamp of; ``person``: SQL of their id, from our own code."""
    return _STAMP.format(person=person, tags=_TAGS[connection.vendor])


def of_columns(policy: int, own: int, work: str | None) -> Stamp:
    """The stamp of what ``columns`` gave."""
    return (policy, own, tuple(sorted(work.split(",")))) if work else (policy, own)


def current(person: int | None) -> Stamp:
    """The epochs that a view of this person must carry now (one query)."""
    return of_columns(*quick.rows(f"SELECT {columns('q.id')} FROM (SELECT CAST(%s AS BIGINT) AS id) q", [person])[0])  # noqa: S608


def _stamp(found: Mapping[str, int], person: int | None, work: Iterable[str]) -> Stamp:
    return of_columns(found.get(POLICY, 0), found.get(f"p{person}", 0), ",".join(work))


def current_of(people: Sequence[int]) -> dict[int, Stamp]:
    """The same for several people (two queries in one round trip; at most a few hundred of them)."""
    return of_people(people, quick.together(asking(people)))


def asking(people: Sequence[int]) -> list[Statement]:
    """The statements of ``current_of``, to be run beside others; ``of_people`` makes stamps of their rows."""
    every = quick.padded(list(dict.fromkeys(people)))
    marks = ",".join(["%s"] * len(every))
    work: Statement = (_WORK.format(marks=marks or "NULL"), every)
    return [(_MANY.format(marks=f"%s,{marks}" if every else "%s"), [POLICY, *(f"p{one}" for one in every)]), work]


def of_people(people: Iterable[int], answers: Sequence[Sequence[Row]]) -> dict[int, Stamp]:
    """What ``asking`` asked for."""
    found: dict[str, int] = dict(answers[0])
    work: dict[int, list[str]] = {}
    for person, line in answers[1]:
        work.setdefault(person, []).append(line)
    return {person: _stamp(found, person, work.get(person, ())) for person in people}


EVERYONE: Statement = (_BOTH, [POLICY, ANY])
"""What ``everyone`` asks, to be run beside other statements; ``of_everything`` makes a stamp of its rows."""


def everyone() -> Stamp:
    """(policy epoch, the mark of any change) that what is kept of the whole company must carry now."""
    return of_everything(quick.rows(*EVERYONE))


def of_everything(rows: Sequence[Row]) -> Stamp:
    """What ``EVERYONE`` asked for."""
    found: dict[str, int] = dict(rows)
    return found.get(POLICY, 0), found.get(ANY, 0)


def of_everyone() -> dict[int, int]:
    """Every person's own epoch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, value FROM access_epoch WHERE key LIKE 'p%%' AND key<>%s", [POLICY])
        return {int(key[1:]): value for key, value in cursor.fetchall()}


def hold(person: int | None) -> Stamp:
    """The same, share-locked until the transaction ends: rights cannot change under a write."""
    return held(person, quick.together(holding(person)))


def holding(person: int | None) -> list[Statement]:
    """The statements of ``hold``, to be run beside others; ``held`` makes a stamp of their rows."""
    if connection.vendor != "postgresql":  # who writes keeps everybody else from writing
        return [(f"SELECT {columns('q.id')} FROM (SELECT CAST(%s AS BIGINT) AS id) q", [person])]  # noqa: S608
    return [(f"{_READ} FOR SHARE", [f"p{person}"]), (_WORK.format(marks="%s"), [person])]


def held(person: int | None, answers: Sequence[Sequence[Row]]) -> Stamp:
    """What ``holding`` asked for."""
    if len(answers) == 1:
        policy, own, work = answers[0][0]
        return of_columns(policy, own, work)
    found: dict[str, int] = dict(answers[0])
    if len(found) < 2:  # a row that is not there cannot be locked
        again = [(_MAKE, [POLICY]), (_MAKE, [f"p{person}"]), (f"{_READ} FOR SHARE", [f"p{person}"])]
        found = dict(quick.together(again)[-1])
    return _stamp(found, person, [line for _, line in answers[1]])


def _organisation_changed(people: frozenset[int] | None) -> None:
    if people is None:
        bump_policy()
    else:
        bump_people(people)


def attach() -> None:
    """Listen to the organisation."""
    hooks.organisation_changed.listen(_organisation_changed)
