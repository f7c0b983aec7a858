"""Lists: what waits for somebody, what they did, began and were told of, and what runs for a record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Coalesce

from heli.access.viewer import Viewer
from heli.flows import library, matters, rights, store, usual
from heli.flows.finding import may_administer
from heli.flows.models import Copied, Instance, Version, Work
from heli.kernel import clock, quick

_RUNNING = "type = %s AND record_id <> '' AND parent_id IS NULL AND state = 'running'"
"""As the index says it that keeps a process from running twice for a record."""
MOST_STEPS = 300
"""Steps of versions at which somebody's work is looked at for what is usual there."""
PRESSING = (Coalesce("due_at", "opened_at"), "opened_at", "pk")
SCOPES = ("begun", "done", "copied", "all", "running", "halted")


def open_work(viewer: Viewer) -> QuerySet[Work]:
    """Open work of mine and of those for whom I stand in, oldest first; a token has none."""
    person = 0 if viewer.role else viewer.person or 0
    rows = (
        Work.objects.filter(state=Work.OPEN)
        .select_related("instance__version__process")
        .defer("instance__version__source")
    )
    wanted = Q(person_id=person)
    for principal, flows in rights.principals(person).items():
        theirs = (
            Q(person_id=principal) & ~Q(instance__initiator_id=person) & ~Q(instance__type__in=list(matters.MATTERS))
        )
        wanted |= theirs if "" in flows else theirs & Q(instance__process_code__in=flows)
    return rows.filter(wanted).order_by("opened_at", "pk")


def to_do(viewer: Viewer) -> QuerySet[Work]:
    """The same, but for work whose record is deleted: nobody can do it until that is restored, and then it is here again."""
    gone = Q(instance__halted=True) & Q(instance__standing__contains=store.NONE_STANDS_STILL)
    return open_work(viewer).exclude(gone)


def pressing(rows: QuerySet[Work]) -> QuerySet[Work]:
    """What is due soonest first; work without a time limit stands where it came, before what is due only later."""
    return rows.order_by(*PRESSING)


def foremost(viewer: Viewer, most: int, beside: Callable[[], int]) -> list[Work]:
    """So much of it as a page holds, what presses most first: where there is more than that, what is late is there before all the rest,
    however far its time limit lies or however old that is which has none. ``beside``: for how much more there is room then."""
    rows = list(pressing(to_do(viewer))[: most + 1])
    if len(rows) <= most:
        return rows
    whole = to_do(viewer)
    first = whole.annotate(rest=Case(When(_late(whole), then=0), default=1)).order_by("rest", *PRESSING)
    return list(first[: most + beside()])


def _late(rows: QuerySet[Work]) -> Q:
    """What of these is past its time, or has waited longer than its step usually takes."""
    now = clock.now()
    late = Q(due_at__lt=now)
    at = rows.order_by().values_list("instance__version_id", "node").distinct()[:MOST_STEPS]
    nodes: dict[int, list[int]] = {}
    for version, node in at:
        nodes.setdefault(version, []).append(node)
    for one in Version.objects.select_related("process").defer("source").filter(pk__in=nodes):
        usually, steps = usual.usual(one.process_id), library.definition(one).nodes
        for node in nodes[one.pk]:
            within = usually.get(steps[node].id)
            if within is not None:
                late |= Q(instance__version_id=one.pk, node=node, opened_at__lt=now - timedelta(seconds=within))
    return late


def elsewhere(work: Work) -> bool:
    """Whether it is a step of a matter that has a queue of its own."""
    row = work.instance
    return row.type in matters.MATTERS and matters.queued(row.type, library.definition(row.version).nodes[work.node])


def instances(viewer: Viewer, scope: str, process: str = "") -> QuerySet[Instance]:
    """Instances by how they concern somebody, newest first. ``all``, ``running`` and ``halted`` are for who looks after processes: nobody else's."""
    person = viewer.person or 0
    rows = Instance.objects.select_related("version__process").defer("version__source").order_by("-pk")
    if process:
        rows = rows.filter(process_code=process)
    match scope:
        case "begun":
            return rows.filter(initiator_id=person, parent=None, hidden=False)
        case "done" if not viewer.role:
            return rows.filter(
                pk__in=Work.objects.filter(Q(person_id=person) | Q(done_by=person), state=Work.DONE).values(
                    "instance_id"
                )
            )
        case "copied" if not viewer.role:
            return rows.filter(pk__in=Copied.objects.filter(person_id=person).values("instance_id"))
    if not may_administer(viewer.view):
        return rows.none()
    rows = rows.filter(hidden=False)
    if scope == "running":
        return rows.filter(state=Instance.RUNNING, parent=None)
    return rows.filter(halted=True) if scope == "halted" else rows.filter(parent=None)


def about(type_: str) -> QuerySet[Instance]:
    """Cases about such matters, newest first; of each the caller asks whether the viewer may know of it."""
    rows = Instance.objects.filter(type=type_, parent=None).select_related("version__process")
    return rows.defer("version__source").order_by("-pk")


def of_record(type_: str, record: str) -> Sequence[Instance]:
    """What has run for a record, newest first; the caller has asked whether the record is seen."""
    rows = (
        Instance.objects.filter(type=type_, record_id=record, part="")
        .select_related("version__process")
        .defer("version__source")
    )
    return list(rows.order_by("-pk")[:50])


def running_for(type_: str, records: Sequence[str]) -> tuple[int, int]:
    """Of these records how many have a case that runs, and how many run for them: counted by the database. Cases below others are not
    counted: that they were begun tells the way of those above. The caller has asked which records are seen."""
    if not records:
        return 0, 0
    marks = ", ".join(["%s"] * len(records))
    text = f"SELECT COUNT(DISTINCT record_id), COUNT(*) FROM flows_instance WHERE {_RUNNING} AND record_id IN ({marks})"  # noqa: S608
    ((some, cases),) = quick.rows(text, [type_, *records])
    return some, cases


def running(type_: str, records: Sequence[str]) -> set[str]:
    """Those of these records for which a process runs."""
    rows = Instance.objects.filter(type=type_, record_id__in=records, state=Instance.RUNNING)
    return set(rows.values_list("record_id", flat=True)) if records else set()
