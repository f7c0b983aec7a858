"""What a change does, in a line, and what a thing says, in sentences: for drafts, versions and what is written about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from heli.access.models import Role
from heli.access.view import project_role
from heli.kernel.words import Words
from heli.org import zone
from heli.org.models import Person
from heli.policy import apart
from heli.policy.change import KINDS, Change, State
from heli.policy.names import Names
from heli.policy.sentences import joined, levels_said, scope_said, sentence, single, writes_said
from heli.policy.templates import template_of
from heli.records.said import field_words, said_action, type_words

PEOPLE = {
    Person.EMPLOYEE: Words("员工", "employees"), Person.CONTRACTOR: Words("外包人员", "contractors"),
    Person.SERVICE: Words("服务账号", "service accounts"),
}  # fmt: skip
EVERYONE = Words("任何人", "anybody")
ANY_TYPE = Words("任何对象", "any object")
ANYTHING = Words("任何操作", "anything")
AT_MOST = Words("{who}至多{lines}", "at most, {who} {lines}")
ONLY_FOR = Words("（只约束：{actions}）", " (bounding only: {actions})")
ONLY_ROLES = Words(
    "只有角色「{roles}」能让{who}{actions}「{type}」", "only the role {roles} lets {who} {actions} {type}"
)
ALL_BY_ROLES = Words(
    "只有角色「{roles}」能让{who}用到「{type}」", "only the role {roles} gives {who} anything on {type}"
)
NOTHING_AT_ALL = Words("{who}都不能对「{type}」做任何操作", "{who}: nothing at all on {type}")
NOT_AT_ALL = Words("{who}都不能{actions}「{type}」", "no right for {who} to {actions} {type}")
OFF = Words("未启用", "switched off")
NAMED = Words("名称：{name}", "name: {name}")
ABOUT = Words("说明：{text}", "description: {text}")
TEMPLATE = Words("来自模板「{name}」第 {n} 版", "from the template {name}, version {n}")
SENSITIVE = Words("敏感角色：授予要两个人", "sensitive: giving it takes two people")
GIVES = Words("把{what}授予{subject}", "gives {what} to {subject}")
THE_ROLE = Words("角色「{role}」", "the role {role}")
AND_BELOW = Words("含下级部门", "with the departments below")
FROM = Words("从 {at} 起", "from {at}")
UNTIL = Words("到 {at} 为止", "until {at}")
NOT_BOTH = Words(
    "持有「{first}」的人不能同时持有「{second}」", "whoever holds {first} may not hold {second} as well"
)  # fmt: skip
NEVER = Words("{who}绝不能{what}{scopes}", "{who} can never {what}{scopes}")
ALWAYS = Words("{who}总能{what}{scopes}", "{who} can always {what}{scopes}")
OUTSIDE = Words("（{scopes}除外）", " outside {scopes}")
WITHIN = Words("（范围：{scopes}）", " ({scopes})")
CELL = Words("{action}「{type}」的「{field}」", "{action} {field} of {type}")
WHOLE = Words("{action}「{type}」", "{action} {type}")
WHO = {
    "role": Words("持有「{x}」的人", "holders of {x}"), "without": Words("且不持有「{x}」", "without {x}"),
    "not_role": Words("不持有「{x}」的人", "people without {x}"), "kind": Words("{x}", "{x}"),
}  # fmt: skip
SETTINGS = {
    ("approval", "always"): Words("每份草稿都要第二个人批准", "every draft takes a second person's yes"),
    ("approval", "widening"): Words(
        "只有会多给权限的草稿要第二个人批准", "only drafts that could give more take a second person's yes"
    ),
    ("approval", "never"): Words("草稿不需要第二个人批准", "no draft takes a second person's yes"),
}
POST = Words("任职：{place}", "post: {place}")
PARENT = Words("上级部门：{x}", "below {x}")
TOP = Words("最上层", "the top")
HEAD = Words("负责人：{x}", "headed by {x}")
OVERSEER = Words("分管：{x}", "overseen by {x}")
PART = Words("项目「{project}」的{role}", "{role} of project {project}")
NOBODY = Words("无", "nobody")
REPORTS = Words("上级：{x}", "reports to {x}")
MOVES = ("post", "manager", "member")
MOVED = Words("{kind}「{name}」：{before} → {after}", "{kind} “{name}”: {before} → {after}")
NOT_IN = Words("不在其中", "no part")
NO_MANAGER = Words("没有上级", "reports to nobody")
SETTING = Words("何时要第二个人批准", "when a second person approves")


def said(one: Change, speaker: Speaker) -> Words:
    """A change in a line: what kind of thing, which, and whether it is made, changed or removed."""
    if one.kind in MOVES:
        return MOVED.fill(
            kind=KINDS[one.kind],
            name=speaker.name(one),
            before=speaker.short(one, one.before),
            after=speaker.short(one, one.after),
        )
    return _verbed(one, speaker.name(one))


def rule_said(one: Change) -> Words:
    """The same of a rule, which brings its name along."""
    return _verbed(one, _plain(one))


def _verbed(one: Change, name: Words) -> Words:
    verb = (
        Words("新增", "add")
        if one.before is None
        else Words("关闭", "close")
        if one.after is None and one.kind == "department"
        else Words("移除", "remove")
        if one.after is None
        else Words("修改", "change")
    )
    return Words("{verb}{kind}「{name}」", "{verb} {kind} “{name}”").fill(verb=verb, kind=KINDS[one.kind], name=name)


@dataclass(frozen=True)
class Speaker:
    """Says states in words; loaded once for as many as there are."""

    names: Names
    roles: Mapping[str, Words]

    @staticmethod
    def load(changes: Iterable[Change] = ()) -> Speaker:
        """Five queries. ``changes``: those that are spoken of; a role that only they know is called as they call it."""
        changes = list(changes)
        names = Names.load()
        for at, one in enumerate(changes, 1):
            if one.kind == "department" and one.after and one.after.get("name") and one.key not in names.department_ids:
                names = names.with_department(-at, one.key, _named(one.after))
        fresh = ((one.key, one.after) for one in changes if one.kind == "role" and one.after is not None)
        roles = {code: Words(state["name"], state.get("name_en") or state["name"]) for code, state in fresh}
        roles |= {c: Words(n, e or n) for c, n, e in Role.objects.values_list("code", "name", "name_en")}
        return Speaker(names, roles)

    def name(self, one: Change) -> Words:
        """The thing that is changed, by its name."""
        body = one.after or one.before or {}
        if one.kind == "grant":
            return Words("{a} → {b}", "{a} → {b}").fill(
                a=self._which(body), b=self.names.words(str(body.get("subject")))
            )
        if one.kind in ("post", "manager"):
            return self._person(one.key)
        if one.kind == "department":
            return self._department(one.key) if one.before or not body.get("name") else _named(body)
        if one.kind == "member":
            project, _, username = one.key.rpartition(":")
            who, where = self._person(username), self.names.projects.get(project, project)
            return Words("{who} · {where}", "{who} · {where}").fill(who=who, where=where)
        if one.kind == "setting":
            return SETTING if one.key == "approval" else Words(one.key, one.key)
        return _plain(one)

    def short(self, one: Change, state: State) -> Words:
        """Where somebody is by a post, a manager or a part, in a word."""
        if state is None:
            return NOT_IN if one.kind == "member" else NOBODY
        match one.kind:
            case "post":
                return self._place(state)
            case "member":
                return project_role(state["role"])
        return self._person(state["manager"])

    def told(self, one: Change) -> list[dict[str, Any]]:
        """What differs, as sentences that no longer hold and such as hold from then on; a role's lines are told as steps."""
        before, after = self.state(one.kind, one.key, one.before), self.state(one.kind, one.key, one.after)
        return [
            *({"was": True, "words": words.json()} for words in before if words not in after),
            *({"was": False, "words": words.json()} for words in after if words not in before),
        ]

    def state(self, kind: str, key: str, state: State) -> list[Words]:
        """A thing in sentences; none for what is not there."""
        if state is None:
            return []
        match kind:
            case "role":
                return self._role(state)
            case "grant":
                return self._grant(state)
            case "ceiling":
                return [NAMED.fill(name=_named(state)), *self.ceiling(state)]
            case "duty":
                first, second = (self._side(state, side) for side in apart.SIDES)
                return [NAMED.fill(name=_named(state)), NOT_BOTH.fill(first=first, second=second)]
            case "promise":
                return [NAMED.fill(name=_named(state)), self._promise(state)]
            case "setting":
                value = str(state.get("value"))
                return [SETTINGS.get((key, value), Words(f"{key}：{value}", f"{key}: {value}"))]
            case "post":
                return [POST.fill(place=self._place(state))]
            case "department":
                parent = state["parent"]
                return [
                    *([NAMED.fill(name=_named(state))] if state.get("name") else []),
                    PARENT.fill(x=self._department(parent) if parent is not None else TOP),
                    HEAD.fill(x=self._person(state["head"])), OVERSEER.fill(x=self._person(state["overseer"])),
                ]  # fmt: skip
            case "member":
                project = key.rpartition(":")[0]
                role, where = project_role(state["role"]), self.names.projects.get(project, project)
                return [PART.fill(project=where, role=role)]
            case "manager":
                who = state["manager"]
                return [REPORTS.fill(x=self._person(who)) if who is not None else NO_MANAGER]
        return []

    def ceiling(self, state: Mapping[str, Any]) -> list[Words]:
        """What a ceiling bounds, in a sentence or two."""
        kinds, actions, code = state["kinds"], state["actions"], state["type"]
        who = joined((PEOPLE.get(k, Words(k, k)) for k in kinds), "和", " and ") if kinds is not None else EVERYONE
        type_ = ANY_TYPE if code == "*" else type_words(code)
        what = joined(said_action(code, a) for a in actions) if actions is not None else ANYTHING
        if state["roles"] is not None:
            form = ONLY_ROLES if actions is not None else ALL_BY_ROLES
            found = form.fill(roles=self._roles(state["roles"]), who=who, actions=what, type=type_)
        elif not state["lines"]:
            form = NOT_AT_ALL if actions is not None else NOTHING_AT_ALL
            found = form.fill(who=who, actions=what, type=type_)
        else:
            lines = joined((_line(one) for one in state["lines"]), "；或", "; or ")
            found = AT_MOST.fill(who=who, lines=lines)
            if actions is not None:
                bound = ONLY_FOR.fill(actions=what)
                found = Words(f"{found.zh}{bound.zh}", f"{found.en}{bound.en}")
        return [found] if state["active"] else [found, OFF]

    def _role(self, state: Mapping[str, Any]) -> list[Words]:
        found = [NAMED.fill(name=_named(state))]
        if state["description"]:
            found.append(ABOUT.fill(text=state["description"]))
        if state["template"]:
            found.append(TEMPLATE.fill(name=_template(state["template"]), n=state["template_version"]))
        return [*found, SENSITIVE] if state["sensitive"] else found

    def _given(self, state: Mapping[str, Any]) -> Words:
        code = state.get("role")
        return THE_ROLE.fill(role=self._which(state)) if code is not None else self._which(state)

    def _which(self, state: Mapping[str, Any]) -> Words:
        code = state.get("role")
        return self.roles.get(code, Words(code, code)) if code is not None else single(state.get("lines") or ())

    def _grant(self, state: Mapping[str, Any]) -> list[Words]:
        subject = self.names.words(state["subject"])
        found = [GIVES.fill(what=self._given(state), subject=subject)]
        found += [AND_BELOW] if state["below"] else []
        found += [FROM.fill(at=_from(state["starts"]))] if state["starts"] else []
        found += [UNTIL.fill(at=_until(state["ends"]))] if state["ends"] else []
        return [*found, *(_line(one) for one in state["lines"] or [])]

    def _promise(self, state: Mapping[str, Any]) -> Words:
        who = state["who"]
        parts = [
            words.fill(x=joined(PEOPLE.get(k, Words(k, k)) for k in who[key]) if key == "kind" else self._roles(who[key]))
            for key, words in WHO.items() if key in who
        ]  # fmt: skip
        code, action = state["type"], said_action(state["type"], state["action"])
        what = WHOLE.fill(action=action, type=type_words(code))
        if state["field"] is not None:
            what = CELL.fill(action=action, type=type_words(code), field=field_words(code, state["field"]))
        scopes = joined(map(scope_said, state["scopes"]), "、", " or ")
        never = state["rule"] == "never"
        where = (OUTSIDE if never else WITHIN).fill(scopes=scopes) if state["scopes"] else Words("", "")
        said_of = joined(parts, "，", ", ") if parts else EVERYONE
        return (NEVER if never else ALWAYS).fill(who=said_of, what=what, scopes=where)

    def _side(self, state: Mapping[str, Any], side: str) -> Words:
        """The roles of one side of a duty and its rights."""
        rights = [apart.words(one) for one in apart.of(state, side)]
        return joined([*(self.roles.get(code, Words(code, code)) for code in state[side]), *rights], "、", " or ")

    def _roles(self, codes: Any) -> Words:
        return joined((self.roles.get(code, Words(code, code)) for code in codes), "、", " or ")

    def _person(self, username: str | None) -> Words:
        pk = self.names.person_ids.get(username.lower()) if username is not None else None
        if pk is None:
            return NOBODY if username is None else Words(username, username)
        return Words(self.names.people[pk][1], self.names.people[pk][1])

    def _department(self, code: str) -> Words:
        pk = self.names.department_ids.get(code)
        return self.names.departments[pk][1] if pk is not None else Words(code, code)

    def _place(self, state: Mapping[str, Any]) -> Words:
        department, code = self._department(state["department"]), state["position"]
        if code is None:
            return department
        pk = self.names.position_ids.get(code)
        position = self.names.positions[pk][1] if pk is not None else Words(code, code)
        return Words("{d} · {p}", "{d} · {p}").fill(d=department, p=position)


def _plain(one: Change) -> Words:
    """A thing by what the change itself says of it."""
    body = one.after or one.before or {}
    name = str(body.get("name") or one.key)
    return Words(name, str(body.get("name_en") or name))


def _named(state: Mapping[str, Any]) -> Words:
    return Words(state["name"], state.get("name_en") or state["name"])


def _template(code: str) -> Words:
    found = template_of(code)
    return found.words if found is not None else Words(code, code)


def _from(moment: str) -> str:
    """The day on the company's clock, with the minute where it is not midnight."""
    at = zone.here(datetime.fromisoformat(moment))
    return f"{at:%Y-%m-%d %H:%M}" if at.hour or at.minute else f"{at:%Y-%m-%d}"


def _until(moment: str) -> str:
    """The same of an end: what ends at midnight ends with the day before, as in every form."""
    at = zone.here(datetime.fromisoformat(moment))
    return f"{at:%Y-%m-%d %H:%M}" if at.hour or at.minute else f"{at - timedelta(days=1):%Y-%m-%d}"


def _line(line: Mapping[str, Any]) -> Words:
    """A line with what it shows and lets write."""
    writes = writes_said(line)
    more = [*levels_said(line), *([writes] if writes is not None else [])]
    return joined([sentence(line), *more], "，", ", ")
