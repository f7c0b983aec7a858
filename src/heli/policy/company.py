"""A company as changes would leave it, in memory: what simulating, sandboxes and policy tests look at."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from heli.access.facts import CeilingFact, GrantFact, RoleFact, World
from heli.access.shapes import SHAPES
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.org import spans, zone
from heli.org.models import Person
from heli.org.tree import Membership, Node, Tree, ended_projects
from heli.policy.change import Change, State
from heli.policy.names import Names

NO_ROLE = Words("没有角色 {code}", "no such role: {code}")
NO_DEPARTMENT = Words("没有部门 {code}，或已关闭", "no such department, or it is closed: {code}")
NO_POSITION = Words("没有岗位 {code}", "no such position: {code}")
NO_PERSON = Words("没有人员 {code}，或已离职", "no such person, or they have left: {code}")
NO_POST = Words("此人现在没有任职", "this person has no post now")
NO_NAME = Words("新部门要有名称", "a new department needs a name")
BAD_CODE = Words(
    "部门编码由 1 至 64 个字母、数字、点、连字符或下划线组成，首尾为字母或数字",
    "a department's code has 1 to 64 letters, digits, dots, hyphens or underscores, a letter or digit first and last",
)
DEPARTMENT_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
NAME_TAKEN = Words("上级部门下已有部门「{name}」", "there is a department “{name}” below this parent already")
LEFT_BELOW = Words("「{name}」还有下级部门：{some}", "{name} still has departments: {some}")
LEFT_IN = Words(
    "「{name}」还有人员：{some}；请先在这份草稿里把他们调走",
    "{name} still has people: {some}; move them in this draft first",
)
CYCLE = Words("部门不能移到自己或自己的下级之下", "a department cannot move below itself")
NO_PROJECT = Words("没有这个项目", "no such project")
FINISHED = Words("项目已结束，不能再加人", "the project is finished and takes no more members")
SELF = Words("不能向自己汇报", "nobody reports to themselves")
NOT_REPORTING = Words("服务账号不在汇报关系中", "a service account stands in no reporting line")
REPORTING_CYCLE = Words(
    "汇报关系会成环：{manager} 直接或间接向 {person} 汇报",
    "the reporting lines would form a cycle: {manager} reports to {person}, directly or through others",
)
LATER_LINE = Words(
    "{person} 从 {day} 起已安排了另一位上级；请先在人员页改掉那项安排",
    "another manager of {person} is arranged from {day} on: change that arrangement on the person's page first",
)
NO_KIND = Words("没有这类人员：{code}", "no such kind of person: {code}")
NO_ACTION = Words("这个对象没有操作 {code}", "this object type has no action {code}")
NOBODY_BOUND = Words(
    "空列表使上限谁都管不到：不限请留空（null），否则至少选一项",
    "an empty list bounds nothing: leave it out (null) for all, else choose at least one",
)
OTHER_TYPE = Words("上限的权限项应与上限是同一个对象", "a ceiling's lines are about the ceiling's own object type")
LONG_CODE = Words("编码最多 64 个字符", "a code has 64 characters at most")
MOST_CODE = 64
PEOPLE = frozenset(code for code, _ in Person.KINDS)


def changed(world: World, changes: Sequence[Change], names: Names | None = None) -> World:
    """The company after these changes. Raises Invalid, naming the change's place, when they do not fit it.

    Duties, policy tests and settings give nobody anything: they leave the company as it is.
    """
    over = _Overlay(world, names or Names.load(), clock.now())
    over.end_lines([one for one in changes if one.kind == "manager"])
    for at, one in in_order(changes):
        over.take(one, f"changes/{at}")
    return over.world


def in_order(changes: Sequence[Change]) -> list[tuple[int, Change]]:
    """The changes in the order in which they can be made, each with its number in the draft."""
    made = {
        one.key: one.after["parent"] for one in changes if one.kind == "department" and one.after and not one.before
    }
    gone = {
        one.key: one.before["parent"] for one in changes if one.kind == "department" and one.before and not one.after
    }

    def rank(pair: tuple[int, Change]) -> tuple[int, bool, int, int]:
        at, one = pair
        if one.kind != "department":
            return ORDER.index(one.kind), one.after is None, 0, at
        if one.after is None:  # when everybody has left it, what is below before what is above
            return ORDER.index("grant"), False, -_depth(one.key, gone), at - len(changes)
        return ORDER.index(one.kind), one.before is not None, _depth(one.key, made), at

    return sorted(enumerate(changes), key=rank)


def _depth(code: str, parents: Mapping[str, str | None]) -> int:
    """How many of these stand above it; those that stand in a ring are as deep as there are many."""
    found, at = 0, parents.get(code)
    while at is not None and at in parents and found < len(parents):
        found, at = found + 1, parents[at]
    return found


ORDER = ("role", "ceiling", "department", "post", "manager", "member", "grant", "duty", "promise", "setting")
"""Roles before the grants that give them; departments before the posts in them. Applying keeps the same order."""


@dataclass(slots=True)
class _Overlay:
    world: World
    names: Names
    moment: datetime
    made: int = 0

    def take(self, one: Change, place: str) -> None:
        match one.kind:
            case "role":
                self._role(one.key, one.after)
            case "grant":
                self._grant(one, place)
            case "ceiling":
                self._ceiling(one.key, one.after, place)
            case "department":
                self._department(one.key, one.after, place)
            case "post":
                self._post(one.key, one.after, place)
            case "member":
                self._member(one.key, one.after, place)
            case "manager":
                self._manager(one.key, one.after, place)

    def _role(self, code: str, after: State) -> None:
        had = self.world.roles.get(code)
        if after is None:
            roles = dict(self.world.roles)
            if had is not None:
                roles[code] = replace(had, closed=True)
        else:
            words = Words(after["name"], after["name_en"] or after["name"])
            roles = {
                **self.world.roles,
                code: RoleFact(
                    code, words, had.version + 1 if had else 1, after["lines"], sensitive=after["sensitive"]
                ),
            }
        self.world = self.world.with_roles(roles)

    def _grant(self, one: Change, place: str) -> None:
        grants = dict(self.world.all_grants)
        known = int(one.key) if one.key.isdecimal() and int(one.key) in grants else None
        if one.after is None:
            if known is not None:
                del grants[known]
        elif known is not None:
            grants[known] = replace(grants[known], ends=_moment(one.after["ends"]))
        else:
            self.made += 1
            grants[-self.made] = self._new_grant(-self.made, one.after, place)
        self.world = replace(self.world, all_grants=grants)

    def _new_grant(self, pk: int, after: Mapping[str, Any], place: str) -> GrantFact:
        kind, subject = self.names.resolve(after["subject"], f"{place}/after/subject")
        role = None
        if after["role"] is not None:
            role = self.world.roles.get(after["role"])
            if role is None or role.closed:
                raise _invalid(f"{place}/after/role", NO_ROLE.fill(code=after["role"]))
        starts = _moment(after["starts"]) or self.moment
        return GrantFact(
            pk, role, after["lines"], kind, subject, after["below"], starts, _moment(after["ends"]), after["source"]
        )

    def _ceiling(self, code: str, after: State, place: str) -> None:
        if after is not None:
            self._bounds(code, after, f"{place}/after")
        ceilings = dict(self.world.all_ceilings)
        ceilings.pop(code, None)
        if after is not None and after["active"]:
            ceilings[code] = CeilingFact(
                code, Words(after["name"], after["name_en"] or after["name"]), after["type"], _tuple(after["kinds"]),
                _tuple(after["actions"]), _tuple(after["roles"]), after["lines"],
            )  # fmt: skip
        self.world = replace(self.world, all_ceilings=ceilings)

    def _bounds(self, code: str, after: Mapping[str, Any], place: str) -> None:
        """Whether a ceiling names what there is: one that misspells a role or an action would bound something else."""
        if len(code) > MOST_CODE:
            raise _invalid(f"{place}/code", LONG_CODE)
        for name in ("kinds", "actions"):  # no role at all is a bound: nobody may
            if after[name] == []:
                raise _invalid(f"{place}/{name}", NOBODY_BOUND)
        shape = SHAPES.get(after["type"])
        for at, kind in enumerate(after["kinds"] or ()):
            if kind not in PEOPLE:
                raise _invalid(f"{place}/kinds/{at}", NO_KIND.fill(code=kind))
        for at, action in enumerate(after["actions"] or ()):
            if shape is not None and action not in shape.actions:
                raise _invalid(f"{place}/actions/{at}", NO_ACTION.fill(code=action))
        for at, role in enumerate(after["roles"] or ()):
            if role not in self.world.roles:
                raise _invalid(f"{place}/roles/{at}", NO_ROLE.fill(code=role))
        for at, line in enumerate(after["lines"]):
            if shape is not None and line["type"] != shape.code:
                raise _invalid(f"{place}/lines/{at}/type", OTHER_TYPE)

    def _department(self, code: str, after: State, place: str) -> None:
        if after is None:
            self._closed(self._place(code, f"{place}/key"))
            return
        if code not in self.world.department_codes:
            self._opened(code, after, place)
        tree = self.world.tree
        pk = self._place(code, f"{place}/key")
        parent = self._place(after["parent"], f"{place}/after/parent") if after["parent"] is not None else None
        if parent is not None and pk in tree.above(parent):
            raise Conflict(CYCLE, code="cycle", problems=[Problem(f"{place}/after/parent", "cycle", CYCLE)])
        old = tree.nodes[pk]
        node = replace(
            old,
            name=after.get("name", old.name),
            name_en=after.get("name_en", old.name_en),
            parent=parent,
            head=self._leader(after["head"], f"{place}/after/head"),
            overseer=self._leader(after["overseer"], f"{place}/after/overseer"),
        )
        beside = (tree.nodes[one] for one in tree.children.get(parent, ()) if one != pk)
        if any(one.name == node.name for one in beside):
            words = NAME_TAKEN.fill(name=node.name)
            raise Conflict(words, code="taken", problems=[Problem(f"{place}/after/name", "taken", words)])
        self.world = replace(self.world, tree=_with_node(tree, node))
        self.names = self.names.with_department(pk, code, Words(node.name, node.name_en or node.name))

    def _opened(self, code: str, after: Mapping[str, Any], place: str) -> None:
        """A department that there is not yet, or no more: at the top, from where it goes to its place."""
        if not after.get("name"):
            raise Invalid(Problem(f"{place}/after/name", "required", NO_NAME))
        if not DEPARTMENT_CODE.fullmatch(code):
            raise Invalid(Problem(f"{place}/key", "pattern", BAD_CODE))
        self.made += 1
        pk = self.names.department_ids.get(code, -self.made)
        tree = self.world.tree
        node = Node(pk, "", "", None, None, None, "", code)
        children = {**tree.children, None: (*tree.children.get(None, ()), pk)}
        self.world = replace(self.world, tree=Tree({**tree.nodes, pk: node}, children))

    def _closed(self, pk: int) -> None:
        """Raises Conflict while departments or people are left in it, now or later."""
        tree, problems = self.world.tree, []
        closed = Words(tree.nodes[pk].name, tree.nodes[pk].name_en or tree.nodes[pk].name)
        below = [(tree.nodes[one].name, tree.nodes[one].name_en) for one in tree.children.get(pk, ())]
        later = [
            (self.world.people[person].name, "")
            for person, posts in self.world.posts_by_person.items()
            if person in self.world.people
            and any(p.department == pk and (p.ends is None or p.ends > self.moment) for p in posts)
        ]
        for code, words, left in (("has_departments", LEFT_BELOW, below), ("has_people", LEFT_IN, later)):
            if left:
                more = "…" if len(left) > 5 else ""
                some = Words(
                    "、".join(name for name, _ in left[:5]) + more,
                    ", ".join(english or name for name, english in left[:5]) + more,
                )
                problems.append(Problem("department", code, words.fill(name=closed, some=some)))
        if problems:
            raise Conflict(problems[0].words, code=problems[0].code, problems=problems)
        nodes = {one: node for one, node in tree.nodes.items() if one != pk}
        children = {up: tuple(one for one in ids if one != pk) for up, ids in tree.children.items() if up != pk}
        self.world = replace(self.world, tree=Tree(nodes, children))

    def _leader(self, username: str | None, place: str) -> int | None:
        return None if username is None else self._person(username, place)

    def _post(self, username: str, after: State, place: str) -> None:
        assert after is not None
        person = self._person(username, f"{place}/key")
        department = self._place(after["department"], f"{place}/after/department")
        position = None
        if after["position"] is not None:
            position = self.world.position_codes.get(after["position"])
            if position is None:
                raise _invalid(f"{place}/after/position", NO_POSITION.fill(code=after["position"]))
        posts = list(self.world.posts(person))
        at = next((i for i, p in enumerate(posts) if p.primary and _holds(p.starts, p.ends, self.moment)), None)
        if at is None:
            raise _invalid(f"{place}/key", NO_POST)
        posts[at] = replace(posts[at], department=department, position=position)
        self.world = replace(self.world, posts_by_person={**self.world.posts_by_person, person: tuple(posts)})

    def _member(self, key: str, after: State, place: str) -> None:
        project, _, username = key.rpartition(":")
        if project not in self.names.projects:
            raise _invalid(f"{place}/key", NO_PROJECT)
        person = self._person(username, f"{place}/key")
        others = tuple(
            m
            for m in self.world.memberships(person)
            if m.project != project or not _holds(m.starts, m.ends, self.moment)
        )
        if after is not None:
            if len(others) == len(self.world.memberships(person)) and project in ended_projects(clock.today()):
                raise _invalid(f"{place}/key", FINISHED)
            made = Membership(project, self.names.projects[project], person, after["role"], self.moment, None)
            others = (*others, made)
        self.world = replace(self.world, members_by_person={**self.world.members_by_person, person: others})

    def end_lines(self, changes: Sequence[Change]) -> None:
        """The reporting lines that these changes replace end first: two people may change places."""
        moved = {self.world.usernames.get(one.key.lower()) for one in changes}
        if changes:
            kept = (x for x in self.world.reporting if x[0] not in moved or not _holds(x[2], x[3], self.moment))
            self.world = replace(self.world, reporting=tuple(kept))

    def _manager(self, username: str, after: State, place: str) -> None:
        assert after is not None
        person, at = self._person(username, f"{place}/key"), f"{place}/after/manager"
        if after["manager"] is None:
            return
        manager = self._person(after["manager"], at)
        if person == manager:
            raise Invalid(Problem(at, "self", SELF))
        for pk, where in ((person, f"{place}/key"), (manager, at)):
            if self.world.people[pk].kind == Person.SERVICE:
                raise Invalid(Problem(where, "service_account", NOT_REPORTING))
        name, lines = self.world.people[person].name, self.world.reporting
        later = min((starts for who, _, starts, _ in lines if who == person and starts > self.moment), default=None)
        if later is not None:
            words = LATER_LINE.fill(person=name, day=zone.told(later, "%Y-%m-%d"))
            raise Conflict(words, code="later", problems=[Problem(at, "later", words)])
        links: dict[int, list[tuple[int, spans.Span]]] = defaultdict(list)
        for who, other, starts, ends in lines:
            links[who].append((other, spans.Span(starts, ends)))
        if spans.chain(manager, person, spans.Span(self.moment), lambda pk: links[pk]) is not None:
            words = REPORTING_CYCLE.fill(manager=self.world.people[manager].name, person=name)
            raise Conflict(words, code="cycle", problems=[Problem(at, "cycle", words)])
        self.world = replace(self.world, reporting=(*lines, (person, manager, self.moment, None)))

    def _person(self, username: str, place: str) -> int:
        found = self.world.usernames.get(username.lower())
        if found is None:
            raise _invalid(place, NO_PERSON.fill(code=username[:80]))
        return found

    def _place(self, code: str, place: str) -> int:
        found = self.world.department_codes.get(code)
        if found is None:
            raise _invalid(place, NO_DEPARTMENT.fill(code=code[:80]))
        return found


def _with_node(tree: Tree, node: Node) -> Tree:
    nodes = {**tree.nodes, node.id: node}
    old = tree.nodes[node.id].parent
    if old == node.parent:
        return Tree(nodes, tree.children)
    children = dict(tree.children)
    children[old] = tuple(one for one in children.get(old, ()) if one != node.id)
    children[node.parent] = tuple(sorted((*children.get(node.parent, ()), node.id)))
    return Tree(nodes, children)


def _holds(starts: datetime, ends: datetime | None, moment: datetime) -> bool:
    return starts <= moment and (ends is None or ends > moment)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _tuple(value: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _invalid(place: str, words: Words) -> Invalid:
    return Invalid(Problem(place, "unknown", words))
