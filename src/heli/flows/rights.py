"""What processes give: a node's grant to who holds its work, and what a process does by itself.

A node's lines are given once, at publication, to everyone, in a scope that only work at this node reaches: opening work is one reach
row and moves no epoch, closing it takes the row away, and the right is gone at the next question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from heli.access import grants
from heli.access import view as views
from heli.access.core.line import Source
from heli.access.models import Grant, Reach
from heli.access.rules import parse_lines
from heli.access.scopes import Carrier
from heli.access.viewer import Viewer
from heli.flows import acts, library, matters
from heli.flows.core.definition import COPY_LASTS, Definition, Does, Kind, Node, Subject
from heli.flows.core.duration import duration
from heli.flows.models import Instance, Version, Work
from heli.insight import company
from heli.kernel import clock, quick
from heli.kernel.actor import Actor
from heli.kernel.quick import Row, Statement
from heli.kernel.words import Words
from heli.org.models import Deputy
from heli.org.tree import valid
from heli.records import sql
from heli.records.types import TYPES, ObjectType
from heli.records.work import Work as Act

ITSELF = Words("流程{process} #{number}", "process {process} #{number}")
STEP = Words("{process} · {node}", "{process}, {node}")
WORK = "work:{pk}:{number}"
"""The source of the reach rows of one piece of work."""
COPIES = "copy:"
COPY = COPIES + "{pk}:{place}"
"""The same of whom a node tells."""


def tag(version: int, place: int) -> str:
    """What the scope of a node's lines names."""
    return f"v{version}.{place}"


def told(tag: str) -> Words:
    """What the step of a tag is called: the process and the node."""
    return step_of(tag)[0]


def step_of(tag: str) -> tuple[Words, bool]:
    """The same, and whether it is one that copies the case to people."""
    number, _, place = tag.removeprefix("v").partition(".")
    version = (
        Version.objects.select_related("process").defer("source").filter(pk=int(number)).first()
        if number.isdecimal()
        else None
    )
    if version is None:
        return views.AT_A_NODE, False
    node = library.definition(version).nodes[int(place)]
    return STEP.fill(process=version.process.words, node=node.words), node.kind is Kind.SEND


def lines_of_node(kind: ObjectType, node: Node, tag: str) -> list[dict[str, Any]]:
    """The permission lines of a user task: its form's cells, on the record that its work is about. Of a copy what it shows to whom it
    tells, where it says so."""
    task = node.task
    if task is None or (node.kind is not Kind.USER and not (node.kind is Kind.SEND and task.form.show)):
        return []
    scope = [f"workitem:{tag}"]
    shown = {"*": "hidden", **dict.fromkeys(task.form.show, "read")}
    made: list[dict[str, Any]] = [{"type": kind.code, "actions": ["read"], "scope": scope, "read": shown}]
    if task.form.edit and node.kind is Kind.USER:
        made.append({"type": kind.code, "actions": ["edit"], "scope": scope, "write": list(task.form.edit)})
    return made


def lines_of_act(kind: ObjectType, node: Node, tag: str, subject: Subject | None) -> list[dict[str, Any]]:
    """The lines of what a user task does with its record. Nobody holds it: it is there in the decision that approves the node
    (``deciding``), so that no signer does alone, early or with other parameters what the node does when all have signed."""
    if node.task is None or node.does is None:
        return []
    return acts.lines(kind, node.does, subject, [f"workitem:{tag}"])


def part_of(node: Node) -> str:
    """As what a node makes somebody part of a project: whoever approves it, or whom it gives a project that it makes."""
    if node.task is not None and node.task.joins:
        return node.task.joins
    makes = node.does is not None and node.does.verb == acts.CREATE and node.does.type == acts.PROJECT
    return acts.LEAD if makes and node.does is not None and acts.HOLDER in node.does.gives else ""


def lines_of_part(role: str) -> list[dict[str, Any]]:
    """What this part in a project, whichever it is, brings at most: the lines of what is granted to it, now or later, also in one alone."""
    if not role:
        return []
    given = Grant.objects.filter(
        Q(ends=None) | Q(ends__gt=clock.now()), Q(subject_id=role) | Q(subject_id__endswith=f":{role}"),
        subject_kind=Grant.PROJECT_ROLE, revoked_at=None,
    ).select_related("role")  # fmt: skip
    open_ = [one for one in given.order_by("pk") if one.role is None or one.role.closed_at is None]
    return [line for one in open_ for line in (one.role.lines if one.role is not None else one.lines) or []]


def deciding(viewer: Viewer, row: Instance, kind: ObjectType, node: Node, place: int) -> Viewer:
    """Who decides a node, with its verb for this one act."""
    view = viewer.view
    if view is None or view.asked is None:
        return viewer
    at = tag(row.version_id, place)
    source = Source(0, "", told(at), 0, views.AT_WORK)
    subject = library.definition(row.version).subject
    more = [
        views.hold(one, source, view.asked, Carrier(department=view.home))
        for one in parse_lines(lines_of_act(kind, node, at, subject))
    ]
    return replace(viewer, view=view.with_lines([*view.lines, *more]))


def attaching(viewer: Viewer, row: Instance, kind: ObjectType, place: int) -> Act:
    """Who has this work, as who may add a file to its record for whom it is handed over to: with this for one file, and within their
    ceilings. It writes no field."""
    view = viewer.view
    if view is None or view.asked is None:
        return Act.begin(viewer, kind)
    at = tag(row.version_id, place)
    source = Source(0, "", told(at), 0, views.AT_WORK)
    line = {"type": kind.code, "actions": ["edit"], "scope": [f"workitem:{at}"], "write": [next(iter(kind.fields))]}
    more = [views.hold(one, source, view.asked, Carrier(department=view.home)) for one in parse_lines([line])]
    return Act.begin(replace(viewer, view=view.with_lines([*view.lines, *more])), kind)


def lines_of_process(kind: ObjectType, definition: Definition) -> list[dict[str, Any]]:
    """What the process itself may do with its record: read what its conditions name, and the verbs of its services and ends."""
    named = sorted(
        {name.split(".")[1] for name in definition.named if name.startswith("record.") and name != "record.id"}
    )
    shown = {"*": "hidden", **dict.fromkeys(named, "read")}
    made: list[dict[str, Any]] = [{"type": kind.code, "actions": ["read"], "scope": ["all"], "read": shown}]
    does = [node.does for node in definition.nodes if node.kind in (Kind.SERVICE, Kind.SEND) and node.does is not None]
    subject = definition.subject
    if subject is not None:
        begins = subject.begins if definition.by_itself else ""
        does += [Does(verb) for verb in (begins, subject.rejected, subject.withdrawn) if verb]
    return made + [line for one in does for line in acts.lines(kind, one, subject, ["all"])]


def give(by: Actor, version: Version, definition: Definition) -> None:
    """Give every node's lines, in the transaction that publishes."""
    kind = TYPES.get(definition.subject.type) if definition.subject is not None else None
    if kind is None:
        return
    made = [
        line
        for place, node in enumerate(definition.nodes)
        for line in lines_of_node(kind, node, tag(version.pk, place))
    ]
    if made:
        grants.grant_lines(by, made, Grant.EVERYONE, source=f"flow:{version.pk}")


def take(version: int) -> None:
    """Take a version's lines away: nothing runs by it any more."""
    grants.end_source(f"flow:{version}")


_REACH = (
    "INSERT INTO access_reach (person_id, type, via, record_id, kind, line, source, until) VALUES (%s, %s, 'id', %s, 'workitem', %s, %s, %s) "
    "ON CONFLICT (person_id, type, via, record_id, kind, line, source) DO UPDATE SET until = excluded.until"
)


def opening(
    row: Instance, node: int, number: int, person: int, known: Standing | None = None
) -> tuple[list[int], list[Statement]]:
    """Let who has this work, and whoever stands in for them, reach the record by the node's lines: these people, and what is to be run.
    Who began it stands in for nobody here."""
    theirs = {
        person: None,
        **dict(deputies(person, row, known)),
    }  # each once: a deputy in this process and in all is one
    found: list[Statement] = []
    if row.record_id and row.type in TYPES:
        line, source = tag(row.version_id, node), WORK.format(pk=row.pk, number=number)
        found = [
            (_REACH, [who, row.type, row.record_id, line, source, sql.bind(until)]) for who, until in theirs.items()
        ]
    return list(theirs), found


def copied(row: Instance, place: int, node: Node, people: Iterable[int]) -> None:
    """Let those whom a copy tells read what it shows, for as long as it says; whoever is told anew anew."""
    if node.kind is not Kind.SEND or node.task is None or not node.task.form.show or row.type not in TYPES:
        return
    line, source = tag(row.version_id, place), COPY.format(pk=row.pk, place=place)
    until = clock.now() + (duration(node.task.form.lasts) or COPY_LASTS)
    for who in people:
        sql.execute(_REACH, [who, row.type, row.record_id, line, source, sql.bind(until)])


def shown_by(row: Instance, person: int) -> tuple[int, int, datetime] | None:
    """The copy by which somebody reads something now: its version and node, and until when; None where there is none."""
    found = Reach.objects.filter(person_id=person, source__startswith=COPY.format(pk=row.pk, place=""), kind="workitem")
    one = found.filter(until__gt=clock.now()).order_by("-until").first()
    if one is None or one.until is None:
        return None
    version, _, place = one.line.removeprefix("v").partition(".")
    return int(version), int(place), one.until


def still_shown(versions: Iterable[int]) -> set[int]:
    """Those of the versions whose copies still show somebody something. Beside copies, what deputies reach ends at a moment; their work is
    that of running cases, whose versions nobody asks about here: so it is all in one index, and no row is read."""
    live = Reach.objects.filter(kind="workitem", until__gt=clock.now())
    lines = live.order_by().values_list("line", flat=True).distinct()
    return {int(one.removeprefix("v").partition(".")[0]) for one in lines} & set(versions)


def forget() -> int:
    """Take away what copies have shown for long enough: found by their moments, however much else is reached. Returns how many rows."""
    return run_out().delete()[0]


def run_out() -> QuerySet[Reach]:
    """What copies have shown for long enough."""
    return Reach.objects.filter(kind="workitem", source__startswith=COPIES, until__lte=clock.now())


def closing(row: Instance, numbers: Iterable[int]) -> list[Statement]:
    """What ends what this work gave."""
    sources = [WORK.format(pk=row.pk, number=number) for number in numbers]
    if not sources or not row.record_id or row.type not in TYPES:
        return []
    marks = ",".join(["%s"] * len(sources))
    return [(f"DELETE FROM access_reach WHERE source IN ({marks})", sources)]  # noqa: S608


_DEPUTIES = "SELECT deputy_id, ends FROM org_deputy WHERE principal_id=%s AND starts<=%s AND (ends IS NULL OR ends>%s) AND flow IN ('', %s)"


type Standing = Mapping[int, Sequence[tuple[int, Any, str]]]
"""By whom they stand in for: deputies, until when (as the database keeps it) and in which process ("" for all)."""
MOST_STANDING = 64
"""Deputies of all people that are asked for beside other things: where there are more, each person's are asked for by themselves."""
_STANDING = (
    "SELECT principal_id, deputy_id, ends, flow FROM org_deputy WHERE starts<=%s AND (ends IS NULL OR ends>%s) LIMIT %s"
)


def standing() -> Statement:
    """What asks for all who stand in for somebody now, to be run beside other statements; see ``stand``."""
    now = sql.bind(clock.now())
    return _STANDING, [now, now, MOST_STANDING + 1]


def stand(found: Sequence[Row]) -> Standing | None:
    """What ``standing`` asked for; None where there are too many to have been told of all."""
    if len(found) > MOST_STANDING:
        return None
    known: dict[int, list[tuple[int, Any, str]]] = {}
    for principal, *one in found:
        known.setdefault(principal, []).append((one[0], one[1], one[2]))
    return known


def deputies(principal: int, row: Instance, known: Standing | None = None) -> list[tuple[int, Any]]:
    """Who stands in for somebody now, in this process or in all, and until when (as the database keeps it); not who began it. Where it
    is about a matter, such as somebody's rights, nobody does. ``known``: all who stand in for anybody, where that is known."""
    if row.type in matters.MATTERS:
        return []
    if known is not None:
        found = [(who, until) for who, until, flow in known.get(principal, ()) if flow in ("", row.process_code)]
    else:
        now = sql.bind(clock.now())
        found = [(who, until) for who, until in quick.rows(_DEPUTIES, [principal, now, now, row.process_code])]
    return [(who, until) for who, until in found if who != row.initiator_id]


class StandIns:
    """Who stands in for these people now, to be told beside them."""

    def __init__(self, people: Collection[int]) -> None:
        found = (
            Deputy.objects.filter(valid(clock.now()), principal_id__in=set(people)) if people else Deputy.objects.none()
        )
        self._known: dict[int, list[tuple[int, Any, str]]] = {}
        for one in found.order_by("pk"):
            self._known.setdefault(one.principal_id, []).append((one.deputy_id, one.ends, one.flow))

    @property
    def people(self) -> set[int]:
        """All of them."""
        return {who for some in self._known.values() for who, _, _ in some}

    def of(self, principals_: Iterable[int], row: Instance) -> list[int]:
        """Those for any of these in this case, each once."""
        found = (who for one in principals_ for who, _ in deputies(one, row, self._known))
        return list(dict.fromkeys(found))


def principals(deputy: int) -> dict[int, set[str]]:
    """For whom somebody stands in now, and in which processes ("" for all)."""
    found: dict[int, set[str]] = {}
    for principal, flow in Deputy.objects.filter(valid(clock.now()), deputy_id=deputy).values_list(
        "principal_id", "flow"
    ):
        found.setdefault(principal, set()).add(flow)
    return found


def stood_in_for(deputy: int, process: str) -> frozenset[int]:
    """For whom somebody stands in now in cases of this process."""
    return frozenset(one for one, flows in principals(deputy).items() if flows & {"", process})


def follow_deputies(principal: int) -> None:
    """Somebody's deputies have changed: let them reach what the principal's open work lets reach, and nobody else. The work is
    locked: what is closed meanwhile gives nothing any more."""
    open_ = (
        Work.objects.filter(person_id=principal, state=Work.OPEN, granted=True)
        .select_related("instance")
        .order_by("pk")
    )
    for one in open_.select_for_update(of=("self",)):
        row = one.instance
        if row.record_id and row.type in TYPES:
            source = WORK.format(pk=row.pk, number=one.number)
            Reach.objects.filter(source=source).exclude(person_id=principal).delete()
            for deputy, until in deputies(principal, row):
                line = tag(row.version_id, one.node)
                sql.execute(_REACH, [deputy, row.type, row.record_id, line, source, sql.bind(until)])


def begun(since: timedelta) -> int:
    """Let those reach it whose time as deputies has begun within this time, and nobody any more whose time has ended in it: a step that was
    on its way when it was ended early knew of them. Returns for how many principals."""
    now = clock.now()
    lately = Q(starts__gt=now - since, starts__lte=now) | Q(ends__gt=now - since, ends__lte=now)
    principals_ = sorted(set(Deputy.objects.filter(lately).values_list("principal_id", flat=True)))
    for one in principals_:
        follow_deputies(one)
    return len(principals_)


def itself(row: Instance, definition: Definition) -> Viewer:
    """The process as who acts: it holds its own lines, under the company's ceilings for programs, and nothing else."""
    kind = TYPES[row.type]
    at = ITSELF.fill(process=row.version.process.words, number=row.pk)
    source = Source(0, f"flow:{row.process_code}", at, row.version_id, Words("流程自己", "the process itself"))
    lines = parse_lines(lines_of_process(kind, definition))
    view = views.for_program(lines, source, company.now().world)
    return Viewer(
        None,
        f"flow:{row.process_code}",
        at.zh,
        "service",
        Actor(None, at.zh, "flow", via=f"flow:{row.version_id}"),
        view,
    )
