"""Acts on many records beside other writers: they take turns, and the log holds each change once."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import connection
from tests import world as worlds

from heli.audit import entries
from heli.records import act, many
from heli.records.act import Action
from heli.records.many import Item, Many

pytestmark = pytest.mark.storage
RECORDS, WRITERS = 60, 4


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_records_never_wait_for_each_other_in_a_ring() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is nothing to wait for in a ring")
    world = worlds.fresh()
    records = [world.make("ann", "opportunity", name=f"D{n}") for n in range(RECORDS)]
    failed: list[str] = []

    def write(name: str) -> None:
        mine = records[:]
        random.Random(name).shuffle(mine)
        try:
            for round_ in range(3):
                asked = Many("opportunity", "edit", [Item(one) for one in mine], {"name": f"{name} {round_}"})
                found = many.do(world.as_("ann"), asked)
                failed.extend(str(one.error) for one in found if one.error is not None)
                act.do(world.as_("ann"), Action("opportunity", "edit", mine[0], {"amount": str(round_ + 1)}))
        except Exception as error:  # noqa: BLE001  # a thread's failure is told by the test
            failed.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed, failed[:5]
    names = {str(row["name"]) for row in world.list("ann", "opportunity", ["name"])}
    assert len(names) == 1, "the last one to write wrote all of them"
    edits = entries.query(actions=["opportunity.edit"], limit=1000)
    assert len({one.seq for one in edits}) == len(edits)
    assert {one.object_id for one in edits} == set(records)


@pytest.mark.django_db
def test_what_one_item_wrote_before_it_failed_is_neither_kept_nor_told() -> None:
    world = worlds.fresh()
    first, second = sorted(world.make("ann", "account", name=f"A{n}") for n in range(2))
    told = len(entries.query(limit=1000))
    found = many.do(world.as_("ann"), Many("account", "edit", [Item(first), Item(second)], {"name": "The same"}))
    assert [one.error is None for one in found] == [True, False]
    fresh = entries.query(limit=1000)[: len(entries.query(limit=1000)) - told]
    assert {(one.object_id, one.outcome) for one in fresh} <= {(first, "done"), (second, "refused")}
    assert (first, "done") in {(one.object_id, one.outcome) for one in fresh}
