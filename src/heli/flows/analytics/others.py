"""Logs of other systems, uploaded to be looked at in the same views: each is its uploader's alone.

A file is looked at when it comes, and read and measured by a job: that takes seconds, and no request waits for it. It is there whole, or it
says why not.
"""

from __future__ import annotations

import gzip
import io
import logging
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.db import OperationalError

from heli import __version__
from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows import logs
from heli.flows.analytics import source
from heli.flows.analytics.source import Source
from heli.flows.mining import kept, reading
from heli.flows.mining.log import Log
from heli.flows.mining.table import Columns
from heli.flows.models import OtherLog
from heli.jobs.events import EventData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, HeliError, Invalid, NotFound, Problem, TooLarge
from heli.kernel.storable import UNSTORABLE, storable_of, unstorable_in
from heli.kernel.words import Words
from heli.org import zone
from heli.org.models import Person
from heli.org.tree import names_of
from heli.records import write
from heli.records.act import current

_logger = logging.getLogger(__name__)

MOST_LOGS = 5
MOST_EVENTS = 300_000
MOST_ACTIVITIES = 200
MOST_BYTES = 64 * 2**20
"""Of a log, unpacked."""
MOST_CELLS = 10_000_000
"""So many events of thirty columns: a small archive could hold a table of nothing but commas."""
LARGE_COLUMNS = ("content", "told", "measured")
FORM = f"{__version__}/1"
"""What figures are kept as: those of another form are worked out anew. The number goes up when what is told of a log changes."""
OFTEN = 0.5
"""Seconds between two notes of how far it is."""

FULL = Words("每人最多保留 {n} 个日志，请先删除旧的", "everybody keeps at most {n} logs: delete one first")
LARGE = Words(
    "页面上最多看 {n} 个事件；更大的日志请用 heli flow mine", "the page takes at most {n} events: use heli flow mine"
)
MANY = Words(
    "日志里有 {n} 种活动，页面上最多看 {most} 种；请先归并，或用 heli flow mine",
    "the log has {n} activities, and the page takes at most {most}: put them together, or use heli flow mine",
)
XML = ("xes", "xml")
NOT_XML = Words(
    "文件名是 XES，内容却不是 XML；CSV 请用 .csv 作后缀",
    "the file is called XES and is no XML; a CSV file is called .csv",
)
AT = {
    "event": Words("第 {n} 个事件：{what}", "Event {n}: {what}"),
    "line": Words("第 {n} 行：{what}", "Line {n}: {what}"),
}
SAID = ("xml", "csv")
"""Problems whose words name the line already."""
BIG = Words("页面上最多看 {n} MB 的日志（解压后）", "the page takes logs of at most {n} MB, unpacked")
NOT_YET = Words(
    "日志还在后台读取和统计，完成后就能看：进度在日志列表里",
    "the log is still being read and measured in the background, and opens once that is done: the list of logs says how far it is",
)
UNREAD = Words("日志没有读成：{why}", "the log could not be read: {why}")
DIED = Words(
    "读取多次中断，可能是文件太大或太复杂：请只导出需要的列和时间段再上传，或用 heli flow mine",
    "reading it was cut off several times, perhaps for its size: export the columns and the period that you need and upload that, or use heli"
    " flow mine",
)
BROKE = Words(
    "读取时程序出错了，已记入程序日志：请换一种格式（CSV 或 XES）导出再试，或把文件交给管理员",
    "the program failed at it, which stands in its own log: export it in the other format (CSV or XES), or give the file to who runs Heli",
)


def listed(viewer: Viewer) -> Sequence[OtherLog]:
    return list(OtherLog.objects.filter(person_id=_person(viewer)).defer(*LARGE_COLUMNS).order_by("-pk"))


def add(viewer: Viewer, name: str, content: bytes, columns: Mapping[str, str]) -> OtherLog:
    """Keep a log until a job has read it. Raises Invalid for what is none as it begins, TooLarge, Conflict when one has as many as one
    may."""
    if len(content) > MOST_BYTES:
        raise TooLarge(BIG.fill(n=MOST_BYTES // 2**20))
    if (place := unstorable_in(columns)) is not None:
        raise Invalid(Problem(place, "unicode", UNSTORABLE))
    called, wanted = _name(name), Columns(**columns)
    begin = reading.beginning(content)
    if _ending(name) in XML and begin.strip() and begin[:4] != reading.ZIP and not reading.is_xml(begin):
        raise Invalid(Problem("file", "xml", NOT_XML))
    reading.glance(content, wanted)
    with log.transaction():
        now = current(viewer)
        person = _person(now)
        Person.objects.select_for_update().get(pk=person)
        _make_room(now, person)
        asked = {one: getattr(wanted, one) for one in Columns.__slots__}
        made = OtherLog.objects.create(person_id=person, name=called, content=content, columns=asked)
        _tell(now.actor, made, "upload", {"bytes": len(content)})
        logs.ask(made.pk)
    return made


def _make_room(viewer: Viewer, person: int) -> None:
    """One that could not be read gives way, the oldest first: it holds nothing to look at. Raises Conflict."""
    rows = OtherLog.objects.filter(person_id=person)
    if rows.count() < MOST_LOGS:
        return
    unread = rows.defer(*LARGE_COLUMNS).filter(state=OtherLog.FAILED).order_by("pk").first()
    if unread is None:
        raise Conflict(FULL.fill(n=MOST_LOGS), code="full")
    _tell(viewer.actor, unread, "remove", {"events": unread.events})
    unread.delete()


def remove(viewer: Viewer, number: int) -> None:
    """Raises NotFound for another's."""
    with log.transaction():
        now = current(viewer)
        rows = OtherLog.objects.defer(*LARGE_COLUMNS).select_for_update()
        found = rows.filter(pk=number, person_id=_person(now)).first()
        if found is None:
            raise NotFound
        _tell(now.actor, found, "remove", {"events": found.events})
        found.delete()


@dataclass(frozen=True, slots=True)
class Measured:
    """A log of somebody's with its figures."""

    row: OtherLog
    source: Source
    live: dict[str, Any]
    ways: dict[str, Any]


def one(viewer: Viewer, number: int) -> Measured:
    """A log of the viewer's own. Raises NotFound, Conflict while it is being read or measured, or where it could not be."""
    found = OtherLog.objects.defer("content").filter(pk=number, person_id=_person(viewer)).first()
    if found is None:
        raise NotFound
    if found.state == OtherLog.FAILED:
        said = found.problems[0]["message"]
        raise Conflict(UNREAD.fill(why=Words(said["zh"], said["en"])), code="unread")
    if found.state != OtherLog.READY:
        raise Conflict(NOT_YET, code="reading")
    told = orjson.loads(gzip.decompress(bytes(found.measured)))
    if told["form"] != FORM:  # of a release before
        _anew(number)
        raise Conflict(NOT_YET, code="reading")
    return Measured(found, _source(kept.unpack(bytes(found.told))), told["live"], told["ways"])


def _source(found: Log) -> Source:
    return source.of_log(found, zone.company_zone())


def _anew(number: int) -> None:
    with log.transaction():
        waiting = {"state": OtherLog.WAITING, "attempts": 0, "done": 0, "moved_at": clock.now()}
        if OtherLog.objects.filter(pk=number, state=OtherLog.READY).update(**waiting):
            logs.ask(number)


# -- reading -----------------------------------------------------------------------------------------------------------


def take(number: int) -> None:
    """Read a log that waits for it (``logs.take``) and measure it: all of it is there afterwards, or nothing and the reason."""
    row = _begin(number)
    if row is None:
        return
    try:
        found = kept.unpack(bytes(row.told)) if row.told else _kept(row)
        if found is not None:
            _measure(number, found)
    except HeliError as error:
        _fail(row, [_placed(one) for one in error.problems] or [Problem("file", error.code, error.words)])
    except OperationalError:  # the database was away or busy, which says nothing of the file: it is tried again
        raise
    except Exception:
        _logger.exception("a log could not be read")
        _fail(row, [Problem("file", "broken", BROKE)])


def _kept(row: OtherLog) -> Log | None:
    """What it says, kept instead of the file; None where it was deleted meanwhile. Raises Invalid, TooLarge."""
    found, known = _read(row)
    packed = kept.pack(found)
    with log.transaction():
        fresh = _still(row.pk)
        if fresh is None:
            return None
        fresh.columns = {one: getattr(known, one) for one in Columns.__slots__} if known is not None else {}
        fresh.state, fresh.told, fresh.content, fresh.done = OtherLog.MEASURING, packed, b"", 100
        fresh.cases, fresh.events, fresh.moved_at = len(found.cases), found.events, clock.now()
        fresh.save()
        _tell(_uploader(fresh), fresh, "read", {"events": fresh.events})
    return found


def _measure(number: int, found: Log) -> None:
    """Its figures, kept with it."""
    from heli.flows.analytics import live, ways

    known = _source(found)
    told = {"form": FORM, "live": live.document(known), "ways": ways.document(known)}
    packed = gzip.compress(orjson.dumps(told), 6, mtime=0)
    rows = OtherLog.objects.filter(pk=number, state__in=OtherLog.ON_THE_WAY)
    rows.update(measured=packed, state=OtherLog.READY, done=100, moved_at=clock.now())


def _begin(number: int) -> OtherLog | None:
    """Take it up; None when there is nothing to do. A worker that died before is an attempt."""
    with log.transaction():
        row = _still(number)
        if row is None:
            return None
        row.state = OtherLog.MEASURING if row.told else OtherLog.READING
        row.done, row.attempts, row.moved_at = 0, row.attempts + 1, clock.now()
        row.save(update_fields=["state", "done", "attempts", "moved_at"])
    if row.attempts > logs.ATTEMPTS:
        _fail(row, [Problem("file", "died", DIED)])
        return None
    return row


def _still(number: int) -> OtherLog | None:
    """It under its lock, as long as it is to be read."""
    rows = OtherLog.objects.select_for_update()
    return rows.filter(pk=number, state__in=OtherLog.ON_THE_WAY).first()


def _read(row: OtherLog) -> tuple[Log, Columns | None]:
    """Raises Invalid, TooLarge."""
    content = bytes(row.content)
    if len(_unpacked(content)) > MOST_BYTES:
        raise TooLarge(BIG.fill(n=MOST_BYTES // 2**20))
    told = _Told(row.pk)
    found, known = reading.read(content, Columns(**row.columns), zone.company_zone(), cells=MOST_CELLS, told=told)
    if found.events > MOST_EVENTS:
        raise TooLarge(LARGE.fill(n=MOST_EVENTS))
    if len(found.activities) > MOST_ACTIVITIES:
        raise TooLarge(MANY.fill(n=len(found.activities), most=MOST_ACTIVITIES))
    return found, known


class _Told:
    """Notes how much of a log has been read, for who waits for it."""

    def __init__(self, number: int) -> None:
        self._number, self._last = number, time.monotonic()

    def __call__(self, share: float) -> None:
        if time.monotonic() - self._last >= OFTEN:
            self._last = time.monotonic()
            OtherLog.objects.filter(pk=self._number).update(done=min(int(share * 100), 99))


def _fail(row: OtherLog, problems: Sequence[Problem]) -> None:
    """It could not be read: of the file nothing is kept."""
    said = [replace(one, place=storable_of(one.place), words=_storable(one.words)).json() for one in problems]
    with log.transaction():
        fresh = _still(row.pk)
        if fresh is not None:
            fresh.state, fresh.problems, fresh.moved_at = OtherLog.FAILED, said, clock.now()
            fresh.content = fresh.told = fresh.measured = b""
            fresh.cases = fresh.events = 0
            fresh.save()


def _storable(words: Words) -> Words:
    """What quotes a file may quote what no database keeps."""
    return Words(storable_of(words.zh), storable_of(words.en))


def _ending(name: str) -> str:
    """How a file's name ends, whatever it is packed in."""
    return name.casefold().removesuffix(".gz").rpartition(".")[2]


def _placed(one: Problem) -> Problem:
    """A problem whose words say where it is: a page has no column for events and lines."""
    what, _, number = one.place.partition(" ")
    if what not in AT or not number.isdigit() or one.code in SAID:
        return one
    return Problem(one.place, one.code, AT[what].fill(n=number, what=one.words))


def _unpacked(content: bytes) -> bytes:
    """As much of a file as is looked at, and one byte more. What is no proper archive is told by who reads it."""
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return content


def _person(viewer: Viewer) -> int:
    """Whose logs they are: a token has none."""
    if viewer.person is None or viewer.role:
        raise NotFound
    return viewer.person


def _name(given: str) -> str:
    name = "".join(sign for sign in given if sign.isprintable()).strip()[:200]
    if not name:
        raise Invalid(Problem("file", "name", Words("文件没有名称", "the file has no name")))
    return name


def _uploader(one: OtherLog) -> Actor:
    return Actor(one.person_id, names_of([one.person_id]).get(one.person_id, ("", ""))[1], "job", via="reading a log")


def _tell(by: Actor, one: OtherLog, what: str, more: Mapping[str, int]) -> None:
    entry = EntryData(
        action=f"process_log.{what}", object_type="process_log", object_id=str(one.pk), actor_id=by.person, actor_name=by.name,
        origin=by.origin, via=by.via, after={"name": one.name, **more},
    )  # fmt: skip
    write.tell(EventData(f"process_log.{what}", "process_log", str(one.pk), {}), entry)
