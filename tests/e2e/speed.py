"""How fast the page is, measured inside Chromium: frames, keys, the first row on a slow machine, warm route changes."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from playwright.sync_api import Page, expect

SLOW_CPU = 4
"""How many times slower than this machine."""
SLOW_NET = {"offline": False, "latency": 40, "downloadThroughput": 9_000_000 / 8, "uploadThroughput": 9_000_000 / 8}
"""9 Mbit/s, in bytes a second, and 40 ms for every answer."""
GO = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate', { state: {} })); }"

FRAMES = """async ([selector, frames, step]) => {
  const box = selector ? document.querySelector(selector) : document.scrollingElement;
  const found = [];
  let nodes = 0;
  await new Promise(done => {
    let last = 0, left = frames;
    const frame = now => {
      if (last) found.push(now - last);
      last = now;
      box.scrollBy(0, step);
      nodes = Math.max(nodes, document.querySelectorAll('*').length);
      if (left--) requestAnimationFrame(frame); else done();
    };
    requestAnimationFrame(frame);
  });
  return { found, nodes, moved: box.scrollTop };
}"""

KEYS = """() => {
  window.keyed = [];
  addEventListener('keydown', event => requestAnimationFrame(() => {
    const after = new MessageChannel();  // runs once the frame of this key was painted
    after.port1.onmessage = () => window.keyed.push(performance.now() - event.timeStamp);
    after.port2.postMessage(0);
  }), true);
}"""

FIRST_ROW = """(() => {
  const look = () => {
    if (!document.querySelector('[role="gridcell"]')) return;
    eye.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.firstRow = performance.now(); }));
  };
  const eye = new MutationObserver(look);
  eye.observe(document, { childList: true, subtree: true });
})()"""

ROUTE = """async ([to, selector]) => {
  const began = performance.now();
  history.pushState({}, '', to);
  dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  return await new Promise(done => {
    const look = () => document.querySelector(selector)
      ? setTimeout(() => done(performance.now() - began)) : requestAnimationFrame(look);
    requestAnimationFrame(look);
  });
}"""


@dataclass(frozen=True)
class Times:
    """Milliseconds of many events, sorted."""

    all: tuple[float, ...]

    def part(self, share: float) -> float:
        """The time that this share of them stays within."""
        return self.all[min(len(self.all) - 1, int(len(self.all) * share))]

    @property
    def median(self) -> float:
        return statistics.median(self.all)

    def __str__(self) -> str:
        return (
            f"median {self.median:.1f}, p95 {self.part(0.95):.1f}, p98 {self.part(0.98):.1f}, worst {self.all[-1]:.1f}"
        )


def times(found: list[float]) -> Times:
    assert found
    return Times(tuple(sorted(found)))


def frames(page: Page, selector: str = "", *, count: int = 240, step: int = 90) -> tuple[Times, int, float]:
    """Scroll by ``step`` pixels in each of so many frames: the times between frames, most nodes, pixels from the top."""
    said = page.evaluate(FRAMES, [selector, count, step])
    return times(said["found"]), said["nodes"], said["moved"]


def bare_frames(page: Page) -> Times:
    """The same on a page of plain rows: what this machine and Chromium can do at all."""
    page.set_content("".join(f"<div style='height:36px'>{n}</div>" for n in range(2000)))
    return frames(page, count=120)[0]


def keys(page: Page, pressed: list[str]) -> Times:
    """Press keys one after the other, each after the last was painted: from the event to after its paint."""
    page.evaluate(KEYS)
    for n, key in enumerate(pressed):
        page.keyboard.press(key)
        page.wait_for_function("n => window.keyed.length > n", arg=n)
    return times(page.evaluate("window.keyed"))


def slow_first_row(page: Page, address: str) -> float:
    """From navigation to the first painted row of a list, with an empty cache, slow processor and slow network."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.send("Network.emulateNetworkConditions", SLOW_NET)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
    page.add_init_script(FIRST_ROW)
    page.goto(address)
    page.wait_for_function("() => window.firstRow")
    found: float = page.evaluate("window.firstRow")
    devtools.detach()
    return found


def warm_routes(page: Page, routes: dict[str, str], rounds: int) -> dict[str, Times]:
    """Between pages that were open before (selector by address), as a link goes: from the click to what the page is for."""
    found: dict[str, list[float]] = {address: [] for address in routes}
    for turn in range(rounds + 1):
        for address, selector in routes.items():
            took = page.evaluate(ROUTE, [address, selector])
            page.wait_for_load_state("networkidle")
            if turn:
                found[address].append(took)
    return {address: times(took) for address, took in found.items()}


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("gridcell").first).to_be_visible()
