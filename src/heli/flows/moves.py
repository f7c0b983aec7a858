"""What people do with running cases beside deciding: hand on, ask others, take back, urge. Each move is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from heli.access.viewer import Viewer
from heli.flows import knowing, matters, rights, told_of
from heli.flows.core import events as e
from heli.flows.core.state import ItemState
from heli.flows.deciding import Elsewhere, mine_of
from heli.flows.finding import may_administer
from heli.flows.models import Copied, Happening, Instance, Work
from heli.flows.run import Run, audited, in_one, opened, said
from heli.flows.seen import concerns
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person

BEGAN = Words(
    "流程由此人发起，这个节点不能交给发起人处理",
    "they have begun it, and this node is not decided by who began it",
)
ABOVE = Words("另一个流程在等它：请在那里撤回", "another case waits for this one: withdraw that one")
AGAIN = timedelta(hours=4)
"""So long a case is not urged again."""
NOBODY_HAS_IT = Words(
    "现在没有人手上有这件事的待办，无人可催", "nobody has work in this case now, so there is nobody to urge"
)
URGED = Words(
    "{hours} 小时内已经催办过，请稍后再催，或直接联系处理人",
    "it was urged within the last {hours} hours: wait a little, or talk to who has it",
)
NO_PERSON = Words("没有这个人", "no such person")
UNTOLD = Words("不能让此人知道这件事", "they may not hear of this")


def _simple(
    viewer: Viewer, instance: int, number: int, what: str, text: str, event: Any, *, to: int | None = None, signs: bool = True,
    off: int | None = None,
) -> None:  # fmt: skip
    """A move that is one event. ``to``: to whom; ``signs``: who decides then, rather than gives a view; ``off``: the work that it ends."""
    text = said(text)
    if to is not None:
        at_work(to)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            mine = mine_of(run, run.rights_of(viewer), number)
            run.by = mine.viewer.actor
            node = mine.node.id
            if to is not None:
                may_be_given(run, to)
            if to is not None and signs and not mine.item.opinion:
                may_sign(run, mine.place, to)
            ended = run.state.items.get(off) if off is not None else None
            whom = ended.person if ended is not None else to
            mine.tell(what, text, outcome=str(whom) if whom is not None else "")
            run.send(event(mine.person))
            run.save(what, text=text, told={"node": node} | ({"to": to} if to is not None else {}))

    audited(viewer, what, instance, whole)


def may_sign(run: Run, place: int, to: int) -> None:
    """Raises Refused for who may not decide this node."""
    if to == run.barred(place):
        raise Refused(BEGAN, code="own")


def may_be_given(run: Run, to: int) -> None:
    """Raises Invalid for who may not hear of the case: work in it would tell them."""
    if to not in matters.hearing(run.row, [to]):
        raise Invalid(Problem("to", "untold", UNTOLD))


def is_here(person: int) -> bool:
    """Whether this is a person who works here."""
    return Person.objects.filter(pk=person).exclude(status=Person.LEFT).exclude(kind=Person.SERVICE).exists()


def at_work(person: int) -> None:
    """Raises Invalid for nobody, who has left, or a program."""
    if not is_here(person):
        raise Invalid(Problem("to", "unknown", NO_PERSON))


def claim(viewer: Viewer, instance: int, number: int) -> None:
    """认领: take work that several could do."""
    _simple(viewer, instance, number, "claim", "", lambda me: e.Claim(number, me))


def transfer(viewer: Viewer, instance: int, number: int, to: int, text: str = "") -> None:
    """转办: another does it instead; with the node's rights only where its rules or candidates name them."""
    _simple(viewer, instance, number, "transfer", text, lambda me: e.Transfer(number, me, to), to=to)


def delegate(viewer: Viewer, instance: int, number: int, to: int, text: str = "") -> None:
    """委派: another gives their view first; it comes back."""
    _simple(viewer, instance, number, "delegate", text, lambda me: e.Delegate(number, me, to), to=to, signs=False)


def add_signer(viewer: Viewer, instance: int, number: int, to: int, place: str, text: str = "") -> None:
    """加签: another signs ``before``, ``after`` or ``parallel`` to me."""
    _simple(viewer, instance, number, "add_signer", text, lambda me: e.AddSigner(number, me, to, place), to=to)


def remove_signer(viewer: Viewer, instance: int, number: int, other: int, text: str = "") -> None:
    """减签: take somebody's open work at my node off; ``other`` is its number."""
    _simple(viewer, instance, number, "remove_signer", text, lambda me: e.RemoveSigner(number, me, other), off=other)


def take_back(viewer: Viewer, instance: int, node: str) -> None:
    """拿回: what I have decided at this node, as long as nobody has acted on it."""
    person = viewer.person

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            place = run.definition.places.get(node)
            if place is None or person is None or not concerns(run.rights_of(viewer), run.row):
                raise NotFound
            run.tell("take_back", node=place, person=person)
            run.send(e.TakeBack(place, person))
            run.save("take_back", told={"node": node})

    audited(viewer, "take_back", instance, whole)


def withdraw(viewer: Viewer, instance: int, text: str = "") -> None:
    """撤回: who began it ends it."""
    text = said(text)
    person = viewer.person

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            run.rights_of(viewer)
            if person is None or person != run.row.initiator_id:
                raise NotFound
            if run.row.parent_id is not None:
                raise Refused(ABOVE, code="above")
            if run.matter is not None:
                raise Elsewhere(run.rights_of(viewer), run.matter, run.row.record_id)
            run.tell("withdraw", person=person, text=text)
            run.send(e.Withdraw(person))
            run.save("withdraw", text=text)

    try:
        audited(viewer, "withdraw", instance, whole)
    except Elsewhere as found:
        found.matter.withdraw(found.viewer, found.key)


def may_hear(run: Run, people: Sequence[int]) -> None:
    """Raises Invalid naming those who may not be told of a case."""
    may = matters.hearing(run.row, people)
    wrong = [at for at, one in enumerate(people) if one not in may]
    if wrong:
        raise Invalid([Problem(f"people/{at}", "untold", UNTOLD) for at in wrong])


def urge(viewer: Viewer, instance: int) -> None:
    """催办: who began it, or looks after processes, asks those who have it to get on. Raises NotFound for others, Conflict where nobody
    has it (that is told to who may know the way), or where it was done within the last hours."""

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            now = run.rights_of(viewer)
            if not concerns(now, run.row) or (now.person != run.row.initiator_id and not may_administer(now.view)):
                raise NotFound
            open_ = [
                one for one in run.state.items.values() if one.state is ItemState.OPEN and one.person != now.person
            ]
            if not open_ and (run.row.state != Instance.RUNNING or knowing.knows(now, run.row)[0]):
                raise Conflict(NOBODY_HAS_IT, code="nobody")
            last = Happening.objects.filter(instance_id=instance, what="urge", at__gt=run.now - AGAIN)
            if last.exists():
                raise Conflict(URGED.fill(hours=AGAIN // timedelta(hours=1)), code="urged")
            run.state.version += 1
            run.tell("urge", person=now.person)
            run.save("urge")
            places = {one.id: run.state.tokens[one.token].node for one in open_}
            works = [
                (places[one.id], one.id, [one.person, *(who for who, _ in rights.deputies(one.person, run.row))])
                for one in open_
            ]
            told_of.urged(run.row, works, run.state.version, now.person)

    audited(viewer, "urge", instance, whole)


def copy_to(viewer: Viewer, instance: int, people: Sequence[int]) -> None:
    """抄送: let others see how it goes. They gain no cell of the record. Raises NotFound, Invalid."""
    for one in people:
        at_work(one)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            if not concerns(run.rights_of(viewer), run.row):
                raise NotFound
            may_hear(run, people)
            run.state.version += 1
            for one in people:
                Copied.objects.get_or_create(instance_id=run.row.pk, person_id=one, defaults={"by_id": viewer.person})
                run.tell("copy", person=viewer.person, outcome=str(one))
            told_of.copied(run.row, people, viewer.person)
            run.save("copy", told={"to": list(people)})

    in_one(whole)


def see(viewer: Viewer, instance: int, number: int) -> None:
    """Note that somebody has looked at their work: from then on it is being worked on."""
    Work.objects.filter(instance_id=instance, number=number, person_id=viewer.person or 0, seen_at=None).update(
        seen_at=clock.now()
    )
