"""Logs of processes: read without trust, measured as a slow and plain program measures them, at the command line."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import os
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.cli import Heli
from tests.invariants.examples import each_seed

from heli.flows.mining import figures, follows, handoffs, moments, reading, table, waiting, whatif
from heli.flows.mining.calendar import Hours
from heli.flows.mining.counterfactual import Replay
from heli.flows.mining.log import NONE, Log
from heli.flows.mining.measures import Measures
from heli.kernel.calendar import Calendar
from heli.kernel.errors import HeliError, Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")
REAL = Path(os.environ.get("HELI_DATA") or Path(__file__).parents[3] / "shared" / "data") / "logs"
HEAD = ("case:concept:name", "concept:name", "org:resource", "time:timestamp")
type Event = tuple[str, str, str, dt.datetime]


def drawn(rng: Random, cases: int = 12) -> list[Event]:
    """Events in no order, several at one moment, names that need care in CSV and XML."""
    acts = ["提交", "review & sign", "a<b", "pay"]
    found = []
    for case in range(rng.randint(1, cases)):
        at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=rng.randrange(10**7))
        for _ in range(rng.randint(1, 8)):
            at += dt.timedelta(seconds=rng.choice((0, 1, 3600, 90_000)))
            found.append((f"案例{case}", rng.choice(acts), rng.choice(["王敏", "li", ""]), at))
    rng.shuffle(found)
    return found


def as_csv(events: list[Event], *, quoting: int = csv.QUOTE_MINIMAL, end: str = "\n", codec: str = "utf-8") -> bytes:
    out = io.StringIO()
    write = csv.writer(out, quoting=quoting, lineterminator=end)
    write.writerow(HEAD)
    write.writerows([(*one[:3], one[3].isoformat(sep=" ")) for one in events])
    return out.getvalue().encode(codec)


def as_xes(events: list[Event]) -> bytes:
    from xml.sax.saxutils import quoteattr as q

    traces: dict[str, list[Event]] = {}
    for one in events:
        traces.setdefault(one[0], []).append(one)
    body = "".join(
        f'<trace><string key="concept:name" value={q(case)}/>'
        + "".join(
            f'<event><string key="concept:name" value={q(one[1])}><string key="concept:name" value="inner"/></string>'
            f'<string key="org:resource" value={q(one[2])}/><date key="time:timestamp" value="{one[3].isoformat()}"/></event>'
            for one in some
        )
        + "</trace>"
        for case, some in traces.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?><log xmlns="http://www.xes-standard.org/"><extension name="Concept"/>'
    return f"{head}{body}</log>".encode()


def ways(events: list[Event]) -> dict[str, list[Event]]:
    """The events of each case by moment, as they came."""
    found: dict[str, list[Event]] = {}
    for one in events:
        found.setdefault(one[0], []).append(one)
    return {case: sorted(some, key=lambda one: one[3]) for case, some in found.items()}


def told(log: Log) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, ...]], dict[str, tuple[int, int]]]:
    name = log.activities
    graph = Counter({(name[a], name[b]): many for (a, b), many in follows.graph(log).items()})
    variants = Counter({tuple(name[at] for at in one.path): len(one.cases) for one in follows.variants(log)})
    passing, repeated = follows.repeats(log)
    return graph, variants, {name[n]: (int(passing[n]), int(repeated[n])) for n in range(len(name))}


@each_seed(60)
def test_every_form_of_a_log_tells_what_a_plain_program_counts(seed: int) -> None:
    rng = Random(seed)
    events = drawn(rng)
    cases = ways(events)
    graph = Counter((a[1], b[1]) for some in cases.values() for a, b in pairwise(some))
    variants = Counter(tuple(one[1] for one in some) for some in cases.values())
    many = {case: Counter(one[1] for one in some) for case, some in cases.items()}
    names = {one[1] for one in events}
    rework = {n: (sum(n in c for c in many.values()), sum(c[n] > 1 for c in many.values())) for n in names}
    files = [
        as_csv(events),
        as_csv(events, quoting=csv.QUOTE_ALL),
        as_csv(events, end="\r\n"),
        as_csv(events, codec="gb18030"),
        as_xes(events),
    ]
    files.append(gzip.compress(files[-1]))
    for file in files:
        log, _ = reading.read(file)
        assert told(log) == (graph, variants, rework)
        edges = follows.edges(log)
        assert {(log.activities[e.source], log.activities[e.target]): e.count for e in edges} == graph
        assert sum(e.back for e in edges) == sum(n - 1 for c in many.values() for n in c.values())
        by = handoffs.of_people(log)
        hands = Counter((a[2], b[2]) for s in cases.values() for a, b in pairwise(s) if a[2] and b[2] and a[2] != b[2])
        assert {
            (log.actors[h.source], log.actors[h.target]): h.count for h in handoffs.handoffs(log, by, len(log.actors))
        } == hands
        back = sum(
            a[2] == c[2] != b[2] and bool(a[2]) and bool(b[2])
            for s in cases.values()
            for a, b, c in zip(s, s[1:], s[2:], strict=False)
        )
        assert sum(one.count for one in handoffs.rallies(log, by, len(log.actors))) == back
        began = sorted((some[0][3], some[-1][3]) for some in cases.values())
        assert sorted(zip(log.began.tolist(), log.ended.tolist(), strict=True)) == [
            tuple((one - moments.EPOCH) // dt.timedelta(microseconds=1) for one in both) for both in began
        ]


@each_seed(60)
def test_working_time_is_that_of_the_calendar(seed: int) -> None:
    rng, calendar = Random(seed), Calendar()
    hours = Hours(calendar, SHANGHAI)
    start = dt.datetime(2026, 1, 1, tzinfo=SHANGHAI) + dt.timedelta(minutes=rng.randrange(500_000))
    span = dt.timedelta(minutes=rng.randrange(1, 3000))
    at = hours_after(calendar, start, span)
    both = np.array([(one - moments.EPOCH) // dt.timedelta(microseconds=1) for one in (start, at)], np.int64)
    assert int(hours.between(both[:1], both[1:])[0]) == span // dt.timedelta(microseconds=1)
    assert int(hours.between(both[1:], both[:1])[0]) == 0


def hours_after(calendar: Calendar, start: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """The calendar adds whole days as days; here all are hours."""
    at = start
    while span >= dt.timedelta(days=1):
        at = calendar.after(at, dt.timedelta(hours=9))
        span -= dt.timedelta(hours=9)
    return calendar.after(at, span)


@each_seed(60)
def test_quantiles_are_those_of_the_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(1, 200))
    group, values = rng.integers(0, 5, many), rng.integers(0, 10**12, many)
    found = figures.quantiles(group, values, 6)
    for one in range(6):
        mine = values[group == one]
        expected = np.quantile(mine, figures.SHARES) if len(mine) else np.full(3, np.nan)
        assert np.allclose(found[one], expected, rtol=1e-12, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-08 09:30:00", "2026-03-08T01:30:00"), ("2026-03-08T09:30", "2026-03-08T01:30:00"), ("2026/3/8 9:30", "2026-03-08T01:30:00"),
        ("2026-03-08T09:30:00.5Z", "2026-03-08T09:30:00.500000"), ("2026-03-08T09:30:00,123456789+08:00", "2026-03-08T01:30:00.123456"),
        ("2024-02-29 00:00:00-05:30", "2024-02-29T05:30:00"),
        ("2026年3月8日 9:30:15", "2026-03-08T01:30:15"), ("8.3.2026 09:30", "2026-03-08T01:30:00"),
        ("3/8/2026 9:30:00 PM", "2026-03-08T13:30:00"), ("2026-03-08", "2026-03-07T16:00:00"), ("1772933400", "2026-03-08T01:30:00"),
        ("20260308T093000", "2026-03-08T01:30:00"),
    ],
)  # fmt: skip
def test_moments_are_read_as_people_write_them(text: str, utc: str) -> None:
    found = moments.read([text], SHANGHAI)
    assert (moments.EPOCH + dt.timedelta(microseconds=int(found[0]))).replace(tzinfo=None) == dt.datetime.fromisoformat(
        utc
    )


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13-01 00:00:00", "2026-02-29 10:00:00", "2026-01-01 10:60:00", "99999-01-01 00:00", "0001-01-01 00:00",
     "2026-01-01 10:00:00+24:00", "2026-01-01 10:00:00\0", "二〇二六年一月一日", "2026-01-01 10:00:0\u0660"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(moments.Unreadable) as refused:
        moments.read(["2026-01-01 10:00:00", text])
    assert refused.value.place == 1


def test_the_clocks_of_a_zone_are_followed_through_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    texts = [
        "2026-03-29 01:30:00",
        "2026-03-29 03:30:00",
        "2026-10-25 01:30:00",
        "2026-10-25 04:30:00",
        "2026-07-01 12:00:00",
    ]
    found = moments.read(texts, berlin)
    expected = [dt.datetime.fromisoformat(one).replace(tzinfo=berlin) for one in texts]
    assert found.tolist() == [(one - moments.EPOCH) // dt.timedelta(microseconds=1) for one in expected]
    shown = found + moments.offsets(found, berlin)
    assert [str(moments.EPOCH + dt.timedelta(microseconds=one))[:19] for one in shown.tolist()] == texts


def test_starts_and_ends_become_one_visit_with_its_wait() -> None:
    rows = [
        ("1", "legal", "schedule", "", "2026-03-02 09:00"), ("1", "legal", "start", "li", "2026-03-02 11:00"),
        ("1", "legal", "complete", "li", "2026-03-02 11:30"),
        ("1", "pay", "start", "sun", "2026-03-03 10:00"), ("1", "pay", "complete", "sun", "2026-03-03 10:05"),
        ("1", "legal", "start", "li", "2026-03-04 09:00"),
    ]  # fmt: skip
    file = "case,activity,lifecycle,user,time\n" + "\n".join(",".join(one) for one in rows)
    log, columns = reading.read(file.encode(), zone=SHANGHAI)
    assert columns is not None and columns.actor == "user"
    assert log.events == 6 and len(log) == 3 and int((log.done == NONE).sum()) == 1
    legal, pay = Measures(log, Hours(zone=SHANGHAI)).activities
    hour = 3_600_000_000
    assert (legal.visits, legal.wait.working.p50, legal.work.working.p50) == (1, 2 * hour, hour / 2)
    assert pay.wait.working.p50 == 7.5 * hour and pay.wait.calendar.p50 == 22.5 * hour
    assert len(reading.read(file.encode(), paired=False)[0]) == 6


HOSTILE = (
    b'<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><log><trace><event><string key="concept:name" value="&b;"/></event></trace></log>',
    b'<!DOCTYPE log SYSTEM "file:///etc/passwd"><log/>',
    b"<log>" + b"<list>" * 100_000,
    b"<log><trace><event></trace></log>", b"<html/>", b"<log/>", b"\x1f\x8b broken", b"", b"a", b"a,b\n", b"\xff\xfe\xfd",
    b'<log><trace><event><string key="concept:name" value="a"/></event></trace></log>',
    b"case,activity,time\n1,a\n", b"case,activity,time\n1,a,never\n", b"case,activity,time\n,a,2026-01-01 00:00\n",
    b'case,activity,time\n1,"a,2026-01-01 00:00\n', b"case,activity,time\n1," + b"x" * 301 + b",2026-01-01 00:00\n",
    b"one,two\n1,2\n",
)  # fmt: skip


@pytest.mark.parametrize("file", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_or_broken_is_refused_with_its_reason(file: bytes) -> None:
    with pytest.raises(HeliError) as refused:
        reading.read(file)
    assert refused.value.words.zh and refused.value.words.en


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from heli.flows.mining import xes

    monkeypatch.setattr(xes, "LARGEST", 1000)
    with pytest.raises(HeliError, match="at most"):
        reading.read(gzip.compress(b"<log>" + b" " * 5000 + b"</log>"))


def test_a_tag_of_many_megabytes_is_refused_before_it_is_read() -> None:
    for many in (
        b"<log><trace><event><string " + b'a="" ' * 300_000 + b"/></event></trace></log>",
        b"<log>" + b" " * 2_000_000 + b"</log>",
    ):
        with pytest.raises(Invalid, match="longer than 512 KB"):
            reading.read(many)


def test_columns_are_named_where_they_are_not_known() -> None:
    file = b"who;what;when;number\nli;sign;2026-01-01 10:00;7\n"
    with pytest.raises(Invalid) as refused:
        reading.read(file)
    assert {one.place for one in refused.value.problems} == {"case", "activity", "time"}
    log, _ = reading.read(file, table.Columns(case="number", activity="what", time="when", actor="who"))
    assert (log.cases, log.activities, log.actors) == (["7"], ["sign"], ["li"])
    with pytest.raises(Invalid, match="no column"):
        reading.read(file, table.Columns(case="nummer", activity="what", time="when"))


@pytest.mark.skipif(not REAL.is_dir(), reason="the logs are not at hand")
def test_real_logs_tell_what_is_known_of_them() -> None:
    for name, expected in (
        ("running-example.xes", (6, 42, 6, 8)),
        ("running-example.csv", (6, 42, 6, 8)),
        ("receipt.csv", (1434, 8577, 116, 27)),
    ):
        log, _ = reading.read((REAL / name).read_bytes())
        assert (len(log.cases), log.events, len(follows.variants(log)), len(log.activities)) == expected


def test_the_command_prints_one_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    heli = Heli(capsys)
    file = tmp_path / "log.csv"
    file.write_bytes(as_csv(drawn(Random(3))))
    said = heli("flow", "mine", str(file))
    cases = ways(drawn(Random(3)))
    assert (said["cases"], said["events"]) == (len(cases), sum(map(len, cases.values())))
    assert said["variants"] == len({tuple(one[1] for one in some) for some in cases.values()})
    assert said["slowest_edges"][0]["p50"] >= said["slowest_edges"][-1]["p50"]
    assert said["columns"]["case"] == HEAD[0] and said["rework"]["share"] <= 1
    assert heli.status == 0
    assert heli("flow", "mine", str(file), "--zone", "Mars/Base")["error"]["problems"][0]["place"] == "--zone"
    assert heli("flow", "mine", str(tmp_path / "none"))["error"]["code"] == "invalid"


def queue(cases: int, seed: int) -> Log:
    """Cases that come every hour; one person checks each for fifty minutes in their order, another signs a day later."""
    rng, free, rows = Random(seed), 0, []
    base = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    for n in range(cases):
        came = n * 60
        free = max(free, came) + 30 + rng.randrange(50)
        signed = free + 600 + rng.randrange(600)
        for what, who, moments_ in (("check", "li", (came, free - 20, free)), ("sign", "sun", (free, signed, signed))):
            for kind, minutes in zip(("schedule", "start", "complete"), moments_, strict=True):
                rows.append(f"c{n},{what},{who},{kind},{(base + dt.timedelta(minutes=minutes)).isoformat()}")
    file = "case,activity,user,lifecycle,time\n" + "\n".join(rows)
    return reading.read(file.encode())[0]


@each_seed(10)
def test_pieces_of_waiting_add_up_and_a_replay_changes_nothing_by_itself(seed: int) -> None:
    log = queue(40, seed)
    measures = Measures(log, Hours())
    cut = waiting.pieces(measures.past, Hours())
    by_visit = figures.sums(cut.visit, cut.calendar, len(measures.past))
    assert by_visit.tolist() == measures.past.wait.tolist()
    replay = Replay(log)
    assert replay.cycles(replay.past.wait).tolist() == (log.ended - log.began)[replay.cases].tolist()
    half = replay.cycles(replay.past.wait // 2)
    assert bool((half <= replay.cycles(replay.past.wait)).all())
    same = whatif.foresee(measures.past, cut, [])
    assert same is not None and same.now.p50 == same.then.p50 and same.now.low <= same.now.p50 <= same.now.high
    again = whatif.foresee(measures.past, cut, [whatif.Change(0, staff=2.0), whatif.Change(1, limit=3_600_000_000)])
    assert (
        again is not None
        and again.then.p50 < again.now.p50
        and again
        == whatif.foresee(measures.past, cut, [whatif.Change(0, staff=2.0), whatif.Change(1, limit=3_600_000_000)])
    )
    slow = whatif.foresee(measures.past, cut, [whatif.Change(1, slowest=3)])
    quick = whatif.foresee(measures.past, cut, [whatif.Change(1, quickest=3)])
    assert slow is not None and quick is not None and quick.then.p50 < slow.now.p50 < slow.then.p50
    assert same.error is not None and 0 <= same.error[0] < 1


def test_each_cause_of_waiting_is_told_where_it_is_meant() -> None:
    """li does what came first, lets one wait for a later one, sun collects three."""
    rows = []

    def visit(case: str, who: str, came: str, done: str, what: str = "check") -> None:
        rows.extend(
            f"{case},{what},{who},{kind},2026-03-{at}"
            for kind, at in (("schedule", came), ("start", done), ("complete", done))
        )

    visit("a", "li", "02 09:00", "02 10:00")
    visit("b", "li", "02 09:30", "02 11:00")  # b waits for a: its turn
    visit("d", "li", "02 11:40", "02 12:00")
    visit("c", "li", "02 11:30", "02 13:00")  # c waits for d, which came later
    for case, came in (("e", "02 14:00"), ("f", "02 15:00"), ("g", "02 16:00")):
        visit(case, "sun", came, "02 16:05", "batch")
    file = "case,activity,user,lifecycle,time\n" + "\n".join(rows)
    log, _ = reading.read(file.encode())
    past = Measures(log, Hours()).past
    found = waiting.causes(past, waiting.pieces(past, Hours()), working=False)
    minute = 60_000_000
    check = found[list(log.activities).index("check")]
    assert check["contention"] == 30 * minute and check["prioritisation"] == 30 * minute
    assert check["hand_off"] == (60 + 60 + 20 + 60) * minute, "it came from who began the case"
    assert found[list(log.activities).index("batch")]["batching"] == (120 + 60) * minute
