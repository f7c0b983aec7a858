"""Writing changes for good, each by the verb that the thing has anyway; called inside one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from heli.access import grants
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.org import verbs as org
from heli.org.models import Department
from heli.policy import state
from heli.policy.brief import Speaker
from heli.policy.change import KINDS, Change, State, check_grant
from heli.policy.checks import HAS_RECORDS
from heli.policy.company import NO_DEPARTMENT, NO_PERSON, NO_POSITION, NO_PROJECT, in_order
from heli.policy.merge import Side, merge
from heli.policy.models import Duty, Promise, Setting
from heli.policy.names import Names
from heli.records.standing import said, standing

BODIES: dict[str, type[Duty] | type[Promise] | type[Setting]] = {"duty": Duty, "promise": Promise, "setting": Setting}
CONTRADICTS = Words(
    "{kind}「{key}」在此期间被别人改过，与这份草稿矛盾；请更新草稿并逐处选择",
    "{kind} “{key}” has been changed meanwhile and contradicts this draft: bring the draft up to date and choose",
)
GONE = Words("{kind}「{key}」已不存在", "{kind} “{key}” is gone")


def rebased(
    changes: Sequence[Change], names: Names, *, keep: Side = "mine"
) -> tuple[list[Change], list[tuple[int, str]]]:
    """The changes as differences from what is now, and the places (change, where in its state) that contradict it.

    What both did goes together, where they contradict each other as ``keep`` says; what the company has done by itself
    already is left out.
    """
    found: list[Change] = []
    conflicts: list[tuple[int, str]] = []
    for at, one in enumerate(changes):
        now = state.current(one.kind, one.key, names) if not is_new_grant(one) else None
        after, places = merge(one.before, one.after, now, keep=keep)
        if one.kind == "grant" and one.before is not None and now is None:
            after, places = None, []  # it has ended meanwhile: nothing is left to change or to take back
        conflicts += [(at, place) for place in places]
        if after != now or (places and keep == "mine"):
            found.append(replace(one, before=now, after=after))
    return found, conflicts


def is_new_grant(one: Change) -> bool:
    """Whether the change gives what was not given: its key is a draft's own word, no number."""
    return one.kind == "grant" and not one.key.isdecimal()


def refuse_conflicts(changes: Sequence[Change], conflicts: Sequence[tuple[int, str]]) -> None:
    """Raises Conflict naming every contradiction."""
    if conflicts:
        problems, speaker = [], Speaker.load(changes)
        for at, place in conflicts:
            one = changes[at]
            words = CONTRADICTS.fill(kind=KINDS[one.kind], key=speaker.name(one))
            problems.append(Problem(f"changes/{at}/after/{place}".rstrip("/"), "conflict", words))
        raise Conflict(problems[0].words, code="conflict", problems=problems)


def write(by: Actor, changes: Sequence[Change], names: Names) -> list[Change]:
    """Make these changes; returns them with the keys that new grants got. Raises as the verbs do, Conflict included."""
    done = list(changes)
    _end_lines(by, changes, names)
    for at, one in in_order(changes):
        try:
            done[at] = _one(by, one, names, f"changes/{at}")
            if one.kind == "department" and one.before is None:
                names = Names.load()  # people move into it, and grants name it, by its code
        except Invalid as error:
            raise Invalid([replace(p, place=_placed(p.place, at)) for p in error.problems]) from None
    return done


def _placed(place: str, at: int) -> str:
    return place if place.startswith("changes/") else f"changes/{at}/after/{place}"


def _one(by: Actor, one: Change, names: Names, place: str) -> Change:
    match one.kind:
        case "role":
            _role(by, one.key, one.after)
        case "grant":
            return replace(one, key=_grant(by, one, names, place))
        case "ceiling":
            _ceiling(by, one.key, one.after)
        case "post":
            _post(by, one, names, place)
        case "department":
            _department(by, one, names, place)
        case "member":
            _member(by, one, names, place)
        case "manager":
            _manager(by, one, names, place)
        case _:
            _body(by, one)
    return one


def _role(by: Actor, code: str, after: State) -> None:
    if after is None:
        grants.close_role(by, code)
        return
    grants.save_role(
        by, code, name=after["name"], name_en=after["name_en"], lines=after["lines"], template=after["template"],
        template_version=after["template_version"], description=after["description"], sensitive=after["sensitive"],
    )  # fmt: skip


def _grant(by: Actor, one: Change, names: Names, place: str) -> str:
    if one.after is None:
        grants.revoke(by, int(one.key))
        return one.key
    ends = datetime.fromisoformat(one.after["ends"]) if one.after["ends"] else None
    if not is_new_grant(one) and one.before is not None:
        check_grant(one.before, one.after, f"{place}/after")
        grants.end_at(by, int(one.key), ends)
        return one.key
    kind, subject = names.resolve(one.after["subject"], f"{place}/after/subject")
    starts = datetime.fromisoformat(one.after["starts"]) if one.after["starts"] else None
    below, source = one.after["below"], one.after["source"]
    if one.after["role"] is not None:
        made = grants.grant_role(
            by, one.after["role"], kind, subject, below=below, starts=starts, ends=ends, source=source
        )
    else:
        made = grants.grant_lines(
            by, one.after["lines"], kind, subject, below=below, starts=starts, ends=ends, source=source
        )
    return str(made.pk)


def _ceiling(by: Actor, code: str, after: State) -> None:
    if after is None:
        grants.remove_ceiling(by, code)
        return
    grants.set_ceiling(
        by, code, name=after["name"], name_en=after["name_en"], type=after["type"], kinds=after["kinds"],
        actions=after["actions"], roles=after["roles"], lines=after["lines"], active=after["active"],
    )  # fmt: skip


def _person(names: Names, username: str, place: str) -> int:
    found = names.person_ids.get(username.lower())
    if found is None:
        raise Invalid(Problem(place, "unknown", NO_PERSON.fill(code=username[:80])))
    return found


def _place(names: Names, code: str, place: str) -> int:
    found = names.department_ids.get(code)
    if found is None:
        raise Invalid(Problem(place, "unknown", NO_DEPARTMENT.fill(code=code[:80])))
    return found


def _post(by: Actor, one: Change, names: Names, place: str) -> None:
    assert one.after is not None
    person = _person(names, one.key, f"{place}/key")
    department = _place(names, one.after["department"], f"{place}/after/department")
    position = None
    if one.after["position"] is not None:
        position = names.position_ids.get(one.after["position"])
        if position is None:
            words = NO_POSITION.fill(code=one.after["position"])
            raise Invalid(Problem(f"{place}/after/position", "unknown", words))
    org.move_person(by, person, department, position=position, keep_position=False)


def _department(by: Actor, one: Change, names: Names, place: str) -> None:
    if one.after is None:
        _close(by, _place(names, one.key, f"{place}/key"))
        return
    above = one.after["parent"]
    parent = None if above is None else _place(names, above, f"{place}/after/parent")
    before = one.before or {"parent": above, "head": None, "overseer": None}
    if one.before is None and one.key in names.department_ids:  # it was closed, and nothing else has its code
        pk = names.department_ids[one.key]
        org.reopen_department(by, pk, parent)
        before = {**before, **dict.fromkeys(("head", "overseer"), "?")}
    elif one.before is None:
        pk = org.create_department(by, one.after["name"], parent, code=one.key, name_en=one.after.get("name_en") or "")
    else:
        pk = _place(names, one.key, f"{place}/key")
    called = {
        word: one.after[word] for word in ("name", "name_en") if one.after.get(word) not in (None, before.get(word))
    }
    if called:
        org.rename_department(by, pk, **called)
    if above != before["parent"]:
        org.move_department(by, pk, parent)
    for role, verb in (("head", org.set_head), ("overseer", org.set_overseer)):
        if one.after[role] != before[role]:
            who = one.after[role]
            verb(by, pk, None if who is None else _person(names, who, f"{place}/after/{role}"))


def _close(by: Actor, pk: int) -> None:
    org.close_department(by, pk)
    kinds = standing(pk)  # after the change of the tree, which waits for every write under way
    if kinds:
        words = HAS_RECORDS.fill(name=names_of(pk), some=said(kinds, pk))
        raise Conflict(words, code="has_records", problems=[Problem("department", "has_records", words)])


def names_of(pk: int) -> Words:
    """What a department is called."""
    name, english = Department.objects.values_list("name", "name_en").get(pk=pk)
    return Words(name, english or name)


def _member(by: Actor, one: Change, names: Names, place: str) -> None:
    project, _, username = one.key.rpartition(":")
    if project not in names.projects:
        raise Invalid(Problem(f"{place}/key", "unknown", NO_PROJECT))
    person = _person(names, username, f"{place}/key")
    if one.after is None:
        org.remove_project_member(by, project, person)
    elif one.before is None:
        org.add_project_member(by, project, person, one.after["role"])
    else:
        org.change_project_role(by, project, person, one.after["role"])


def _end_lines(by: Actor, changes: Sequence[Change], names: Names) -> None:
    """The reporting lines that are replaced end first: two people may change places."""
    for at, one in enumerate(changes):
        if one.kind == "manager" and one.before is not None and one.before["manager"] is not None:
            org.end_reporting(by, _person(names, one.key, f"changes/{at}/key"))


def _manager(by: Actor, one: Change, names: Names, place: str) -> None:
    assert one.after is not None
    if one.after["manager"] is not None:
        manager = _person(names, one.after["manager"], f"{place}/after/manager")
        org.set_manager(by, _person(names, one.key, f"{place}/key"), manager)


def _body(by: Actor, one: Change) -> None:
    model = BODIES[one.kind]
    if one.after is None:
        model.objects.filter(code=one.key).delete()
    else:
        model.objects.update_or_create(code=one.key, defaults={"body": one.after})
    log.append(
        EntryData(
            action=f"{one.kind}.{'remove' if one.after is None else 'save'}", object_type=one.kind, object_id=one.key,
            actor_id=by.person, actor_name=by.name, origin=by.origin, via=by.via, before=one.before, after=one.after,
        )
    )  # fmt: skip
