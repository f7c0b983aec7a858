"""axe finds nothing serious or critical on any route, in either theme and language."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import MANAGEMENT, SECURITY, SYSTEM, Company
from tests.e2e.speed import GO
from tests.e2e.still import Still

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"], rules: { "label-content-name-mismatch": { enabled: true } } });
  return found.violations.filter(v => v.impact === "serious" || v.impact === "critical")
    .map(v => `${v.impact} ${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")}`);
}"""
ROUTES = (
    "/",
    "/records/account",
    "/records/opportunity?view=kanban",
    "record",
    "/organisation",
    "person",
    "/projects",
    "/account",
    "/access/why",
    "why",
    "flow",
    "/flows",
    "/?tab=done",
)
CENTRE = ("roles/sales_rep", "matrix", "scopes", "bounds/pages", "bounds/duties", "drafts")
"""Of the permission centre, as who may change rights sees it."""


@pytest.mark.parametrize(
    ("language", "theme", "part"),
    [
        # labels come with the language, contrasts with the theme: in the everyday suite each route is seen in one of two pairs
        ("zh-CN", "light", 0),
        ("en-US", "dark", 1),
        *(
            pytest.param(language, theme, None, marks=pytest.mark.torture)
            for language in ("zh-CN", "en-US")
            for theme in ("light", "dark")
        ),
    ],
)
def test_every_route(company: Company, language: str, theme: str, part: int | None) -> None:
    page = company.page(MANAGEMENT, color_scheme=theme, locale=language)
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if language == "zh-CN" else "en")
    account = company.api(page, "/records/account?limit=1")["items"][0]["id"]
    someone = company.api(page, "/organisation/people?limit=1")["items"][0]["id"]
    known = {
        "record": f"/records/account/{account}",
        "person": f"/organisation/people/{someone}",
        "flow": f"/flows/{company.api(page, '/flows/work')['items'][0]['id']}",
        "why": f"/access/why?action=edit&type=account&id={account}&beside={someone}",
    }
    chosen = slice(None) if part is None else slice(part, None, 2)
    bad = violations(page, [known.get(route, route) for route in ROUTES[chosen]])
    page = company.page(SECURITY, color_scheme=theme, locale=language)
    bad += violations(page, [f"/access/{tab}" for tab in CENTRE[chosen]])
    assert not bad, "\n".join(bad)


def violations(page: Page, addresses: list[str]) -> list[str]:
    """What axe finds on each of these: the first one loaded, the others come to as a link leads there."""
    page.goto(addresses[0])
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text("utf-8"))
    found = [f"{addresses[0]} {one}" for one in page.evaluate(RUN)]
    with Still(page) as still:
        for address in addresses[1:]:
            page.evaluate(GO, address)
            still.wait()
            found += [f"{address} {one}" for one in page.evaluate(RUN)]
    return found


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.torture)])
def test_what_opens_over_a_page(company: Company, theme: str) -> None:
    script = AXE.read_text("utf-8")
    page = company.page(MANAGEMENT, color_scheme=theme)
    bad: list[str] = []

    def check(what: str) -> None:
        page.wait_for_timeout(250)
        bad.extend(f"{what} {one}" for one in page.evaluate(RUN))

    page.goto("/records/account")
    page.wait_for_load_state("networkidle")
    page.evaluate(script)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="搜索或执行…").wait_for()
    check("palette")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="快捷键").wait_for()
    check("key sheet")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="筛选").click()
    check("filter")
    page.keyboard.press("Escape")
    page.get_by_role("grid").focus()
    page.keyboard.press("Space")
    page.wait_for_load_state("networkidle")
    check("side panel")
    page.goto("/records/account?new=1")
    page.wait_for_load_state("networkidle")
    page.evaluate(script)
    check("create")
    assert not bad, "\n".join(bad)


def test_the_sign_in_page_and_an_administrators_page(company: Company) -> None:
    script = AXE.read_text("utf-8")
    page = company.context().new_page()
    page.goto("/signin")
    page.evaluate(script)
    assert page.evaluate(RUN) == []
    page = company.page(SYSTEM)
    page.goto("/organisation")
    page.wait_for_load_state("networkidle")
    page.evaluate(script)
    assert page.evaluate(RUN) == []
