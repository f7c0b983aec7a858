"""Attachments: rights of their record, and nothing that a browser would run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from heli.audit import entries
from tests.api.client import Api, Reply, signed_in
from tests.world import World

pytestmark = pytest.mark.storage
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HELI_HOME = tmp_path
    return tmp_path


def upload(api: Api, record: str, name: str, content: bytes, *, field: str = "file", **headers: str) -> Reply:
    raw = encode_multipart(BOUNDARY, {field: SimpleUploadedFile(name, content)})
    return api.send("POST", f"/records/opportunity/{record}/files", raw=raw, media=MULTIPART_CONTENT, **headers)


def stored(home: Path) -> list[Path]:
    return list((home / "files").iterdir()) if (home / "files").exists() else []


def test_a_file_is_attached_read_and_removed(world: World, home: Path) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    deal = world.make("ann", "opportunity", name="D")
    made = upload(ann, deal, "报价 单.png", PNG)
    assert made.status == 201, made.body
    assert (made.body["name"], made.body["size"], made.body["media"]) == ("报价 单.png", len(PNG), "image/png")
    listed = mei.get(f"/records/opportunity/{deal}/files").body["items"]
    assert [(f["name"], f["by"]["username"]) for f in listed] == [("报价 单.png", "ann")]
    got = mei.get(f"/records/opportunity/{deal}/files/{made.body['id']}")
    assert got.body == PNG
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E6%8A%A5%E4%BB%B7%20%E5%8D%95.png" in got.headers["Content-Disposition"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert [p.name for p in stored(home)] != ["报价 单.png"]
    at = f"/records/opportunity/{deal}/files/{made.body['id']}"
    assert ann.delete(at).status == 204
    assert ann.get(at).status == 404
    assert [e.action for e in entries.query(object_id=deal)][:2] == ["opportunity.detach", "opportunity.attach"]


def test_a_file_has_the_rights_of_its_record(world: World, home: Path) -> None:
    ann, wei, eva = signed_in("ann"), signed_in("wei"), (world.add("eva", "east", "rep"), signed_in("eva"))[1]
    deal = world.make("ann", "opportunity", name="D")
    made = upload(ann, deal, "a.txt", b"hello")
    at = f"/records/opportunity/{deal}/files"
    assert wei.get(at).status == wei.get(f"{at}/{made.body['id']}").status == upload(wei, deal, "b", b"x").status == 404
    assert [f["can_delete"] for f in eva.get(at).body["items"]] == [False]
    refused = upload(eva, deal, "b.txt", b"x")
    assert refused.status == 403
    assert eva.delete(f"{at}/{made.body['id']}").status == 403
    assert len(stored(home)) == 1  # nothing stays of what was refused


def test_another_records_file_does_not_exist_here(world: World) -> None:
    ann = signed_in("ann")
    one, two = (world.make("ann", "opportunity", name=n) for n in ("A", "B"))
    made = upload(ann, one, "a.txt", b"hello")
    assert ann.get(f"/records/opportunity/{two}/files/{made.body['id']}").status == 404


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("a\\b\\c.txt", "c.txt"), ("x\u202egnp.exe", "x_gnp.exe"), ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
     ("<script>.html", "_script_.html")],
)  # fmt: skip
def test_a_name_is_made_harmless(world: World, name: str, kept: str) -> None:
    from heli.records.files import clean_name

    assert clean_name(name) == kept


def test_html_is_served_as_bytes_to_keep(world: World) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="D")
    made = upload(ann, deal, "x.html", b"<script>alert(1)</script>")
    got = ann.get(f"/records/opportunity/{deal}/files/{made.body['id']}")
    assert got.headers["Content-Type"] == "application/octet-stream"


def test_bad_forms_are_refused(world: World, home: Path) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="D")
    at = f"/records/opportunity/{deal}/files"
    assert upload(ann, deal, "empty.txt", b"").status == 422
    assert upload(ann, deal, "a.txt", b"x", field="other").status == 422
    assert ann.post(at, {"file": "x"}).status == 415
    assert ann.send("POST", at, raw=b"nonsense", media="multipart/form-data; boundary=x").status in {400, 422}
    assert ann.send("POST", at, raw=b"nonsense", media="multipart/form-data").status == 400
    assert upload(ann, deal, "big", b"x" * (25 * 1024 * 1024 + 1)).status == 413
    assert stored(home) == []


def test_a_repeated_upload_is_done_once(world: World) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="D")
    first = upload(ann, deal, "a.txt", b"hello", **{"Idempotency-Key": "k"})
    again = upload(ann, deal, "a.txt", b"hello", **{"Idempotency-Key": "k"})
    assert first.status == again.status == 201
    assert upload(ann, deal, "a.txt", b"other", **{"Idempotency-Key": "k"}).status == 409
    assert len(ann.get(f"/records/opportunity/{deal}/files").body["items"]) == 1
