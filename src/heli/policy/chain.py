"""One person's grants as a chain: what everybody has, what the department gives, what the position adds, what a project adds,
and what was given to them alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from heli.access import view as views
from heli.access.facts import Facts, GrantFact
from heli.access.models import Grant
from heli.access.view import Subject
from heli.kernel.words import Words

LAYERS: dict[str, Words] = {
    "everyone": Words("所有人都有", "Everybody has"),
    "department": Words("部门给的", "The department gives"),
    "position": Words("岗位加的", "The position adds"),
    "project": Words("项目加的", "A project adds"),
    "person": Words("单独给本人的", "Given to them alone"),
    "loan": Words("临时借的", "Lent for a while"),
}
_LAYER = {
    Grant.EVERYONE: "everyone", Grant.DEPARTMENT: "department", Grant.POSITION: "position",
    Grant.PROJECT_ROLE: "project", Grant.PERSON: "person",
}  # fmt: skip
LENT = ("loan:", "emergency:")


@dataclass(frozen=True, slots=True)
class Link:
    """A grant as it reaches the person; ``later``: it has not begun."""

    layer: str
    grant: GrantFact
    subject: Subject
    later: bool


def chain(person: int, facts: Facts, moment: datetime) -> list[Link]:
    """Every grant that reaches the person now or is sure to later, layer by layer."""
    subjects, _ = views.subjects_of(person, facts, moment)
    named: dict[str, list[str]] = {}
    for one in subjects:
        named.setdefault(one.kind, []).append(one.id)
    found = [
        Link(_layer(grant), grant, subject, grant.starts > moment)
        for grant in facts.grants(named, moment)
        for subject in subjects
        if (subject.kind, subject.id) == (grant.kind, grant.subject) and (grant.below or not subject.below)
        if grant.role is None or not grant.role.closed
    ]
    order = list(LAYERS)
    return sorted(found, key=lambda one: (order.index(one.layer), one.later, one.grant.id))


def _layer(grant: GrantFact) -> str:
    return "loan" if grant.source.startswith(LENT) else _LAYER[grant.kind]
