"""Two people at once, on PostgreSQL where they truly are: what takes two is given once, a draft is published once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from heli.access import grants
from heli.access.models import Grant
from heli.policy.models import PolicyVersion
from tests.api.client import Reply
from tests.api.lenders import SECURITY, Company, fresh
from tests.world import SETUP

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]


@pytest.fixture
def company() -> Iterator[Company]:
    if connection.vendor != "postgresql":
        pytest.skip("one writer at a time anyway")
    yield fresh()


def at_once(*acts: Callable[[], Reply]) -> list[Reply]:
    start = Barrier(len(acts))

    def run(act: Callable[[], Reply]) -> Reply:
        start.wait(10)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_yeses_at_once_give_a_role_once_and_one_person_twice_gives_nothing(company: Company) -> None:
    grants.save_role(SETUP, "keeper", name="keeper", lines=SECURITY)
    asked = company.at("sue").post("/access/requests/role", {"role": "keeper", "reason": "stand-in"})
    here = f"/access/requests/{asked.body['id']}/approve"
    sec, sid, boss = (company.at(name) for name in ("sec", "sid", "boss"))
    alone = at_once(lambda: sec.post(here), lambda: sec.post(here))
    assert sorted(r.status for r in alone) == [200, 409]
    assert not Grant.objects.filter(role__code="keeper").exists()
    both = at_once(lambda: sid.post(here), lambda: boss.post(here))
    assert sorted(r.status for r in both) == [200, 409]
    assert Grant.objects.filter(role__code="keeper", revoked_at=None).count() == 1


def test_a_draft_published_twice_at_once_is_one_version(company: Company) -> None:
    sec, sid = company.at("sec"), company.at("sid")
    made = sec.post("/access/drafts", {"title": "t"})
    here = f"/access/drafts/{made.body['id']}"
    after: dict[str, Any] = {
        "lines": [{"type": "task", "actions": ["read"], "scope": ["all"]}],
        "subject": "person:wei",
    }
    put = sec.send("PUT", f"{here}/changes/grant/n", {"after": after}, If_Match=made.etag)
    assert sec.send("POST", f"{here}/submit", {}, If_Match=put.etag).status == 200
    assert sid.send("POST", f"{here}/approve", {}, If_Match=put.etag).status == 200
    done = at_once(*(lambda api=api: api.send("POST", f"{here}/publish", {}, If_Match=put.etag) for api in (sec, sid)))
    assert sorted(r.status for r in done) == [200, 409]
    assert PolicyVersion.objects.count() == 1
