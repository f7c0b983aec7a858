"""The use of grants: what is counted, for which grant, and that a killed process leaves no half of a batch."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.invariants import stage


def kill(company: Any, _: str) -> object:
    """A process is killed at every statement of writing a batch, before and after; what was written each time."""
    from tests.invariants.test_crash_writes import die_at

    from heli.access import use
    from heli.access.models import Use

    deals = [company.make("ann", "opportunity", name=f"D{n}") for n in range(3)]
    use.flush()
    known = Use.objects.count()
    found: list[int] = []
    for point in range(1, 20):
        for before in (True, False):

            def batch(point: int = point, before: bool = before) -> None:
                for deal in deals:
                    company.do("ann", "opportunity", "edit", deal, name=f"P{point}{before}")
                die_at(point, before=before)
                use.flush()

            status = os.waitpid(stage.fork(batch), 0)[1]
            found.append(Use.objects.filter(action="edit").count())
            if not os.WIFSIGNALED(status):
                return {"known": known, "written": found, "edits": sum(u.n for u in Use.objects.filter(action="edit"))}
    return {"known": known, "written": found, "edits": 0}


if __name__ == "__main__":
    stage.say(globals()[sys.argv[1]](stage.open_company(), sys.argv[2]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it
from django.db import DatabaseError  # noqa: E402
from tests.api.client import Api, signed_in  # noqa: E402
from tests.world import SETUP, World, fresh  # noqa: E402

from heli.access import grants, use  # noqa: E402
from heli.access.models import Use  # noqa: E402
from heli.kernel import clock  # noqa: E402
from heli.kernel.ids import uuid7  # noqa: E402

pytestmark = pytest.mark.storage


@pytest.fixture
def world(db: None) -> World:

    return fresh()


def used(world: World, who: str) -> dict[tuple[int, str, str, str, str], int]:
    """What is written of a person's uses: (grant, type, action, field, record) -> times."""
    use.flush()
    rows = Use.objects.filter(person_id=world.people[who])
    return {(u.grant_id, u.type, u.action, u.field, u.record_id): u.n for u in rows}


def grant_of(world: World, role: str) -> int:
    from heli.access.models import Grant

    return Grant.objects.get(role__code=role).pk


def edit(api: Api, deal: str, **values: Any) -> int:
    etag = api.get(f"/records/opportunity/{deal}").etag
    return api.patch(f"/records/opportunity/{deal}", values, if_match=etag).status


def test_opening_listing_writing_and_refusals_are_counted_for_the_grant_that_decided(world: World) -> None:
    deal = world.make("ann", "opportunity", name="Deal", amount="5")
    use.BUFFER.clear()
    ann, rep = signed_in("ann"), grant_of(world, "rep")
    assert edit(ann, deal, name="Better") == 200
    ann.get("/records/opportunity")
    ann.get("/records/opportunity")
    ann.get(f"/why?action=assign&type=opportunity&id={deal}")
    found = used(world, "ann")
    assert found[rep, "opportunity", "edit", "", deal] == 1
    assert found[rep, "opportunity", "read", "", deal] == 2  # opened, and shown again after the change
    assert found[rep, "opportunity", "read", "", ""] >= 2
    assert found[0, "opportunity", "assign", "", deal] == 1
    ann.get("/records/opportunity")
    assert used(world, "ann")[rep, "opportunity", "read", "", ""] > found[rep, "opportunity", "read", "", ""]


def test_the_nearest_grant_is_the_one_that_was_used(world: World) -> None:
    """A grant over everything that the own one makes needless shows as unused: that is what a review looks for."""
    lines = [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["all"], "read": {"*": "read"}}]
    wide = grants.grant_lines(SETUP, lines, "person", str(world.people["ann"])).pk
    own, other = world.make("ann", "opportunity", name="Own"), world.make("wei", "opportunity", name="Other")
    use.BUFFER.clear()
    ann, rep = signed_in("ann"), grant_of(world, "rep")
    assert (edit(ann, own, name="x"), edit(ann, other, name="y")) == (200, 200)
    found = used(world, "ann")
    assert [g for g, _, action, _, record in found if action == "edit" and record == own] == [rep]
    assert [g for g, _, action, _, record in found if action == "edit" and record == other] == [wide]


def test_refused_writes_are_counted_once_and_tries_never(world: World) -> None:
    world.add("eva", "east", "rep")
    deal = world.make("ann", "opportunity", name="Deal")
    use.BUFFER.clear()
    eva = signed_in("eva")
    assert edit(eva, deal, name="mine") == 403
    etag = eva.get(f"/records/opportunity/{deal}").etag
    eva.send("PATCH", f"/records/opportunity/{deal}?dry_run=true", {"name": "mine"}, if_match=etag)
    many = {"act": "edit", "items": [{"id": deal}], "values": {"name": "mine"}}
    assert eva.post("/records/opportunity/bulk", many).status == 200
    found = used(world, "eva")
    assert found[0, "opportunity", "edit", "", deal] == 2  # the single one and the one of many
    assert eva.get(f"/records/opportunity/{uuid7()}").status == 404
    assert not [one for one in used(world, "eva") if one[0] == 0 and one[2] == "read"]


def test_a_reveal_is_counted_with_its_field(world: World) -> None:
    contact = world.make("ann", "contact", name="Carl", phone="13800001111")
    use.BUFFER.clear()
    world.do("ann", "contact", "reveal", contact, field="phone")
    assert used(world, "ann") == {(grant_of(world, "rep"), "contact", "read", "phone", contact): 1}


def test_what_the_database_does_not_take_waits_and_is_written_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make("ann", "opportunity", name="Deal")
    kept = len(use.BUFFER)
    with monkeypatch.context() as broken:

        def fails(_: object) -> None:
            raise DatabaseError("no room")

        broken.setattr(use, "_write", fails)
        with pytest.raises(DatabaseError):
            use.flush()
        assert len(use.BUFFER) == kept > 0
    assert use.flush() == kept
    assert use.flush() == 0


def test_the_buffer_is_bounded(world: World) -> None:
    use.BUFFER.clear()
    for n in range(use.MOST + 5):
        use.BUFFER.add((1, 1, "t", "read", "", str(n)), clock.now())
    assert len(use.BUFFER) == use.MOST
    assert use.BUFFER.lost == 5
    use.BUFFER.clear()


def test_a_year_and_a_month_are_kept(world: World) -> None:
    deal = world.make("ann", "opportunity", name="Deal")
    use.flush()
    today = Use.objects.get(record_id=deal).day
    old = today - use.KEPT
    rows = [
        (old - timedelta(days=1), 1, 1, "t", "read", "", "", 3, clock.now()),
        (old, 1, 1, "t", "read", "", "", 3, clock.now()),
    ]
    use.write_rows(rows)
    assert use.purge.call() == 1
    assert Use.objects.filter(day=old).count() == 1


def test_a_killed_process_leaves_a_whole_batch_or_none(tmp_path: Path) -> None:
    said = stage.program(__file__, tmp_path, "kill", "")
    assert said["known"] > 0
    assert len(said["written"]) >= 6
    assert set(said["written"]) <= {0, 3}
    assert said["written"][0] == 0
    assert said["edits"] % 3 == 0
    assert said["edits"] >= 3
