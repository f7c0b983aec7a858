"""Properties 1 and 6 through HTTP: list, check and explanation say the same; without the grants it cites a yes is a no.

A random company, asked as its people would ask: rows of the list, levels of its cells, one record, "why", the chain beside a
colleague, and who sees it. Then every grant that a yes names is revoked, and the same questions are asked again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from tests.api.client import Api, signed_in
from tests.invariants.strategies import Company, company

from heli.access import grants
from heli.access.models import Grant
from heli.insight import company as companies
from heli.kernel.actor import Actor
from heli.org.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

BY = Actor(None, "test", "test")
FIELDS = ("name", "amount", "competitor")
READ = ("read", "edit", "masked_read", "masked_edit")


@pytest.fixture(params=range(4))
def made(request: pytest.FixtureRequest, db: None) -> Iterator[tuple[random.Random, Company, dict[int, Api]]]:
    cache.clear()
    companies.KEPT.clear()
    rng = random.Random(request.param)
    built = company(rng, rows=8, people=4)
    # Something to be revoked: the same for everyone, beside what chance has given.
    lines = [
        {
            "type": "opportunity",
            "actions": ["read", "edit"],
            "scope": ["own", "all"][: rng.randint(1, 2)],
            "read": {"*": "read"},
        }
    ]
    grants.grant_lines(BY, lines, "everyone")
    apis = {}
    for n, person in enumerate(built.people):
        Person.objects.filter(pk=person).update(username=f"user{n}", kind="employee")
        apis[person] = signed_in(f"user{n}")
    companies.KEPT.clear()
    yield rng, built, apis
    companies.KEPT.clear()


def listed(api: Api) -> dict[str, dict[str, str]] | None:
    """Levels of the cells of every row in the list; None when the type does not exist for this person."""
    reply = api.get("/records/opportunity?limit=200")
    if reply.status == 404:
        return None
    return {row["id"]: reply.body["access"][row["_a"]] for row in reply.body["items"]}


def why(api: Api, record: str, action: str = "read", field: str = "") -> Any:
    return api.get(f"/why?action={action}&type=opportunity&id={record}" + (f"&field={field}" if field else ""))


def test_list_check_and_explanation_say_the_same(made: tuple[random.Random, Company, dict[int, Api]]) -> None:
    _, built, apis = made
    seen = {person: listed(api) for person, api in apis.items()}
    for person, api in apis.items():
        rows = seen[person]
        for record in built.rows:
            if rows is None:
                assert why(api, record).status == 404
                continue
            assert why(api, record).body["allowed"] == (record in rows)
            one = api.get(f"/records/opportunity/{record}")
            assert (one.status == 200) == (record in rows)
            if record not in rows:
                continue
            shown = one.body["access"]
            assert {code: shown[code] for code in rows[record]} == rows[record]
            for field in FIELDS:
                told = why(api, record, field=field)
                level = shown.get(field, "hidden")
                if told.status == 422:
                    assert level == "hidden"
                    continue
                assert told.body["allowed"] == (level in READ), (field, level)
                chain = api.get(f"/access/why?action=read&type=opportunity&id={record}&field={field}").body["left"]
                assert (chain["allowed"], chain["depends"]) == (told.body["allowed"], False)
                assert all(one["state"] == "yes" for one in chain["steps"]) == chain["allowed"]
            who = api.get(f"/access/who?type=opportunity&id={record}").body
            sure = {int(one["person"]["id"]) for one in who["items"] if not one["maybe"]}
            maybe = {int(one["person"]["id"]) for one in who["items"] if one["maybe"]}
            others = {one for one, rows_ in seen.items() if rows_ is not None and record in rows_}
            assert sure <= others <= sure | maybe


def test_without_the_grants_that_it_cites_a_yes_is_a_no(made: tuple[random.Random, Company, dict[int, Api]]) -> None:
    rng, built, apis = made
    for person, api in apis.items():
        rows = listed(api)
        for record in rng.sample(sorted(rows or ()), min(2, len(rows or ()))):
            told = why(api, record).body
            if not told.get("allowed"):
                continue  # it went with a grant that the record before had cited
            cited = {int(one["grant"]) for one in told["because"]}
            assert cited
            alive = Grant.objects.filter(pk__in=cited, revoked_at=None).values_list("pk", flat=True)
            assert set(alive) == cited
            for grant in cited:
                grants.revoke(BY, grant)
            again = why(api, record)
            assert again.status == 404 or again.body["allowed"] is False
            assert record not in (listed(api) or {})
            assert person in built.people
