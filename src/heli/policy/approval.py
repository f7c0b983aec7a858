"""How many others have to say yes to a draft before it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heli.access.facts import World
from heli.access.models import Role
from heli.access.shapes import SHAPES
from heli.access.view import lines_of
from heli.kernel.errors import Conflict, Invalid
from heli.policy import sensitive
from heli.policy.change import ORGANISATION, SETTINGS, Change
from heli.policy.company import changed
from heli.policy.lifted import Lifted
from heli.policy.models import Setting

APPROVAL = "approval"
ALWAYS, WIDENING, NEVER = SETTINGS[APPROVAL]
"""When a second person approves: every draft, those that give more, or none."""
BINDING = ("ceiling", "duty", "promise")
NAMES = ("name", "name_en")


def approval_mode() -> str:
    """The company's word on when a second person approves; always where it has said none that is known."""
    found = Setting.objects.filter(code=APPROVAL).values_list("body", flat=True).first()
    return found["value"] if found is not None and found["value"] in (WIDENING, NEVER) else ALWAYS


def needs_approval(changes: Sequence[Change], mode: str, *, undoing: bool = False) -> bool:
    """Whether these changes take a second person. Whatever the mode, what makes somebody powerful does, by moving people
    about or by giving, and so does lifting a rule that binds everybody: else one alone could undo what two have made.
    ``undoing``: of the rest nothing does that only takes."""
    if mode == ALWAYS and not undoing:
        return True
    moves = [one for one in changes if one.kind in ORGANISATION]
    rules = [one for one in changes if one.kind not in ORGANISATION]
    if mode == NEVER:
        if any(_binds_less(one) or _gives_power(one, rules) for one in rules):
            return True
    elif not all(_only_narrows(one) for one in rules):
        return True
    return bool(moves) and ((mode == WIDENING and not undoing) or _empower(moves))


def _binds_less(one: Change) -> bool:
    """Whether a ceiling, a duty or a policy test that stands says something else from now on, whatever its name."""
    if one.kind not in BINDING or one.before is None:
        return False
    return one.after is None or any(one.before[key] != one.after[key] for key in one.before if key not in NAMES)


def _gives_power(one: Change, rules: Sequence[Change]) -> bool:
    """Whether a grant or a role gives a sensitive right that it did not give."""
    if one.after is None or one.kind not in ("grant", "role") or _only_narrows(one):
        return False
    if one.kind == "role":
        return one.after["sensitive"] or (one.before or {}).get("sensitive", False) or _sensitive(one.after["lines"])
    code = one.after["role"]
    if code is None:
        return _sensitive(one.after["lines"])
    made = next((other.after for other in rules if other.thing == ("role", code)), None)
    role = Role.objects.filter(code=code, closed_at__isnull=True).first()
    states = [*([made] if made is not None else []), *([] if role is None else [_as_state(role)])]
    return any(state["sensitive"] or _sensitive(state["lines"]) for state in states)


def _as_state(role: Role) -> Mapping[str, Any]:
    return {"sensitive": role.sensitive, "lines": role.lines}


def _sensitive(lines: Sequence[Mapping[str, Any]]) -> bool:
    return bool(sensitive.why(lines_of(list(lines))))


def _empower(moves: Sequence[Change]) -> bool:
    """Whether changes of the organisation bring somebody a sensitive right; those that fit no longer count as such."""
    before = World.load()
    try:
        after = changed(before, moves)
    except (Invalid, Conflict):
        return True
    return any(
        set(sensitive.powers(person, after)) - set(sensitive.powers(person, before))
        for person in (before.people if any(one.kind == "department" for one in moves) else _movers(before, moves))
    )


def _movers(world: World, moves: Sequence[Change]) -> set[int]:
    names = {one.key.rpartition(":")[2].lower() for one in moves}
    names |= {str(one.after["manager"]).lower() for one in moves if one.kind == "manager" and one.after is not None}
    return {pk for name, pk in world.usernames.items() if name in names}


def _only_narrows(one: Change) -> bool:
    """Whether a change can give nobody anything: what is not plainly so counts as giving."""
    before, after = one.before, one.after
    match one.kind:
        case "grant" if after is None:
            return True
        case "grant" if before is not None and after is not None and after["ends"] is not None:
            return before["ends"] is None or after["ends"] <= before["ends"]
        case "role" if after is None:
            return True
        case "role" if before is not None and after is not None:
            return before["sensitive"] <= after["sensitive"] and all(
                _within(line, before["lines"]) for line in after["lines"]
            )
        case "setting":
            return not loosens(one)
        case "ceiling" | "duty" | "promise":
            return before is None or not _binds_less(one)
    return False


def loosens(one: Change) -> bool:
    """Whether a setting asks for a second person less often from now on. The strictest word is first; none is the strictest."""
    words = SETTINGS.get(one.key, ())
    had, has = (
        words.index(s["value"]) if s is not None and s["value"] in words else 0 for s in (one.before, one.after)
    )
    return has > had


def _within(line: Mapping[str, Any], had: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a line stands there already, or one that differs from it only by showing at least as much of every field."""
    if line in had:
        return True
    (one,) = lines_of([line])
    fields = SHAPES[one.type].fields.values()
    return any(
        replace(other, levels=one.levels) == one
        and all(one.level(f.code, f.data_class) <= other.level(f.code, f.data_class) for f in fields)
        for other in lines_of(list(had))
    )


def asked(changes: Sequence[Change], lifted: Sequence[Lifted], *, sees: bool = False) -> int:
    """How many others have to approve: a rule that is taken away in order to be passed by takes one more than any draft.
    ``sees``: an author would come to see what others make (``own_sight``)."""
    if lifted:
        return 2
    return 1 if sees or needs_approval(changes, approval_mode()) else 0
