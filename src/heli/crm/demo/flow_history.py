"""Half a year of contract approvals that are over, in bulk rows: enough to see where they wait.

Legal has three people; two of them look at contracts on some afternoons, a few at a time, and one was ill: that is where work stands.
Since the second version they do so more often. Finance looks at each for a few minutes, and has only ever refused large ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from heli.audit import bulk
from heli.crm import processes
from heli.crm.demo.chance import ZONE, Chance
from heli.crm.demo.processes import viewer
from heli.flows import deciding, definitions, library, store
from heli.flows.begin import Begin, begin
from heli.flows.core.definition import Definition
from heli.flows.core.duration import duration
from heli.flows.core.state import Ended, Passed, State
from heli.flows.deciding import Decision
from heli.flows.models import Happening, Improvement, Instance, Process, Version, Work
from heli.insight import company
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.calendar import Calendar
from heli.kernel.errors import HeliError
from heli.org.models import Assignment, Person
from heli.records import sql
from heli.records.types import TYPES

BY = Actor(None, "system: demo", "demo", via="demo")
PROCESS = "contract_approval"
DAYS, CHANGED = 200, 50
"""How far back the histories begin, and how many days ago the second version came."""
LARGE, LARGEST = 100_000_00, 500_000_00
TOLD = "tell_owner"
"""The step at which a case that is agreed on ends by telling who owns its contract."""
CALENDAR = Calendar()
NOTE = "法务审核时限由 2 天缩短到 1 天；法务改为隔天集中看合同"
SEED = 20260131
WHY = ("违约责任条款不完整", "账期超过公司标准", "附件缺少技术协议", "付款节点与报价不一致")
TERMS = ("账期超过公司标准，请与客户重谈", "预付比例低于 30%，大额合同需要提高", "质保金比例过高，影响回款")
REFUSED = 0.3
"""Of large contracts, how many finance refuses: they are begun anew once the terms have been talked over."""


@dataclass(slots=True)
class _Row:
    """One person's work at a node."""

    node: str
    round: int
    person: int
    opened: dt.datetime
    seen: dt.datetime
    done: dt.datetime
    outcome: str = "approved"
    back: str = ""
    text: str = ""


@dataclass(slots=True)
class _Case:
    record: str
    owner: int
    head: int
    amount: int
    began: dt.datetime
    rows: list[_Row] = field(default_factory=list)
    ended: dt.datetime | None = None
    state: str = Instance.COMPLETED
    again: bool = False
    """Whether the same contract was refused before."""


class _Desk:
    """Somebody who looks at contracts on some afternoons, so many at a time."""

    def __init__(self, person: int, offset: int, away: range) -> None:
        self.person = person
        self.offset = offset
        self.away = away
        self.used: dict[dt.date, dt.datetime] = {}
        self.many: dict[dt.date, int] = {}

    def take(self, came: dt.datetime, minutes: int, every: int, most: int) -> tuple[dt.datetime, dt.datetime]:
        """From when until when they look at it."""
        day = came.astimezone(ZONE).date()
        while True:
            start = dt.datetime.combine(day, dt.time(15, 30), ZONE)
            free = CALENDAR.works(day) and (day.toordinal() + self.offset) % every == 0
            if free and day.toordinal() not in self.away and start > came and self.many.get(day, 0) < most:
                begun = max(self.used.get(day, start), start)
                done = begun + dt.timedelta(minutes=minutes)
                self.used[day], self.many[day] = done + dt.timedelta(minutes=2), self.many.get(day, 0) + 1
                return begun, done
            day += dt.timedelta(days=1)


type Legal = Callable[[dt.datetime], tuple[_Desk, dt.datetime, dt.datetime]]


def later(at: dt.datetime, hours: float) -> dt.datetime:
    """So many working hours later."""
    whole, rest = divmod(hours, 9)
    return CALENDAR.after(at.astimezone(ZONE), dt.timedelta(days=whole, hours=rest))


def earlier(at: dt.datetime, hours: int) -> dt.datetime:
    """So many working hours before."""
    left = hours * 2
    while left:
        at -= dt.timedelta(minutes=30)
        here = at.astimezone(ZONE)
        left -= CALENDAR.works(here.date()) and CALENDAR.opens <= here.time() < CALENDAR.closes
    return at


def load() -> None:
    """Bring a second version of the process, and the cases of both that are over."""
    process = Process.objects.get(code=PROCESS)
    now = clock.now()
    changed = now - dt.timedelta(days=CHANGED)
    source = processes.source(PROCESS).replace(b'<heli:sla within="P2D"/>', b'<heli:sla within="P1D"/>', 1)
    second = definitions.replace(BY, source, NOTE)
    first = Version.objects.get(process=process, number=second.number - 1)
    Version.objects.filter(pk=first.pk).update(at=now - dt.timedelta(days=DAYS + 30))
    Version.objects.filter(pk=second.pk).update(at=changed)
    first.refresh_from_db()
    second.refresh_from_db()
    _improved(process, changed)
    cases = list(_cases(now))
    _run(cases, Chance(SEED), changed)
    over = [one for one in cases if one.ended is not None and one.ended < now - dt.timedelta(hours=2)]
    _write([one for one in over if one.began < changed], first)
    _write([one for one in over if one.began >= changed], second)


WAIT = (
    (50, False), (43, True), (38, False), (33, True), (29, False), (26, True), (20, False), (15, True), (11, False), (7, False), (4, True),
    (2, False),
)  # fmt: skip
"""Working hours that contracts have waited for legal, and whether finance has looked at them."""


def waiting() -> None:
    """Drafts whose approval runs and waits: begun through the doors, then dated back."""
    table, now = TYPES["contract"].table, clock.now()
    drafts = sql.rows(
        f"SELECT id, owner_id FROM {table} WHERE status = 'draft' AND deleted_at IS NULL AND owner_id IS NOT NULL ORDER BY id LIMIT %s",  # noqa: S608
        [len(WAIT)],
    )
    for (record, owner), (hours, looked) in zip(drafts, WAIT, strict=False):
        try:
            with transaction.atomic():
                made = begin(viewer(owner), Begin(PROCESS, record))
        except HeliError:
            continue  # a draft that lacks something is not begun with
        at = earlier(now, hours)
        Instance.objects.filter(pk=made).update(started_at=at)
        Happening.objects.filter(instance_id=made).update(at=at)
        for work in Work.objects.filter(instance_id=made).exclude(due_at=None):
            assert work.due_at is not None and work.opened_at is not None
            due = later(at, 9 * (work.due_at - work.opened_at).days)
            Work.objects.filter(pk=work.pk).update(opened_at=at, due_at=due)
        if looked:
            decide(made, "finance")


def decide(instance: int, node: str) -> None:
    """Whoever has this step approves it, if it is open."""
    open_ = (
        Work.objects.filter(instance_id=instance, state=Work.OPEN)
        .select_related("instance__version")
        .order_by("number")
    )
    work = next((one for one in open_ if library.definition(one.instance.version).nodes[one.node].id == node), None)
    if work is not None:
        deciding.decide(viewer(work.person_id), instance, work.number, Decision())


def _improved(process: Process, changed: dt.datetime) -> None:
    """What led to the second version stands in the improvement log."""
    by = Person.objects.get(username="xuwei").pk
    Improvement.objects.create(
        process=process, code="oftener", node="legal", title="法务不再攒着看合同", note="改为隔天集中看，每次看完；时限由 2 天缩短到 1 天。",
        evidence={"share": 0.31}, before=1, after=2, state=Improvement.DONE, by_id=by, at=changed - dt.timedelta(days=9), closed_at=changed,
    )  # fmt: skip


def _cases(now: dt.datetime) -> Iterator[_Case]:
    """A case for each contract of these days that is agreed on, in the order in which they came."""
    here = company.now()
    tree = here.world.tree
    table = TYPES["contract"].table
    found = sql.rows(
        f"SELECT id, owner_id, department_id, amount, created_at FROM {table} WHERE status IN ('signed', 'approved') AND deleted_at IS NULL "  # noqa: S608
        "AND owner_id IS NOT NULL AND amount IS NOT NULL ORDER BY created_at, id"
    )
    for record, owner, department, amount, at in found:
        began = store.moment(at)
        if began < now - dt.timedelta(days=DAYS):
            continue
        heads = (tree.nodes[one].head for one in tree.above(department)) if department is not None else iter(())
        head = next((one for one in heads if one is not None and one != owner), None)
        if head is not None:
            yield _Case(record, owner, head, int(amount), CALENDAR.after(began.astimezone(ZONE), dt.timedelta()))


def _people(code: str) -> list[int]:
    return list(
        Assignment.objects.filter(position__code=code, ends=None).order_by("pk").values_list("person_id", flat=True)
    )


def _run(cases: list[_Case], chance: Chance, changed: dt.datetime) -> None:
    """Let each go its way; what is begun anew is appended."""
    counsel, (finance, *_), (general, *_) = (
        _people("legal_counsel"),
        _people("finance_manager"),
        _people("managing_director"),
    )
    clerk, strict = _people("accountant")[0], Chance(SEED + 1)
    ill = (clock.today() - dt.timedelta(days=82)).toordinal()
    desks = [_Desk(one, n, range(ill, ill + 12) if n == 1 else range(0)) for n, one in enumerate(counsel)]
    money = _Desk(finance, 0, range(0))

    def legal(came: dt.datetime) -> tuple[_Desk, dt.datetime, dt.datetime]:
        desk = desks[chance.weighted(dict(enumerate((4, 5, 3)[: len(desks)])))]
        often, minutes = came >= changed, chance.between(6, 16)
        if desk is desks[1]:  # every day, one or two: so a fortnight's illness shows
            return desk, *desk.take(came, minutes, 1, 2)
        return desk, *desk.take(came, minutes, 2 if often else 3, 4 if often else 5)

    for case in cases:
        desk, seen, done = legal(case.began)
        if chance.happens(0.05):
            case.rows.append(_Row("legal", 1, desk.person, case.began, seen, done, "rejected", "end", chance.pick(WHY)))
            case.ended, case.state = done, Instance.REJECTED
            continue
        case.rows.append(_Row("legal", 1, desk.person, case.began, seen, done))
        joined = done
        if case.amount > LARGE:
            seen, done = money.take(case.began, chance.between(4, 10), 1, 9)
            if case.amount > LARGEST and not case.again and strict.happens(REFUSED):
                case.rows = [
                    one for one in case.rows if one.done <= done
                ]  # what others had of it is closed with the case
                case.rows.append(
                    _Row("finance", 1, finance, case.began, seen, done, "rejected", "end", strict.pick(TERMS))
                )
                case.ended, case.state = done, Instance.REJECTED
                cases.append(_Case(case.record, case.owner, case.head, case.amount, later(done, 18), again=True))
                continue
            case.rows.append(_Row("finance", 1, finance, case.began, seen, done))
            joined = max(joined, done)
        joined = _decide(
            case, chance, legal, "manager_first" if case.amount > LARGEST else "manager", case.head, joined, 6.0, 0.14
        )
        if case.amount > LARGEST:
            joined = _decide(case, chance, legal, "general", general, joined, 12.0, 0.08)
        seen = later(joined, 0.5 + chance.between(0, 40) / 10)
        case.ended = later(seen, 4 + chance.between(0, 180) / 10)
        case.rows.append(_Row("sign", 1, case.owner, joined, seen, case.ended))
        came = case.ended
        seen = later(came, 1 + chance.between(0, 30) / 10)
        case.ended = seen + dt.timedelta(minutes=chance.between(5, 20))
        case.rows.append(_Row("plan", 1, clerk, came, seen, case.ended))


def _decide(
    case: _Case, chance: Chance, legal: Legal, node: str, person: int, came: dt.datetime, hours: float, back: float
) -> dt.datetime:  # fmt: skip
    """Somebody decides, once or twice: what is sent back to legal comes back to who sent it. Returns when it is agreed on."""
    seen = later(came, chance.between(2, 20) / 10 * hours / 2)
    done = seen + dt.timedelta(minutes=chance.between(2, 14))
    if not chance.happens(back):
        case.rows.append(_Row(node, 1, person, came, seen, done))
        return done
    case.rows.append(_Row(node, 1, person, came, seen, done, "rejected", "legal", chance.pick(WHY)))
    round_ = 1 + sum(1 for one in case.rows if one.node == "legal")
    desk, again, settled = legal(done)
    case.rows.append(_Row("legal", round_, desk.person, done, again, settled))
    seen = later(settled, chance.between(2, 12) / 10)
    agreed = seen + dt.timedelta(minutes=chance.between(2, 8))
    case.rows.append(_Row(node, 2, person, settled, seen, agreed))
    return agreed


def _write(cases: Sequence[_Case], version: Version) -> None:
    definition = library.definition(version)
    made = Instance.objects.bulk_create(
        Instance(
            version=version, process_code=PROCESS, type="contract", record_id=one.record, initiator_id=one.owner, state=one.state,
            step=len(one.rows) + 1, standing=store.dump(_standing(one, definition)), data={},
            started_at=one.began, ended_at=one.ended,
        )
        for one in cases
    )  # fmt: skip
    works: list[tuple[object, ...]] = []
    told: list[tuple[object, ...]] = []
    for row, case in zip(made, cases, strict=True):
        works += _works(row.pk, case, definition)
        told += _told(row.pk, case, definition)
    bulk.insert("flows_work", (*store.WORK, "seen_at"), works)
    bulk.insert(
        "flows_happening",
        ("instance_id", "step", "at", "what", "node", "round", "person_id", "acting_for", "outcome", "text", "text_en"),
        told,
    )


def _standing(case: _Case, definition: Definition) -> State:
    """Where it ended: with the steps that it passed, of which one that says no is none."""
    state = State(case.owner, len(case.rows) + 1, ended=Ended(case.state), clock=len(case.rows))
    for at, one in enumerate(sorted(case.rows, key=lambda one: one.done), start=1):
        if one.outcome == "approved":
            state.passed[definition.places[one.node]] = Passed(at, (one.person,), at)
    if case.state == Instance.COMPLETED:
        state.clock += 1
        state.passed[definition.places[TOLD]] = Passed(state.clock, (), state.clock)
    return state


def _works(instance: int, case: _Case, definition: Definition) -> Iterator[tuple[object, ...]]:
    for number, one in enumerate(sorted(case.rows, key=lambda one: (one.opened, one.node)), start=1):
        place = definition.places[one.node]
        task = definition.nodes[place].task
        span = duration(task.within) if task is not None and task.within else None
        due = CALENDAR.after(one.opened.astimezone(ZONE), span) if span is not None else None
        yield (
            instance, number, number, place, one.round, one.person, "done", one.outcome, None, False, True, "1", None, None, one.person, one.text,
            sql.bind(one.opened), sql.bind(due), None, sql.bind(one.done), sql.bind(one.seen),
        )  # fmt: skip


def _told(instance: int, case: _Case, definition: Definition) -> Iterator[tuple[object, ...]]:
    step = 1

    def row(
        at: dt.datetime,
        what: str,
        node: str | None,
        round_: int | None,
        person: int | None,
        outcome: str,
        text: str = "",
    ) -> tuple[object, ...]:
        place = definition.places[node] if node is not None else None
        return (instance, step, sql.bind(at), what, place, round_, person, None, outcome, text, "")

    yield row(case.began, "begun", None, None, case.owner, "")
    for one in sorted(case.rows, key=lambda one: one.done):
        step += 1
        back = one.outcome == "rejected"
        yield row(one.done, "reject" if back else "approve", one.node, one.round, one.person, one.back, one.text)
        yield row(one.done, "done", one.node, one.round, one.person, one.outcome)
    assert case.ended is not None
    if case.state == Instance.COMPLETED:
        yield row(case.ended, "done", TOLD, 1, None, "told")
    yield row(case.ended, "ended", None, None, None, case.state)
