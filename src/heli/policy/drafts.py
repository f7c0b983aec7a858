"""The life of a draft: written, discussed, submitted, approved, published as a version, undone in one step.

Verbs without decisions about who may: whoever calls them has decided that. What follows from the draft itself is decided
here: nobody approves their own, an approval is for one revision, a stale base is merged or refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heli.access import epoch
from heli.access import view as views
from heli.access.facts import World
from heli.audit import log
from heli.audit.log import EntryData
from heli.insight import company as companies
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale
from heli.kernel.hooks import Hook
from heli.kernel.words import Words
from heli.policy import apply, parts, state
from heli.policy.approval import approval_mode, asked, needs_approval
from heli.policy.change import KEPT, MOST_CHANGES, SETTINGS, Change, check_grant, key_of, state_of, strictest
from heli.policy.checks import Checked, check
from heli.policy.company import changed
from heli.policy.lifted import Lifted
from heli.policy.models import Draft, PolicyVersion, Remark
from heli.policy.names import Names

answered: Hook[[Actor, int, str]] = Hook("draft answered")
"""Fired with who says no to a draft that others were asked to approve, the draft, and the step (``returned`` or ``withdrawn``)."""

STALE = Words(
    "这份草稿刚被别人改过，请看过最新内容后再改", "this draft has been changed meanwhile: look at it again and repeat"
)
NOT_OPEN = Words("这份草稿已{state}，不能再改", "this draft is {state} and can no longer be changed")
NOT_SUBMITTED = Words("草稿还没有提交批准", "the draft has not been submitted for approval")
EMPTY = Words("草稿里没有任何改动", "the draft changes nothing")
OWN = Words(
    "你参与了这份草稿的编写，不能自己批准；请另一位安全管理员来批准",
    "you had a hand in this draft and cannot approve it: ask another security administrator",
)
ALREADY = Words("你已经批准过这一稿，不用再批准", "you have approved this revision already: one yes is enough")
UNAPPROVED = Words(
    "这一稿还没有第二个人批准，按公司设置不能发布",
    "nobody else has approved this revision yet, and the company requires it",
)
TOO_MANY = Words(f"一份草稿最多 {MOST_CHANGES} 处改动", f"a draft holds at most {MOST_CHANGES} changes")
NO_THING = Words("没有这样东西，无从修改", "there is no such thing to change")
NO_POST = Words(
    "{who} 现在没有任职，不能在草稿里调动；请先在组织里给 TA 安排任职",
    "{who} has no post now and cannot be moved in a draft: give them one in the organisation first",
)
ONE_MORE = Words(
    "这份草稿取消或放宽了会被它打破的规则（{rules}），发布前要有两位知道此事的安全管理员批准，现在只有 {n} 位",
    "this draft takes away or weakens rules that it would break ({rules}): two security administrators who "
    "know of it have to approve it; so far {n}",
)
UNDO_GIVES = Words(
    "撤销这个版本会重新给出权限，要由第二个人批准：请把恢复写成草稿并提交",
    "taking this version back would give rights again, which takes a second person: write it as a draft and submit it",
)
AS_BEFORE = Words(
    "这个版本改过的都已恢复原样，没有可撤销的了",
    "all that this version changed is as it was before: nothing is left to take back",
)
UNDONE = Words("这个版本已经撤销过了", "this version has been undone already")


def stale() -> Stale:
    """What somebody is told who changes a draft as it no longer is."""
    return Stale(STALE)


STATES = {
    Draft.OPEN: Words("编写中", "open"), Draft.SUBMITTED: Words("待批准", "submitted"),
    Draft.PUBLISHED: Words("发布", "published"), Draft.WITHDRAWN: Words("放弃", "withdrawn"),
}  # fmt: skip


def changes_of(draft: Draft) -> list[Change]:
    return [Change.of(one) for one in draft.changes]


def get(pk: int, *, lock: bool = False) -> Draft:
    """Raises NotFound."""
    rows = Draft.objects.select_for_update() if lock else Draft.objects
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def submitted(most: int) -> list[Draft]:
    """The drafts that wait for a yes or for publication, the longest waiting first."""
    return list(Draft.objects.filter(state=Draft.SUBMITTED).order_by("changed_at", "pk")[:most])


def _tell(by: Actor, action: str, pk: int, before: Any = None, after: Any = None) -> None:
    log.append(
        EntryData(
            action=action, object_type=action.partition(".")[0], object_id=str(pk), actor_id=by.person,
            actor_name=by.name, origin=by.origin, via=by.via, before=before, after=after,
        )
    )  # fmt: skip


def create(by: Actor, title: str, note: str = "") -> Draft:
    """A new, empty draft."""
    with log.transaction():
        draft = Draft.objects.create(title=title, note=note, created_by=by.person, authors=_with([], by))
        _tell(by, "draft.create", draft.pk, None, {"title": title})
    return draft


def _with(authors: Sequence[int], by: Actor) -> list[int]:
    return sorted({*authors, *([by.person] if by.person is not None else [])})


def _for_change(pk: int, revision: int) -> Draft:
    draft = get(pk, lock=True)
    if draft.revision != revision:
        raise Stale(STALE)
    if draft.state not in (Draft.OPEN, Draft.SUBMITTED):
        raise Conflict(NOT_OPEN.fill(state=STATES[draft.state]), code="not_open")
    return draft


def _save(draft: Draft, by: Actor, changes: Sequence[Change]) -> None:
    """A changed draft is open again: what was approved is not what stands there now."""
    draft.changes = [one.json() for one in changes]
    draft.revision += 1
    draft.approvals, draft.lifted = 1, []
    draft.state = Draft.OPEN
    draft.authors = _with(draft.authors, by)
    draft.changed_at = clock.now()
    draft.save()


def describe(by: Actor, pk: int, revision: int, *, title: str | None = None, note: str | None = None) -> Draft:
    """Another title or note: no other revision, for nothing that would hold changes. Raises NotFound, Stale, Conflict."""
    with log.transaction():
        draft = _for_change(pk, revision)
        before = {"title": draft.title, "note": draft.note}
        draft.title, draft.note = title if title is not None else draft.title, note if note is not None else draft.note
        draft.save(update_fields=["title", "note"])
        _tell(by, "draft.describe", pk, before, {"title": draft.title, "note": draft.note})
    return draft


def put(by: Actor, pk: int, revision: int, kind: str, key: str, after: Any) -> Draft:
    """Say what one thing shall be (None: removed). The same as it is now takes the change out.

    Raises NotFound, Stale, Invalid naming the place, Conflict.
    """
    return put_many(by, pk, revision, [(kind, key, after)], places=["after"])


def put_many(
    by: Actor, pk: int, revision: int, things: Sequence[tuple[str, str, Any]], *, places: Sequence[str] | None = None
) -> Draft:
    """The same for several things, all or none."""
    names = Names.load()
    with log.transaction():
        draft = _for_change(pk, revision)
        changes = {one.thing: one for one in changes_of(draft)}
        told: list[dict[str, Any]] = []
        for at, (kind, key, value) in enumerate(things):
            one = _change(kind, key, value, changes.get((kind, key)), names, places[at] if places else f"{at}/after")
            changes.pop(one.thing, None)
            if one.before != one.after:
                changes[one.thing] = one
            told.append({"kind": kind, "key": key, "after": one.after})
        if len(changes) > MOST_CHANGES:
            raise Invalid(Problem("changes", "too_many", TOO_MANY))
        changed(companies.now().world, list(changes.values()), names)  # whether they fit the company at all
        _save(draft, by, list(changes.values()))
        _tell(by, "draft.change", pk, None, {"changes": told})
    return draft


def _change(kind: str, key: str, value: Any, known: Change | None, names: Names, place: str) -> Change:
    base = place.removesuffix("after")
    key_of(kind, key, f"{base}key")
    after = state_of(kind, value, place)
    before = known.before if known is not None else state.current(kind, key, names)
    if (kind in KEPT and before is None) or (kind == "setting" and key not in SETTINGS):
        raise Invalid(Problem(f"{base}key", "unknown", _missing(kind, key, names)))
    if kind == "department":
        if after is None and before is None:
            raise Invalid(Problem(f"{base}key", "unknown", NO_THING))
        if after is not None:  # what it is called stays as it is where nothing is said of that
            had = (known.after if known is not None else None) or before or {}
            after = {"name": had.get("name", ""), "name_en": had.get("name_en", ""), **after}
            if before is None and not after["name"]:
                raise Invalid(Problem(f"{base}key", "unknown", NO_THING))
    if kind == "grant" and before is None and (key.isdecimal() or after is None):
        raise Invalid(Problem(f"{base}key", "unknown", NO_THING))
    if kind == "setting" and after is None:
        after = strictest(key)
    if kind == "grant":
        check_grant(before, after, place)
    return Change(kind, key, before, after)


def _missing(kind: str, key: str, names: Names) -> Words:
    """Why nothing of this can be changed."""
    pk = names.person_ids.get(key.lower()) if kind == "post" else None
    return NO_POST.fill(who=names.people[pk][1]) if pk is not None else NO_THING


MOST_BESIDE = 200
"""So many drafts are looked through for others that touch the same."""


def beside(draft: Draft | None, changes: Sequence[Change]) -> list[tuple[Draft, Change]]:
    """Other drafts under way that would make something else of the same things, each with what it would. The one that is published
    later has to choose."""
    mine = {one.thing: one.after for one in changes}
    others = Draft.objects.filter(state__in=(Draft.OPEN, Draft.SUBMITTED)).order_by("-changed_at", "-pk")
    if draft is not None:
        others = others.exclude(pk=draft.pk)
    return [
        (other, one)
        for other in (others[:MOST_BESIDE] if mine else ())
        for one in changes_of(other)
        if one.thing in mine and one.after != mine[one.thing]
    ]


def take_out(by: Actor, pk: int, revision: int, kind: str, key: str) -> Draft:
    """Leave this thing as it is. Raises NotFound, Stale, Conflict."""
    with log.transaction():
        draft = _for_change(pk, revision)
        kept = [one for one in changes_of(draft) if one.thing != (kind, key)]
        if len(kept) == len(draft.changes):
            raise NotFound
        _save(draft, by, kept)
        _tell(by, "draft.change", pk, {"kind": kind, "key": key}, None)
    return draft


def rebase(by: Actor, pk: int, revision: int, choose: Mapping[str, str]) -> Draft:
    """Bring the draft up to what the company has become. ``choose``: ``kind/key`` -> ``mine`` or ``theirs``, for each thing
    that contradicts; what does not contradict stays whatever is chosen. Raises Conflict naming those that have no choice yet; NotFound, Stale."""
    names = Names.load()
    with log.transaction():
        draft = _for_change(pk, revision)
        changes = changes_of(draft)
        conflicts = {at for at, _ in apply.rebased(changes, names)[1]}
        kept: list[Change] = []
        open_: list[tuple[int, str]] = []
        for at, one in enumerate(changes):
            choice = choose.get(f"{one.kind}/{one.key}") if at in conflicts else None
            merged, places = apply.rebased([one], names, keep="theirs" if choice == "theirs" else "mine")
            if choice not in ("mine", "theirs"):
                open_ += [(at, place) for _, place in places]
            kept += merged
        apply.refuse_conflicts(changes, open_)
        changed(companies.now().world, kept, names)
        _save(draft, by, kept)
        _tell(by, "draft.rebase", pk, None, {"choose": dict(choose)})
    return draft


def remark(by: Actor, pk: int, text: str) -> Remark:
    """Say something about a draft, whatever its state. Raises NotFound."""
    with log.transaction():
        draft = get(pk, lock=True)
        made = Remark.objects.create(draft=draft, kind=Remark.SAID, text=text, revision=draft.revision, by=by.person)
        _tell(by, "draft.remark", pk)
    return made


def _step(by: Actor, draft: Draft, kind: str, text: str, to: str | None) -> None:
    knew = draft.lifted if kind == Remark.APPROVED else []
    Remark.objects.create(draft=draft, kind=kind, text=text, revision=draft.revision, by=by.person, knew=knew)
    if to is not None:
        draft.state = to
        draft.changed_at = clock.now()
        draft.save(update_fields=["state", "changed_at"])
    _tell(by, f"draft.{kind}", draft.pk, None, {"revision": draft.revision, "text": text})


def submit(by: Actor, pk: int, revision: int, text: str = "") -> Draft:
    """Ask for approval. Refused while something blocks it, so that nobody approves what cannot be published.

    Raises NotFound, Stale, Conflict with one problem for each blocker.
    """
    with log.transaction():
        draft = _for_change(pk, revision)
        if draft.state == Draft.SUBMITTED:
            raise Conflict(NOT_OPEN.fill(state=STATES[draft.state]), code="not_open")
        changes, found = _checked(draft, ())
        _asks(draft, max(1, needed(draft, changes, found)), found.lifted)
        _step(by, draft, Remark.SUBMITTED, text, Draft.SUBMITTED)
    return draft


def _asks(draft: Draft, approvals: int, lifted: Sequence[Lifted]) -> None:
    """Write down how many have to say yes to the draft as the company now is, and to passing by which rules."""
    draft.approvals, draft.lifted = approvals, sorted(one.rule for one in lifted)
    draft.save(update_fields=["approvals", "lifted"])


def approve(by: Actor, pk: int, revision: int, text: str = "") -> Draft:
    """Say yes to this revision. Raises NotFound, Stale, Conflict (also for who had a hand in it)."""
    with log.transaction():
        draft = _for_change(pk, revision)
        _submitted(draft)
        if by.person is None or by.person in draft.authors:
            raise Conflict(OWN, code="own")
        changes, found = _checked(draft, (by.person,))
        _asks(draft, max(1, needed(draft, changes, found)), found.lifted)
        if by.person in approvers(draft):
            raise Conflict(ALREADY, code="already")
        _step(by, draft, Remark.APPROVED, text, None)
    return draft


def send_back(by: Actor, pk: int, revision: int, text: str) -> Draft:
    """Say no, with the reason: the draft is open again. Raises NotFound, Stale, Conflict."""
    with log.transaction():
        draft = _for_change(pk, revision)
        _submitted(draft)
        _step(by, draft, Remark.RETURNED, text, Draft.OPEN)
        answered.fire(by, pk, Remark.RETURNED)
    return draft


def withdraw(by: Actor, pk: int, revision: int, text: str = "") -> Draft:
    """Give the draft up; it stays to be read. Raises NotFound, Stale, Conflict."""
    with log.transaction():
        draft = _for_change(pk, revision)
        asked = draft.state == Draft.SUBMITTED
        _step(by, draft, Remark.WITHDRAWN, text, Draft.WITHDRAWN)
        if asked:
            answered.fire(by, pk, Remark.WITHDRAWN)
    return draft


def take_over(by: Actor, pk: int, person: int, to: int) -> Draft:
    """Let somebody go on with a draft of who leaves or moves on: from now on it is also theirs, and not theirs to approve.

    Raises NotFound, Conflict when nobody works on it any more.
    """
    with log.transaction():
        draft = get(pk, lock=True)
        if draft.state not in (Draft.OPEN, Draft.SUBMITTED):
            raise Conflict(NOT_OPEN.fill(state=STATES[draft.state]), code="not_open")
        draft.authors = sorted({*draft.authors, to})
        draft.save(update_fields=["authors"])
        _tell(by, "draft.take_over", pk, {"person": person}, {"person": to})
    return draft


def _submitted(draft: Draft) -> None:
    if draft.state != Draft.SUBMITTED:
        raise Conflict(NOT_SUBMITTED, code="not_submitted")


def approvers(draft: Draft, lifted: Sequence[str] | None = None) -> list[int]:
    """Who has approved the present revision since it was last submitted (a return takes every yes away), knew of every rule
    that it passes by (``lifted``; None: as it was last found), had no hand in it and may approve still."""
    rules = set(draft.lifted if lifted is None else lifted)
    asked_at = draft.remarks.filter(kind=Remark.SUBMITTED).order_by("-pk").values_list("pk", flat=True).first() or 0
    said = draft.remarks.filter(pk__gt=asked_at)
    if said.filter(kind=Remark.RETURNED).exists():
        return []
    rows = said.filter(kind=Remark.APPROVED, revision=draft.revision).order_by("pk")
    yes = {pk for pk, knew in rows.values_list("by", "knew") if pk is not None and rules <= set(knew)}
    others = dict.fromkeys(pk for pk in rows.values_list("by", flat=True) if pk in yes and pk not in draft.authors)
    return [pk for pk in others if views.of(pk).may("policy", "grant")]


def _checked(draft: Draft, more: Sequence[int]) -> tuple[list[Change], Checked]:
    """The draft's changes on today's company, and what they would make of it. Raises Conflict naming each blocker."""
    names = Names.load()
    changes, conflicts = apply.rebased(changes_of(draft), names)
    apply.refuse_conflicts(changes_of(draft), conflicts)
    if not changes:
        raise Conflict(EMPTY, code="empty")
    return changes, _sound(changes, names, (*draft.authors, *more))


def _sound(changes: Sequence[Change], names: Names, initiators: Sequence[int]) -> Checked:
    before = World.load()  # what is decided on is read in this transaction
    found = check(before, changed(before, changes, names), changes, initiators)
    if found.problems:
        raise Conflict(found.problems[0].words, code=found.problems[0].code, problems=found.problems)
    return found


def needed(draft: Draft, changes: Sequence[Change], found: Checked) -> int:
    """How many others have to approve the draft, as it was found to be."""
    return asked(changes, found.lifted, sees=not found.sight.keys().isdisjoint(draft.authors))


def review(draft: Draft, *, counted: bool = False) -> tuple[list[Change], list[tuple[int, str]], Checked | None]:
    """What stands against a draft now, without changing anything: its changes on today's company, where they contradict
    it, and (when they do not) the checks. ``counted``: with numbers of records, to who may know them. Raises Invalid when
    a change no longer fits the company."""
    names = Names.load()
    changes, conflicts = apply.rebased(changes_of(draft), names)
    if conflicts:
        return changes, conflicts, None
    before = companies.now().world
    return changes, [], check(before, changed(before, changes, names), changes, draft.authors, counted=counted)


def contradictions(draft: Draft) -> list[Change]:
    """Of each thing that contradicts what the company has become, only what does: as it stays and as the draft would have
    it, both with all that goes together."""
    names = Names.load()
    found = []
    for one in changes_of(draft):
        mine, places = apply.rebased([one], names)
        if places:
            kept = apply.rebased([one], names, keep="theirs")[0] or [replace(mine[0], after=mine[0].before)]
            found.append(replace(mine[0], before=kept[0].after))
    return found


def publish(by: Actor, pk: int, revision: int, text: str = "") -> PolicyVersion:
    """Let the draft hold: all of it in one transaction, as a new policy version.

    Raises NotFound, Stale, Conflict (unapproved, contradicted, blocked), Invalid when it no longer fits the company.
    """
    with log.transaction():
        epoch.lock_policy()
        draft = _for_change(pk, revision)
        approved = approvers(draft)
        if needs_approval(changes_of(draft), approval_mode()):
            _approved(draft, approved, 1, ())
        changes, found = _checked(draft, (*approved, *([by.person] if by.person is not None else ())))
        _asks(draft, needed(draft, changes, found), found.lifted)
        approved = approvers(draft)
        _approved(draft, approved, draft.approvals, found.lifted)
        version = _write(
            by,
            changes,
            draft.title,
            draft=draft,
            approved=approved,
            lifted=found.lifted,
            undoes=_taken_back(draft, changes),
        )
        draft.version = version.pk
        draft.save(update_fields=["version"])
        _step(by, draft, Remark.PUBLISHED, text, Draft.PUBLISHED)
    return version


def _approved(draft: Draft, approved: Sequence[int], needed: int, lifted: Sequence[Lifted]) -> None:
    if not needed:
        return
    _submitted(draft)
    if not approved and not lifted:
        raise Conflict(UNAPPROVED, code="unapproved")
    if len(approved) < needed:
        rules = Words("、".join(one.name.zh for one in lifted), ", ".join(one.name.en for one in lifted))
        raise Conflict(ONE_MORE.fill(rules=rules, n=len(approved)), code="unapproved")


def _write(
    by: Actor, changes: Sequence[Change], title: str, *, draft: Draft | None = None, approved: Sequence[int] = (),
    undoes: PolicyVersion | None = None, lifted: Sequence[Lifted] = (),
) -> PolicyVersion:  # fmt: skip
    parted = parts.touched(changes)  # as it was: what is written here may end the grants by which it is known
    gives = parts.running(parted)
    done = apply.write(by, changes, Names.load())
    version = PolicyVersion.objects.create(
        draft=draft, title=title, changes=[one.json() for one in done], by=by.person,
        approved_by=approved[0] if approved else None, undoes=undoes, lifted=sorted(one.rule for one in lifted),
    )  # fmt: skip
    told: dict[str, Any] = {"title": title, "changes": len(done), "approved_by": list(approved)}
    if lifted:
        told["lifted"] = version.lifted
    if parted:
        told |= {"project_roles": sorted(parted), "running_cases": gives}
    _tell(by, "policy.publish", version.pk, None, told)
    return version


def undo(by: Actor, pk: int) -> PolicyVersion:
    """Take a version back in one step: what each thing was before it. What has been changed since by others is merged,
    or refused where it contradicts. One alone takes back only what gave: what would give again takes a draft and a second
    person, as ever. Raises NotFound, Conflict."""
    with log.transaction():
        epoch.lock_policy()
        version = PolicyVersion.objects.select_for_update().filter(pk=pk).first()
        if version is None:
            raise NotFound
        names = Names.load()
        changes = _back(version, names)
        if needs_approval(changes, approval_mode(), undoing=True):
            raise Conflict(UNDO_GIVES, code="unapproved")
        found = _sound(changes, names, [by.person] if by.person is not None else [])
        if found.lifted or found.sight:
            raise Conflict(UNDO_GIVES, code="unapproved")
        return _write(by, changes, version.title, undoes=version)


def undo_as_draft(by: Actor, pk: int, title: str) -> Draft:
    """The same as a draft, for what one alone does not take back. Raises NotFound, Conflict."""
    with log.transaction():
        version = PolicyVersion.objects.filter(pk=pk).first()
        if version is None:
            raise NotFound
        changes = _back(version, Names.load())
        draft = create(by, title)
        draft.undoes = pk
        _save(draft, by, changes)
        _tell(by, "draft.change", draft.pk, None, {"undoes": pk, "changes": [one.json() for one in changes]})
    return draft


def _back(version: PolicyVersion, names: Names) -> list[Change]:
    """What takes a version back, merged with what others have changed since. Raises Conflict."""
    if PolicyVersion.objects.filter(undoes=version).exists():
        raise Conflict(UNDONE, code="undone")
    back = [_inverse(Change.of(one)) for one in version.changes]
    changes, conflicts = apply.rebased(back, names)
    apply.refuse_conflicts(back, conflicts)
    if not changes:
        raise Conflict(AS_BEFORE, code="empty")
    return changes


def _taken_back(draft: Draft, changes: Sequence[Change]) -> PolicyVersion | None:
    """The version that a draft takes back, where it does just that still and nothing more."""
    version = PolicyVersion.objects.filter(pk=draft.undoes).first() if draft.undoes is not None else None
    if version is None:
        return None
    try:
        back = _back(version, Names.load())
    except Conflict:
        return None
    same = {one.thing: one.after for one in changes} == {one.thing: one.after for one in back}
    return version if same else None


def _inverse(one: Change) -> Change:
    if one.kind == "grant" and one.after is None and one.before is not None:
        return Change("grant", f"again-{one.key}", None, {**one.before, "starts": None})
    return Change(one.kind, one.key, one.after if one.kind != "grant" else _as_given(one), one.before)


def _as_given(one: Change) -> Any:
    """A grant's state after the version as the tables tell it: one that began when it was published has that moment."""
    names = Names.load()
    now = state.current("grant", one.key, names)
    return now if now is not None and one.before is None else one.after
