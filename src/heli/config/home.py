"""HELI_HOME: the one folder that holds an installation's data, keys and marks."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from heli.kernel import keyfile
from heli.kernel.errors import Broken


def find() -> Path:
    """The folder that HELI_HOME names (``./var`` when unset), made readable by its owner only.

    Raises Broken when it is no folder, cannot be made or has a name that SQLite could not open.
    """
    named = os.environ.get("HELI_HOME") or "var"
    try:
        path = Path(named).expanduser().absolute()
        str(path).encode()
    except RuntimeError:
        raise Broken(f"HELI_HOME {named} names no user of this machine") from None
    except UnicodeEncodeError:
        raise Broken(f"HELI_HOME {named!r} is no path in UTF-8") from None
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Broken(f"HELI_HOME {path} cannot be made: {error.strerror}") from error
    return path


def secret(home: Path, name: str) -> str:
    """A key of this installation as hexadecimal text, made at first use in ``keys/<name>.key``."""
    return keyfile.read_or_make(home / "keys" / f"{name}.key").hex()


def demo(home: Path) -> dict[str, str] | None:
    """The ``username`` and ``password`` to show when this installation holds the demo company, else None."""
    try:
        text = (home / "demo.json").read_text("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Broken(f"{home / 'demo.json'} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Broken(f"{home / 'demo.json'} is no text in UTF-8: {error.reason} at byte {error.start}") from error
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Broken(f"{home / 'demo.json'} is no JSON: {error}") from error
    if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("username", "password")):
        raise Broken(f"{home / 'demo.json'} names no username and password")
    return {"username": said["username"], "password": said["password"]}


def mark_demo(home: Path, username: str, password: str) -> None:
    """Say that this installation holds the demo company, whose people share one known password."""
    draft = home / f".demo.{secrets.token_hex(4)}"
    draft.write_text(json.dumps({"username": username, "password": password}), "utf-8")
    draft.replace(home / "demo.json")
