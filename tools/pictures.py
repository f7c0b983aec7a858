"""Take the pictures of the README's tour: serves the demo company from a fresh folder and photographs it. Run: .venv/bin/python tools/pictures.py"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TO = ROOT / "docs" / "pictures"
PORT = 8477
BASE = f"http://127.0.0.1:{PORT}"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SHOTS = [
    # name, persona, address ("first:account" is the first record of a list; what stands behind "|" is pressed there), dark, phone
    ("signin", "", "/signin", False, False),
    ("workbench", "wangmin", "/", False, False),
    ("list", "liqiang", "/records/opportunity", False, False),
    ("approval", "zhengkaixuan", "/", False, False),
    ("process", "liqiang", "/flows/live/contract_approval", False, False),
    ("process-dark", "liqiang", "/flows?process=contract_approval|修改这个流程|法务审核", True, False),
    ("record", "liqiang", "first:account", False, False),
    ("record-dark", "sunli", "first:ticket", True, False),
    ("kanban", "wangmin", "/records/opportunity?view=kanban", False, False),
    ("organisation", "xuwei", "/organisation", False, False),
    ("rules", "huangxinyi", "/access/roles/sales_manager", False, False),
    ("matrix", "mayujie", "/access/matrix", False, False),
    ("phone", "wangmin", "/records/account", False, True),
]


def sign_in(context: BrowserContext, who: str, password: str) -> None:
    page = context.new_page()
    page.goto(f"{BASE}/signin")
    token = next(c["value"] for c in context.cookies() if c["name"] == "csrftoken")
    reply = page.request.post(
        f"{BASE}/api/v1/session",
        data={"username": who, "password": password},
        headers={"X-CSRFToken": token, "Referer": BASE},
    )
    if reply.status != 200:
        raise SystemExit(f"{who} cannot sign in: {reply.text()}")
    page.close()


def photograph() -> None:
    TO.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, who, address, dark, phone in SHOTS:
            context = browser.new_context(
                viewport=PHONE if phone else WIDE, locale="zh-CN", color_scheme="dark" if dark else "light"
            )
            if who:
                sign_in(context, who, "heli-demo-2026")
            page, (target, *presses) = context.new_page(), address.split("|")
            if address.startswith("first:"):
                kind = address.removeprefix("first:")
                found = page.request.get(f"{BASE}/api/v1/records/{kind}?limit=3").json()["items"][-1]["id"]
                target = f"/records/{kind}/{found}"
            page.goto(BASE + target)
            for name_ in presses:
                page.get_by_role("button", name=re.compile(name_)).first.click()
            page.wait_for_timeout(2000)
            page.screenshot(path=TO / f"{name}.png")
            context.close()
            sys.stdout.write(f"{name}\n")
        browser.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HELI_HOME": home}
        command = [sys.executable, "-m", "heli"]
        subprocess.run([*command, "demo"], env=env, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*command, "serve", "--port", str(PORT)], env=env, stdout=subprocess.DEVNULL)
        try:
            for _ in range(50):
                try:
                    urllib.request.urlopen(BASE, timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.2)
            photograph()
        finally:
            server.terminate()
            server.wait(timeout=20)


if __name__ == "__main__":
    main()
