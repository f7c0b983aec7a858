"""Steps of processes that nobody could do, in a company as it is or as a change would leave it: dead corners of a simulation.

Cases differ in who began them, whose record they are about and where that belongs, so a step's rules are asked for everybody as all
of these. A person whom the record or the case names, or the initiator chooses, may always be somebody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from heli.access import view as views
from heli.access.core.line import Source
from heli.access.rules import parse_lines
from heli.access.scopes import Carrier
from heli.flows import finding, library, matters, rights
from heli.flows.core.definition import Assignee, Definition, Kind, Node, Subject
from heli.flows.looking import Looking
from heli.flows.models import Instance, Process, Version
from heli.insight.company import Company
from heli.kernel.words import Words
from heli.org.models import Person
from heli.policy.simulate import corners
from heli.policy.simulate.corners import Corner
from heli.records.types import TYPES, ObjectType

BEGINS = Words("没有人能发起流程「{process}」", "nobody can begin the process “{process}”")
NOBODY = Words(
    "没有人能处理流程「{process}」的步骤「{node}」：{then}",
    "nobody can do the step “{node}” of the process “{process}”: {then}",
)
PARTLY = Words(
    "{n} 人发起或负责的事情，到流程「{process}」的步骤「{node}」找不到处理人：{then}",
    "of what {n} people begin or own, nobody is found for the step “{node}” of the process “{process}”: {then}",
)
BARRED = Words(
    "没有人能处理流程「{process}」的步骤「{node}」：找得到的人都被上限挡住",
    "nobody can do the step “{node}” of the process “{process}”: ceilings bar all whom it finds",
)
THEN: Mapping[str, Words] = {
    "skip": Words("会被跳过", "it would be passed over"),
    "manager": Words("会改交发起人的上级", "it would go to the manager of who began it"),
    "administrator": Words("会改交流程管理员", "it would go to who looks after processes"),
    "stop": Words("事情会停在这里", "the case would stand still there"),
}
OLD = Words("{process}（版本 {n}，还有进行中的）", "{process} (version {n}, still running)")
BEGIN = "begin"
MOST_TRIED = 20
"""People of one step who are looked at for whether a ceiling bars what it gives them."""


class _Anybody(finding.Finder):
    """Finds the people of a node for a case of which nothing is known but one person: who began it, owns its record, did the
    node before."""

    def _of(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        return [self.initiator]

    def _departments(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        if given.get("department"):
            return super()._departments(given, previous)
        return [self.company.homes[self.initiator]] if self.initiator in self.company.homes else []

    def _rule(self, node: Node, one: Assignee, previous: list[int]) -> list[int]:
        if one.rule == "project":
            return [m.person for some in self.company.parts.values() for m in some if m.role == one.given["role"]]
        return super()._rule(node, one, previous)

    def _turn(self, node: Node, given: Mapping[str, str], previous: list[int]) -> list[int]:
        return self._below(given, previous)

    def _field(self, code: str) -> list[int]:
        return [self.initiator]

    def _data(self, name: str) -> list[int]:
        return [self.initiator]

    def _matter(self, node: Node) -> list[int]:
        return [self.initiator]

    def _chosen(self, node: Node, given: Mapping[str, str], previous: list[int]) -> list[int]:
        found = finding.holders(self.company, given["role"]) if given.get("role") else list(self.company.world.people)
        if given.get("department"):
            tree = self.company.world.tree
            below = {d for root in self._departments(given, previous) for d in tree.below(root)}
            found = [one for one in found if any(post.department in below for post in self.company.posts.get(one, ()))]
        return found

    def here(self, node: Node) -> list[int]:
        """Whom the node's own rules find."""
        assert node.task is not None
        return self._here(who for rule in node.task.assignees for who in self._rule(node, rule, []))


def found(company: corners.Company, able: Collection[tuple[str, str]]) -> Iterator[Corner]:
    """Dead corners of the processes that can be begun or still run. ``able``: what anybody at all can do, by object type."""
    running = _running()
    if not running:
        return
    here = Company(company.world, company.moment)
    for version, current in running:
        process, definition = version.process, library.definition(version)
        words = process.words if current else OLD.fill(process=process.words, n=version.number)
        mark = "" if current else f"v{version.number} "
        subject = definition.subject
        if (
            current
            and subject is not None
            and not begins_itself(definition)
            and (subject.type, subject.right) not in able
        ):
            yield Corner(corners.NODE, process.code, BEGIN, words=BEGINS.fill(process=words))
        for node in definition.nodes:
            if node.kind is Kind.USER:
                yield from _node(here, process.code, words, mark, definition, node)


def begins_itself(definition: Definition) -> bool:
    """Whether something else than a person's choice begins its cases."""
    return definition.by_itself or matters.of(definition) is not None


def _running() -> list[tuple[Version, bool]]:
    """Versions by which cases begin now, and others by which some still run."""
    current = set(Process.objects.filter(closed_at=None).exclude(current=None).values_list("current_id", flat=True))
    open_ = set(Instance.objects.filter(state=Instance.RUNNING).values_list("version_id", flat=True).distinct())
    rows = Version.objects.filter(pk__in=current | open_).select_related("process").defer("source").order_by("pk")
    return [(one, one.pk in current) for one in rows]


def _node(here: Company, code: str, process: Words, mark: str, definition: Definition, node: Node) -> Iterator[Corner]:
    told = {"process": process, "node": node.words, "then": THEN[_then(here, node)]}
    doers, without = _doers(here, node)
    if not doers:
        yield Corner(corners.NODE, code, f"{mark}{node.id}", words=NOBODY.fill(**told))
        return
    subject = definition.subject
    kind = TYPES.get(subject.type) if subject is not None else None
    if (
        kind is not None
        and subject is not None
        and not any(_may(here, one, kind, node, subject) for one in sorted(doers)[:MOST_TRIED])
    ):
        yield Corner(corners.NODE, code, f"{mark}{node.id}", words=BARRED.fill(**told))
    elif without:
        words = PARTLY.fill(**told, n=f"{without:,}")
        yield Corner(corners.NODE_PARTLY, code, f"{mark}{node.id}", without, words=words)


def _then(here: Company, node: Node) -> str:
    """What becomes of the step where nobody is found."""
    assert node.task is not None
    empty = node.task.empty
    return "stop" if empty == "administrator" and not finding.administrators(here) else empty


def _doers(here: Company, node: Node) -> tuple[set[int], int]:
    """Everybody whom the node's rules find in some case, and for how many people's cases they find nobody."""
    assert node.task is not None
    lines = any(rule.rule == "manager" for rule in node.task.assignees)
    known: dict[object, list[int]] = {}
    doers: set[int] = set()
    without = 0
    for person in here.world.people.values():
        if person.kind == Person.SERVICE:
            continue
        alike: object = ("person", person.id) if lines else here.homes.get(person.id)
        some = known.get(alike)
        if some is None:
            some = known[alike] = _Anybody(_NO_CASE, person.id, here).here(node)
            doers.update(some)
        without += not some
    return doers, without


_NO_CASE: Looking = None  # type: ignore[assignment]  # nothing that is asked of anybody looks at a case


def _may(here: Company, person: int, kind: ObjectType, node: Node, subject: Subject) -> bool:
    """Whether who gets this work may do what it takes, under the ceilings on them."""
    view = here.view(person)
    if view.asked is None:
        return False
    lines = parse_lines([*rights.lines_of_node(kind, node, "0"), *rights.lines_of_act(kind, node, "0", subject)])
    source, carrier = Source(0, "", Words("", ""), 0, views.AT_WORK), Carrier(department=view.home)
    held = view.with_lines([*view.lines, *(views.hold(one, source, view.asked, carrier) for one in lines)])
    wanted: Iterable[tuple[str, str]] = {(one.type, action) for one in lines for action in one.actions}
    return all(held.may(type_, action) for type_, action in wanted)


def attach() -> None:
    """Be asked by every simulation."""
    if found not in corners.elsewhere:
        corners.elsewhere.append(found)
