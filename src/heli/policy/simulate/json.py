"""A simulation as JSON: for the page and for ``heli simulate``. Names of people and of rules, numbers of records, no record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from heli.access.scopes import SCOPES
from heli.access.shapes import SHAPES
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.words import Words
from heli.policy import duties, promises
from heli.policy.checks import Checked
from heli.policy.simulate import changed, corners, say
from heli.policy.simulate.corners import Corner
from heli.policy.simulate.entries import GAIN, Entry, home
from heli.policy.simulate.exact import exact as who_reads
from heli.policy.simulate.replay import Replay
from heli.policy.simulate.report import Simulation
from heli.policy.simulate.rights import What

MOST_ROWS = 200
"""Rows of each list that are told; how many there are in all is told beside them."""
MOST_NAMES = 6
AT_MOST = "at most"
UNREAD = Words("{type}·{field}", "{type} · {field}")
CORNER = {
    corners.ACTION: Words("没有人能{action}{type}", "nobody can {action} {type}"),
    corners.FIELD: Words("没有人能看到{type}的「{field}」", "nobody reads “{field}” of {type}"),
    corners.PAGE_: Words("没有人能打开页面「{type}」", "nobody can open the page “{type}”"),
    corners.RECORDS: Words("{n} 条{type}没有任何人能看到", "{n} {type} that nobody sees"),
    AT_MOST: Words("至多 {n} 条{type}没有任何人能看到", "at most {n} {type} that nobody sees"),
    corners.PERSON: Words("{person} 什么记录都不能处理", "{person} can do nothing with any record"),
    corners.ROLE: Words("角色「{role}」没有成员", "nobody holds the role “{role}”"),
}


def told(sim: Simulation, asker: int | None = None) -> dict[str, Any]:
    """Everything, lists cut to what a page shows."""
    after, before = sim.difference.after.world, sim.difference.before.world
    new, gone = sim.counts.records
    dead = [one for one in sim.corners.after if one.thing in sim.corners.new]
    cells_new = sum(pair[0] for pair in sim.counts.cells.values())
    cells_gone = sum(pair[1] for pair in sim.counts.cells.values())
    clashes = _clashes(sim)
    return {
        "stamp": sim.stamp,
        "people": len(before.people),
        "types": sum(1 for shape in SHAPES if shape.fields),
        "ms": sim.ms,
        "changes": [changed.told(one, before, after) for one in sim.changes],
        "figures": {
            "gaining": len(sim.difference.gaining), "losing": len(sim.difference.losing), "records_gained": new,
            "records_lost": gone, "cells_gained": cells_new, "cells_lost": cells_gone, "corners": len(dead),
            "duties": sum(1 for one in clashes if one["new"]),
            "passed": sum(1 for one in sim.checked.tests if one.kept), "tests": len(sim.checked.tests),
            "records_at_most": sim.counts.records_at_most, "cells_at_most": bool(sim.counts.cells_at_most),
        },
        "unread": unread(sim.counts.unread),
        "exact": exact(sim.counts.unread, asker),
        "gains": [_entry(sim, one) for one in sim.gains[:MOST_ROWS]],
        "losses": [_entry(sim, one) for one in sim.losses[:MOST_ROWS]],
        "gains_in_all": len(sim.gains),
        "losses_in_all": len(sim.losses),
        "corners": [_corner(sim, one) for one in _sorted(sim)[:MOST_ROWS]],
        "corners_ended": [_corner(sim, one) for one in sim.corners.ended[:MOST_ROWS]],
        "duties": clashes[:MOST_ROWS],
        "tests": _tests(sim.checked),
        "blockers": [{"code": p.code, "place": p.place, "words": p.words.json()} for p in sim.checked.problems],
        "warnings": [one.json() for one in sim.warnings],
        "breaks": _breaks(sim),
        "breaks_at_most": sim.used.at_most,
        "persons": _persons(sim),
        "persons_in_all": len(after.people.keys() & set(sim.difference.people)) or len(sim.difference.people),
    }  # fmt: skip


def unread(fields: Mapping[str, frozenset[str]]) -> list[dict[str, str]]:
    """The fields that the asker does not read and numbers hang on, in words: those numbers are the most that could be."""
    return [
        UNREAD.fill(type=say.type_words(code), field=say.field_words(code, one)).json()
        for code, found in sorted(fields.items()) for one in sorted(found)
    ]  # fmt: skip


def exact(fields: Mapping[str, frozenset[str]], asker: int | None) -> dict[str, str] | None:
    """Who would see the exact numbers, in words; None where they are exact."""
    words = who_reads(fields, asker)
    return words.json() if words is not None else None


def person(sim: Simulation, pk: int) -> dict[str, Any]:
    found = sim.difference.after.world.people.get(pk) or sim.difference.before.world.people.get(pk)
    return {"id": str(pk), "name": found.name if found else "?", "username": found.username if found else ""}


def _department(sim: Simulation, pk: int | None) -> dict[str, Any] | None:
    for company in (sim.difference.after, sim.difference.before):
        node = company.world.tree.nodes.get(pk or 0)
        if node is not None:
            return {"id": str(node.id), "words": Words(node.name, node.name_en or node.name).json()}
    return None


def _entry(sim: Simulation, one: Entry) -> dict[str, Any]:
    what = one.label.what
    recent = sum(sim.used.refused.get((pk, what.type, what.action), 0) for pk in one.people) if one.sign != GAIN else 0
    return {
        "department": _department(sim, one.department), "people": len(one.people),
        "names": [person(sim, pk) for pk in one.people[:MOST_NAMES]], **right(what),
        "brings": len(one.label.brings), "scopes": [SCOPES[name].words.json() for name in one.label.scopes],
        "records": one.records, "at_most": one.at_most, "risk": one.risk, "data_class": one.data_class, "recent": recent,
    }  # fmt: skip


def right(what: What) -> dict[str, Any]:
    return {
        "type": what.type, "action": what.action, "fields": list(what.fields),
        "level": what.level.name.lower() if what.level is not None else None, "words": say.what_words(what).json(),
    }  # fmt: skip


def _sorted(sim: Simulation) -> list[Corner]:
    """New ones first; where there are very many, single fields are left out first."""
    order = {kind: at for at, kind in enumerate(corners.KINDS)}
    return sorted(sim.corners.after, key=lambda one: (one.thing not in sim.corners.new, order[one.kind], one.thing))


def _corner(sim: Simulation, one: Corner) -> dict[str, Any]:
    world = sim.difference.after.world
    role = world.roles.get(one.code)
    words = one.words or CORNER[AT_MOST if one.at_most else one.kind].fill(
        type=say.type_words(one.type), action=say.action_words(one.type, one.code), n=f"{one.n:,}",
        field=say.field_words(one.type, one.code), role=role.words if role is not None else one.code,
        person=person(sim, int(one.code))["name"] if one.kind == corners.PERSON else "",
    )  # fmt: skip
    return {
        "kind": one.kind, "type": one.type, "code": one.code, "n": one.n, "new": one.thing in sim.corners.new,
        "words": words.json(),
    }  # fmt: skip


def _clashes(sim: Simulation) -> list[dict[str, Any]]:
    """Everyone who would hold both sides of a duty; ``checked`` tells which of them are new."""
    new = {one.thing for one in sim.checked.clashes}
    rules = dict(duties.stored())
    for one in sim.changes:
        if one.kind == "duty":
            rules.pop(one.key, None)
            if one.after is not None:
                rules[one.key] = one.after
    if not rules:
        return []
    was = Company(sim.difference.before.world, clock.now())
    became = was.beside(sim.difference.after.world)
    found = duties.clashes(became.world, rules, company=became, before=was)
    return [
        {
            "duty": one.duty, "words": one.words.json(), "person": person(sim, one.person),
            "department": _department(sim, home(sim.difference, one.person)), "first": one.first_words.json(),
            "second": one.second_words.json(), "new": one.thing in new,
        }
        for one in sorted(found, key=lambda c: (c.thing not in new, c.thing))
    ]  # fmt: skip


def _tests(checked: Checked) -> dict[str, Any]:
    failed = [one for one in checked.tests if not one.kept]
    blocking = {p.place.removeprefix("promises/") for p in checked.problems if p.code == "promise"}
    return {
        "passed": len(checked.tests) - len(failed),
        "failed": len(failed),
        "items": [
            {
                "code": one.code, "kept": one.kept, "blocks": one.code in blocking,
                "name": Words(one.promise.name, one.promise.name_en or one.promise.name).json(),
                "how": [words.json() for words in promises.said(one, checked.after)[:3]] if not one.kept else [],
            }
            for one in sorted(checked.tests, key=lambda r: (r.kept, r.code not in blocking, r.code))
        ],
    }  # fmt: skip


def _breaks(sim: Simulation) -> list[dict[str, Any]]:
    """What is in use and would be refused, by person, most used first."""
    by: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for (who, code, action), n in sim.used.refused.items():
        by[who].append((n, code, action))
    rows = sorted(by.items(), key=lambda item: -sum(n for n, _, _ in item[1]))
    return [
        {
            "person": person(sim, who),
            "n": sum(n for n, _, _ in uses),
            "uses": [_use(*one) for one in sorted(uses)[::-1][:3]],
        }
        for who, uses in rows[:MOST_ROWS]
    ]


def _use(n: int, code: str, action: str) -> dict[str, Any]:
    return {"n": n, "type": code, "action": action, "words": say.what_words(What(code, action)).json()}


def _persons(sim: Simulation) -> list[dict[str, Any]]:
    """Before and after, person by person, those concerned most first."""
    moved: dict[int, list[dict[str, Any]]] = defaultdict(list)
    weight: dict[int, int] = defaultdict(int)
    for (pk, what), one in sim.counts.moved.items():
        if what.action == "read" and not what.fields and (one.gained or one.lost):
            moved[pk].append({"type": what.type, "words": say.type_words(what.type).json(), "before": one.before,
                              "after": one.after, "gained": one.gained, "lost": one.lost,
                              "at_most": one.at_most or one.held_at_most})  # fmt: skip
            weight[pk] += one.gained + one.lost
    for pk, (new, gone) in sim.counts.cells.items():
        weight[pk] += (new + gone) // 10
    order = sorted(sim.difference.people, key=lambda pk: (-sim.used.of(pk), -weight[pk], pk))
    return [
        {
            "person": person(sim, pk), "department": _department(sim, home(sim.difference, pk)),
            "gained": [_short(e) for e in _own(sim, pk, gain=True)], "lost": [_short(e) for e in _own(sim, pk, gain=False)],
            "records": sorted(moved[pk], key=lambda r: -(r["gained"] + r["lost"]))[:4],
            "cells_gained": sim.counts.cells.get(pk, (0, 0))[0], "cells_lost": sim.counts.cells.get(pk, (0, 0))[1],
            "cells_at_most": pk in sim.counts.cells_at_most, "recent": sim.used.of(pk),
        }
        for pk in order[:MOST_ROWS]
    ]  # fmt: skip


def _own(sim: Simulation, pk: int, *, gain: bool) -> list[Entry]:
    rows = [one for one in sim.entries.by_person.get(pk, ()) if (one.sign == GAIN) == gain]
    return sorted(rows, key=lambda e: -e.risk)[:8]


def _short(one: Entry) -> dict[str, Any]:
    return {**right(one.label.what), "scopes": [SCOPES[name].words.json() for name in one.label.scopes]}


def replayed(found: Replay, names: Any) -> dict[str, Any]:
    """A replay: how many people and decisions, by person and by what was done."""

    def listed(rows: dict[tuple[int, str, str], int]) -> list[dict[str, Any]]:
        ordered = sorted(rows.items(), key=lambda item: -item[1])
        return [{"person": names(who), **_use(n, code, action)} for (who, code, action), n in ordered[:MOST_ROWS]]

    return {
        "since": found.since.isoformat(),
        "recorded_since": found.recorded_since.isoformat() if found.recorded_since else None,
        "decisions": found.decisions, "people": len(found.people), "refused": found.n,
        "allowed": sum(found.allowed.values()), "at_most": found.at_most, "refusals": listed(found.refused), "allowances": listed(found.allowed),
    }  # fmt: skip
