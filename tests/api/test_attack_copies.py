"""Attacks on rules that name roles: the same power under another name, without a name, or in pieces."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant
from heli.org.verbs import positions
from heli.policy.models import Duty, Promise
from tests.api.test_attack_lifted import draft
from tests.api.test_drafts import EXTRA, POLICY, at, office, publish, role
from tests.api.test_reviews import Reviewer, start
from tests.world import SETUP, World

pytestmark = pytest.mark.storage
__all__ = ["office"]

TILL = [
    {"type": "payment", "actions": ["read", "create", "edit"], "scope": ["all"], "write": ["*"]},
    {"type": "payment", "actions": ["confirm"], "scope": ["all"]},
    {"type": "invoice", "actions": ["create", "edit"], "scope": ["all"], "write": ["*"]},
    EXTRA,
]  # fmt: skip
JUDGE = [
    {"type": "contract", "actions": ["read", "approve"], "scope": ["all"], "limit": "100000"},
    {"type": "contract", "actions": ["delete"], "scope": ["all"]}, EXTRA,
]  # fmt: skip
APART = {"name": "收付与审批分开", "name_en": "apart", "first": ["till"], "second": ["judge"]}
PROMISE_OF_CONFIRMING = {
    "name": "只有出纳核销", "name_en": "only tills confirm", "who": {"not_role": ["till"]}, "rule": "never", "type": "payment", "action": "confirm",
}  # fmt: skip
NARROWER = [
    {**TILL[0], "actions": ["create", "edit"], "where": [["amount", ">", "1"]], "write": ["amount"]},
    {**TILL[2], "actions": ["create"]},
]  # fmt: skip


@pytest.fixture
def apart(office: World) -> World:
    """Who takes payments approves no contracts; fin takes payments by a role, ann approves by another."""
    for code, lines, who in (("till", TILL, "fin"), ("judge", JUDGE, "ann")):
        grants.save_role(SETUP, code, name=code, lines=lines)
        grants.grant_role(SETUP, code, "person", str(office.people[who]))
    Duty.objects.create(code="apart", body=APART)
    return office


COPY = ("role", "cashier", {"name": "出纳", "name_en": "cashier", "lines": TILL})


@pytest.mark.parametrize(
    ("things", "says"),
    [
        ((COPY, ("grant", "n", {"role": "cashier", "subject": "person:ann"})), "‘cashier’ amounts to it"),
        ((("grant", "n", {"lines": TILL, "subject": "person:ann"}),), "what is given without a role amounts to it"),
        ((("grant", "n", {"lines": NARROWER, "subject": "person:ann"}),), "amounts to it"),
        ((("grant", "n", {"lines": TILL, "subject": "position:rep"}),), "amounts to it"),
        ((("grant", "n", {"lines": TILL, "subject": "department:east", "below": True}),), "amounts to it"),
        (
            (("role", "half", {"name": "half", "lines": [TILL[0]]}), ("grant", "n", {"role": "half", "subject": "person:ann"}),
             ("grant", "m", {"lines": TILL[1:3], "subject": "position:rep"})),
            "‘half’, what is given without a role together amount to it",
        ),
        ((("role", "rep", None),), ""),
    ],
)  # fmt: skip
def test_the_same_power_under_another_name_is_the_same(apart: World, things: Any, says: str) -> None:
    if things[0] == ("role", "rep", None):  # emptied by the draft that gives it under another name
        things = (("role", "till", {"name": "till", "lines": [EXTRA]}), COPY,
                  ("grant", "n", {"role": "cashier", "subject": "person:ann"}))  # fmt: skip
    if things[0][2].get("subject", "").startswith("department"):
        code = next(n["code"] for n in at("sec").get("/organisation/departments").body["items"] if n["name"] == "east")
        things = (("grant", "n", {**things[0][2], "subject": f"department:{code}"}),)
    refused = draft(*things).step("submit")
    assert (refused.status, refused.code) == (409, "duty"), refused.body
    assert "Ann may not hold “till" in refused.body["message"]["en"] and says in refused.body["message"]["en"]
    assert "合起来就是它的权限" in refused.body["message"]["zh"] or "给的就是它的权限" in refused.body["message"]["zh"]


def test_below_the_root_is_everything(apart: World) -> None:
    """The same lines for 本部门及下级 are the role to who is posted at the root, and not to who is posted below."""
    below = [{**line, "scope": ["below"]} for line in TILL[:3]]
    for who, blockers in (("eve", ["duty"]), ("ann", [])):
        grants.grant_role(SETUP, "judge", "person", str(apart.people[who]))
        desk = draft(("grant", "n", {"lines": below, "subject": f"person:{who}"}))
        assert [one["code"] for one in desk.seen()["standing"]["blockers"]] == blockers, who


def test_what_is_another_role_stays_one(apart: World) -> None:
    """Reading, less than half, an empty role, what everybody has: none of it is the role."""
    grants.save_role(SETUP, "empty", name="empty", lines=[])
    Duty.objects.create(code="hollow", body={**APART, "first": ["empty"]})
    reads = [{**TILL[0], "actions": ["read"]}, {"type": "invoice", "actions": ["read"], "scope": ["all"]}]
    less = [{**TILL[0], "actions": ["create"], "scope": ["own"]}, TILL[1]]
    for lines in (reads, less, [EXTRA]):
        desk = draft(("grant", "n", {"lines": lines, "subject": "person:ann"}))
        assert desk.seen()["standing"]["blockers"] == [], lines


def test_a_duty_may_say_which_rights_it_is_about(apart: World) -> None:
    """Any one of these on each side is enough: one line of a role that goes by half of itself otherwise, given, lent or left in a role."""
    rights = {"first_rights": ["payment.create", "payment.confirm"], "second_rights": ["contract.approve"]}
    assert publish("sec", "sid", ("duty", "apart", {**APART, **rights})).status == 200
    shown = next(one for one in at("sec").get("/access/duties").body["items"] if one["code"] == "apart")
    assert shown["rights"]["second"] == [
        {"code": "contract.approve", "words": {"zh": "审批合同", "en": "approve Contract"}}
    ]
    assert [one["name"] for one in shown["both"]] == []
    single = {**TILL[0], "actions": ["create"], "scope": ["own"]}
    refused = draft(("grant", "n", {"lines": [single], "subject": "person:ann"})).step("submit")
    assert (refused.status, refused.code) == (409, "duty")
    assert "“create Payment (by what is given without a role)”" in refused.body["message"]["en"]
    assert "新建回款（来自单独授予的权限项）" in refused.body["message"]["zh"]
    other = draft(("grant", "n", {"lines": [{**JUDGE[0], "scope": ["own"]}], "subject": "person:fin"})).step("submit")
    assert other.code == "duty" and "approve Contract" in other.body["message"]["en"]
    both = ("role", "both", {"name": "both", "lines": [single, JUDGE[0], EXTRA]})
    assert draft(both, ("grant", "n", {"role": "both", "subject": "person:bob"})).step("submit").code == "duty"
    assert (
        draft(("grant", "n", {"lines": [{**TILL[0], "actions": ["edit"]}], "subject": "person:ann"}))
        .step("submit")
        .status
        == 200
    )
    wrong = {
        **APART,
        "first_rights": ["payment.fly", "nothing.read", "contract.approve"],
        "second_rights": ["contract.approve"],
    }
    places = {one["place"] for one in put_duty(wrong).body["problems"]}
    assert places == {"after/first_rights/0", "after/first_rights/1"}
    assert put_duty({**APART, "first": [], "second": ["judge"]}).places == ["after/first"]


def put_duty(after: Any) -> Any:
    made = at("sec").post("/access/drafts", {"title": "duty"})
    return at("sec").send(
        "PUT", f"/access/drafts/{made.body['id']}/changes/duty/x", {"after": after}, If_Match=made.etag
    )


def test_what_a_review_left_of_a_role_is_that_role(apart: World) -> None:
    """Narrowed for this person alone the role is gone by name; whatever of it is left still counts."""
    bob = str(apart.people["bob"])
    held = grants.grant_role(SETUP, "till", "person", bob).pk
    start()
    done = Reviewer("mei").decide(held, "narrow", lines=[TILL[1]])
    assert done.status == 200, done.body
    left = Grant.objects.get(subject_kind="person", subject_id=bob, revoked_at=None)
    assert left.role is None and left.source.endswith(":till")
    refused = draft(("grant", "n", {"role": "judge", "subject": "person:bob"})).step("submit")
    assert refused.code == "duty" and "what is given without a role amounts to it" in refused.body["message"]["en"]


def test_by_a_post_and_by_request_too(apart: World) -> None:
    grants.save_role(SETUP, "cashier", name="cashier", lines=TILL)
    job = positions.create_position(SETUP, "cash", code="cash")
    grants.grant_role(SETUP, "cashier", "position", str(job))
    post = {"department": str(apart.departments["east"]), "position": str(job)}
    refused = at("adm").post(f"/organisation/people/{apart.people['ann']}/assign", post)
    assert refused.code == "duty" and "amounts to it" in refused.body["message"]["en"]
    assert at("adm").post(f"/organisation/people/{apart.people['bob']}/assign", post).status == 200
    asked = at("ann").post("/access/requests/role", {"role": "cashier", "reason": "x"})
    assert at("sec").post(f"/access/requests/{asked.body['id']}/approve").code == "duty"


def test_one_hand_that_administers_is_the_administrator(office: World) -> None:
    grants.save_role(SETUP, "security", name="security", lines=[POLICY])
    grants.save_role(SETUP, "audit", name="audit", lines=[{"type": "audit", "actions": ["read"], "scope": ["all"]}])
    grants.grant_role(SETUP, "audit", "person", str(office.people["ann"]))
    Duty.objects.create(code="sa", body={**APART, "first": ["security"], "second": ["audit"]})
    one = {"lines": [{**POLICY, "actions": ["grant"]}], "subject": "person:ann"}
    assert draft(("grant", "n", one)).step("submit").code == "duty"
    reads = {"lines": [{**POLICY, "actions": ["read"]}], "subject": "person:ann"}
    assert draft(("grant", "n", reads)).seen()["standing"]["blockers"] == []


NEVER = {
    "name": "收款人看不到客户", "name_en": "tills see no customers", "who": {"role": ["till"]}, "rule": "never",
    "type": "account", "action": "read", "field": None, "level": "read", "scopes": [],
}  # fmt: skip
SEES = {"type": "account", "actions": ["read"], "scope": ["all"]}


@pytest.mark.parametrize("how", ["copy", "lines", "pieces", "alone"])
def test_a_policy_test_means_whoever_has_the_power(apart: World, how: str) -> None:
    Promise.objects.create(code="till-acc", body=NEVER)
    sees = ("grant", "s", {"lines": [SEES], "subject": "person:sue"})
    things = {
        "copy": (COPY, ("grant", "n", {"role": "cashier", "subject": "person:sue"}), sees),
        "lines": (("grant", "n", {"lines": TILL, "subject": "person:sue"}), sees),
        "pieces": (("grant", "n", {"lines": TILL[:1], "subject": "person:sue"}),
                   ("grant", "m", {"lines": TILL[1:], "subject": "position:support"}), sees),
        "alone": (("role", "cashier", {"name": "cashier", "lines": [*TILL, SEES]}),),
    }[how]  # fmt: skip
    refused = draft(*things).step("submit")
    assert (refused.status, refused.code) == (409, "promise"), refused.body
    assert "as good as holding till" in refused.body["message"]["en"]
    assert "相当于担任till（" in refused.body["message"]["zh"]
    assert draft(sees).seen()["standing"]["blockers"] == []


def test_a_rule_that_went_binds_copies_too(apart: World) -> None:
    """Lifted in the same draft: two have to approve what a copy does as well."""
    desk = draft(("duty", "apart", None), COPY, ("grant", "n", {"role": "cashier", "subject": "person:ann"}))
    standing = desk.seen()["standing"]
    assert standing["approvals"] == 2 and "amounts to it" in standing["lifted"][0]["how"][0]["en"]


def test_the_shipped_roles_are_not_one_another() -> None:
    from heli.crm.promises import DUTIES
    from heli.policy import duties
    from tests.unit.test_policy_tests import shipped

    assert duties.clashes(shipped(), DUTIES) == []


def test_a_role_that_only_reads_is_copied_by_what_only_reads(apart: World) -> None:
    """The boss reads what finance reads, and is not finance; a copy is."""
    body = {**NEVER, "who": {"role": ["finance"]}}
    assert draft(("promise", "fin-acc", body)).seen()["standing"]["blockers"] == []
    Promise.objects.create(code="fin-acc", body=body)
    copy = ("grant", "n", {"lines": [*role("finance")["lines"], SEES], "subject": "person:sue"})
    assert draft(copy).step("submit").code == "promise"
