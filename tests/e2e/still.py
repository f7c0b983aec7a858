"""When a page has come to rest: nothing is asked for and nothing changes any more."""

from __future__ import annotations

from types import TracebackType

from playwright.sync_api import Page, Request

QUIET = 150
"""Milliseconds without a change."""
MOST = 100
UNCHANGED = """ms => new Promise(done => {
  const eye = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, ms); });
  const end = () => { eye.disconnect(); done(); };
  let timer = setTimeout(end, ms);
  eye.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
})"""


class Still:
    """Watches a page that goes on without a new load, where ``networkidle`` says nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._open: set[Request] = set()

    def __enter__(self) -> Still:
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._answered)
        self.page.on("requestfailed", self._answered)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.page.remove_listener("request", self._asked)
        self.page.remove_listener("requestfinished", self._answered)
        self.page.remove_listener("requestfailed", self._answered)

    def _asked(self, request: Request) -> None:
        self._open.add(request)

    def _answered(self, request: Request) -> None:
        self._open.discard(request)

    def wait(self) -> None:
        """Until it rests: twice in a row, since an answer may only now lead to the next question."""
        rested = 0
        for _ in range(MOST):
            self.page.evaluate(UNCHANGED, QUIET)
            rested = 0 if self._open else rested + 1
            if rested == 2:
                return
        raise AssertionError(f"{self.page.url} never comes to rest: {[one.url for one in self._open]}")
