"""What the tests need besides Python and Node: Chromium, a Chinese font, PostgreSQL.

Debian gets what is missing by apt-get (as root or with sudo); elsewhere what is missing is named.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import pg

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Unmet(Exception):
    """Something the tests need is missing and could not be installed; the text names it."""


def chromium() -> str | None:
    """The browser that end-to-end tests drive: HELI_CHROMIUM, or the first of BROWSERS on PATH."""
    named = os.environ.get("HELI_CHROMIUM")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), None)


def _chinese() -> bool:
    if shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh", "family"], check=False, capture_output=True, text=True)
        return bool(listed.stdout.strip())
    return Path("/usr/share/fonts/truetype/wqy").is_dir()


def _postgresql() -> bool:
    try:
        pg.binaries()
    except pg.Missing:
        return False
    return True


@dataclass(frozen=True)
class Need:
    """Something outside Python: how to see it, Debian's package, and what to tell others."""

    package: str
    present: Callable[[], bool]
    words: str


NEEDS = (
    Need("chromium", lambda: chromium() is not None, "Chromium (or HELI_CHROMIUM=/where/it/is)"),
    Need("fonts-wqy-microhei", _chinese, "a Chinese font"),
    Need("postgresql", _postgresql, f"PostgreSQL {pg.OLDEST} or later"),
)


def _apt(packages: list[str]) -> None:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*sudo, "apt-get", *arguments],
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise Unmet(f"apt-get {arguments[0]} failed:\n{done.stdout.strip()[-2000:]}")


def ensure() -> None:
    """Install what is missing.

    Raises Unmet, naming every missing thing, when that is not possible here.
    """
    missing = [need for need in NEEDS if not need.present()]
    if not missing:
        return
    if shutil.which("apt-get") and (os.geteuid() == 0 or shutil.which("sudo")):
        print(f"Installing {', '.join(need.package for need in missing)}", flush=True)
        _apt([need.package for need in missing])
        missing = [need for need in NEEDS if not need.present()]
    if missing:
        raise Unmet("the tests need: " + "; ".join(need.words for need in missing))
