"""An export asked for in the page, approved by the director, downloaded; the watermark; axe on all of it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.people import SALES_MANAGER, SECURITY, Company
from tests.e2e.test_access_for_all import AXE, RUN


def clean(page: Page, what: str) -> None:
    page.wait_for_timeout(250)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(RUN)
    assert not found, f"{what}: {found}"


def test_an_export_is_asked_for_approved_and_downloaded(company: Company, tmp_path: Path) -> None:
    page = company.page(SALES_MANAGER)
    page.goto("/records/opportunity")
    expect(page.get_by_role("grid").locator("[data-row]").first).to_be_visible()
    expect(page.locator(".watermark text").first).to_have_text("李强 liqiang")
    clean(page, "a list with the watermark")
    page.get_by_role("button", name="导出", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("需要审批")).to_be_visible()
    expect(dialog.get_by_role("button", name="导出", exact=True)).to_be_disabled()
    dialog.get_by_label("用途").fill("季度复盘")
    clean(page, "the dialog")
    dialog.get_by_role("button", name="导出", exact=True).click()
    expect(page.get_by_text("待审批", exact=True)).to_be_visible()
    number = page.locator(".export .mono").first.inner_text()

    director = company.page("chenjing")
    director.goto("/exports?of=deciding")
    row = director.locator(".export").filter(has_text=number)
    clean(director, "what waits for a decision")
    row.get_by_role("button", name="同意").click()
    director.get_by_role("dialog").get_by_role("button", name="同意").click()
    expect(row).to_have_count(0)

    page.reload()
    button = page.get_by_role("button", name="下载")
    expect(button).to_be_visible(timeout=15_000)
    with page.expect_download() as begun:
        button.click()
    begun.value.save_as(tmp_path / "file")
    assert begun.value.suggested_filename == f"export-{number}.xlsx"
    assert (tmp_path / "file").read_bytes().startswith(b"PK")


def test_security_reads_use_and_changes_a_setting(company: Company) -> None:
    page = company.page(SECURITY)
    for part, name in (
        ("people", "人员用量"),
        ("alerts", "告警"),
        ("canaries", "诱饵记录"),
        ("mine", "我的用量"),
        ("settings", "设置"),
    ):
        page.goto(f"/access/guard?part={part}")
        expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
        page.wait_for_load_state("networkidle")
        clean(page, part)
    box = page.get_by_label("一次列出多少行算批量读取")
    box.fill("30")
    box.press("Enter")
    expect(page.get_by_text("出厂 20")).to_be_visible()
    box = page.get_by_label("一次列出多少行算批量读取")
    box.fill("20")
    box.press("Enter")
    expect(page.get_by_text("出厂 20")).to_have_count(0)
