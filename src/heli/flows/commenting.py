"""Saying something on a case, to whom it concerns, with files: these are the case's own, and read by whoever follows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from heli.access.viewer import Viewer
from heli.flows import told_of
from heli.flows.models import CommentFile, Copied
from heli.flows.moves import NO_PERSON, is_here, may_hear
from heli.flows.run import in_one, opened, said
from heli.flows.seen import concerns
from heli.flows.store import read
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import act, files

FLOW = "flow"
"""What attachments of cases are of: the key is the case."""
MOST_FILES = 20
"""Files of one comment."""
SAY = Words("请填写内容或附上文件", "say something, or attach a file")
NO_FILE = Words("没有这个文件，或它已经随别的评论发出", "there is no such file, or it went with another comment")


def comment(
    viewer: Viewer, instance: int, text: str, mentioned: Sequence[int] = (), attached: Sequence[int] = ()
) -> None:
    """Say something on a case; who is mentioned is told, and may follow it from then on, which gives them no cell of the record.
    ``attached``: files that this person has added and that go with it.

    Raises NotFound for whom it does not concern, Invalid for no words and no files, for who is no person here, for what is no file.
    """
    text = said(text)
    if not text and not attached:
        raise Invalid(Problem("text", "required", SAY))
    people = list(dict.fromkeys(mentioned))
    gone = [at for at, one in enumerate(people) if not is_here(one)]
    if gone:
        raise Invalid([Problem(f"people/{at}", "unknown", NO_PERSON) for at in gone])

    def whole() -> None:
        with opened(instance, viewer.actor) as run:
            if not concerns(act.current(viewer), run.row):
                raise NotFound
            may_hear(run, people)
            mine = CommentFile.objects.filter(
                instance_id=instance, by_id=viewer.person or 0, step=None, file__in=attached
            )
            known = set(mine.values_list("file", flat=True))
            lost = [at for at, one in enumerate(attached) if one not in known]
            if lost:
                raise Invalid([Problem(f"files/{at}", "unknown", NO_FILE) for at in lost])
            run.state.version += 1
            mine.update(step=run.state.version)
            run.tell("comment", person=viewer.person, text=text)
            for one in people:
                Copied.objects.get_or_create(instance_id=instance, person_id=one, defaults={"by_id": viewer.person})
            told_of.mentioned(run.row, people, run.state.version, viewer.person)
            told = ({"mentioned": people} if people else {}) | ({"files": sorted(known)} if known else {})
            run.save("comment", text=text, told=told or None)

    in_one(whole)


def attach(viewer: Viewer, instance: int, name: str, chunks: Iterable[bytes]) -> files.File:
    """Add a file to a case that concerns me, for the comment that I am about to make. Raises as ``files.keep`` does, NotFound."""

    def need(now: Viewer) -> None:
        found = read(instance, lock=False)
        if found is None or not concerns(now, found.row):
            raise NotFound

    def also(file: int) -> None:
        CommentFile.objects.create(instance_id=instance, file=file, by_id=viewer.person or 0)

    return files.keep(viewer, FLOW, str(instance), name, chunks, need, also)


def detach(viewer: Viewer, instance: int, file: int) -> None:
    """Take away a file that I have added and not said anything with. Raises NotFound."""

    def whole() -> None:
        found = read(instance)
        now = act.current(viewer)
        if found is None or not concerns(now, found.row):
            raise NotFound
        mine = CommentFile.objects.filter(instance_id=instance, file=file, by_id=viewer.person or 0, step=None)
        if not mine.exists():
            raise NotFound
        mine.delete()
        files.take_away(now, FLOW, str(instance), file)

    in_one(whole)


def one(viewer: Viewer, instance: int, file: int) -> files.File:
    """A file of a comment, for whom the case concerns; its author's before it is sent too. Raises NotFound."""
    found = read(instance, lock=False)
    row = CommentFile.objects.filter(instance_id=instance, file=file).first()
    if found is None or row is None or not concerns(viewer, found.row):
        raise NotFound
    if row.step is None and row.by_id != viewer.person:
        raise NotFound
    kept = files.of(FLOW, str(instance), [file])
    if not kept:
        raise NotFound
    return kept[0]


def of_case(instance: int) -> Mapping[int, list[files.File]]:
    """The files of a case's comments, by the comment's step; for who has asked whether it concerns the viewer."""
    steps = dict(CommentFile.objects.filter(instance_id=instance).exclude(step=None).values_list("file", "step"))
    made: dict[int, list[files.File]] = {}
    for file in files.of(FLOW, str(instance), steps) if steps else ():
        made.setdefault(steps[file.id] or 0, []).append(file)
    return made
