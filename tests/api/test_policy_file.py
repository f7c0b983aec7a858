"""The policy as a file: what is exported comes back unchanged, what differs is told, and a file is applied as a draft."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from heli.access import grants
from heli.access.models import Grant, Role
from heli.crm.install import install
from heli.policy import approval
from heli.policy.models import Draft
from tests.cli import Heli
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


@pytest.fixture
def heli(capsys: pytest.CaptureFixture[str]) -> Heli:
    return Heli(capsys)


@pytest.fixture
def written(world: World, heli: Heli, tmp_path: Path) -> Path:
    """The shipped roles beside the test company's, as exported."""
    install()
    world.add("sec", "root", None)
    grants.grant_role(SETUP, "security_administrator", "person", str(world.people["sec"]))
    path = tmp_path / "policy.yaml"
    heli("access", "export", "--out", str(path))
    assert heli.status == 0
    return path


def test_what_is_exported_is_what_holds(heli: Heli, written: Path) -> None:
    assert heli("access", "diff", str(written)) == {"changes": []}
    again = heli("access", "export")["policy"]
    assert again == written.read_text("utf-8")


def test_a_changed_file_is_compared_and_applied(heli: Heli, written: Path) -> None:
    text = written.read_text("utf-8")
    changed = text.replace("name_en: Sales rep\n", "name_en: Seller\n").replace("- role: legal\n", "- role: product\n")
    written.write_text(changed, "utf-8")
    said = heli("access", "diff", str(written))["changes"]
    assert {(one["kind"], one["before"] is None, one["after"] is None) for one in said} == {
        ("role", False, False), ("grant", True, False), ("grant", False, True),
    }  # fmt: skip
    done = heli("access", "apply", str(written), "--as", "sec")
    assert heli.status == 0, done
    assert done["version"] is None  # a second person approves first
    draft = Draft.objects.get(pk=done["draft"])
    assert draft.state == Draft.SUBMITTED
    assert Role.objects.get(code="sales_rep").name_en == "Sales rep"


def test_where_the_company_wants_no_second_person_a_file_holds_at_once(heli: Heli, written: Path) -> None:
    from heli.policy.models import Setting

    Setting.objects.create(code=approval.APPROVAL, body={"value": approval.NEVER})
    exported = written.read_text("utf-8") + "settings:\n  approval:\n    value: never\n"
    written.write_text(exported.replace("name_en: Sales rep\n", "name_en: Seller\n"), "utf-8")
    done = heli("access", "apply", str(written), "--as", "sec")
    assert done["version"] is not None, done
    assert Role.objects.get(code="sales_rep").name_en == "Seller"
    assert Grant.objects.filter(revoked_at__isnull=False).count() == 0


def test_policy_tests_are_run_and_counted(heli: Heli, written: Path) -> None:
    before = heli("access", "test")
    assert before["passed"] + before["failed"] >= 40
    assert before["failed"] == len(before["failures"])
    role = Role.objects.get(code="sales_rep")
    more = [*role.lines, {"type": "account", "actions": ["export"], "scope": ["own"]}]
    grants.save_role(SETUP, "sales_rep", name=role.name, lines=more)
    after = heli("access", "test")
    assert heli.status == 1
    known = {one["code"] for one in before["failures"]}
    fresh = [one for one in after["failures"] if one["code"] not in known]
    assert [one["code"] for one in fresh] == ["rep-account-export"]
    assert "export" in json.dumps(fresh[0]["how"])


BAD = {
    "roles: {}\n": "policy",
    "policy: 1\nroles:\n  x: {name: x, lines: [], colour: red}\n": "roles/x/colour",
    "policy: 1\nroles: [1]\n": "roles",
    "policy: 1\nmoon: {}\n": "moon",
    "policy: 1\ngrants:\n- {role: sales_rep}\n": "grants/0/subject",
    "policy: 1\nroles: &a {}\nduties: *a\n": "bad.yaml:3:9",
    "draft: 1\nchanges:\n- {kind: ghost, key: x, after: null}\n": "changes/0/kind",
    "draft: 1\nchanges: 3\n": "changes",
    "a: [" * 40: "bad.yaml:1:",
    "": "bad.yaml:1:1",
}


def test_a_bad_file_names_its_place(heli: Heli, world: World, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    for text, place in BAD.items():
        path.write_text(text, "utf-8")
        done = heli("access", "diff", str(path))
        assert heli.status == 2
        places = [one["place"] for one in done["error"]["problems"]]
        assert places[0].startswith(place), (text, places)
    assert "absent.yaml" in heli("access", "diff", str(tmp_path / "absent.yaml"))["error"]["message"]["en"]


def test_who_may_not_change_the_policy_applies_no_file(heli: Heli, written: Path) -> None:
    text = written.read_text("utf-8").replace("name_en: Sales rep\n", "name_en: Seller\n")
    written.write_text(text, "utf-8")
    assert heli("access", "apply", str(written), "--as", "ann")["error"]["code"] == "refused"
    assert Draft.objects.count() == 0
