"""Attacks on exports: one yes used for ever, a file made anew under other circumstances, acts that meet each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from heli.guard import settings as guard
from heli.guard.exports import decide, run
from heli.guard.models import Export
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.org import verbs as org
from tests.api.client import Api, signed_in
from tests.api.test_exports import may_export, rows_of
from tests.world import SETUP, World

pytestmark = pytest.mark.storage
HOUR, DAY = 3600, 86_400


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "HELI_HOME", tmp_path)
    monkeypatch.setattr(settings, "SESSION_COOKIE_AGE", 60 * DAY)
    yield


def asked(bob: Api, **more: Any) -> str:
    body = {"type": "opportunity", "format": "csv", "fields": ["name", "amount"], "reason": "The quarter"} | more
    made = bob.post("/exports", body)
    assert made.status == 201, made.body
    return f"/exports/{made.body['id']}"


def test_one_yes_gives_a_file_of_one_day_and_not_a_fresh_one_every_day(world: World) -> None:
    """Its asker changes something of theirs whenever the file grows old, so that it is made again."""
    may_export(world, "bob", scope="own")
    may_export(world, "mei")
    deals = [world.make("bob", "opportunity", name=f"Deal {n}", amount="10") for n in range(4)]
    bob, mei = signed_in("bob"), signed_in("mei")
    path = asked(bob)
    assert mei.post(f"{path}/approve", {}).status == 200
    drain()
    assert len(rows_of(bob.get(f"{path}/file").body)) == 6
    with clock.later(seconds=20 * HOUR):
        world.do("bob", "opportunity", "delete", deals.pop())
        assert bob.get(f"{path}/file").code == "made_again"
        drain()
        assert len(rows_of(bob.get(f"{path}/file").body)) == 5, "rights or records have changed: it is made again"
    with clock.later(seconds=26 * HOUR):
        world.do("bob", "opportunity", "delete", deals.pop())
        late = bob.get(f"{path}/file")
        drain()
        assert (late.status, late.code) == (409, "expired"), late.body
        assert bob.get(f"{path}/file").code == "expired"


def test_who_is_about_to_leave_has_no_file_made_again_that_nobody_approved(world: World) -> None:
    may_export(world, "bob", scope="own")
    may_export(world, "mei")
    deals = [world.make("bob", "opportunity", name=f"Deal {n}") for n in range(4)]
    bob = signed_in("bob")
    path, waiting = asked(bob, fields=["name"]), asked(bob, fields=["name", "stage"])
    decide_later = Export.objects.get(pk=waiting.rpartition("/")[2])
    drain()
    assert bob.get(path).body["state"] == "ready"
    Export.objects.filter(pk=decide_later.pk).update(state=Export.QUEUED)  # its worker is slow
    org.give_notice(SETUP, world.people["bob"], clock.today() + timedelta(days=20))
    world.do("bob", "opportunity", "delete", deals.pop())
    assert bob.get(f"{path}/file").status == 409
    run.make.func(decide_later.pk)
    drain()
    for one in (path, waiting):
        told = bob.get(one).body
        assert told["state"] == "failed" and "about to leave" in told["problem"]["en"], told
        assert bob.get(f"{one}/file").status == 409
    again = bob.post("/exports", {"type": "opportunity", "format": "csv", "fields": ["name"], "reason": "The quarter"})
    assert again.body["state"] == "waiting", "from the notice on somebody else decides"


def test_many_small_files_do_not_pass_the_budget_that_one_would(world: World) -> None:
    may_export(world, "bob", scope="own")
    may_export(world, "mei")
    for n in range(6):
        world.make("bob", "opportunity", name=f"Deal {n}", amount="10")
    guard.change(SETUP, {"floor_records": 50, "hour_share": 20, "factor": 1})  # ten within an hour
    bob = signed_in("bob")
    paths = [asked(bob, fields=["name"], sort="name") for _ in range(3)]
    drain()
    states = [bob.get(one).body["state"] for one in paths]
    assert states == ["ready", "failed", "failed"], states
    assert "额度" in bob.get(paths[1]).body["problem"]["zh"]


def test_what_has_ended_meanwhile_is_not_made_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The download finds that it no longer holds at the moment at which security ends it, or another download has it made."""
    may_export(world, "bob", scope="own")
    for n in range(3):
        world.make("bob", "opportunity", name=f"Deal {n}")
    bob = signed_in("bob")
    for ended, answer in ((Export.ENDED, "not_ready"), (Export.QUEUED, "not_ready"), (Export.EXPIRED, "expired")):
        path = asked(bob, fields=["name"])
        drain()

        def meanwhile(*_: Any, state: str = ended, pk: str = path.rpartition("/")[2]) -> bool:
            Export.objects.filter(pk=pk).update(state=state, attempts=7)
            return False

        with monkeypatch.context() as patched:
            patched.setattr(decide, "_still", meanwhile)
            assert bob.get(f"{path}/file").code == answer
        row = Export.objects.get(pk=path.rpartition("/")[2])
        assert (row.state, row.attempts) == (ended, 7)


def test_each_download_is_counted_however_they_meet(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    may_export(world, "bob", scope="own")
    world.make("bob", "opportunity", name="Deal")
    bob = signed_in("bob")
    path = asked(bob, fields=["name"])
    drain()
    still = decide._still
    inner: list[int] = []

    def meanwhile(*args: Any) -> bool:
        if not inner:
            inner.append(0)
            inner.append(bob.get(f"{path}/file").status)
        return still(*args)

    monkeypatch.setattr(decide, "_still", meanwhile)
    assert bob.get(f"{path}/file").status == 200 and inner[1:] == [200]
    assert bob.get(path).body["downloads"] == 2
