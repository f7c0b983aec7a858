"""Logs of other systems, uploaded to be looked at in the same views: each is its uploader's alone."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping, Sequence

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows.analytics import source
from heli.flows.analytics.source import Source
from heli.flows.mining import reading
from heli.flows.mining.table import Columns
from heli.flows.models import OtherLog
from heli.jobs.events import EventData
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, TooLarge
from heli.kernel.words import Words
from heli.org import zone
from heli.org.models import Person
from heli.records import write
from heli.records.act import current

MOST_LOGS = 5
MOST_EVENTS = 300_000
MOST_ACTIVITIES = 200
MOST_BYTES = 64 * 2**20
"""Of a log as it is kept, unpacked: it is read anew at each look."""
MOST_CELLS = 10_000_000
"""So many events of thirty columns: a small archive could hold a table of nothing but commas."""
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


def listed(viewer: Viewer) -> Sequence[OtherLog]:
    return list(OtherLog.objects.filter(person_id=_person(viewer)).defer("content").order_by("-pk"))


def add(viewer: Viewer, name: str, content: bytes, columns: Mapping[str, str]) -> OtherLog:
    """Keep a log that can be read. Raises Invalid naming each place, TooLarge, Conflict when one has as many as one may."""
    plain = _unpacked(content)
    if len(plain) > MOST_BYTES:
        raise TooLarge(BIG.fill(n=MOST_BYTES // 2**20))
    if _ending(name) in XML and plain.strip() and plain[:4] != reading.ZIP and not reading.is_xml(plain):
        raise Invalid(Problem("file", "xml", NOT_XML))
    try:
        found, known = reading.read(content, Columns(**columns), zone.company_zone(), cells=MOST_CELLS)
    except Invalid as error:
        raise Invalid([_placed(one) for one in error.problems]) from None
    if found.events > MOST_EVENTS:
        raise TooLarge(LARGE.fill(n=MOST_EVENTS))
    if len(found.activities) > MOST_ACTIVITIES:
        raise TooLarge(MANY.fill(n=len(found.activities), most=MOST_ACTIVITIES))
    with log.transaction():
        now = current(viewer)
        person = _person(now)
        Person.objects.select_for_update().get(pk=person)
        if OtherLog.objects.filter(person_id=person).count() >= MOST_LOGS:
            raise Conflict(FULL.fill(n=MOST_LOGS), code="full")
        kept = {one: getattr(known, one) for one in Columns.__slots__} if known is not None else {}
        packed = content if content[:2] == b"\x1f\x8b" else gzip.compress(content, 6, mtime=0)
        made = OtherLog.objects.create(
            person_id=person,
            name=_name(name),
            content=packed,
            columns=kept,
            cases=len(found.cases),
            events=found.events,
        )
        _tell(now, made, "upload")
    return made


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


def remove(viewer: Viewer, number: int) -> None:
    """Raises NotFound for another's."""
    with log.transaction():
        now = current(viewer)
        found = OtherLog.objects.select_for_update().filter(pk=number, person_id=_person(now)).first()
        if found is None:
            raise NotFound
        _tell(now, found, "remove")
        found.delete()


def one(viewer: Viewer, number: int) -> tuple[OtherLog, Source]:
    """A log of the viewer's own, read. Raises NotFound."""
    found = OtherLog.objects.filter(pk=number, person_id=_person(viewer)).first()
    if found is None:
        raise NotFound
    content = gzip.decompress(bytes(found.content))
    told, _ = reading.read(content, Columns(**found.columns), zone.company_zone(), cells=MOST_CELLS)
    return found, source.of_log(told, zone.company_zone())


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


def _tell(by: Viewer, one: OtherLog, what: str) -> None:
    entry = EntryData(
        action=f"process_log.{what}", object_type="process_log", object_id=str(one.pk), actor_id=by.person, actor_name=by.name,
        origin=by.actor.origin, via=by.actor.via, after={"name": one.name, "events": one.events},
    )  # fmt: skip
    write.tell(EventData(f"process_log.{what}", "process_log", str(one.pk), {}), entry)
