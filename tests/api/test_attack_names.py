"""Attacks by names: what a drawing is called comes into headers, files, mails and lists."""

from __future__ import annotations

import pytest

from heli.flows.models import Instance
from tests.api.client import signed_in
from tests.cases import Company, process, task
from tests.world import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


NAMES = {
    "line": "a&#10;Set-Cookie: x=1&#13;&#10; / b&#10;c", "tab": "a&#9;b / c", "formula": "=1+1 / =HYPERLINK(&quot;http://x&quot;)",
    "rtl": "a\u202eb / \u2066c", "emoji": "😀" * 50 + " / 👩\u200d👩", "blank": " / ", "empty": "", "spaces": "   ", "long": "长" * 5000,
    "html": "&lt;script&gt;alert(1)&lt;/script&gt; / &lt;img src=x&gt;", "quote": "a&quot;;filename=x / b\\", "c1": "a&#x85;b&#x9f;c",
    "plane": "a&#xFFFD;b&#x10FFFD;",
}  # fmt: skip


@pytest.mark.parametrize("kind", list(NAMES))
def test_no_name_breaks_what_it_comes_into(world: Company, kind: str) -> None:
    name = NAMES[kind]
    file = process(task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>money", "money>e")
    file = file.replace('name="审批 / Approval"', f'name="{name}"').replace('name="lead 中 / lead"', f'name="{name}"')
    pam, ann, mei = signed_in("pam"), signed_in("ann"), signed_in("mei")
    made = pam.post("/flows/processes", {"source": file})
    if made.status == 422:
        assert made.body["problems"][0]["place"] in ("deal", "lead", "source"), made.body
        return
    assert made.status == 201, made.body
    assert signed_in("boss").post(f"/flows/versions/{made.body['id']}/answer", {"yes": True}).status == 200
    deal = world.make("ann", "opportunity", name="A", amount="5")
    begun = ann.post("/flows/instances", {"process": "deal", "record": deal})
    assert begun.status == 201, begun.body
    case = f"/flows/instances/{begun.body['id']}"
    for api, path in (
        (ann, f"{case}/sheet"), (ann, case), (mei, "/flows/work"), (mei, "/workbench"), (mei, "/notices"), (pam, "/flows/processes"),
        (pam, "/flows/processes/deal/analytics"), (pam, "/flows/processes/deal/versions"), (ann, f"/flows/of/opportunity/{deal}"),
        (pam, "/flows/processes/deal/analytics.csv"), (pam, "/search?q=a"),
    ):  # fmt: skip
        found = api.get(path)
        assert found.status in (200, 404), (path, found.status, found.body)
        assert not set(found.headers.get("Content-Disposition", "")) & set("\r\n\t")
    assert ann.get(f"{case}/sheet").status == 200
    assert Instance.objects.count() == 1
