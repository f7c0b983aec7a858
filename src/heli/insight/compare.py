"""One question about one or two people: the chain in its fixed order, the step where it ends, and where two part.

Person → path → matched fact → field level → ceiling. Sources that the asker may not know read "another reason"; what
hangs on a cell that the asker does not read is only said to depend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heli.access.viewer import Viewer
from heli.insight.asked import Question
from heli.insight.chain import STOPPED, Chain, Step, skipped
from heli.insight.company import Company
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.org.zone import company_zone
from heli.records import store

KINDS = {
    "employee": Words("在职", "employed"),
    "contractor": Words("外包人员", "contractor"),
    "service": Words("服务账号", "service account"),
}
NOBODY = Words("没有这个人，或已离职", "no such person, or they have left")
GONE = Words("当时不在职", "did not work here then")
NO_POST = Words("没有任职", "no post")
SINCE = Words("{post}，{day} 起", "{post}, since {day}")
ABSENT = Words("当时还没有这条记录", "the record did not exist then")


@dataclass(frozen=True, slots=True)
class Side:
    """One person before the question."""

    person: int
    name: str
    username: str
    department: Words
    position: Words | None
    allowed: bool
    depends: bool
    level: str
    steps: tuple[Step, ...]
    also: int
    """Further reasons."""


def side(asked: Question, person: int) -> Side:
    """The answer about one person. Raises Invalid for nobody."""
    company = asked.company
    who = company.world.people.get(person)
    if who is None:
        raise Invalid(Problem("person", "unknown", NOBODY if asked.at is None else GONE))
    view = asked.view(person)
    rights = view.bare(asked.kind.code)
    department, position = _post(company, person)
    first = Step("person", "yes", KINDS[who.kind], _since(company, person))
    head = (person, who.name, who.username, department, position)
    if asked.row is not None and asked.then is None:
        steps = [first, Step("path", "skipped", STOPPED), Step("fact", "no", ABSENT)]
        return Side(*head, False, False, "", (*steps, *skipped(3)), 0)
    chain = Chain(asked, rights, person)
    answer = chain.answer()
    return Side(*head, answer[0], answer[1], chain.level(), (first, *answer[2]), answer[3])


def parted(left: Side, right: Side) -> str | None:
    """The step where two people part: the first that one of them does not pass and the other does."""
    if left.allowed == right.allowed:
        return None
    for one, other in zip(left.steps, right.steps, strict=True):
        if (one.state == "yes") != (other.state == "yes"):
            return one.step
    return None


def _post(company: Company, person: int) -> tuple[Words, Words | None]:
    posts = [
        p
        for p in company.world.posts(person)
        if p.starts <= company.moment and (p.ends is None or p.ends > company.moment)
    ]
    post = next((p for p in posts if p.primary), posts[0] if posts else None)
    if post is None:
        return Words("", ""), None
    node = company.world.tree.nodes.get(post.department)
    words = company.world.position_words.get(post.position) if post.position is not None else None
    return (Words(node.name, node.name_en or node.name) if node is not None else Words("", "")), words


def _since(company: Company, person: int) -> Words:
    home = company.homes.get(person)
    post = next((p for p in company.world.posts(person) if p.department == home and p.starts <= company.moment), None)
    department, position = _post(company, person)
    if post is None:
        return NO_POST
    day = post.starts.astimezone(company_zone()).strftime("%Y-%m-%d")
    named = department if position is None else Words("{d}·{p}", "{p}, {d}").fill(d=department, p=position)
    return SINCE.fill(post=named, day=day)


# -- the same row as both see it ----------------------------------------------------------------------------


def cells(viewer: Viewer, asked: Question, people: Sequence[int]) -> list[dict[str, Any]]:
    """The record's first fields as each of them sees it; values only where the asker reads them too."""
    if asked.row is None or asked.at is not None:
        return []
    kind = asked.kind
    query = store.query(viewer, kind.code)
    shown = query.one(str(asked.row["id"]))
    codes = [code for code in dict.fromkeys((kind.title, *kind.summary, *kind.columns)) if code in shown.access][:6]
    if asked.field is not None and asked.field not in codes and asked.field in shown.access:
        codes = [*codes[:5], asked.field]
    query.quote(shown, codes)
    chains = [Chain(asked, asked.view(one).bare(kind.code), one) for one in people]
    found = []
    for code in codes:
        levels = [
            chain.least.level(code, chain.row)
            if chain.least.level(code, chain.row) == chain.most.level(code, chain.row)
            else None
            for chain in chains
            if chain.row is not None
        ]
        sees = [chain.least.decide("read", chain.row).allowed for chain in chains if chain.row is not None]
        may = [chain.most.decide("read", chain.row).allowed for chain in chains if chain.row is not None]
        found.append(
            {
                "field": code,
                "name": kind.fields[code].words,
                "value": shown.values[code],
                "masked": "masked" in shown.access[code],
                "levels": [
                    "depends" if level is None or see != could else level.name.lower() if see else "hidden"
                    for level, see, could in zip(levels, sees, may, strict=True)
                ],
            }
        )
    return found
