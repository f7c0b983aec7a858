"""Who says yes to a version that waits for security: nobody who drew or published it, nor whom it gives what they do not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from heli.access.view import View
from heli.flows import giving, rights
from heli.flows.core.definition import Definition, Kind, Node
from heli.flows.finding import always
from heli.flows.models import Draft, DraftHand, Version
from heli.insight import company
from heli.kernel import quick
from heli.kernel.words import Words

MOST_NAMED = 5
_HANDS = (
    "SELECT v.id, h.person_id FROM flows_version v JOIN flows_process p ON p.id=v.process_id "
    "JOIN flows_draft d ON d.code=p.code AND (d.version_id=v.id OR d.source=v.source) JOIN flows_drafthand h ON h.draft_id=d.id "
    "WHERE v.id IN ({0}) UNION SELECT v.id, o.by_id FROM flows_version v "
    "JOIN flows_version o ON o.process_id=v.process_id AND (o.id=v.id OR o.source=v.source) WHERE v.id IN ({0}) AND o.by_id IS NOT NULL"
)
PUBLISHED_IT = Words(
    "你自己提交了这个版本，要由另一位安全管理员确认。{then}",
    "You have submitted this version yourself: another security administrator has to confirm it. {then}",
)
DREW_IT = Words(
    "你参与编写了这个版本，要由没有参与编写的安全管理员确认。{then}",
    "You have drawn on this version, so another security administrator, who has not, confirms it. {then}",
)
AWAITED = Words("要由安全管理员确认。{then}", "A security administrator has to confirm it. {then}")
NAMED = Words(
    "要由另一位安全管理员确认：这个版本的“{node}”会交给你，并给你现在没有的权限。{then}",
    "Another security administrator has to confirm: “{node}” goes to you and gives you what you do not hold. {then}",
)
THESE = Words("可以确认的有：{who}", "Who may: {who}")
NOBODY = Words(
    "现在没有别人可以确认：请在权限中心让另一位没有参与编写的同事成为安全管理员，由他来确认；或者去掉超出提交人权限的内容再重新提交，就不需要确认",
    "Nobody else may now: make a colleague who has not drawn on it a security administrator in the permission centre, who then confirms; or"
    " take out what goes beyond the rights of who submits it and submit it again, which needs no confirming",
)


def drew(draft: Draft, person: int) -> None:
    """Note that somebody has changed what a draft says; inside the caller's transaction."""
    DraftHand.objects.bulk_create([DraftHand(draft=draft, person_id=person)], ignore_conflicts=True)


def hands(versions: Iterable[Version]) -> dict[int, set[int]]:
    """Who had a hand in each of these: who published it, and whoever has changed the draft that it was; also who did so with the same file,
    or what they drew would only have to be taken out and brought by somebody else."""
    found: dict[int, set[int]] = defaultdict(set)
    asked = [one.pk for one in versions]
    if not asked:
        return found
    for version, person in quick.rows(_HANDS.format(", ".join(["%s"] * len(asked))), [*asked, *asked]):
        found[version].add(person)
    return found


def gained(view: View, person: int, definition: Definition) -> Node | None:
    """A node whose rules name this person, whatever the case, and that gives them what they do not hold on every record."""
    here = company.now()
    for one in giving.with_called(definition):
        kind = giving.kind_of(one)
        for place, node in enumerate(one.nodes) if kind is not None else ():
            if kind is None or node.kind is not Kind.USER or person not in always(here, node):
                continue
            people, act = giving.of_node(kind, one, place)
            part = rights.lines_of_part(rights.part_of(node))
            if giving.beyond(view, [*people, *act, *part]):
                return node
    return None


def touched(version: Version, person: int, theirs: set[int], definition: Definition) -> Words | None:
    """Why somebody who had a hand in it does not confirm it, with who may instead; None for everybody else. ``theirs``: of ``hands``."""
    if person not in theirs:
        return None
    words = PUBLISHED_IT if person == version.by_id else DREW_IT
    return words.fill(then=_instead(theirs, person, definition))


def awaited(person: int, theirs: set[int], definition: Definition) -> Words | None:
    """For whom of them it waits, to somebody who had a hand in it and confirms nothing; None for everybody else."""
    return AWAITED.fill(then=_instead(theirs, person, definition)) if person in theirs else None


def named(node: Node, person: int, theirs: set[int], definition: Definition) -> Words:
    """Why whom the version gives something by this node does not confirm it."""
    called = node.name or node.id
    return NAMED.fill(node=Words(called, called), then=_instead(theirs, person, definition))


def _instead(theirs: set[int], person: int, definition: Definition) -> Words:
    here = company.now()
    others = [one for one in here.may("policy", "grant") if one != person and one not in theirs]
    free = [one for one in others if gained(here.view(one), one, definition) is None]
    return THESE.fill(who=_names(free)) if free else NOBODY


def _names(people: Sequence[int]) -> Words:
    known = company.now().world.people
    some = [known[one].name for one in people[:MOST_NAMED] if one in known]
    zh, en = "、".join(some), ", ".join(some)
    return Words(f"{zh}等", f"{en} …") if len(people) > MOST_NAMED else Words(zh, en)
