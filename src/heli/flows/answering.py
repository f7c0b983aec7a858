"""What comes of security's answer to a version that waited: whoever made it learns of it, and of a no their draft is theirs again."""

from __future__ import annotations

from heli.access.viewer import Viewer
from heli.audit import entries
from heli.flows import told_of
from heli.flows.models import Draft, DraftAuthor, DraftRemark, Process, Version
from heli.kernel import clock

ANSWERS = ("process.publish", "process.refuse")
"""What the log calls a yes and a no."""


def settle(now: Viewer, version: Version, text: str) -> None:
    """Tell who published it and who drew it; open the draft of a version that is refused again, with what was said. Inside the caller's
    transaction."""
    drafts = Draft.objects.select_for_update().filter(version=version, state=Draft.PUBLISHED).order_by("pk")
    made = list(drafts)
    if version.state == Version.REFUSED:
        for draft in made:
            _reopen(now, draft, text)
    authors = DraftAuthor.objects.filter(draft__in=made).order_by("pk").values_list("person_id", flat=True)
    told_of.answered(version, [*([version.by_id] if version.by_id is not None else []), *authors], now.person)


def _reopen(now: Viewer, draft: Draft, text: str) -> None:
    """Its people go on where they stopped. ``version`` stays what was refused, until another takes its place."""
    draft.state, draft.revision = Draft.OPEN, draft.revision + 1
    draft.changed_by, draft.changed_at = now.person or draft.changed_by, clock.now()
    draft.save(update_fields=["state", "revision", "changed_by", "changed_at"])
    DraftRemark.objects.create(
        draft=draft,
        kind=DraftRemark.RETURNED,
        text=text.strip(),
        revision=draft.revision,
        by_id=now.person or draft.changed_by,
    )


def reasons(process: Process) -> dict[int, str]:
    """What was said with each answer, by the number of the version, as the log keeps it."""
    found = entries.query(object_type="process", object_id=process.code, actions=ANSWERS, limit=200)
    return {
        one.after["version"]: one.reason
        for one in reversed(found)
        if one.reason and one.after and "version" in one.after
    }
