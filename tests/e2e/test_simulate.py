"""A security administrator foresees a draft: reads what it would do, looks at one change alone, and removes what blocks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import SECURITY, Company, Watch
from tests.e2e.test_access_for_all import AXE, RUN

type Send = Callable[..., Any]


@pytest.fixture
def security(company: Company) -> Page:
    page = company.page(SECURITY)
    page.goto("/access")
    return page


@pytest.fixture
def send(company: Company, security: Page) -> Send:
    """Setting a stage as the administrator, by the API."""

    def sent(method: str, path: str, body: Any = None, **headers: str) -> Any:
        token = next(c["value"] for c in security.context.cookies() if c.get("name") == "csrftoken")
        reply = security.request.fetch(
            f"{company.base_url}/api/v1{path}", method=method, data=body, headers={"X-CSRFToken": token, **headers}
        )
        assert reply.ok, reply.text()
        return reply.json() if reply.body() else None

    return sent


def test_a_draft_is_foreseen_mended_and_submitted(company: Company, security: Page, send: Send) -> None:
    rules = send("GET", "/policy")
    assert {role["code"] for role in rules["roles"]} >= {"finance", "support"}
    draft = send("POST", "/access/drafts", {"title": "财务代岗"})
    path = f"/access/drafts/{draft['id']}"

    def put(key: str, after: Any, revision: int) -> int:
        made = send("PUT", f"{path}/changes/grant/{key}", {"after": after}, **{"If-Match": f'"r{revision}"'})
        return int(made["revision"])

    # finance and legal exclude each other; the second change is harmless
    revision = put("clash", {"role": "finance", "subject": "person:zhengkaixuan"}, draft["revision"])
    put("fine", {"role": "support", "subject": "person:zhouhaoran"}, revision)
    watch = Watch().on(security)
    security.goto(f"/access/simulate?draft={draft['id']}")
    verdict = security.get_by_role("region", name="结论")
    expect(verdict).to_contain_text("获得权限2人", timeout=20_000)  # the whole company is looked at, beside other tests
    duties = security.get_by_role("region", name="职责冲突")
    expect(duties).to_contain_text("郑凯旋")
    expect(duties).to_contain_text("阻止发布")
    submit = security.get_by_role("button", name="提交发布审批")
    expect(submit).to_be_disabled()
    expect(security.get_by_text("1 处冲突")).to_be_visible()
    # one change alone
    security.get_by_role("button", name="客服 → 周浩然").click()
    expect(verdict).to_contain_text("获得权限1人")
    expect(duties).to_contain_text("没有人同时担任互斥的角色")
    expect(submit).to_be_disabled()  # the draft as a whole is still blocked
    security.get_by_role("button", name="看全部改动").click()
    expect(verdict).to_contain_text("获得权限2人", timeout=20_000)  # the whole company is looked at, beside other tests
    # in both themes and on a phone nothing is in anybody's way
    for theme in ("light", "dark"):
        security.emulate_media(color_scheme=theme)
        security.evaluate(AXE.read_text("utf-8"))
        assert security.evaluate(RUN) == []
    security.set_viewport_size({"width": 390, "height": 844})
    assert security.evaluate("document.documentElement.scrollWidth") <= 390
    security.set_viewport_size({"width": 1440, "height": 900})
    # what blocks it is taken out; then it can be submitted
    send("DELETE", f"{path}/changes/grant/clash", **{"If-Match": f'"r{send("GET", path)["revision"]}"'})
    security.reload()
    expect(submit).to_be_enabled()
    submit.click()
    dialog = security.get_by_role("dialog", name="提交发布审批")
    dialog.get_by_role("button", name="提交发布审批").click()
    expect(security.get_by_text("待批准")).to_be_visible()
    watch.nothing_wrong()
    send("POST", f"{path}/withdraw", {"text": ""}, **{"If-Match": f'"r{send("GET", path)["revision"]}"'})
