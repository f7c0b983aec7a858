"""Who does a node: its rules asked of the organisation as it is at this moment. No query but for the record, and for whom somebody who
has left reported to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count

from heli.access.view import View
from heli.flows import matters
from heli.flows.core.definition import CHOSEN, Assignee, Kind, Mode, Node
from heli.flows.looking import DATA, RECORD, Looking
from heli.flows.models import Work
from heli.insight import company
from heli.insight.company import Company
from heli.kernel import clock
from heli.org.models import Person, ReportingLine
from heli.org.tree import Node as Department

MOST_FOUND = 500
"""People of one node."""
TURN = timedelta(days=30)
"""How far back it is counted whose turn it is."""
NOBODY = Node("", Kind.USER, "")
"""A node for rules that are asked by themselves."""
MOST_UP = 50
"""Managers that are looked at going up."""
ENOUGH = (Mode.ANY, Mode.CLAIM)
"""Where one of those who have a step is enough."""
NAMING = ("person", "field", "data", "chosen")
"""Rules that name somebody, whether they are still here or not."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a node's rules find, in their order."""

    people: list[int]
    skip: bool = False
    """Nobody is needed, because the only one would be who began it."""
    instead: Sequence[tuple[int, int]] = ()
    """Who has left, and who signs in their place."""


class Rules(ABC):
    """The rules of who does a node, asked for somebody who begins it: what they say of the organisation alone. What they say of a
    case (its record, its data, who did the node before) is asked of who knows one."""

    def __init__(self, initiator: int, company: Company) -> None:
        self.initiator = initiator
        self.company = company

    def _here(self, people: Iterable[int | None]) -> list[int]:
        """Those who have not left, each once."""
        known = self.company.world.people
        return [
            one for one in dict.fromkeys(people) if one is not None and one in known and known[one].kind != Person.SERVICE
        ]  # fmt: skip

    def _rule(self, node: Node, one: Assignee, previous: list[int]) -> list[int]:
        given = one.given
        match one.rule:
            case "person":
                return self._person(given["person"])
            case "initiator":
                return [self.initiator]
            case "field":
                return self._field(given["field"])
            case "data":
                return self._data(given["name"])
            case "matter":
                return self._matter(node)
            case "manager":
                return [m for who in self._of(given, previous) for m in self._up(who, int(given.get("levels", "1")))]
            case "position":
                return self._position(given, previous)
            case "head":
                return [
                    one for d in self._departments(given, previous) for one in self._first(d, lambda node: node.head)
                ]
            case "leader":
                return [
                    one
                    for d in self._departments(given, previous)
                    for one in self._first(d, lambda node: node.overseer)
                ]
            case "turn":
                return self._turn(node, given, previous)
            case "project":
                return self._project(given["role"])
            case "role":
                return holders(self.company, given["role"])
            case "chosen":
                return self._chosen(node, given, previous)
        return []

    def _up(self, person: int, levels: int) -> list[int]:
        """The manager so many levels up who is at work; where one is not, the next above. Who has nobody above has nobody."""
        here, seen = person, {person}
        for _ in range(MOST_UP):
            above = self.company.managers_of.get(here, ())
            if not above or above[0] in seen:
                return []
            here = above[0]
            seen.add(here)
            levels -= 1
            if levels <= 0 and self._here([here]):
                return [here]
        return []

    def _departments(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """The departments that a rule means: a named one, or somebody's own."""
        if given.get("department"):
            return [one.id for one in self.company.world.tree.nodes.values() if one.code == given["department"]]
        homes = self.company.homes
        return [homes[who] for who in self._of(given, previous) if who in homes]

    def _first(self, department: int, which: Which) -> list[int]:
        """Whom a department names so, else the nearest above that names one who is here."""
        tree = self.company.world.tree
        for one in tree.above(department):
            found = self._here([which(tree.nodes[one])])
            if found:
                return found
        return []

    def _position(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Who holds a position: in the company, or in the department meant, else the nearest above where it is held."""
        position = self.company.world.position_codes.get(given["position"])
        if position is None:
            return []
        if not given.get("department") and not given.get("of"):
            return [post.person for post in self.company.posts_at.get(position, ())]
        found: list[int] = []
        for department in self._departments(given, previous):
            for one in self.company.world.tree.above(department):
                here = self._here(self._posted(position, one))
                if here:
                    found += here
                    break
        return found

    def _posted(self, position: int, department: int) -> list[int]:
        """Who holds a position in this very department: by department, of which a company has more than of positions."""
        return [post.person for post in self.company.posts_in.get(department, ()) if post.position == position]

    def _below(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Who holds a position in the departments meant, or below."""
        position = self.company.world.position_codes.get(given["position"])
        if position is None:
            return []
        if not given.get("department") and not given.get("of"):
            return sorted(set(self._here(post.person for post in self.company.posts_at.get(position, ()))))
        tree = self.company.world.tree
        below = {d for root in self._departments(given, previous) for d in tree.below(root)}
        return sorted({one for d in below for one in self._here(self._posted(position, d))})

    def _person(self, username: str) -> list[int]:
        return [p.id for p in self.company.world.people.values() if p.username == username]

    # -- what only a case knows ----------------------------------------------------------------------------------------

    @abstractmethod
    def _of(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Whose manager, leader or department a rule means."""

    @abstractmethod
    def _field(self, code: str) -> list[int]:
        """Whom a field of the record names."""

    @abstractmethod
    def _data(self, name: str) -> list[int]:
        """Whom a value of the case's data names, or each of a list of them."""

    @abstractmethod
    def _matter(self, node: Node) -> list[int]:
        """Whose turn it is, as what the case is about says."""

    @abstractmethod
    def _project(self, role: str) -> list[int]:
        """Who has this part in the record's project."""

    @abstractmethod
    def _turn(self, node: Node, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Whose turn it is."""

    @abstractmethod
    def _chosen(self, node: Node, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Whom who began it has chosen."""


class Finder(Rules):
    """Finds the people of one case's nodes."""

    def __init__(self, looking: Looking, initiator: int, here: Company | None = None) -> None:
        super().__init__(initiator, here if here is not None else company.now())
        self.looking = looking

    def find(self, node: Node, previous: Iterable[int]) -> Found:
        """Whom the node's rules find, with the rules for nobody and for oneself applied. Where each who is named has to sign, and one of
        them has left, signs who takes over their work. ``previous``: who did the node before."""
        task = node.task
        assert task is not None
        before, instead = list(previous), dict[int, int]()
        named = [(rule.rule, one) for rule in task.assignees for one in self._rule(node, rule, before)]
        if task.mode not in ENOUGH:
            instead = self._instead({one for rule, one in named if rule in NAMING}, node)
        found = self._here(instead.get(one, one) for _, one in named)
        if task.self != "allow" and self.initiator in found:
            found = [one for one in found if one != self.initiator]
            if not found and task.self == "skip":
                return Found([], skip=True)
            found = found or self._up(self.initiator, 1)
        found = self._hearing(found, node)
        if not found and task.empty == "manager":
            found = self._hearing(self._up(self.initiator, 1), node)
        if not found and task.empty in ("manager", "administrator"):
            others = [one for one in administrators(self.company) if task.self == "allow" or one != self.initiator]
            found = self._hearing(others, node)
        found = found[:MOST_FOUND]
        return Found(found, instead=[(left, to) for left, to in instead.items() if to in found])

    def _instead(self, named: set[int], node: Node) -> dict[int, int]:
        """Who takes the place of those of them who have left."""
        task = node.task
        barred = self.initiator if task is not None and task.self != "allow" else None
        left = sorted(named - self.company.world.people.keys())
        taken = {one: successor(self.company, one, barred) for one in left[:MOST_FOUND]}
        return {one: to for one, to in taken.items() if to is not None}

    def _hearing(self, people: list[int], node: Node) -> list[int]:
        """Those who may hear of the case: of one about a matter work would tell them, whatever rule finds them. In their place comes
        whoever is above them. A step of the matter itself it gives to whom it names."""
        row = self.looking.row
        if row.type not in matters.MATTERS or matters.step(row.type, node):
            return people
        may = matters.hearing(row, people)
        above = [up for one in people if one not in may for up in self._up(one, 1)]
        return list(dict.fromkeys([*may, *matters.hearing(row, above)]))

    def ruled(self, rules: Iterable[Assignee], previous: Iterable[int] = ()) -> set[int]:
        """Whom these rules find, with nothing said of what happens where they find nobody."""
        before = list(previous) or [self.initiator]
        return {*self._here(one for rule in rules for one in self._rule(NOBODY, rule, before))}

    def named(self, node: Node, previous: Iterable[int]) -> set[int]:
        """Everybody to whom this node's work may go with its rights: those whom its rules find, and its candidates."""
        task = node.task
        assert task is not None
        before = list(previous)
        rules = (*task.assignees, *task.candidates)
        ruled = {*self._here(one for rule in rules for one in self._rule(node, rule, before))}
        barred = {self.initiator} if task.self != "allow" else set()
        return (ruled | {*self.find(node, before).people}) - barred

    def _person(self, username: str) -> list[int]:
        """Also who has left: a step that everybody signs is not done without them."""
        return super()._person(username) or list(Person.objects.filter(username=username).values_list("pk", flat=True))

    def _of(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Whose manager, leader or department a rule means."""
        match given.get("of", "initiator"):
            case "previous":
                return previous
            case "owner":
                owner = (self.looking.record or {}).get("owner_id")
                return [owner] if owner is not None else []
        return [self.initiator]

    def _departments(self, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """The same, and the record's own where its owner's is meant."""
        if not given.get("department") and given.get("of") == "owner":
            held = (self.looking.record or {}).get("department_id")
            if held is not None:
                return [held]
        return super()._departments(given, previous)

    def _project(self, role: str) -> list[int]:
        project = (self.looking.record or {}).get("project_id")
        return [m.person for m in self.company.parts.get(project or "", ()) if m.role == role]

    def _field(self, code: str) -> list[int]:
        found = self.looking.person(code.removeprefix(RECORD))
        return [found] if found is not None else []

    def _turn(self, node: Node, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Of those who hold a position in the departments meant or below, who was given the least at this node lately; not who has
        sent this very case back from it."""
        people = self._below(given, previous)
        row = self.looking.row
        done = Work.objects.filter(instance__process_code=row.process_code, person_id__in=people)
        back = done.filter(instance_id=row.pk, outcome="rejected").values_list("person_id", flat=True)
        people = [one for one in people if one not in set(back)]
        since = clock.now() - TURN
        counted = dict(
            done.filter(opened_at__gt=since)
            .values_list("person_id")
            .annotate(n=Count("pk"))
            .values_list("person_id", "n")
        )
        return sorted(people, key=lambda one: (counted.get(one, 0), one))[:1]

    def _matter(self, node: Node) -> list[int]:
        """Whose turn it is, as what the case is about says."""
        row = self.looking.row
        step = matters.step(row.type, node)
        return matters.MATTERS[row.type].people(row.record_id, step) if step and row.record_id else []

    def _data(self, name: str) -> list[int]:
        """Whom a value of the case's data names, or each of a list of them: by number or by user name."""
        said = self.looking(f"{DATA}{name}")
        names = [str(one) for one in (said if isinstance(said, tuple) else (said,)) if one is not None]
        numbers = {p.username: p.id for p in self.company.world.people.values()}
        return [int(one) if one.isdecimal() else numbers[one] for one in names if one.isdecimal() or one in numbers]

    def unfit(self, node: Node) -> list[int]:
        """Whom who begins it has chosen for a node though none of its rules allows them."""
        rules = [one for one in node.task.assignees if one.rule == "chosen"] if node.task is not None else []
        chosen = [int(one) for one in self.looking.row.data.get(f"{CHOSEN}{node.id}", ())] if rules else []
        fit = {who for one in rules for who in self._here(self._chosen(node, one.given, []))}
        return [one for one in chosen if one not in fit]

    def _chosen(self, node: Node, given: Mapping[str, str], previous: list[int]) -> list[int]:
        """Whom who began it has chosen, among those that the rule allows."""
        chosen = [int(one) for one in self.looking.row.data.get(f"{CHOSEN}{node.id}", ())]
        if given.get("role"):
            allowed = set(holders(self.company, given["role"]))
            chosen = [one for one in chosen if one in allowed]
        if given.get("department"):
            tree = self.company.world.tree
            below = {d for root in self._departments(given, previous) for d in tree.below(root)}
            chosen = [
                one for one in chosen if any(post.department in below for post in self.company.posts.get(one, ()))
            ]
        return chosen


def successor(company_: Company, person: int, barred: int | None) -> int | None:
    """Who takes over somebody's work: their last manager who is here, else the first who looks after processes; not who may not
    decide this node."""
    lines = ReportingLine.objects.filter(person_id=person).order_by("-ends", "-pk").values_list("manager_id", flat=True)
    not_ = (person, barred)
    here = [one for one in lines if one in company_.world.people and one not in not_]
    return next(iter(here or [one for one in administrators(company_) if one not in not_]), None)


type Which = Callable[[Department], int | None]


def holders(company: Company, role: str) -> list[int]:
    """Who holds a role now, in whatever way it was given."""
    found: set[int] = set()
    for grant in company.world.all_grants.values():
        if grant.role is not None and grant.role.code == role and grant.open_at(company.moment):
            found |= company.crowd(grant).all
    return sorted(found)


def always(company: Company, node: Node) -> set[int]:
    """Whom a node's rules and candidates name whatever its case: a person, the holders of a role or of a position anywhere."""
    found: set[int] = set()
    task = node.task
    for one in (*task.assignees, *task.candidates) if task is not None else ():
        match one.rule:
            case "person":
                found |= {p.id for p in company.world.people.values() if p.username == one.given["person"]}
            case "role":
                found |= set(holders(company, one.given["role"]))
            case "position":
                position = company.world.position_codes.get(one.given["position"])
                found |= {post.person for post in company.posts_at.get(position, ())} if position is not None else set()
    return found


def administrators(company: Company) -> list[int]:
    """Who looks after processes: they get the work that finds nobody else."""
    return company.may("process", "administer")


def may_administer(view: View | None) -> bool:
    """Whether somebody looks after processes."""
    return view is not None and view.may("process", "administer")
