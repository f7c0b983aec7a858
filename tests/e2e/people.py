"""Signing in as the demo's people, and watching what a page does while it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

SALES_REP, SALES_MANAGER, MARKETING, SUPPORT = "wangmin", "liqiang", "xujiayi", "sunli"
FINANCE, LEGAL, PRODUCT, MANAGEMENT = "wuting", "zhengkaixuan", "zhouhaoran", "linguodong"
AUDITOR, SYSTEM, SECURITY = "huangxinyi", "xuwei", "mayujie"
EVERYONE = (
    SALES_REP, SALES_MANAGER, MARKETING, SUPPORT, FINANCE, LEGAL, PRODUCT, MANAGEMENT, AUDITOR, SYSTEM, SECURITY,
)  # fmt: skip


@dataclass
class Watch:
    """Everything that a page should not do: errors on the console, exceptions, answers that are no success."""

    told: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refusals: dict[str, Response] = field(default_factory=dict)
    """What answered, by how it was told."""

    def on(self, page: Page) -> Watch:
        page.on("pageerror", lambda error: self.told.append(f"exception: {error}"))
        page.on("console", self._console)
        page.on("response", self._response)
        return self

    def _console(self, message: ConsoleMessage) -> None:
        # A failed request is told by its response, with its address.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.told.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        path = response.url.partition("/api/v1")[2]
        if path:
            self.calls.append(path)
        if response.status >= 400:
            said = f"{response.status}: {response.request.method} {response.url}"
            self.told.append(said)
            self.refusals[said] = response

    def nothing_wrong(self) -> None:
        assert not self.told, "\n".join(self.told)


class Company:
    """The running demo company: opens pages as one of its people, who sign in once each, by the API."""

    def __init__(self, browser: Browser, base_url: str, options: dict[str, Any], password: str) -> None:
        self.browser = browser
        self.base_url = base_url
        self.password = password
        self.options = {**options, "base_url": base_url}
        self._signed_in: dict[str, Any] = {}
        self._open: list[BrowserContext] = []

    def context(self, **options: Any) -> BrowserContext:
        made = self.browser.new_context(**{**self.options, **options})
        self._open.append(made)
        return made

    def sign_in(self, page: Page, username: str, menu: str = "主导航") -> None:
        """As a visitor does it in demo mode: one click."""
        page.goto("/signin")
        name = self.name(page, username)
        if name is not None:
            page.get_by_role("button", name=name).first.click()
        else:  # somebody without a card: by the form, with the password that stands beside the cards
            page.get_by_label("账号").fill(username)
            page.get_by_label("密码", exact=True).fill(page.locator("code").inner_text())
            page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url("**/")
        expect(page.get_by_role("navigation", name=menu)).to_be_visible()

    @staticmethod
    def name(page: Page, username: str) -> str | None:
        found: str | None = page.evaluate(
            "who => JSON.parse(document.getElementById('boot').textContent).demo.personas.find(p => p.username === who)?.name",
            username,
        )
        return found

    def page(self, username: str, **options: Any) -> Page:
        """A fresh page of this person, already signed in."""
        if username not in self._signed_in:
            first = self.context()
            reply = first.request.post(
                f"{self.base_url}/api/v1/session", data={"username": username, "password": self.password}
            )
            assert reply.ok, reply.text()
            self._signed_in[username] = first.storage_state()
            first.close()
        return self.context(storage_state=self._signed_in[username], **options).new_page()

    def api(self, page: Page, path: str) -> Any:
        """What the API answers this person: to find a record to open, never to check the page against itself."""
        return page.request.get(f"{self.base_url}/api/v1{path}").json()

    def close(self) -> None:
        while self._open:
            self._open.pop().close()


type Opened = Callable[..., Page]
