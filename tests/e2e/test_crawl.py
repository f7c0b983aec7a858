"""A crawler presses the controls of every page: none ends in an error or without effect.

`make test` presses some controls of records, of the organisation, the audit log and the permission centre, as one person
each. `make torture` does so for each kind of record too, and presses every control of every
page as every persona, and what stands in the menus that open.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ElementHandle, Error, Page, TimeoutError

from tests.e2e.people import (
    AUDITOR,
    EVERYONE,
    FINANCE,
    MANAGEMENT,
    MARKETING,
    SALES_REP,
    SUPPORT,
    SYSTEM,
    Company,
    Watch,
)

log = logging.getLogger(__name__)

CONTROLS = 'button:not([disabled]):not([aria-disabled="true"]), [role="tab"], [role="menuitem"], summary'
MENU = '[role="menu"] [role="menuitem"]:not([data-disabled])'
OVER = '[role="dialog"], .mantine-Modal-overlay, .mantine-Menu-dropdown'
LEAVES = re.compile("退出登录|English")
"""What would end the crawl itself, or leave the next one in another language: it is kept for the person."""
CENTRE = ("roles", "roles/support", "matrix", "scopes", "drafts", "drafts/versions")
"""Pages of the permission centre."""
INSIDE = {
    "why": ("?action=edit&type=account&id={account}&beside={someone}",),
    "loans": ("?box=mine", "?box=answered"),
    "matrix": ("?type=ticket&view=actions",),
    "bounds": ("/pages", "/ceilings", "/tests", "/duties"),
    "drafts": ("/versions", "?state=published"),
    "guard": ("?part=mine", "?part=people", "?part=alerts", "?part=settings", "?part=canaries"),
    "leaving": ("?person={someone}",),
}
"""What stands inside of its tabs; whoever does not have a part is led to one that they have."""
EXPLAINED = (409, 422)
"""A state that does not allow it, a value that is not one."""
GIVEN_BACK = re.compile("借给你的权限已在 .+ 结束：已归还")
"""What the page of a record says that whoever looks has just given back: it is not found any more."""
FEW = 2
"""Presses on one page in `make test`."""
SETTLE = 220
"""Milliseconds in which a page of the same visit shows itself."""
GO = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate', { state: {} })); }"
SEEN_BY = """() => [document.body.innerText.length, document.querySelectorAll('*').length, location.href,
  document.activeElement?.outerHTML.slice(0, 80), document.documentElement.dataset.mantineColorScheme].join('|')
  + [...document.querySelectorAll('[aria-expanded],[aria-pressed],[aria-selected],[aria-sort]')].map(e =>
    ['expanded', 'pressed', 'selected', 'sort'].map(name => e.getAttribute('aria-' + name)).join()).join('')"""

KINDS = {
    SALES_REP: {"/", "account", "contact", "opportunity", "activity", "access", "flow"},
    MARKETING: {"lead", "campaign", "product"},
    SUPPORT: {"ticket", "satisfaction", "feedback", "task"},
    FINANCE: {"contract", "invoice", "payment"},
    MANAGEMENT: {"quote", "order", "project"},
    SYSTEM: {"organisation", "projects", "me", "flows"},
    AUDITOR: {"audit", "access", "policy"},
}
"""Who crawls which kind of page with a few presses; that none is forgotten is a test of its own."""


def label(control: ElementHandle) -> str:
    found: str = control.evaluate(
        "e => (e.getAttribute('aria-label') || e.innerText || '').trim().slice(0, 40) + '/' + (e.getAttribute('role') || e.tagName)"
    )
    return found


def shown(page: Page, selector: str) -> list[ElementHandle]:
    return [one for one in page.query_selector_all(selector) if one.is_visible()]


def named(page: Page, selector: str, name: str) -> ElementHandle | None:
    return next((one for one in shown(page, selector) if label(one) == name), None)


def centre_of(company: Company, page: Page) -> list[tuple[str, str]]:
    """Every tab of the permission centre that this person has, and what is inside of each."""
    page.goto("/access")
    strip = page.get_by_role("navigation", name="权限中心").get_by_role("link")
    strip.first.wait_for()
    first = {
        "account": company.api(page, "/records/account?limit=1").get("items"),
        "someone": company.api(page, "/organisation/people?limit=1").get("items"),
    }
    known = {name: found[0]["id"] for name, found in first.items() if found}
    found: list[tuple[str, str]] = []
    for link in strip.all():
        at = link.get_attribute("href") or ""
        inside = [
            part for part in INSIDE.get(at.rpartition("/")[2], ()) if set(re.findall(r"{(\w+)}", part)) <= set(known)
        ]
        found += [("access", at), *(("access", at + part.format(**known)) for part in inside)]
    return found


def pages_of(company: Company, page: Page, *, deep: bool) -> list[tuple[str, str]]:
    """The pages that this person has, as (kind, address): lists, boards, one record of each kind, the rest of the rail."""
    boot = page.evaluate("JSON.parse(document.getElementById('boot').textContent)")
    found = [("/", "/"), ("me", "/account")]
    for kind in boot["meta"]["types"]:
        code = kind["code"]
        found.append((code, f"/records/{code}"))
        if kind["kanban"]:
            found.append((code, f"/records/{code}?view=kanban"))
        rows = company.api(page, f"/records/{code}?limit=1")["items"]
        if rows:
            found.append((code, f"/records/{code}/{rows[0]['id']}"))
    opened = set(boot["me"]["pages"])
    if "organisation" in opened:
        own = boot["me"]["person"]["id"]
        found += [
            ("organisation", at) for at in ("/organisation", "/organisation/positions", f"/organisation/people/{own}")
        ]
    if deep:
        found += centre_of(company, page)
    elif "policy" in opened:
        found += [("access", f"/access/{tab}") for tab in CENTRE]
        found += [("policy", f"/access/bounds/{part}") for part in ("ceilings", "tests")]
    if "access" in opened and not deep:
        found.append(("access", "/access/loans"))
    found += [("flow", f"/flows/{one['id']}") for one in company.api(page, "/flows/instances")["items"][:1]]
    found.append(("flows", "/flows"))
    return found + [(one, f"/{one}") for one in ("projects", "audit") if one in opened]


def front(company: Company, who: str) -> Page:
    """The first page of this person, with the code of what opens over every page already here."""
    page = company.page(who)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    for key in ("Control+k", "?"):
        page.keyboard.press(key)
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
    return page


def press(page: Page, control: ElementHandle) -> None:
    """Press it; what an earlier press opened only now, its code having come late, is put away first."""
    try:
        control.click(timeout=2000)
    except TimeoutError:
        page.keyboard.press("Escape")
        control.click(timeout=5000)
    page.wait_for_timeout(SETTLE)


@dataclass
class Crawl:
    """One person's way through the pages."""

    company: Company
    page: Page
    watch: Watch
    wrong: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    shell: set[str] = field(default_factory=set)
    """What stands around the page's own part is pressed once, wherever one is."""

    def again(self, address: str) -> None:
        """Back to a page with nothing open over it."""
        if self.page.locator(OVER).count() or self.page.url.partition(self.company.base_url)[2] != address:
            self.page.goto(address)
            self.page.get_by_role("main").first.wait_for()
            self.page.wait_for_timeout(SETTLE)

    def visit(self, address: str, *, most: int | None, menus: bool) -> None:
        """Press what is new here, at most so much; with ``menus`` also each item of the menus that open."""
        self.page.evaluate(GO, address)  # as a link does it: no new load
        self.page.get_by_role("main").first.wait_for()
        self.page.wait_for_timeout(SETTLE)
        log.info("%s", address)
        names = {label(one): bool(one.evaluate("e => !e.closest('main')")) for one in shown(self.page, CONTROLS)}
        fresh = [name for name in names if name not in self.known | self.shell]
        for name in fresh[:most]:
            (self.shell if names[name] else self.known).add(name)
            if LEAVES.search(name):
                continue
            self.again(address)
            self._try(address, CONTROLS, name)
            items = [label(one) for one in shown(self.page, MENU)] if menus else []
            self.page.keyboard.press("Escape")
            for item in dict.fromkeys(items):
                if LEAVES.search(item) or f"{name} > {item}" in self.known:
                    continue
                self.known.add(f"{name} > {item}")
                self.again(address)
                opener = named(self.page, CONTROLS, name)
                if opener is None:
                    continue
                press(self.page, opener)
                self._try(address, MENU, item)
                self.page.keyboard.press("Escape")

    def _try(self, address: str, selector: str, name: str) -> None:
        control = named(self.page, selector, name)
        if control is None:
            return
        seen, calls = self._looks(), len(self.watch.calls)
        chosen = "true" in {control.get_attribute("aria-selected"), control.get_attribute("aria-pressed")}
        told = len(self.watch.told)
        try:
            press(self.page, control)
        except TimeoutError:
            self._note(f"{address}: {name} cannot be pressed")
            return
        for one in self.watch.told[told:]:
            if self._explained(one):
                self.watch.told.remove(one)
            else:
                self._note(f"{address}: {name}: {one}")
        if not chosen and self._looks() == seen and len(self.watch.calls) == calls:
            self._note(f"{address}: {name} does nothing")

    def _looks(self) -> str:
        """What is to be seen; a press that loads a page anew (a sandbox begins) takes away the one that was asked."""
        self.page.wait_for_load_state()
        try:
            found: str = self.page.evaluate(SEEN_BY)
        except Error:
            self.page.wait_for_load_state()
            found = self.page.evaluate(SEEN_BY)
        return found

    def _explained(self, told: str) -> bool:
        """A refusal of what was asked is nothing wrong where the page says its reason: the crawler presses what nobody would."""
        answer = self.watch.refusals.get(told)
        if answer is not None and answer.status == 404 and self.page.get_by_text(GIVEN_BACK).count():
            return True
        if answer is None or answer.status not in EXPLAINED:
            return False
        refusal = answer.json()
        words = [one["message"]["zh"] for one in refusal.get("problems", ())] or [refusal["message"]["zh"]]
        self.page.wait_for_timeout(SETTLE)
        body = self.page.locator("body").inner_text()
        return refusal["message"]["zh"] in body or all(one in body for one in words)

    def _note(self, wrong: str) -> None:
        log.warning("%s", wrong)  # a long crawl tells at once
        self.wrong.append(wrong)


def crawled(company: Company, who: str, kinds: set[str] | None, *, most: int | None, menus: bool) -> None:
    """Go through this person's pages of these kinds (None: of all)."""
    page = front(company, who)
    crawl = Crawl(company, page, Watch().on(page))
    before = ""
    for kind, address in pages_of(company, page, deep=menus):
        if kinds is not None and kind not in kinds:
            continue
        if menus and kind != before:
            crawl.known.clear()  # a control of the same name may do another thing on another kind of page
            before = kind
        crawl.visit(address, most=most, menus=menus)
    assert not crawl.wrong, "\n".join(crawl.wrong)
    crawl.watch.nothing_wrong()


RECORDS_TOO = {MARKETING, SUPPORT, FINANCE, MANAGEMENT}
"""Their pages are those of records, which the sales rep has pressed: the torture suite crawls them."""


@pytest.mark.parametrize(
    "who", [pytest.param(who, marks=[pytest.mark.torture] if who in RECORDS_TOO else []) for who in KINDS]
)
def test_controls_of_each_kind_of_page_do_something(company: Company, who: str) -> None:
    crawled(company, who, KINDS[who], most=FEW, menus=False)


def test_no_kind_of_page_is_left_out(company: Company) -> None:
    for who in EVERYONE:
        page = company.page(who)
        me, meta = company.api(page, "/me"), company.api(page, "/meta")
        pages = set(me["pages"]) - {"workbench", "records"}
        own = {kind["code"] for kind in meta["types"]} | pages | {"/", "me", "flow", "flows"}
        assert own <= set().union(*KINDS.values()), who
        assert KINDS.get(who, set()) <= own, who
        page.context.close()


@pytest.mark.torture
@pytest.mark.parametrize("who", EVERYONE)
def test_every_control_of_every_page_does_something(company: Company, who: str) -> None:
    crawled(company, who, None, most=None, menus=True)
