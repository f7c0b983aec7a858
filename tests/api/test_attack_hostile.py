"""What no form sends, at the places that a generated body rarely reaches: inside a draft."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from heli.policy.models import Setting
from tests.api.test_drafts import EXTRA, Desk, at, office, role
from tests.world import World

__all__ = ["office"]
pytestmark = [pytest.mark.django_db, pytest.mark.storage]
DEEP: Any = []
for _ in range(60):
    DEEP = [DEEP]
GRANT = {"lines": [EXTRA], "subject": "person:ann"}
HOSTILE: tuple[tuple[str, str, Any], ...] = (
    ("role", "a\x00b", {"name": "x", "lines": []}),
    ("role", "r", {"name": "\ud800", "lines": []}),
    ("role", "r", {"name": "x\x00", "lines": []}),
    ("role", "r", {"name": "x", "lines": [], "template_version": 2**63}),
    ("role", "r", {"name": "x", "lines": [], "template_version": -1}),
    ("role", "r", {"name": "x", "lines": [{**EXTRA, "where": DEEP}]}),
    ("role", "r", {"name": "x", "lines": [{**EXTRA, "scope": ["record:\x00"]}]}),
    ("role", "r", {"name": "x", "lines": [{**EXTRA, "limit": 10**40}]}),
    ("role", "r", {"name": "x", "lines": [{**EXTRA, "limit": "NaN"}]}),
    ("role", "r" * 120, {"name": "x", "lines": []}),
    ("grant", "n", {**GRANT, "subject": "person:\x00"}),
    ("grant", "n", {**GRANT, "subject": "project_role:" + "9" * 80}),
    ("grant", "n", {**GRANT, "subject": "department:" + "9" * 30}),
    ("grant", "n", {**GRANT, "starts": "9000-12-31T23:59:59-23:59"}),
    ("grant", "n", {**GRANT, "starts": "1970-01-01T00:00:00+23:59", "ends": "1970-01-01T00:00:00-23:59"}),
    ("grant", "9" * 30, None),
    ("grant", "²", GRANT),
    ("grant", "٣", None),
    ("ceiling", "c", {"name": "x", "roles": ["\x00"]}),
    ("ceiling", "c" * 120, {"name": "x"}),
    ("duty", "d", {"name": "x", "first": ["a\x00"], "second": ["b"]}),
    ("duty", "d" * 120, {"name": "x", "first": ["a"], "second": ["b"]}),
    ("setting", "approval", {"value": "x\x00"}),
    ("setting", "s" * 120, {"value": "x"}),
    (
        "promise",
        "p" * 120,
        {"name": "x", "who": {"role": ["rep"]}, "rule": "never", "type": "account", "action": "read"},
    ),
    (
        "promise",
        "p",
        {"name": "x\x00", "who": {"role": ["\x00"]}, "rule": "never", "type": "account", "action": "read"},
    ),
    ("member", ":", {"role": "lead"}),
    ("post", "ann", {"department": "\x00"}),
    ("post", "ann", {"department": "x" * 64, "position": "\ud800"}),
    ("department", "x", {"parent": DEEP}),
)


def test_no_change_however_strange_breaks_a_draft(office: World) -> None:
    """Refused at its place, or taken and then publishable: never an error of ours, not when it is read either."""
    desk = Desk(at("sec")).begin()
    for kind, key, after in HOSTILE:
        reply = desk.put(kind, quote(key, safe=""), after)
        assert reply.status < 500, (kind, key[:20], after, reply.body)
        if reply.status == 200:
            assert desk.api.get(desk.path).status == 200
            assert desk.step("submit").status < 500, (kind, key[:20], after)
            assert Desk(at("sid"), desk.draft).step("approve").status < 500
            assert desk.step("publish").status < 500, (kind, key[:20], after)
            desk = Desk(at("sec")).begin()


def test_an_unknown_word_for_approval_means_always(office: World) -> None:
    Setting.objects.create(code="approval", body={"value": "banana"})
    desk = Desk(at("sec")).begin()
    assert desk.put("role", "rep", role("rep", lines=[])).status == 200
    assert desk.step("publish").code == "not_submitted"
