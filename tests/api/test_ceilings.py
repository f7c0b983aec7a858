"""Ceilings: written in a draft, said in a sentence, weighed before they hold; and versions that tell what they changed."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from tests.api.client import Api, Reply, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage
BOUND = {
    "name": "外包只看自己的", "name_en": "Own only", "type": "account", "kinds": ["contractor"],
    "lines": [{"type": "account", "actions": ["read", "edit"], "scope": ["own"], "read": {"sensitive": "masked"}}],
}  # fmt: skip


@pytest.fixture
def boss(world: World) -> Api:
    world.add("sec", "root", None)
    lines = [{"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["sec"]))
    return signed_in("boss")


def weigh(api: Api, after: Any, code: str = "own-only") -> Reply:
    return api.post("/access/ceilings/preview", {"code": code, "after": after})


def publish(boss: Api, code: str, after: Any) -> None:
    """Written by the boss, approved and published by security."""
    made = boss.post("/access/drafts", {"title": "A ceiling"})
    at = f"/access/drafts/{made.body['id']}"
    put = boss.send("PUT", f"{at}/changes/ceiling/{code}", {"after": after}, if_match=made.etag)
    assert put.status == 200, put.body
    assert boss.post(f"{at}/submit", {}, if_match=put.etag).status == 200
    sec = signed_in("sec")
    for step in ("approve", "publish"):
        reply = sec.post(f"{at}/{step}", {}, if_match=sec.get(at).etag)
        assert reply.status == 200, reply.body


def test_a_ceiling_is_said_and_weighed_before_it_holds_and_takes_just_that(world: World, boss: Api) -> None:
    world.make("ann", "account", name="A")
    world.make("wei", "account", name="W")
    everybody = {**BOUND, "kinds": None}
    found = weigh(boss, everybody).body
    assert found["says"][0] == {
        "zh": "任何人至多可以查看、编辑「客户」，范围：本人，敏感脱敏，可写全部字段",
        "en": "at most, anybody can read, edit Account (own), Sensitive masked, writes every field",
    }
    # the manager and the boss see accounts that are not theirs; two different ones in all
    assert (found["takes"]["records"], found["gives"]["people"]) == (2, 0)
    assert found["takes"]["people"] >= 2
    assert any("客户" in one["words"]["zh"] for one in found["takes"]["items"])
    assert weigh(boss, BOUND).body["takes"]["people"] == 0  # nobody is a contractor
    assert {row["name"] for row in world.list("boss", "account")} == {"A", "W"}
    publish(boss, "own-only", everybody)
    assert world.list("boss", "account") == []
    assert [row["name"] for row in world.list("ann", "account")] == ["A"]
    back = weigh(boss, None).body
    assert (back["says"], back["gives"]["records"], back["takes"]["people"]) == ([], 2, 0)
    listed = boss.get("/access/ceilings").body["items"]
    assert [one["says"] for one in listed if one["code"] == "own-only"] == [found["says"]]
    version = boss.get("/access/versions").body["items"][0]
    assert [(one["was"], one["words"]["zh"]) for one in version["changes"][0]["told"]] == [
        (False, "名称：外包只看自己的"), (False, found["says"][0]["zh"]),
    ]  # fmt: skip


def test_a_ceiling_by_roles_or_without_any_line_is_said_too(world: World, boss: Api) -> None:
    roles = {"name": "n", "type": "contract", "actions": ["delete"], "roles": ["management"]}
    assert weigh(boss, roles).body["says"][0]["zh"] == "只有角色「management」能让任何人删除「合同」"
    none = {"name": "n", "type": "account", "actions": ["export"], "kinds": ["contractor", "service"], "active": False}
    assert [one["zh"] for one in weigh(boss, none).body["says"]] == ["外包人员和服务账号都不能导出「客户」", "未启用"]


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"kinds": ["martian"]}, "kinds/0"),
        ({"kinds": []}, "kinds"),
        ({"actions": []}, "actions"),
        ({"actions": ["fly"]}, "actions/0"),
        ({"roles": ["nobody"]}, "roles/0"),
        ({"lines": [{"type": "contact", "actions": ["read"], "scope": ["own"]}]}, "lines/0/type"),
        ({"lines": [{"type": "account", "actions": ["read"], "scope": ["moon"]}]}, "lines/0/scope"),
    ],
)
def test_a_ceiling_that_names_what_there_is_not_is_refused_at_its_place(
    world: World, boss: Api, part: dict[str, Any], place: str
) -> None:
    reply = weigh(boss, {**BOUND, **part})
    assert reply.status == 422
    assert reply.places[0].endswith(f"after/{place}"), reply.places
    made = boss.post("/access/drafts", {"title": "d"})
    at = f"/access/drafts/{made.body['id']}/changes/ceiling/x"
    assert boss.send("PUT", at, {"after": {**BOUND, **part}}, if_match=made.etag).status == 422


def test_only_who_reads_the_rules_weighs_one(world: World, boss: Api) -> None:
    assert weigh(signed_in("mei"), BOUND).status == 403
    assert [one for one in boss.get("/access/ceilings").body["items"] if one["code"] == "own-only"] == []


def test_what_a_draft_changes_is_told_in_sentences(world: World, boss: Api) -> None:
    grant = grants.grant_role(SETUP, "rep", "person", str(world.people["fin"])).pk
    made = boss.post("/access/drafts", {"title": "Many"})
    at = f"/access/drafts/{made.body['id']}"
    ann = {"department": world_code(world, "west"), "position": None}
    etag = made.etag
    for kind, key, after in (
        ("grant", str(grant), None), ("post", "ann", ann), ("setting", "approval", {"value": "widening"}),
        ("duty", "d", {"name": "Two hands", "first": ["rep"], "second": ["finance"]}),
    ):  # fmt: skip
        reply = boss.send("PUT", f"{at}/changes/{kind}/{key}", {"after": after}, if_match=etag)
        assert reply.status == 200, reply.body
        etag = reply.etag
    told = {one["kind"]: [(t["was"], t["words"]["zh"]) for t in one["told"]] for one in boss.get(at).body["changes"]}
    assert told["grant"][0] == (True, "把角色「rep」授予人员 Fin")
    assert told["post"] == [(True, "任职：east · rep"), (False, "任职：west")]
    assert told["setting"][-1] == (False, "只有会多给权限的草稿要第二个人批准")
    assert (False, "持有「rep」的人不能同时持有「finance」") in told["duty"]


def world_code(world: World, name: str) -> str:
    from heli.org.models import Department

    return Department.objects.get(pk=world.departments[name]).code
