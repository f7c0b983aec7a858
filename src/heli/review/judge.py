"""What speaks for and against a right: its risk, the one thing that stands out against peers, and a suggestion with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from heli.access.models import Grant
from heli.kernel.words import Words
from heli.org import tree
from heli.review.evidence import DAYS, Used, Uses
from heli.review.holders import SHARED, Company, Holding, thing
from heli.review.models import Item
from heli.review.rights import Given, action_words, joined, of_grant

KEEP, NARROW, REVOKE, SHORTEN = "keep", "narrow", "revoke", "shorten"
IDLE = 60
"""Days without use after which a personal right is thought to be needless."""
RARE = 3
"""Days of use in 90 below which an open-ended right should end by itself."""
SOON = timedelta(days=30)
RISING = 3
HIGH, MIDDLE = 55, 35
"""From how many points a right is of high, of middle risk."""
ALARM, PEOPLE, TIME, CALM = "alarm", "people", "time", "calm"
"""The kinds of what stands out, for its sign."""


@dataclass(frozen=True, slots=True)
class Judged:
    """All that is known of one item when it is made."""

    risk: int
    band: str
    secret: bool
    facts: dict[str, Any]


class Judge:
    """Judges holdings of one company at one moment."""

    def __init__(self, company: Company, uses: Uses, kinds: Mapping[int, str]) -> None:
        self._company = company
        self._uses = uses
        self._kinds = kinds
        self._finished = tree.ended_projects(uses.today)
        self._givers = dict(Grant.objects.filter(revoked_at=None).values_list("pk", "created_by"))

    def leaving_on(self, person: int) -> date | None:
        """The last day of somebody whose every post ends within a month."""
        posts = self._company.posts.get(person, ())
        ends = [p.ends for p in posts]
        if not posts or any(e is None for e in ends):
            return None
        last = max(e for e in ends if e is not None)
        return last.date() if last <= self._company.moment + SOON else None

    def one(self, held: Holding) -> Judged:
        """A person's hold on a grant."""
        given, used = of_grant(held.grant), self._uses.of(held.person, held.grant.id)
        outlier = self._outlier(held, used)
        decision, until, reason = self._suggest(held, given, used, outlier)
        risk = given.points + self._extra(held, used, outlier)
        return self._made(held, given, used, outlier, (decision, until, reason), risk, self._origin(held))

    def shared(self, grant: Any, holders: int) -> Judged:
        """A grant to a position, a department or everyone, as a whole."""
        held = Holding(0, grant)
        given, used = of_grant(grant), self._uses.of(None, grant.id)
        users = len(used.people)
        outlier = (
            (PEOPLE, Words(f"{holders} 人中 {users} 人用过", f"used by {users} of {holders}"))
            if holders and users * 2 < holders
            else (CALM, Words(f"{holders} 人中 {users} 人用过", f"used by {users} of {holders}"))
        )
        suggestion: tuple[str, datetime | None, Words] = (
            KEEP, None, Words("多数人在用", "most of them use it") if users * 2 >= holders else Words("有人在用", "some use it")
        )  # fmt: skip
        if holders == 0:
            outlier = (PEOPLE, Words("没有人在这个岗位", "nobody is there"))
            suggestion = (REVOKE, None, Words("没有人因此得到权限", "it gives nobody anything"))
        elif not users:
            suggestion = (REVOKE, None, Words(f"{DAYS} 天内没有人用过", f"nobody used it in {DAYS} days"))
        else:
            narrower = _unused(given, used)
            if narrower is not None:
                suggestion = (NARROW, None, narrower)
        risk = given.points + (10 if not users else 0)
        return self._made(held, given, used, outlier, suggestion, risk, self._origin(held))

    def _made(
        self, held: Holding, given: Given, used: Used, outlier: tuple[str, Words],
        suggestion: tuple[str, datetime | None, Words], risk: int, origin: Words,
    ) -> Judged:  # fmt: skip
        decision, until, reason = suggestion
        points = min(risk, 100)
        band = Item.HIGH if points >= HIGH else Item.MIDDLE if points >= MIDDLE else Item.LOW
        department = self._company.department(held.person)
        node = self._company.world.tree.nodes.get(department) if department is not None else None
        return Judged(
            points, band, given.secret,
            {
                "what": given.words.json(), "origin": origin.json(),
                "where": {"zh": node.name, "en": node.name_en or node.name} if node is not None else None,
                "bars": used.bars, "last": used.last.isoformat() if used.last is not None else None,
                "idle": used.idle(self._uses.today),
                "outlier": {"kind": outlier[0], "words": outlier[1].json()},
                "suggestion": {
                    "decision": decision, "until": until.isoformat() if until is not None else None, "words": reason.json(),
                },
                "used": sorted(f"{t}.{a}" for t, a in used.actions)[:60],
            },
        )  # fmt: skip

    # -- what stands out --------------------------------------------------------------------------------------

    def _outlier(self, held: Holding, used: Used) -> tuple[str, Words]:
        company, person = self._company, held.person
        if person not in company.world.people:
            return ALARM, Words("已离职，仍有单独授权", "has left and still holds a grant")
        last = self.leaving_on(person)
        if last is not None and used.bars[-1] > RISING * max(1.0, sum(used.bars[:-1]) / (len(used.bars) - 1)):
            days = max((last - self._uses.today).days, 0)
            return ALARM, Words(f"离岗前 {days} 天用量上升", f"use is rising {days} days before leaving")
        if held.carrier in self._finished:
            ends = self._finished[held.carrier]
            said = f"{ends:%m-%d}" if ends is not None else ""
            return TIME, Words(f"项目 {said} 已结束".replace("  ", " "), f"the project has ended {said}".strip())
        if last is not None:
            return TIME, Words(f"{last:%m-%d} 离岗", f"leaves on {last:%m-%d}")
        peers = company.peers(person)
        key = thing(held.grant)
        having = sum(key in company.held_by.get(p, ()) for p in peers)
        n = len(peers) + 1
        if peers and held.grant.kind not in SHARED and having == 0:
            return PEOPLE, Words(f"同岗 {n} 人中仅此人拥有", f"the only one of {n} at this position")
        giver = self._givers.get(held.grant.id)
        if held.grant.kind == Grant.PERSON and giver is not None and giver not in company.world.people:
            return TIME, Words("原授权人已离职", "whoever gave it has left")
        if peers and not used.total:
            users = sum(bool(self._uses.of(p, held.grant.id).total) for p in peers)
            if users * 2 > len(peers):
                return PEOPLE, Words(f"同岗 {len(peers)} 人中 {users} 人在用", f"{users} of {len(peers)} peers use it")
        return CALM, Words("与同岗一致", "like their peers") if peers else Words(
            "没有同岗可比", "no peers to compare with"
        )

    # -- risk ---------------------------------------------------------------------------------------------------

    def _extra(self, held: Holding, used: Used, outlier: tuple[str, Words]) -> int:
        points = {ALARM: 40, PEOPLE: 15, TIME: 15, CALM: 0}[outlier[0]]
        idle = used.idle(self._uses.today)
        if idle is None or idle >= IDLE:
            points += 12
        if self._kinds.get(held.person) in ("contractor", "service"):
            points += 12
        if held.grant.kind in SHARED and outlier[0] == CALM and used.total:
            points -= 12  # everybody at this post has it and it is used: what is judged is the post, not the person
        return points + (5 if held.grant.kind == Grant.PERSON and held.grant.ends is None else 0)

    # -- a suggestion -------------------------------------------------------------------------------------------

    def _suggest(
        self, held: Holding, given: Given, used: Used, outlier: tuple[str, Words]
    ) -> tuple[str, datetime | None, Words]:
        idle = used.idle(self._uses.today)
        personal = held.grant.kind not in SHARED
        if outlier[0] == ALARM:
            return REVOKE, None, outlier[1]
        if held.carrier in self._finished:
            return REVOKE, None, Words("项目已结束", "the project has ended")
        if personal and (idle is None or idle >= IDLE):
            said = Words(f"{DAYS} 天内没有用过", f"not used in {DAYS} days")
            return REVOKE, None, said if idle is None else Words(f"{idle} 天没有用过", f"not used for {idle} days")
        if held.grant.kind == Grant.PERSON:
            narrower = _unused(given, used)
            if narrower is not None:
                return NARROW, None, narrower
            last = self.leaving_on(held.person)
            if last is not None and held.grant.ends is None:
                until = max(p.ends for p in self._company.posts[held.person] if p.ends is not None)
                return SHORTEN, until, Words("随离岗结束", "to end with the post")
            if held.grant.ends is None and len(used.days) < RARE:
                return (
                    SHORTEN,
                    self._company.moment + SOON,
                    Words("用得很少，改为到期自动收回", "rarely used: let it end by itself"),
                )
        if not personal and idle is None:
            return KEEP, None, Words("随岗位而来；本人没有用过", "comes with the post; they have not used it")
        return KEEP, None, Words("在正常使用", "in regular use")

    # -- where it comes from ------------------------------------------------------------------------------------

    def _origin(self, held: Holding) -> Words:
        grant, company = held.grant, self._company
        since = f" · {grant.starts:%Y-%m-%d}"
        if grant.source.startswith(("loan:", "emergency:")):
            until = f"{grant.ends:%m-%d}" if grant.ends is not None else ""
            return Words(f"临时授权 · 至 {until}", f"loan until {until}")
        match grant.kind:
            case Grant.PERSON:
                end_zh, end_en = (
                    (f" · 至 {grant.ends:%m-%d}", f", until {grant.ends:%m-%d}") if grant.ends else ("", "")
                )
                return Words(f"单独授权{since}{end_zh}", f"granted personally{since}{end_en}")
            case Grant.POSITION:
                job = company.world.position_words.get(int(grant.subject), Words("?", "?"))
                return Words("岗位 {j}", "position {j}").fill(j=job)
            case Grant.DEPARTMENT:
                node = company.world.tree.nodes.get(int(grant.subject))
                name = Words(node.name, node.name_en or node.name) if node is not None else Words("?", "?")
                return Words("部门 {d}", "department {d}").fill(d=name)
            case Grant.PROJECT_ROLE:
                return Words("项目「{p}」", "project {p}").fill(p=held.project or grant.subject)
        return Words("授予所有人", "given to everyone")


def _unused(given: Given, used: Used) -> Words | None:
    """What was never done although it may be, when that is worth narrowing: more than reading is given, only some was used."""
    active = {(t, a) for t, a in given.doing if a not in ("read", "open")}
    if not active or not used.actions:
        return None
    done = active & used.actions
    types = {t for t, _ in used.actions}
    idle = {(t, a) for t, a in active - used.actions if t in types}
    if not idle or len(idle) * 2 < len(active) or len(given.doing) > 12:
        return None
    if not done:
        return Words("近 90 天只查看过", "only looked at in 90 days")
    said = joined(action_words(t, a) for t, a in sorted(idle))
    return Words("没有用过：{a}", "never used: {a}").fill(a=said)
