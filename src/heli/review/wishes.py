"""What reviewers wish to become of a right that is not personal, and what a draft then holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access.models import Grant
from heli.kernel import clock
from heli.policy import likeness, state
from heli.policy.names import Names
from heli.review.models import Item

PERSON, HOLDERS, ROLE = "person", "holders", "role"
"""For whom: this person alone, everybody whom this grant reaches, everybody who has the role."""
REVOKE, NARROW = "revoke", "narrow"


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall become of one right. ``lines`` None: they stay as they are; ``until``: when it ends, in UTC."""

    what: str
    whom: str
    lines: Sequence[Mapping[str, Any]] | None = None
    until: str | None = None

    def json(self) -> dict[str, Any]:
        return {
            "what": self.what, "whom": self.whom, "until": self.until,
            "lines": [dict(one) for one in self.lines] if self.lines is not None else None,
        }  # fmt: skip

    @staticmethod
    def of(stored: Mapping[str, Any]) -> Wish:
        return Wish(stored["what"], stored["whom"], stored["lines"], stored["until"])


def source_of(item: Item, grant: Grant) -> str:
    """The source of what a review makes of a grant: it names the role that the lines were cut from, for whatever is left of
    a role counts as that role where rules keep roles apart (``policy.likeness``)."""
    role = grant.role.code if grant.role is not None else likeness.derived(grant.source)
    return f"{likeness.DERIVED}{item.pk}" + (f":{role}" if role else "")


type Thing = tuple[str, str]
type Things = dict[Thing, Any]
type Told = tuple[Item, Grant, Wish]


def same(grant: Grant, wish: Wish, other: Grant, theirs: Wish) -> bool:
    """Whether two wishes for more than one person would write the same thing."""
    if theirs.whom == PERSON or wish.whom != theirs.whom:
        return False
    return grant.role_id == other.role_id if wish.whom == ROLE else grant.pk == other.pk


def things(told: Iterable[Told], names: Names) -> Things:
    """All that these wishes come to."""
    found: Things = {}
    alone: dict[int, list[Told]] = defaultdict(list)
    for item, grant, wish in told:
        if wish.whom == ROLE and grant.role is not None:
            now = state.role_state(grant.role)
            found["role", grant.role.code] = {**now, "lines": [dict(one) for one in wish.lines or ()]}
        elif wish.whom == HOLDERS:
            _grant(found, item, grant, wish, names)
        elif item.carrier and item.person_id is not None:
            found["member", f"{item.carrier}:{names.people[item.person_id][0]}"] = None
        elif item.person_id is not None:
            alone[item.person_id].append((item, grant, wish))
    for person, some in alone.items():
        _post(found, person, some, names)
    return found


def _grant(found: Things, item: Item, grant: Grant, wish: Wish, names: Names) -> None:
    now = state.grant_state(grant, names)
    ends = wish.until or now["ends"]
    if wish.what == NARROW and wish.lines is None:
        found["grant", str(grant.pk)] = {**now, "ends": ends}
        return
    found["grant", str(grant.pk)] = None
    if wish.what == NARROW:
        found["grant", f"review-{item.pk}"] = {
            **now, "role": None, "lines": [dict(one) for one in wish.lines or ()], "starts": None, "ends": ends,
            "source": source_of(item, grant),
        }  # fmt: skip


def _post(found: Things, person: int, some: Sequence[Told], names: Names) -> None:
    """One person leaves their position; what else it gave them becomes theirs personally, less what was wished."""
    login, subject = names.people[person][0], some[0][1].subject_id
    post = state.current("post", login, names)
    if post is None:
        return
    found["post", login] = {**post, "position": None}
    wishes = {grant.pk: (item, wish) for item, grant, wish in some}
    open_ = Grant.objects.filter(subject_kind=Grant.POSITION, subject_id=subject, revoked_at=None)
    for one in open_.select_related("role").order_by("pk"):
        item, wish = wishes.get(one.pk, (some[0][0], Wish(NARROW, PERSON)))
        if wish.what == REVOKE or (one.ends is not None and one.ends <= clock.now()):
            continue
        now = state.grant_state(one, names)
        lines = [dict(line) for line in wish.lines] if wish.lines is not None else now["lines"]
        found["grant", f"review-{person}-{one.pk}"] = {
            "role": now["role"] if wish.lines is None else None, "lines": lines, "subject": f"person:{login}",
            "below": False, "starts": None, "ends": wish.until or now["ends"], "source": source_of(item, one),
        }  # fmt: skip


def member(item: Item, grant: Grant) -> bool:
    return bool(item.carrier) and item.person_id is not None and grant.subject_kind == Grant.PROJECT_ROLE
