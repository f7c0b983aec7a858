"""A crawler as each persona presses every enabled control: none ends in an error or without effect."""

from __future__ import annotations

import pytest
from playwright.sync_api import ElementHandle, Page, TimeoutError

from tests.e2e.people import EVERYONE, Company, Watch

CONTROLS = 'button:not([disabled]):not([aria-disabled="true"]), [role="tab"], [role="menuitem"], summary'
OVER = '[role="dialog"], .mantine-Modal-overlay, .mantine-Menu-dropdown'
MOST_PRESSES = 14
SETTLE = 220
"""Milliseconds in which a page of the same visit shows itself."""
GO = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate', { state: {} })); }"
SEEN_BY = """() => [document.body.innerText.length, document.querySelectorAll('*').length, location.href,
  document.activeElement?.outerHTML.slice(0, 80), document.documentElement.dataset.mantineColorScheme].join('|')
  + [...document.querySelectorAll('[aria-expanded],[aria-pressed],[aria-selected],[aria-sort]')].map(e =>
    ['expanded', 'pressed', 'selected', 'sort'].map(name => e.getAttribute('aria-' + name)).join()).join('')"""


def label(control: ElementHandle) -> str:
    found: str = control.evaluate(
        "e => (e.getAttribute('aria-label') || e.innerText || '').trim().slice(0, 40) + '/' + (e.getAttribute('role') || e.tagName)"
    )
    return found


def pages_of(company: Company, page: Page) -> list[str]:
    """Every list, one record of each kind, and the pages that stand in this person's rail."""
    boot = page.evaluate("JSON.parse(document.getElementById('boot').textContent)")
    found = ["/"]
    for kind in boot["meta"]["types"]:
        found.append(f"/records/{kind['code']}")
        if kind["kanban"]:
            found.append(f"/records/{kind['code']}?view=kanban")
        rows = company.api(page, f"/records/{kind['code']}?limit=1")["items"]
        if rows:
            found.append(f"/records/{kind['code']}/{rows[0]['id']}")
    if "organisation" in boot["me"]["pages"]:
        found += [
            "/organisation",
            "/organisation/positions",
            "/projects",
            f"/organisation/people/{boot['me']['person']['id']}",
        ]
    return found


def again(page: Page, address: str, base_url: str) -> None:
    """Back to a page with nothing open over it."""
    if page.locator(OVER).count() or page.url.partition(base_url)[2] != address:
        page.goto(address)
        page.get_by_role("main").first.wait_for()
        page.wait_for_timeout(SETTLE)


def press(page: Page, control: ElementHandle) -> None:
    """Press it; what an earlier press opened only now, its code having come late, is put away first."""
    try:
        control.click(timeout=2000)
    except TimeoutError:
        page.keyboard.press("Escape")
        control.click(timeout=5000)
    page.wait_for_timeout(SETTLE)


@pytest.mark.parametrize("who", EVERYONE)
def test_every_page_opens_and_every_new_control_does_something(company: Company, who: str) -> None:
    page = company.page(who)
    watch = Watch().on(page)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    for key in ("Control+k", "?"):  # their code arrives now, so that later they open at once
        page.keyboard.press(key)
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
    known: set[str] = set()
    idle: list[str] = []
    presses = 0
    for address in pages_of(company, page):
        page.evaluate(GO, address)  # as a link does it: no new load
        page.get_by_role("main").first.wait_for()
        page.wait_for_timeout(SETTLE)
        before_visit = len(watch.told)
        names = [label(one) for one in page.query_selector_all(CONTROLS) if one.is_visible()]
        for name in dict.fromkeys(names):
            if name in known or presses >= MOST_PRESSES:
                continue
            known.add(name)
            again(page, address, company.base_url)
            control = next(
                (one for one in page.query_selector_all(CONTROLS) if one.is_visible() and label(one) == name), None
            )
            if control is None:
                continue
            presses += 1
            before, calls = page.evaluate(SEEN_BY), len(watch.calls)
            pressed = (
                control.get_attribute("aria-selected") == "true" or control.get_attribute("aria-pressed") == "true"
            )
            press(page, control)
            if page.evaluate(SEEN_BY) == before and len(watch.calls) == calls and not pressed:
                idle.append(f"{address}: {name}")
            page.keyboard.press("Escape")
        assert len(watch.told) == before_visit, "\n".join([address, *watch.told[before_visit:]])
    watch.nothing_wrong()
    assert not idle, "\n".join(idle)
