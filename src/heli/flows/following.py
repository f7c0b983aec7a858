"""Cases about a matter: begun with it, and following what becomes of it, in the transaction in which it does."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import Q

from heli.flows import library
from heli.flows.begin import Made
from heli.flows.core import events as e
from heli.flows.core.definition import Kind
from heli.flows.core.state import Item, ItemState, Token
from heli.flows.matters import step
from heli.flows.models import Instance, Process, Work
from heli.flows.run import Run, opened
from heli.kernel.actor import Actor
from heli.kernel.words import Words
from heli.records import write

YES, NO, BACK, OVER, MOVED, AGAIN = "yes", "no", "back", "over", "moved", "again"
_following: ContextVar[frozenset[tuple[str, str]]] = ContextVar("matters whose case is following", default=frozenset())


@dataclass(frozen=True, slots=True)
class Did:
    """What has become of a matter: a step of it was answered (``yes``, ``no``) by a person, who asked takes it ``back``, it is ``over``
    without an answer, the step that waits is others' now (``moved``, to ``step``), or what it waits for comes at another moment
    (``again``)."""

    what: str
    step: str = ""
    person: int | None = None
    text: str = ""
    words: Words | None = None
    """What the program says of it."""
    anywhere: bool = False
    """The case goes to the step from wherever it stands; else from another step of the matter alone."""


def process_of(matter: str) -> Process | None:
    """The process in use for such matters."""
    rows = Process.objects.select_related("current").defer("current__source")
    found = rows.filter(type=matter, closed_at=None, current__isnull=False).order_by("pk").first()
    if found is not None and found.current is not None:
        found.current.process = found
    return found


def begin(matter: str, key: str, initiator: int, by: Actor, *, hidden: bool = False) -> int | None:
    """Begin the case of a matter, in the caller's transaction; None where the company has no process for it. ``hidden``: it is told to
    nobody but those whom the matter names, in no list and no figure."""
    process = process_of(matter)
    if process is None or process.current is None:
        return None
    with _within(matter, key), write.held() as told:
        run = Made(process.current, key, initiator, {}, hidden=hidden).run(by, told)
        if run is None:
            return None
        run.tell("begun", person=initiator)
        run.send(e.Start())
        run.save("begin")
    return run.row.pk


def is_following(matter: str, key: str) -> bool:
    """Whether the case is following the matter at this moment: who changed it knows."""
    return (matter, key) in _following.get()


@contextmanager
def _within(matter: str, key: str) -> Iterator[None]:
    token = _following.set(_following.get() | {(matter, key)})
    try:
        yield
    finally:
        _following.reset(token)


def case_of(matter: str, key: str) -> int | None:
    """The running case of a matter."""
    rows = Instance.objects.filter(type=matter, record_id=key, state=Instance.RUNNING, parent=None)
    return rows.values_list("pk", flat=True).first()


def steps(matter: str, key: str) -> set[str]:
    """The steps of a matter at which its running case stands."""
    rows = Work.objects.filter(instance__type=matter, instance__record_id=key, instance__parent=None, state=Work.OPEN)
    rows = rows.select_related("instance__version__process").defer("instance__version__source")
    return {step(matter, library.definition(one.instance.version).nodes[one.node]) for one in rows} - {""}


def open_steps(matter: str, key: str) -> dict[Words, list[int]]:
    """The steps, of the matter or not, at which somebody has work in its running case, and who; for whom may follow the case."""
    rows = Work.objects.filter(instance__type=matter, instance__record_id=key, instance__parent=None, state=Work.OPEN)
    rows = rows.select_related("instance__version__process").defer("instance__version__source")
    found: dict[Words, list[int]] = {}
    for one in rows.order_by("number"):
        found.setdefault(library.definition(one.instance.version).nodes[one.node].words, []).append(one.person_id)
    return found


def latest(matter: str, keys: Collection[str]) -> dict[str, int]:
    """The latest case of each of these matters."""
    rows = Instance.objects.filter(type=matter, record_id__in=keys, parent=None).order_by("pk")
    return dict(rows.values_list("record_id", "pk"))


def worked(matter: str, keys: Collection[str], person: int) -> set[str]:
    """Those of the matters in whose case somebody has work, or has done some; not whose turn it is no more."""
    rows = Work.objects.filter(instance__type=matter, instance__record_id__in=keys)
    rows = rows.filter(Q(person_id=person, state__in=(Work.OPEN, Work.DONE)) | Q(done_by=person))
    return set(rows.values_list("instance__record_id", flat=True))


def follow(matter: str, key: str, by: Actor, did: Did) -> None:
    """Let the case of a matter follow what has become of it; nothing where it has none. In the caller's transaction."""
    if is_following(matter, key):
        return  # what the case itself has brought about
    found = case_of(matter, key)
    if found is None:
        return
    with _within(matter, key), opened(found, by) as run:
        _follow(run, did)
        run.save({YES: "approve", NO: "reject", BACK: "withdraw"}.get(did.what, "follow"), text=did.text)


def _follow(run: Run, did: Did) -> None:
    match did.what:
        case "yes" | "no":
            _answered(run, did)
        case "moved":
            for token in _from(run, did):
                _moved(run, token, did.step)
        case "again":
            for token in [one for one in run.state.tokens.values() if run.definition.nodes[one.node].timer is not None]:
                run.tell("again", node=token.node, person=did.person, words=did.words)
                run.send(e.Anew(token.id))
        case "back" if did.person == run.row.initiator_id:
            run.tell("withdraw", person=did.person)
            run.send(e.Withdraw(did.person))
        case _:
            run.tell("over", person=did.person, words=did.words)
            run.send(e.Cancel())


def _answered(run: Run, did: Did) -> None:
    """Decide the step as whoever did: it becomes theirs where it was somebody else's."""
    standing = _standing(run)
    token = next((one for one in standing if did.step in ("", run.step(one.node))), None)
    if token is None and did.what == YES and (others := _from(run, did)):
        _moved(run, others[0], did.step)  # what stood before was passed over: the case goes where it was answered
        token = next((one for one in _standing(run) if run.step(one.node) == did.step), None)
    item = _item(run, token, did.person) if token is not None else None
    if token is None or item is None or did.person is None:
        if did.what == NO:  # it stands elsewhere, and nothing is left to be done
            run.send(e.Cancel())
        return
    run.tell("approve" if did.what == YES else "reject", node=token.node, person=did.person, text=did.text)
    if item.person != did.person:
        run.send(e.Reassign(item.id, did.person))
        item = _item(run, token, did.person) or item
    run.send(e.Decide(item.id, item.person, did.what == YES, None if did.what == YES else "end"))


def _from(run: Run, did: Did) -> list[Token]:
    """The tokens that go to another step."""
    return _standing(run) or (list(run.state.tokens.values())[:1] if did.anywhere else [])


def _standing(run: Run) -> list[Token]:
    """The tokens at steps of the matter."""
    return [one for one in run.state.tokens.values() if run.step(one.node)]


def _item(run: Run, token: Token, person: int | None) -> Item | None:
    """Open work of a token: of this person, else of anybody."""
    found = [one for one in run.state.items.values() if one.token == token.id and one.state is ItemState.OPEN]
    return next((one for one in found if one.person == person), found[0] if found else None)


def _moved(run: Run, token: Token, step: str) -> None:
    """Let a step be its people's of now, or go to the one that is answered now."""
    nodes = run.definition.nodes
    if run.step(token.node) != step:
        to = next((place for place, one in enumerate(nodes) if one.kind is Kind.USER and run.step(place) == step), None)
        if to is not None:
            run.send(e.Anew(token.id, to))
        return
    people = run.finder.find(nodes[token.node], ()).people
    has = [one.person for one in run.state.items.values() if one.token == token.id and one.state is ItemState.OPEN]
    if people != has:
        run.send(e.Anew(token.id))


def look_again(run: Run) -> bool:
    """Let the matter's steps be their people's of now, after somebody's leaving. Whether anything was one."""
    found = _standing(run)
    for token in found:
        _moved(run, token, run.step(token.node))
    return bool(found)


__all__ = ["AGAIN", "BACK", "MOVED", "NO", "OVER", "YES", "Did", "begin", "case_of", "follow", "is_following", "latest",
           "look_again", "open_steps", "process_of", "steps", "worked"]  # fmt: skip
