"""What people do with running cases: decide, hand on, ask others, take back. Each move is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from heli.access.viewer import Viewer
from heli.flows import acts, handing, knowing, matters, rights, told_of
from heli.flows.core import events as e
from heli.flows.core.definition import Node
from heli.flows.core.expression import ExpressionError
from heli.flows.core.state import Item, ItemState
from heli.flows.finding import may_administer
from heli.flows.models import Copied, Happening, Instance, Work
from heli.flows.run import Run, acting, audited, in_one, opened, said
from heli.flows.seen import concerns, stood_in_for
from heli.flows.store import Said
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person

DELETED = Words(
    "流程的记录已被删除；恢复记录后可以继续",
    "the record of this process has been deleted; it goes on once it is restored",
)
OWN = Words("代理人不能替别人审批自己发起的流程", "nobody decides, as a deputy, what they have begun themselves")
BEGAN = Words(
    "流程由此人发起，这个节点不能交给发起人处理",
    "they have begun it, and this node is not decided by who began it",
)
ABOVE = Words("另一个流程在等它：请在那里撤回", "another case waits for this one: withdraw that one")
NOT_ASKED = Words("这个节点不填写字段", "this node fills in no fields")
REQUIRED = Words("请填写「{field}」", "fill in “{field}”")
NOT_HANDED = Words(
    "谁来处理由「{what}」自己决定，不能改派",
    "whose turn it is, the {what} decides by itself: it is not given to others",
)
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
SERVICE = Words("程序账号不处理待办", "a service account does no work")
UNTOLD = Words("不能让此人知道这件事", "they may not hear of this")


@dataclass(frozen=True, slots=True)
class Decision:
    """``to``: where a rejection leads. ``values``: fields of the node's form; ``given``: parameters of its verb; ``packets``: what it hands
    over, by the node that receives it."""

    approve: bool = True
    to: str | None = None
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    packets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


# -- one's work --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Mine:
    """A piece of work under the instance's lock, of the viewer or of whom they stand in for."""

    run: Run
    viewer: Viewer
    item: Item
    principal: int | None

    @property
    def node(self) -> Node:
        return self.run.definition.nodes[self.run.state.tokens[self.item.token].node]

    @property
    def person(self) -> int:
        """Whose work it is."""
        return self.item.person

    @property
    def place(self) -> int:
        return self.run.state.tokens[self.item.token].node

    def tell(self, what: str, text: str = "", *, outcome: str = "", person: int | None = None) -> None:
        place = self.place
        self.run.tell(
            what, node=place, outcome=outcome, text=text, person=self.viewer.person if person is None else person, acting_for=self.principal
        )  # fmt: skip


def mine_of(run: Run, viewer: Viewer, number: int) -> Mine:
    """Raises NotFound for what is not theirs, Conflict for what is over."""
    if viewer.person is None or viewer.kind == Person.SERVICE:
        raise Refused(SERVICE, code="service")
    item = run.state.items.get(number)
    if item is None:
        row = Work.objects.filter(instance_id=run.row.pk, number=number).first()
        if row is None or row.person_id != viewer.person:
            raise NotFound
        raise Conflict(Words("这项待办已经处理过了", "this work is done already"), code="done")
    principal = None if item.person == viewer.person else item.person
    if principal is not None:
        if principal not in stood_in_for(viewer, run.row):
            raise NotFound
        if viewer.person == run.row.initiator_id:
            raise Refused(OWN, code="own")
    if run.gone:
        raise Conflict(DELETED, code="record_deleted")
    return Mine(run, acting(viewer, principal), item, principal)


def decide(viewer: Viewer, instance: int, number: int, asked: Decision) -> None:
    """Approve or reject. Raises NotFound, Conflict (it is over), Refused with its reason, Invalid naming each place."""
    text = said(asked.text)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            mine = mine_of(run, run.rights_of(viewer), number)
            step = run.step(mine.place)
            if step and run.matter is not None:
                if asked.values or asked.packets or asked.to not in (None, "end"):
                    raise Invalid(Problem("values", "unknown", NOT_ASKED))
                raise _Elsewhere(mine.viewer, run.matter, run.row.record_id, step)
            run.by = mine.viewer.actor
            _decide(mine, asked, text)

    try:
        audited(viewer, "approve" if asked.approve else "reject", instance, whole)
    except _Elsewhere as found:
        found.matter.decide(found.viewer, found.key, found.step, matters.Answer(asked.approve, text, asked.given))


@dataclass(eq=False)
class _Elsewhere(Exception):
    """What is decided where the matter of the case is, in a transaction of its own; the case follows."""

    viewer: Viewer
    matter: matters.Matter
    key: str
    step: str = ""


def _decide(mine: Mine, asked: Decision, text: str) -> None:
    run, item = mine.run, mine.item
    event = e.Decide(item.id, item.person, asked.approve, asked.to, mine.principal)
    place = run.state.tokens[item.token].node
    if asked.approve and item.state is ItemState.OPEN and not item.opinion:
        _hand_in(mine, asked)
        _fill_in(mine, asked)
        takers = run.engine.taken_from(place)
        if takers and run.would_pass(event):
            handing.need(run, takers)
    elif asked.values or asked.given or asked.packets:
        raise Invalid(Problem("values", "unknown", NOT_ASKED))
    if not asked.approve and not item.opinion and place in run.engine.takers and not text:
        raise Invalid(Problem("text", "required", handing.WHY))
    run.said[item.id] = Said(text, mine.viewer.person)
    to = None if asked.approve else asked.to
    mine.tell("approve" if asked.approve else "reject", text, outcome=to or "")
    run.send(event)
    what = "approve" if asked.approve else "reject"
    run.save(what, text=text, told={"node": run.definition.nodes[place].id, "to": to})


def _hand_in(mine: Mine, asked: Decision) -> None:
    """Keep what is gathered for whom this node hands over to."""
    takers = {mine.run.definition.nodes[one].id: one for one in mine.run.engine.taken_from(mine.place)}
    unknown = [Problem(f"packets/{node[:80]}", "unknown", NOT_ASKED) for node in asked.packets if node not in takers]
    if unknown:
        raise Invalid(unknown)
    for node, given in asked.packets.items():
        handing.draft(mine.run, mine.viewer, takers[node], given)


def _fill_in(mine: Mine, asked: Decision) -> None:
    """Write what the node's form brings and do its verb, as who decides, with the rights that their work gives."""
    run, node = mine.run, mine.node
    assert node.task is not None
    form = node.task.form
    unknown = [one for one in asked.values if one not in form.edit]
    if unknown:
        raise Invalid([Problem(f"values/{one[:80]}", "unknown", NOT_ASKED) for one in unknown])
    if asked.values:
        try:
            run.change(mine.viewer, "edit", asked.values)
        except Invalid as error:
            raise Invalid(
                [Problem(f"values/{one.place}", one.code, one.words) for one in error.problems], error.words
            ) from None
    kind, record = run.looking.kind, run.looking.record
    if kind is not None and record is not None:
        empty = [
            one
            for one in form.require
            if one in kind.fields and kind.fields[one].is_empty(record[kind.fields[one].column])
        ]
        if empty:
            raise Invalid(
                [Problem(f"values/{one}", "required", REQUIRED.fill(field=kind.fields[one].words)) for one in empty]
            )
    event = e.Decide(mine.item.id, mine.person, True, None, mine.principal)
    if node.does is None:
        if asked.given:
            raise Invalid(Problem("given", "unknown", NOT_ASKED))
        return
    if asked.given and node.does.verb in acts.BUILT_IN:
        raise Invalid(Problem("given", "unknown", NOT_ASKED))
    if not run.would_pass(event):
        return
    try:
        doer = rights.deciding(mine.viewer, run.row, kind, node, mine.place) if kind is not None else mine.viewer
        run.do(doer, node, asked.given)
    except ExpressionError as error:
        raise Invalid(Problem("given", "condition", error.words)) from None
    except Invalid as error:
        raise Invalid(
            [Problem(f"given/{one.place}", one.code, one.words) for one in error.problems], error.words
        ) from None


def _simple(
    viewer: Viewer, instance: int, number: int, what: str, text: str, event: Any, *, to: int | None = None, signs: bool = True
) -> None:  # fmt: skip
    """A move that is one event. ``to``: to whom; ``signs``: who decides then, rather than gives a view."""
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
            mine.tell(what, text, outcome=str(to) if to is not None else "")
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
    _simple(viewer, instance, number, "remove_signer", text, lambda me: e.RemoveSigner(number, me, other))


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
                raise _Elsewhere(run.rights_of(viewer), run.matter, run.row.record_id)
            run.tell("withdraw", person=person, text=text)
            run.send(e.Withdraw(person))
            run.save("withdraw", text=text)

    try:
        audited(viewer, "withdraw", instance, whole)
    except _Elsewhere as found:
        found.matter.withdraw(found.viewer, found.key)


def looks_after(viewer: Viewer, run: Run) -> bool:
    """Whether somebody looks after processes, and may know of this case."""
    return may_administer(viewer.view) and concerns(viewer, run.row)


def retry(viewer: Viewer, instance: int, node: str, text: str = "") -> None:
    """Try again what stands still at a node. Raises NotFound for who does not look after processes."""
    text = said(text)

    def whole() -> None:
        with opened(instance, viewer.actor, viewer) as run:
            now = run.rights_of(viewer)
            place = run.definition.places.get(node)
            if place is None or not looks_after(now, run):
                raise NotFound
            halted = [one.id for one in run.state.at(place) if one.id in run.state.halted]
            if not halted:
                raise Conflict(Words("这里没有要重试的问题", "there is nothing to try again here"), code="no_incident")
            for token in halted:
                run.send(e.Retry(token))
            run.tell("retry", node=place, person=now.person, text=text)
            run.save("retry", text=text, told={"node": node})

    in_one(whole)


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
