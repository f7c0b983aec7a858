""" "Why" as of a moment: the asker's question answered with the rights and the record of that day.

The record must be seen now, and of its cells only those are spoken of that the asker reads now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from heli.access import view as views
from heli.access.core.explain import Fact
from heli.access.core.line import REACH, Row
from heli.access.models import Role
from heli.access.viewer import Viewer
from heli.insight import past, past_record
from heli.insight.asked import view_of, with_steps
from heli.insight.company import Company
from heli.insight.compare import ABSENT, GONE
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.records import explain, store
from heli.records.explain import Beside, Question, Why
from heli.records.readers import WORK
from heli.records.sight import row_facts, told_to

NOT_THERE = Fact("absent", ABSENT.zh, ABSENT.en)


def why(viewer: Viewer, asked: Question, moment: datetime) -> Why:
    """Why the asker might, or might not, at that moment. Raises as ``explain.why`` does, Unknown before the log begins."""
    return _both(viewer, None, asked, moment)[0]


def beside(viewer: Viewer, other: int, asked: Question, moment: datetime) -> Beside:
    """The same for a colleague too. Raises NotFound when the asker does not see the record now."""
    mine, theirs = _both(viewer, other, asked, moment)
    assert theirs is not None
    return Beside(mine, theirs, explain.difference(mine, theirs))


def _both(viewer: Viewer, other: int | None, asked: Question, moment: datetime) -> tuple[Why, Why | None]:
    kind, asked = explain.checked(viewer, asked)
    now: Row | None = None
    if asked.id is not None:
        try:
            now = store.row(viewer, kind.code, asked.id)
        except NotFound:
            if other is not None:
                raise
            past.check(moment)
            return explain.unseen(), None
    company = past.company_at(moment)
    told = told_to(viewer, kind, now)
    then = past_record.record_at(kind, now, moment, viewer) if now is not None else None
    answers = []
    for person in (viewer.person, other):
        if person is None:
            continue
        if person not in company.world.people:
            raise Invalid(Problem("at" if person == viewer.person else "beside", "unknown", GONE))
        if now is not None and then is None:
            answers.append(Why(False, (), ((NOT_THERE,),), (), ABSENT))
            continue
        row = None
        if then is not None:
            pairs = frozenset(pair for pair, people in then.reached.items() if person in people)
            row = row_facts({k: v for k, v in then.row.items() if k != REACH}, pairs)
        view = _view(company, person, viewer.role if person == viewer.person else "")
        if then is not None and not viewer.role:
            tags = [tag for (how, tag), people in then.reached.items() if how == WORK and person in people]
            view = with_steps(view, tags)
        who = replace(viewer, person=person, view=view)
        answers.append(replace(explain.answer(viewer, who, kind, asked, row, told), ask=()))
    return answers[0], answers[1] if other is not None else None


def _view(company: Company, person: int, role: str) -> views.View:
    """Someone's rights then, with the roles that there were then beside them."""
    view = view_of(company, person)
    if role:
        view = view.limited_to(role)
    roles = [
        (Role(pk=at, code=one.code, name=one.words.zh, name_en=one.words.en, version=one.version), one)
        for at, one in enumerate(company.world.roles.values(), 1)
        if not one.closed
    ]
    for code in {line.type for _, one in roles for line in views.lines_of(one.lines)}:
        view.shared["lines of roles", code] = [
            (role, line) for role, one in roles for line in views.lines_of(one.lines) if line.type == code
        ]
    return view
