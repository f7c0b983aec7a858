"""Encrypted fields: what goes into their columns and comes out of them. The keys are the ring's (``kernel.ring``).

A cell is sealed with AES-256-GCM under a random nonce, bound to its type, record, field and key version: moved to another row or
column it opens no more. Beside it stands a keyed *blind index* of the value as people compare it (``Field.normal``), by
which a whole value is found; for fields of search another one of the last four digits. Empty stays empty, so that
``empty`` and ``filled`` work, and tells that a cell is empty to whoever reads the database.

A cell that does not open is ``UNREADABLE`` to the program: shown as broken, told to the audit log, never a guess.
"""

from __future__ import annotations

import binascii
import hmac
import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from django.conf import settings

from heli.access.compile import Sql, any_of
from heli.audit import closed, log
from heli.kernel.ring import NONCE, Keyring, KeysError, Ring, Version
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records import sql
from heli.records.types import TYPES, ObjectType

MARK: Final = "\x1fh1."
"""How a sealed cell begins: no keyboard types it."""
TAIL: Final = 4
"""Digits by whose end a number is found."""
SHORTEST: Final = 4
"""Characters below which nothing is looked for by its blind index."""
SEALED, PRINT = "sealed", "print"
"""Keys of a JSON value that stands for one of an encrypted field: in the log, and in what an import remembers."""
MOST_TOLD: Final = 1000

BROKEN_CELL = Words(
    "「{field}」无法解密：密钥缺失，或数据被改动。已记入审计日志，请联系运维恢复密钥或备份",
    "“{field}” cannot be decrypted: its key is missing, or it was altered. The audit log has been told; ask whoever runs "
    "this installation to restore the keys or a backup",
)

_logger = logging.getLogger(__name__)


class Unreadable:
    """The one value of a cell that cannot be opened."""

    def __repr__(self) -> str:
        return "<unreadable>"


UNREADABLE: Final = Unreadable()


_kept: tuple[object, Keyring] | None = None


def keyring() -> Keyring:
    """The ring of this installation."""
    global _kept
    home = settings.HELI_HOME
    if _kept is None or _kept[0] is not home:  # asked for every cell: nothing but a look
        _kept = (home, Keyring(Path(home), anything))
    return _kept[1]


def anything() -> bool:
    """Whether any record has a sealed cell: then its keys exist somewhere, and new ones would not help."""
    return any(
        sql.rows(f'SELECT 1 FROM "{kind.table}" WHERE {one.column} LIKE %s LIMIT 1', [f"{MARK}%"])
        for kind in TYPES
        for one in kind.encrypted
    )


# -- cells --------------------------------------------------------------------------------------------------------


def _about(kind: str, record: str, code: str, version: str) -> bytes:
    return f"heli field 1\0{kind}\0{record}\0{code}\0{version}".encode()


def _seal(version: Version, purpose: str, kind: str, record: str, code: str, value: str) -> str:
    nonce = os.urandom(NONCE)
    body = version.ciphers[purpose].encrypt(nonce, value.encode(), _about(kind, record, code, version.id))
    return f"{version.id}." + binascii.b2a_base64(nonce + body, newline=False).decode()


def _open(ring: Ring, purpose: str, kind: str, record: str, code: str, sealed: str) -> str:
    """Raises LookupError for a key that is not here, ValueError for what is no sealed value of this cell."""
    name, _, body = sealed.partition(".")
    version = ring.versions.get(name) or keyring().version(name)
    if version is None or purpose not in version.ciphers:
        raise LookupError(f"key version {name[:40]} is not in the ring")
    raw = binascii.a2b_base64(body, strict_mode=True)
    try:
        opened = version.ciphers[purpose].decrypt(raw[:NONCE], raw[NONCE:], _about(kind, record, code, name))
    except InvalidTag:
        raise ValueError("it was altered, or moved here from elsewhere") from None
    return opened.decode()


def seal(kind: ObjectType, record: str, one: f.Text, value: str) -> str:
    """What the column of this cell holds. Raises KeysError."""
    return value and MARK + _seal(keyring().ring().current, "data", kind.code, record, one.code, value)


def opened(kind: ObjectType, record: str, one: f.Text, stored: Any) -> Any:
    """The value of a cell: text, or UNREADABLE, which the log is told. What stands there in clear, from before the
    field was encrypted, is given as it is."""
    if not stored or not stored.startswith(MARK):
        return stored
    try:
        return _open(keyring().ring(), "data", kind.code, record, one.code, stored[len(MARK) :])
    except KeysError as error:
        why = error.words.en
    except (LookupError, ValueError) as error:
        why = str(error)
    _tell(kind.code, record, one.code, why)
    return UNREADABLE


def open_row(kind: ObjectType, row: dict[str, Any]) -> dict[str, Any]:
    """The row with its encrypted cells opened, in place."""
    for one in kind.encrypted:
        row[one.column] = opened(kind, row["id"], one, row[one.column])
    return row


def close_row(kind: ObjectType, record: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as they are stored: encrypted ones sealed, with their blind indexes. Raises KeysError."""
    found = dict(columns)
    for one in kind.encrypted:
        if one.column in found:
            value = found[one.column]
            if value is UNREADABLE:  # nobody writes it: what cannot be read is left as it is
                del found[one.column]
                continue
            found |= indexes(kind, one, value)
            found[one.column] = seal(kind, record, one, value)
    return found


_told: set[tuple[str, str, str]] = set()
_lock = threading.Lock()


def _tell(kind: str, record: str, code: str, why: str) -> None:
    """A broken cell is a fact that auditors must meet: once for each cell and process."""
    with _lock:
        if (kind, record, code) in _told or len(_told) >= MOST_TOLD:
            return
        _told.add((kind, record, code))
    _logger.error("the cell %s of %s %s cannot be opened: %s", code, kind, record, why)
    log.append_alone(
        log.EntryData(
            action="cell.broken", object_type=kind, object_id=record, outcome="failed", via=f"field {code}", reason=why
        )
    )


def forget() -> None:
    """Read the keys anew, and tell broken cells again."""
    keyring().forget()
    _told.clear()


# -- the blind index ----------------------------------------------------------------------------------------------


def _token(version: Version, purpose: str, kind: str, code: str, text: str) -> str:
    said = f"heli {purpose} 1\0{kind}\0{code}\0{text}".encode()
    return f"{version.id}:{hmac.digest(version.keys['index'], said, sha256)[:16].hex()}"


def indexes(kind: ObjectType, one: f.Text, value: str) -> dict[str, str]:
    """The columns of the blind indexes of a value, under the current key."""
    if not one.index_column:
        return {}
    found = {one.index_column: "", one.tail_column: ""}
    if value:
        version, normal = keyring().ring().current, one.normal(value)
        found[one.index_column] = _token(version, "index", kind.code, one.code, normal)
        if one.tail_column and normal[-TAIL:].isdigit() and len(normal) > TAIL:
            found[one.tail_column] = _token(version, "tail", kind.code, one.code, normal[-TAIL:])
    found.pop("", None)
    return found


def readable() -> bool:
    """Whether the keys are at hand."""
    try:
        keyring().ring()
    except KeysError:
        return False
    return True


def tokens(kind: ObjectType, one: f.Text, value: str) -> list[str]:
    """What the blind index of this value may hold: under each key that rows may still stand under."""
    normal = one.normal(value)
    return [_token(version, "index", kind.code, one.code, normal) for version in keyring().ring().live]


def pending(kind: str) -> bool:
    """Whether rows of a type may still hold values in clear, from before their fields were encrypted."""
    return bool(sql.rows("SELECT 1 FROM records_resealing WHERE type=%s", [kind]))


def matches(one: f.Text, values: Sequence[str], alias: str = "") -> Sql:
    """Rows whose cell is one of these values, found by the blind index; by the value itself where it may stand in clear."""
    kind = TYPES[one.type]
    wanted = [token for value in values for token in tokens(kind, one, value)]
    found = Sql(f"{alias}{one.index_column} IN ({_marks(wanted)})", tuple(wanted))
    if not pending(kind.code):
        return found
    return any_of([found, Sql(f"{alias}{one.column} IN ({_marks(values)})", tuple(values))])


def _marks(values: Sequence[str]) -> str:
    return ",".join(["%s"] * len(values))


def tails(kind: ObjectType, one: f.Text, text: str) -> list[str]:
    """The same for the last four digits; none when the text is something else."""
    if not one.tail_column or len(text) != TAIL or not (text.isascii() and text.isdigit()):
        return []
    return [_token(version, "tail", kind.code, one.code, text) for version in keyring().ring().live]


# -- what the log and imports keep --------------------------------------------------------------------------------


def kept(kind: ObjectType, record: str, one: f.Text, value: Any) -> Any:
    """The value as the audit log holds it: sealed under a key that is never thrown away, for the log is not written anew."""
    if not value:
        return value
    if value is UNREADABLE:
        return {SEALED: ""}
    return {SEALED: _seal(keyring().ring().current, "memory", kind.code, record, one.code, value)}


def told(kind: ObjectType, record: str, one: f.Field, value: Any) -> Any:
    """A value of the log, opened; UNREADABLE when it cannot be. Other values as they are."""
    if not one.encrypted or not isinstance(value, Mapping):
        return value
    try:
        return _open(keyring().ring(), "memory", kind.code, record, one.code, str(value.get(SEALED, "")))
    except (KeysError, LookupError, ValueError):
        return UNREADABLE


LOG: Final = "audit"
"""In place of a type, where a whole entry's values are sealed."""


def close_log(seq: int, body: str) -> str:
    """The values of an audit entry, sealed whole (``audit.closed``). Raises KeysError."""
    return _seal(keyring().ring().current, "memory", LOG, str(seq), "body", body)


def open_log(seq: int, sealed: str) -> str:
    """The same opened. Raises Unopened."""
    try:
        return _open(keyring().ring(), "memory", LOG, str(seq), "body", sealed)
    except (KeysError, LookupError, ValueError) as error:
        raise closed.Unopened from error


def stands_in_clear(kind: ObjectType, body: str) -> bool:
    """Whether the values of an entry about a record of this type hold one of an encrypted field in clear."""
    if not any(f'"{one.code}"' in body for one in kind.encrypted):
        return False
    sides = [side for side in json.loads(body).values() if isinstance(side, Mapping)]
    return any(
        side.get(one.code) and not isinstance(side[one.code], Mapping) for side in sides for one in kind.encrypted
    )


def remembered(kind: ObjectType, code: str, value: Any, like: Any = None) -> Any:
    """What an import remembers of a value it wrote: of an encrypted one a keyed print, made by the key of ``like``, with
    which it is to be compared. Prints and other values as they are."""
    one = kind.fields[code]
    if not one.encrypted or not value or isinstance(value, Mapping):
        return value
    ring = keyring().ring()
    name = str(like.get(PRINT, "")).partition(":")[0] if isinstance(like, Mapping) else ""
    version = ring.versions.get(name) or ring.current
    said = f"heli print 1\0{kind.code}\0{code}\0{value}".encode()
    return {PRINT: f"{version.id}:{hmac.digest(version.keys['memory'], said, sha256)[:16].hex()}"}
