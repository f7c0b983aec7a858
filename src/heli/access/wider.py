"""Whether a person's rights have grown between two views of them: what an administrator may not do to their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from heli.access.core.line import Atom, Everything, Held, Keys
from heli.access.scopes.pool import pool_of
from heli.access.view import View

DEPARTMENTS = ("department_id", "account_department_id")


def wider(before: View, after: View) -> bool:
    """Whether a line holds on more than it did, or a ceiling lets more pass.

    A department that did not exist before counts for nothing: no record lies in it yet.
    """
    if _grown(before.lines, after.lines, after, before):
        return True
    ceilings = {c.code: c for c in before.ceilings}
    now = {c.code: c for c in after.ceilings}
    if set(ceilings) - set(now):
        return True
    return any(c.code in ceilings and _grown(ceilings[c.code].lines, c.lines, after, before) for c in after.ceilings)


def _grown(had: Sequence[Held], have: Iterable[Held], after: View, before: View) -> bool:
    fresh = frozenset(after.tree.nodes) - frozenset(before.tree.nodes)
    for one in have:
        alike = [atom for h in had if h.line == one.line for atom in h.atoms]
        if not all(_covered(atom, alike, fresh) for atom in one.atoms):
            return True
    return False


def _covered(atom: Atom, had: Sequence[Atom], fresh: frozenset[int]) -> bool:
    if atom in had or any(isinstance(one, Everything) for one in had):
        return True
    if not isinstance(atom, Keys):
        return False
    more = set(atom.values).difference(
        *(one.values for one in had if isinstance(one, Keys) and one.column == atom.column)
    )
    if atom.column in DEPARTMENTS:
        more -= fresh
    elif atom.column == "pool_id":
        more -= {pool_of(one) for one in fresh}
    return bool(not more)
