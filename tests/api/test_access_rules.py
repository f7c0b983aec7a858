"""The permission centre's reading side, as HTTP stories: matrix, roles, scopes with what they reach, a person's chain."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.crm.roles import Template
from heli.kernel.words import Words
from heli.org.verbs import projects
from heli.policy import shipped, templates
from heli.records import act
from heli.records.act import Action
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def security(world: World) -> Api:
    """Somebody who reads rules and sees no customer."""
    world.add("sec", "root", None)
    lines = [{"type": "policy", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["sec"]))
    return signed_in("sec")


def column(matrix: Any, role: str, scope: str) -> dict[str, str]:
    """State by row of one column, the scope in Chinese."""
    found = next(one for one in matrix["roles"] if one["code"] == role)
    chosen = next(one for one in found["columns"] if one["scope"]["zh"] == scope)
    return dict(zip([row["key"] for row in matrix["rows"]], chosen["states"], strict=True))


def test_the_matrix_shows_one_column_for_each_reading_line(world: World, security: Api) -> None:
    found = security.get("/access/matrix?type=opportunity").body
    rep = next(one for one in found["roles"] if one["code"] == "rep")
    assert [one["scope"]["zh"] for one in rep["columns"]] == ["本人", "本部门", "团队成员"]
    assert rep["people"] == 3
    assert column(found, "rep", "本人")["amount"] == "edit"
    assert column(found, "rep", "本部门")["amount"] == "masked"
    assert column(found, "rep", "本人")["owner"] == "read", "nobody edits what only verbs change"
    helps = next(one for one in rep["columns"] if one["scope"]["zh"] == "团队成员")
    assert helps["edit_scope"]["zh"] == "团队成员（可编辑）"
    assert {"code": "support", "name": {"zh": "support", "en": "support"}} in found["without"]
    assert signed_in("ann").get("/access/matrix?type=opportunity").status == 403


def test_roles_are_told_in_sentences_with_their_holders(world: World, security: Api) -> None:
    listed = {one["code"]: one for one in security.get("/access/roles").body["items"]}
    assert listed["rep"]["people"] == 3
    role = security.get("/access/roles/manager").body
    sentence = role["told"][0]["sentence"]
    assert sentence["zh"] == "可以查看、编辑、移交、分配、审批「商机」，范围：本部门及下级，不超过 500,000"
    assert (
        sentence["en"] == "can read, edit, transfer, assign, approve Opportunity (department and below), up to 500,000"
    )
    assert [one["name"] for one in role["holders"]] == ["Mei"]
    assert role["given_to"][0]["subject"]["zh"] == "岗位 manager"
    finance = security.get("/access/roles/finance").body["told"][0]
    assert finance["sentence"]["zh"].endswith("范围：全公司，且金额 ≥ 1,000")
    assert security.get("/access/roles/nosuch").status == 404


def test_a_role_tells_how_it_moved_from_its_template_and_where_it_overlaps(world: World, security: Api) -> None:
    role = security.get("/access/roles").body["templates"][0]["state"]
    lines = [line for line in role["lines"] if line["type"] != "lead"]
    grants.save_role(
        SETUP, "own_rep", name="自用销售", lines=lines, template=role["template"],
        template_version=role["template_version"],
    )  # fmt: skip
    grants.save_role(SETUP, "full_rep", name="全销售", lines=role["lines"])
    found = security.get("/access/roles/own_rep").body
    assert {one["kind"] for one in found["drift"]} == {"removed"}
    assert {one["before"]["type"] for one in found["drift"]} == {"lead"}
    assert found["update"] is None
    twin = next(one for one in found["overlaps"] if one["code"] == "full_rep")
    assert twin["share"] == 100


def test_every_newer_template_is_offered_against_the_one_that_was_taken_last(
    world: World, security: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company's own line stays, and is its only difference, however many releases it has taken."""
    monkeypatch.setattr(templates, "_OFFERED", dict(templates._OFFERED))

    def release(version: int, scope: str = "own", **shown: str) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = [
            {"type": "lead", "actions": ["read"], "scope": ["all"], "read": shown},
            {"type": "task", "actions": ["read"], "scope": [scope]},
        ]
        templates.offer([Template("helper", version, Words("助手", "Helper"), Words("看", "sees"), tuple(lines))])
        shipped.keep()  # as every `heli migrate` does
        return lines

    own = {"type": "task", "actions": ["create"], "scope": ["own"], "write": ["*"]}
    first = release(1, sensitive="hidden")
    made = {"name": "助手", "template": "helper"}
    grants.save_role(SETUP, "helper", lines=first, template_version=1, **made)
    grants.save_role(SETUP, "helper", lines=[*first, own], template_version=1, **made)
    for version, levels in ((2, {"sensitive": "masked"}), (3, {"sensitive": "read", "source": "read"})):
        release(version, **levels)
        found = security.get("/access/roles/helper").body
        assert [one["after"]["line"]["actions"] for one in found["drift"]] == [["create"]]
        update = found["update"]
        assert (update["conflicts"], update["lines"][0]["read"], own in update["lines"]) == ([], levels, True)
        grants.save_role(SETUP, "helper", lines=update["lines"], template_version=version, **made)
    assert security.get("/access/roles/helper").body["update"] is None
    # Both move the same line to another scope: the company's stands, and what the template wanted instead is said.
    moved = [{**line, "scope": ["team"]} if line["scope"] == ["own"] else line for line in update["lines"]]
    grants.save_role(SETUP, "helper", lines=moved, template_version=3, **made)
    release(4, "department", sensitive="read", source="read")
    update = security.get("/access/roles/helper").body["update"]
    assert update["lines"] == moved and update["steps"] == []
    assert [(one["kind"], (one["after"] or one["before"])["line"]["scope"]) for one in update["declined"]] == [
        ("added", ["department"]), ("removed", ["team"]),
    ]  # fmt: skip


def test_a_line_counts_what_it_reaches_and_shows_only_what_both_may_see(world: World, security: Api) -> None:
    for who, name in (("ann", "One"), ("ann", "Two"), ("bob", "Three"), ("wei", "Four")):
        world.make(who, "account", name=name)
    line = {"type": "account", "actions": ["read"], "scope": ["own"], "read": {"*": "read"}}
    whole = security.post("/access/scopes/preview", {"line": line, "role": "rep"}).body
    assert (whole["count"], whole["people"]) == (4, 3)
    assert whole["samples"] == [{"id": None, "title": None, "values": {}}] * 4, "no customer is named"
    ann = security.post("/access/scopes/preview", {"line": line, "person": str(world.people["ann"])}).body
    assert ann["count"] == 2
    seeing = signed_in("boss").post("/access/scopes/preview", {"line": line, "role": "rep"}).body
    assert {one["title"] for one in seeing["samples"]} == {"One", "Two", "Three", "Four"}
    masked = {**line, "read": {"*": "hidden"}}
    hidden = signed_in("boss").post("/access/scopes/preview", {"line": masked, "role": "rep"}).body
    assert all(one["title"] is None for one in hidden["samples"]), "the role would not read the name"
    nothing = security.post("/access/scopes/preview", {"line": {**line, "scope": ["pool"]}, "role": "rep"}).body
    assert (nothing["count"], nothing["warning"]["zh"]) == (0, "这一项现在什么也触及不到")
    related = {"type": "account", "actions": ["read"], "scope": ["related"]}
    assert security.post("/access/scopes/preview", {"line": related, "role": "support"}).body["count"] == 0
    wrong = security.post("/access/scopes/preview", {"line": {**line, "scope": ["nowhere"]}, "role": "rep"})
    assert (wrong.status, wrong.places) == (422, ["line/scope"])


def test_a_person_has_one_chain_of_grants(world: World, security: Api) -> None:
    grants.save_role(SETUP, "helper", name="项目帮手", lines=[])
    project = act.do(world.system, Action("project", "create", values={"name": "P1"})).id
    projects.add_project_member(SETUP, project, world.people["ann"], "lead")
    grants.grant_role(SETUP, "helper", "project_role", "lead")
    grants.grant_role(SETUP, "support", "department", str(world.departments["east"]), below=True)
    grants.grant_role(SETUP, "finance", "person", str(world.people["ann"]))
    found = security.get(f"/access/people/{world.people['ann']}/chain").body
    by = {one["code"]: [grant["role"] for grant in one["grants"]] for one in found["layers"]}
    assert by == {
        "everyone": [], "department": ["support"], "position": ["rep"], "project": ["helper"], "person": ["finance"],
        "loan": [],
    }  # fmt: skip


def test_lines_may_name_what_they_write_by_class(world: World, security: Api) -> None:
    lines = [
        {"type": "account", "actions": ["read", "edit"], "scope": ["own"], "read": {"*": "read"},
         "write": {"internal": True, "industry": False}},
    ]  # fmt: skip
    grants.save_role(SETUP, "clerk", name="内勤", lines=lines)
    world.add("cle", "west", None)
    grants.grant_role(SETUP, "clerk", "person", str(world.people["cle"]))
    found = column(security.get("/access/matrix?type=account").body, "clerk", "本人")
    assert (found["internal"], found["industry"], found["phone"]) == ("edit", "read", "read")
    told = security.get("/access/roles/clerk").body["told"][0]
    assert told["writes"]["zh"] == "可写：内部（除行业）"


def test_cells_are_set_in_a_draft_and_shown_with_what_they_were(world: World, security: Api) -> None:
    draft = security.post("/access/drafts", {"title": "客服看手机"}).body
    column = security.get("/access/matrix?type=account").body["roles"][0]["columns"][0]
    edits = [
        {"role": "rep", "column": column["id"], "key": "sensitive", "state": "masked"},
        {"role": "rep", "column": column["id"], "key": "phone", "state": "edit"},
    ]
    at = f"/access/drafts/{draft['id']}/cells"
    assert security.post(at, {"type": "account", "edits": edits}).body == {"revision": 2, "size": 1}
    found = security.get(f"/access/matrix?type=account&draft={draft['id']}").body
    keys = [row["key"] for row in found["rows"]]
    changed = found["roles"][0]["columns"][0]
    now, was = (dict(zip(keys, changed[part], strict=True)) for part in ("states", "was"))
    assert (now["sensitive"], was["sensitive"]) == ("masked", "edit")
    assert (now["phone"], now["email"], was["email"]) == ("edit", "masked", "edit")
    assert (now["name"], was["name"]) == ("edit", None)
    assert security.get("/access/matrix?type=account").body["roles"][0]["columns"][0]["states"] == column["states"]
    steps = security.get(f"/access/roles/rep?draft={draft['id']}").body["changes"]
    assert [(one["kind"], one["after"]["type"]) for one in steps] == [("changed", "account")]
    back = [{**one, "state": None} for one in edits]
    assert security.post(at, {"type": "account", "edits": back}).body["size"] == 0, "nothing differs any more"
    lost = security.post(at, {"type": "account", "edits": [{**edits[0], "column": "gone"}]})
    assert (lost.status, lost.places) == (422, ["edits/0/column"])
