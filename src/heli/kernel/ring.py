"""The ring of field keys: a file beside the database and never in it, whose keys are wrapped by one more key.

Each *version* of the ring holds three keys: one for the data in columns, one for the blind index over them, one for what
the audit log and imports remember of them. The key that wraps them (the key-encryption key) lies in a file of its own, in
the environment (``HELI_FIELD_KEY``, ``HELI_FIELD_KEY_OLD``), or behind a command (``HELI_FIELD_KEY_COMMAND``) that wraps and unwraps and shows it
to nobody, as a key service does. Whoever holds a backup of the database holds neither. See docs/decisions/0013.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from heli.kernel import clock, keyfile
from heli.kernel.errors import Broken, HeliError
from heli.kernel.words import Words

LENGTH: Final = 32
"""Bytes of every key."""
NONCE: Final = 12
FRESH: Final = 1.0
"""Seconds for which a process goes by what it read; an unknown version is looked for at once."""
PATIENCE: Final = 10
"""Seconds that the command which wraps keys may take."""
CURRENT, OLD, RETIRED = "current", "old", "retired"
PURPOSES: Final = ("data", "index", "memory")
KEPT: Final = ("memory",)
"""What stays of a retired version: the audit log is never written anew."""

MISSING = Words(
    "缺少字段密钥（{path}）。加密字段暂时不能读写：请由运维从密钥备份恢复该文件，不要新建",
    "the field keys are missing ({path}): encrypted fields can be neither read nor written until whoever runs this "
    "installation restores that file from the backup of the keys; do not make a new one",
)
DAMAGED = Words(
    "字段密钥无法使用（{path}：{why}）。请由运维从密钥备份恢复",
    "the field keys cannot be used ({path}: {why}); whoever runs this installation restores them from the backup of the keys",
)


def _said(path: Path) -> str:
    """A file of the keys by its name within HELI_HOME: everybody may be told that, and not where that lies."""
    return f"{path.parent.name}/{path.name}"


class KeysError(HeliError):
    """The keys of encrypted fields are not at hand: nothing can be encrypted. What can be shown without them is."""

    code = "field_keys"
    status = 503


@dataclass(frozen=True, slots=True)
class Version:
    """One version, unwrapped. ``keys`` by purpose; a retired one has only what is KEPT."""

    id: str
    state: str
    made_at: datetime
    closed_at: datetime | None
    keys: Mapping[str, bytes]
    ciphers: Mapping[str, AESGCM]


@dataclass(frozen=True, slots=True)
class Ring:
    """Every version, in the order in which they were made, and which key wraps them."""

    versions: Mapping[str, Version]
    wrapped_by: str
    current: Version
    live: tuple[Version, ...]
    """Versions under which rows may stand."""

    @staticmethod
    def of(versions: Mapping[str, Version], wrapped_by: str) -> Ring:
        """Raises ValueError unless one version is the current one."""
        (current,) = (one for one in versions.values() if one.state == CURRENT)
        return Ring(versions, wrapped_by, current, tuple(one for one in versions.values() if one.state != RETIRED))


# -- the key that wraps -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Wraps and unwraps; ``name`` says which key of several it is, and stands beside what it wrapped."""

    name: str
    wrap: Callable[[bytes, bytes], bytes]
    unwrap: Callable[[bytes, bytes], bytes]


def _own(name: str, key: bytes) -> Wrapper:
    cipher = AESGCM(key)

    def wrap(plain: bytes, about: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + cipher.encrypt(nonce, plain, about)

    return Wrapper(name, wrap, lambda sealed, about: cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about))


def _service(command: str) -> Wrapper:
    def call(verb: str, given: bytes, about: bytes) -> bytes:
        done = subprocess.run(  # noqa: S603  # the operator's own words, no shell
            [*shlex.split(command), verb, about.decode()], check=True, capture_output=True, text=True, timeout=PATIENCE,
            input=given.hex() + "\n",
        )  # fmt: skip
        return bytes.fromhex(done.stdout.strip())

    return Wrapper("command", lambda p, about: call("wrap", p, about), lambda s, about: call("unwrap", s, about))


def _given(name: str) -> Wrapper | None:
    text = os.environ.get(name, "")
    if not text:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise KeysError(DAMAGED.fill(path=name, why=f"no {2 * LENGTH} hexadecimal digits"))
    return _own("environment", key)


class Keyring:
    """The ring of one installation. ``sealed``: whether anything is encrypted already, asked before a new ring is made."""

    def __init__(self, home: Path, sealed: Callable[[], bool] = lambda: False) -> None:
        self.home = home
        self.path = home / "keys" / "fields.json"
        self.sealed = sealed
        self._lock = threading.Lock()
        self._ring: Ring | None = None
        self._print: tuple[int, int, int] | None = None
        self._looked = 0.0

    # -- reading ------------------------------------------------------------------------------------------------

    def ring(self, *, fresh: bool = False) -> Ring:
        """The ring as its file says; made when this installation has never had one. Raises KeysError."""
        held, moment = self._ring, time.monotonic()
        if held is not None and not fresh and moment - self._looked < FRESH:
            return held
        with self._lock:
            try:
                stat = self.path.stat()
            except FileNotFoundError:
                self._ring = None
                self._make()
                stat = self.path.stat()
            except OSError as error:
                raise KeysError(DAMAGED.fill(path=_said(self.path), why=error.strerror or str(error))) from None
            mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if self._ring is None or mark != self._print:
                self._ring, self._print = self._read(), mark
            self._looked = moment
            return self._ring

    def version(self, key_id: str) -> Version | None:
        """A version by its id; None when the ring does not know it. Raises KeysError."""
        found = self.ring().versions.get(key_id)
        return found if found is not None else self.ring(fresh=True).versions.get(key_id)

    def forget(self) -> None:
        """Read the file anew at the next use."""
        self._ring = None

    def _read(self) -> Ring:
        try:
            said = json.loads(self.path.read_text("ascii"))
            wrapper = self._wrapper(said["wrapped_by"])
            versions = {one["id"]: self._unwrapped(one, wrapper) for one in said["versions"]}
            ring = Ring.of(versions, said["wrapped_by"])
        except KeysError:
            raise
        except FileNotFoundError as error:
            raise KeysError(MISSING.fill(path=_said(Path(error.filename)))) from None
        except InvalidTag:
            raise KeysError(DAMAGED.fill(path=_said(self.path), why="another key wrapped it")) from None
        except Broken as error:
            raise KeysError(DAMAGED.fill(path=_said(self.path), why=str(error)[:200])) from None
        except OSError as error:  # its own words name the whole path
            raise KeysError(DAMAGED.fill(path=_said(self.path), why=error.strerror or type(error).__name__)) from None
        except subprocess.SubprocessError as error:  # and these the whole command
            raise KeysError(DAMAGED.fill(path=_said(self.path), why=type(error).__name__)) from None
        except (ValueError, KeyError, TypeError) as error:
            raise KeysError(DAMAGED.fill(path=_said(self.path), why=f"{type(error).__name__}: {error}"[:200])) from None
        return ring

    @staticmethod
    def _unwrapped(said: Mapping[str, Any], wrapper: Wrapper) -> Version:
        keys = {
            purpose: wrapper.unwrap(bytes.fromhex(said["keys"][purpose]), _about(said["id"], purpose))
            for purpose in PURPOSES
            if purpose in said["keys"]
        }
        if any(len(key) != LENGTH for key in keys.values()):
            raise ValueError("a key of the wrong length")
        closed = said["closed_at"]
        return Version(
            said["id"], said["state"], datetime.fromisoformat(said["made_at"]),
            None if closed is None else datetime.fromisoformat(closed), keys,
            {purpose: AESGCM(key) for purpose, key in keys.items() if purpose != "index"},
        )  # fmt: skip

    # -- the wrapping key ---------------------------------------------------------------------------------------

    def _wrapper(self, name: str) -> Wrapper:
        """The key of this name, which must be there. Raises KeysError."""
        if name == "command":
            command = os.environ.get("HELI_FIELD_KEY_COMMAND", "")
            if not command:
                raise KeysError(MISSING.fill(path="HELI_FIELD_KEY_COMMAND"))
            return _service(command)
        if name.startswith("environment"):
            for variable in ("HELI_FIELD_KEY", "HELI_FIELD_KEY_OLD"):
                found = _given(variable)
                if found is not None and name == f"environment {_print_of(variable)}":
                    return replace(found, name=name)
            raise KeysError(MISSING.fill(path="HELI_FIELD_KEY"))
        path = self.home / "keys" / f"{name}.key"
        if not path.exists():
            raise KeysError(MISSING.fill(path=_said(path)))
        return _own(name, keyfile.read_or_make(path))

    def _next_wrapper(self, now: str | None) -> Wrapper:
        """The key to wrap with from now on: what the environment names, else a new file."""
        if os.environ.get("HELI_FIELD_KEY_COMMAND"):
            return self._wrapper("command")
        if os.environ.get("HELI_FIELD_KEY"):
            return self._wrapper(f"environment {_print_of('HELI_FIELD_KEY')}")
        number = int(now.removeprefix("fields-")) + 1 if now is not None and now.startswith("fields-") else 1
        name = f"fields-{number}"
        return _own(name, keyfile.read_or_make(self.home / "keys" / f"{name}.key"))

    # -- changing -----------------------------------------------------------------------------------------------

    def _make(self) -> None:
        """The first ring. Where something is encrypted already, its keys are lost and must come back instead."""
        if self.sealed():
            raise KeysError(MISSING.fill(path=_said(self.path)))
        with self._held():
            if not self.path.exists():
                self._write(self._next_wrapper(None), [_new(1)])

    def rotate(self) -> str:
        """Make a new current version; the one before stays until it is retired. Returns its id. Raises KeysError."""
        with self._changing() as ring:
            closed = [
                replace(one, state=OLD, closed_at=clock.now()) if one.state == CURRENT else one
                for one in ring.versions.values()
            ]
            made = _new(len(closed) + 1)
            self._write(self._wrapper(ring.wrapped_by), [*closed, made])
        return made.id

    def retire(self, key_id: str) -> None:
        """Forget the data and index keys of an old version for good; what it sealed of the log stays readable."""
        with self._changing() as ring:
            kept = [_without(one) if one.id == key_id else one for one in ring.versions.values()]
            self._write(self._wrapper(ring.wrapped_by), kept)

    def rewrap(self) -> tuple[str, str]:
        """Wrap every key anew, by the key that the environment names now, or by a new file. Returns the names before and after."""
        with self._changing() as ring:
            wrapper = self._next_wrapper(ring.wrapped_by)
            self._write(wrapper, list(ring.versions.values()))
        return ring.wrapped_by, wrapper.name

    @contextmanager
    def _changing(self) -> Iterator[Ring]:
        self.ring()
        with self._held():
            yield self.ring(fresh=True)
        self.forget()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """One change at a time, over all processes of this machine."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path.parent / ".fields.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, wrapper: Wrapper, versions: list[Version]) -> None:
        said = {
            "wrapped_by": wrapper.name,
            "versions": [
                {
                    "id": one.id, "state": one.state, "made_at": one.made_at.isoformat(),
                    "closed_at": None if one.closed_at is None else one.closed_at.isoformat(),
                    "keys": {p: wrapper.wrap(key, _about(one.id, p)).hex() for p, key in one.keys.items()},
                }
                for one in versions
            ],
        }  # fmt: skip
        draft = self.path.with_name(f".fields.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(json.dumps(said, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


def _about(key_id: str, purpose: str) -> bytes:
    return f"heli field key {key_id} {purpose}".encode()


def _print_of(variable: str) -> str:
    """Eight digits by which a key of the environment is told from the one before it."""
    import hashlib

    return hashlib.sha256(b"heli field key\0" + os.environ.get(variable, "").encode()).hexdigest()[:8]


def _new(number: int) -> Version:
    keys = {purpose: secrets.token_bytes(LENGTH) for purpose in PURPOSES}
    return Version(f"{number}-{secrets.token_hex(2)}", CURRENT, clock.now(), None, keys, {})


def _without(one: Version) -> Version:
    return replace(one, state=RETIRED, keys={p: k for p, k in one.keys.items() if p in KEPT})
