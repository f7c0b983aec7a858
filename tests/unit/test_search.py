"""Search, as the people of one company use it, by every plan and while postings are not there yet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from tests import world

from heli.records import bulk, counts, search, search_plan, search_posts, sql
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def company() -> Iterator[world.World]:
    counts.forget()
    yield world.fresh()
    counts.forget()


def found(company: world.World, who: str, text: str) -> list[str]:
    return [hit.title for hit in search.find(company.as_(who), text)]


def post_all() -> None:
    while search_posts.step():
        pass


def test_a_customer_is_found_by_what_people_know_of_it(company: world.World) -> None:
    company.make("ann", "account", name="深圳华为技术（南山）有限公司", short_name="鸿蒙", phone="138 0013 8000")
    name = "深圳华为技术（南山）有限公司"
    for text in (
        "华为",
        "华",
        "为技",
        "hw",
        "HWJS",
        "szhw",
        "shenzhen",
        "ShenZh",
        "鸿蒙",
        "hongm",
        "13800138000",
        "+86 138-0013-8000",
        "8000",
        "技术（南",
    ):
        assert found(company, "ann", text) == [name], text
    for text in ("华威", "wh", "weihua", "13800139", "有限责任", "龘"):
        assert found(company, "ann", text) == [], text
    for who in ("wei", "sue"):
        assert found(company, who, "华为") == []


def test_a_changed_name_is_found_anew_and_not_by_the_old_one(company: world.World) -> None:
    record = company.make("ann", "account", name="北辰机械")
    company.do("ann", "account", "edit", record, name="南斗机械")
    assert found(company, "ann", "北辰") == found(company, "ann", "bcjx") == []
    assert found(company, "ann", "南斗") == found(company, "ann", "ndjx") == ["南斗机械"]
    words = sql.rows("SELECT COUNT(*) FROM records_posted WHERE record_id=%s AND field='name'", [record])
    assert words == [(1,)]


def test_what_is_deleted_is_not_found_until_it_is_restored(company: world.World) -> None:
    deal = company.make("ann", "opportunity", name="西山矿业", amount="1.00")
    company.do("ann", "opportunity", "delete", deal)
    assert found(company, "ann", "西山") == []
    assert sql.rows("SELECT n FROM records_posted WHERE record_id=%s", [deal]) == []
    company.do("ann", "opportunity", "restore", deal)
    assert found(company, "ann", "西山") == ["西山矿业"] == found(company, "ann", "xsky")


def test_a_cell_that_is_only_shown_masked_is_never_matched(company: world.World) -> None:
    company.add("amy", "east", "rep")
    account = company.make("ann", "account", name="东方红", phone="010-88886666")
    company.do("ann", "account", "team_add", account, person=str(company.people["amy"]), types="contact")
    assert found(company, "amy", "东方") == ["东方红"]
    assert found(company, "ann", "010 8888 6666") == ["东方红"]
    assert found(company, "amy", "010 8888 6666") == []
    assert found(company, "amy", "6666") == []


def test_rows_of_an_import_are_found_before_and_after_they_are_posted(company: world.World) -> None:
    rows = [{"name": f"批量客户{n}号", "phone": f"0571-8800{n:04}"} for n in range(30)]
    for outcome in bulk.import_many(company.system, TYPES["account"], rows, size=7):
        assert not outcome.bad
    assert len(search_posts.unposted()) == 5
    assert sql.rows("SELECT COUNT(*) FROM records_posted") == [(0,)]
    system = company.system
    assert [hit.title for hit in search.find(system, "客户17")] == ["批量客户17号"]
    assert [hit.title for hit in search.find(system, "057188000017")] == ["批量客户17号"]
    assert search.find(system, "plkh17") == []
    post_all()
    assert search_posts.unposted() == []
    for text in ("客户17", "057188000017", "plkh17", "piliangkehu17"):
        assert [hit.title for hit in search.find(system, text)] == ["批量客户17号"], text
    assert len(search.find(system, "批量")) == search.PER_TYPE


def test_a_rebuild_gives_what_the_write_door_gave_and_takes_out_strays(company: world.World) -> None:
    record = company.make("ann", "account", name="长江重工", short_name="长重")
    before = sql.rows("SELECT field, initials, mark FROM records_posted WHERE record_id=%s ORDER BY field", [record])
    sql.execute("UPDATE records_posted SET initials='', mark='' WHERE record_id=%s", [record])
    sql.execute(
        "INSERT INTO records_posted (type, field, record_id, initials, mark) VALUES ('account', 'name', 'gone', '', '')"
    )
    assert search_posts.rebuild(TYPES["account"]) == 1
    after = sql.rows("SELECT record_id, field, initials, mark FROM records_posted WHERE type='account' ORDER BY field")
    assert [row[1:] for row in after] == before
    assert {row[0] for row in after} == {record}
    assert found(company, "ann", "cjzg") == ["长江重工"]


def test_every_plan_gives_the_same_hits(company: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    people = [str(company.people[name]) for name in ("ann", "bob", "wei")]
    names = ["".join(chance.choices("华东南北山河科技贸易ab12", k=6)) for _ in range(240)]
    rows = [{"name": f"{name}{n}", "owner": chance.choice(people)} for n, name in enumerate(names)]
    for outcome in bulk.import_many(company.system, TYPES["opportunity"], rows):
        assert not outcome.bad
    post_all()
    # Changed at different moments, many at the same one.
    table = TYPES["opportunity"].table
    for (record,) in sql.rows(f'SELECT id FROM "{table}" ORDER BY id'):
        day = f"2026-01-{chance.randint(1, 9):02} 00:00:00+00:00"
        sql.execute(f'UPDATE "{table}" SET updated_at=%s WHERE id=%s', [day, record])
    texts = ["华", "华东", "科技", "kj", "ab", "a1", "东南山", "12", "hd", "huad", "zz"]
    plans: dict[str, dict[str, float]] = {
        "postings": {"RARE": 10_000},
        "own rows": {"RARE": 0, "FEW": 0, "OWN_COST": 0.0},
        "own rows in turns": {"RARE": 0, "FEW": 0, "OWN_COST": 0.1, "FIRST": 5},
        "walk": {"RARE": 0, "FEW": 0, "OWN_COST": 1e9, "FIRST": 3},
        "walk that gives up for postings": {"RARE": 0, "FEW": 0, "OWN_COST": 1e9, "FIRST": 1, "PATIENCE": 0.0},
        "walk that gives up for own rows": {
            "RARE": 0,
            "FEW": 0,
            "OWN_COST": 2.0,
            "FIRST": 1,
            "PATIENCE": 0.0,
            "HOPE": 0.0,
        },
    }
    answers = {}
    taken: list[str] = []
    in_turns = search_plan._in_turns

    def noted(*given: Any) -> Any:
        rows = in_turns(*given)
        taken.append(name if rows is not None else "")
        return rows

    monkeypatch.setattr(search_plan, "_in_turns", noted)
    counts.forget()
    for name, settings in plans.items():
        with monkeypatch.context() as patch:
            for constant, value in settings.items():
                patch.setattr(search_plan, constant, value)
            answers[name] = [
                repr(search.find(company.as_(who), text)) for who in ("ann", "mei", "boss", "wei") for text in texts
            ]
    assert "own rows in turns" in taken
    assert any(answer != "[]" for answer in answers["postings"])
    for name in plans:
        assert answers[name] == answers["postings"], name


NAUGHTY = [
    "", " ", "a", "%", "_", "!", "%%", "__", "!%", "'", '"', "\\", "' OR 1=1 --", '"; DROP TABLE records_posted; --', "* AND *",
    "NEAR(a b)", "name:x", "华*", "^华", "\x00", "华\x00为", "\ud800华", "😀", "😀😀", "👩‍👩‍👧", "ﷺ", "İstanbul", "ẞß", "ｗｉｄｅ",
    "a" * 10_000, "华" * 10_000, "é" * 50, "%s", "%(x)s", "{0}", "¦account", "¹hw", "²hu", "\u202e华", "１２３", "٣٤", "null", "-1", "1e309",
]  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_nothing_that_is_typed_breaks_or_widens_a_search(company: world.World, text: str) -> None:
    company.make("ann", "account", name="安静的公司")
    company.make("wei", "account", name="别人的公司 100% a_b")
    for who in ("ann", "sue"):
        assert found(company, who, text) == [], text
