"""A crawler as each persona presses every enabled control: none ends in an error or without effect."""

from __future__ import annotations

import pytest
from playwright.sync_api import ElementHandle, Page

from tests.e2e.people import EVERYONE, Company, Watch

CONTROLS = 'button:not([disabled]):not([aria-disabled="true"]), [role="tab"], [role="menuitem"], summary'
OVER = '[role="dialog"], .mantine-Modal-overlay, .mantine-Menu-dropdown'
MOST_PRESSES = 45
SEEN_BY = """() => [document.body.innerText.length, document.querySelectorAll('*').length, location.href,
  document.activeElement?.outerHTML.slice(0, 80), document.documentElement.dataset.mantineColorScheme].join('|')
  + [...document.querySelectorAll('[aria-expanded],[aria-pressed],[aria-selected],[aria-sort]')].map(e =>
    (e.getAttribute('aria-expanded') || '') + e.getAttribute('aria-pressed') + e.getAttribute('aria-selected') + e.getAttribute('aria-sort')).join('')"""


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
        found += ["/organisation", "/projects", f"/organisation/people/{boot['me']['person']['id']}"]
    return found


@pytest.mark.parametrize("who", EVERYONE)
def test_every_page_opens_and_every_new_control_does_something(company: Company, who: str) -> None:
    page = company.page(who)
    watch = Watch().on(page)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    known: set[str] = set()
    idle: list[str] = []
    presses = 0
    for address in pages_of(company, page):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        watch_before = len(watch.told)
        names = [label(one) for one in page.query_selector_all(CONTROLS) if one.is_visible()]
        for name in dict.fromkeys(names):
            if name in known or presses >= MOST_PRESSES:
                continue
            known.add(name)
            if page.locator(OVER).count():  # what the press before opened came late
                page.goto(address)
                page.wait_for_load_state("networkidle")
            control = next((one for one in page.query_selector_all(CONTROLS) if one.is_visible() and label(one) == name), None)
            if control is None:
                continue
            presses += 1
            before, calls = page.evaluate(SEEN_BY), len(watch.calls)
            pressed = control.get_attribute("aria-selected") == "true" or control.get_attribute("aria-pressed") == "true"
            control.click()
            page.wait_for_timeout(120)
            if page.evaluate(SEEN_BY) == before and len(watch.calls) == calls and not pressed:
                idle.append(f"{address}: {name}")
            page.keyboard.press("Escape")
            if page.locator(OVER).count() or page.url.partition(company.base_url)[2] != address:
                page.goto(address)
                page.wait_for_load_state("networkidle")
        assert len(watch.told) == watch_before, "\n".join([address, *watch.told[watch_before:]])
    watch.nothing_wrong()
    assert not idle, "\n".join(idle)
