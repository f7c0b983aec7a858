"""Attacks on what is answered about colleagues and rules: two records that differ in a cell which the asker does not read must
answer alike, whatever conditions a colleague's own lines, a role that is proposed or a ceiling have on it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from heli.access import grants
from heli.org.models import Person
from heli.org.verbs import departments
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.django_db
MOMENTS = re.compile(r'"(at|milliseconds)": ("[^"]*"|\d+)')
BIG = [["amount", ">=", "1000"]]


def line(kind: str, actions: list[str], scope: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "actions": actions, "scope": [scope], **more}


def holder(world: World, name: str, *lines: dict[str, Any]) -> Api:
    """Somebody with a role of these lines."""
    world.add(name, "root", None)
    grants.save_role(SETUP, f"{name}_role", name=f"{name}_role", lines=list(lines))
    grants.grant_role(SETUP, f"{name}_role", "person", str(world.people[name]))
    return signed_in(name)


def told(api: Api, path: str, record: str) -> str:
    reply = api.get(path.replace("RECORD", record))
    return f"{reply.status} {MOMENTS.sub('', json.dumps(reply.body, ensure_ascii=False).replace(record, 'RECORD'))}"


@pytest.mark.parametrize("asker", ["amy", "sec"])
def test_no_explanation_about_a_colleague_tells_what_an_unread_cell_holds(world: World, asker: str) -> None:
    """The colleague has lines with a condition on the amount: on records that are theirs, on all, with a field more or less."""
    world.add("amy", "east", "rep")
    holder(
        world, "sec", line("policy", ["read"], "all"), line("opportunity", ["read"], "all", read={"amount": "masked"})
    )
    own = line("opportunity", ["read", "edit", "delete"], "own", where=BIG, read={"*": "read"}, write=["name"])
    holder(
        world, "pat", own, line("opportunity", ["approve"], "all", where=[["stage", "in", ["won"]], *BIG], limit="1")
    )
    holder(
        world, "liz",
        line("opportunity", ["read", "edit"], "all", where=BIG, read={"*": "read", "competitor": "hidden"}, write=["name"]),
        line("opportunity", ["read"], "all", read={"amount": "masked", "competitor": "hidden"}),
    )  # fmt: skip
    world.add("new", "root", None)
    small, big = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    api, differ = signed_in(asker), []
    for whom in ("pat", "liz", "new", "fin", "mei"):
        pk = world.people[whom]
        for action in ("read", "edit", "delete", "approve"):
            for field in ("", "&field=amount", "&field=competitor", "&field=name"):
                asked = f"type=opportunity&id=RECORD&action={action}{field}"
                for path in (f"/why?beside={pk}", f"/access/why?person={pk}", f"/access/fixes?person={pk}"):
                    if told(api, f"{path}&{asked}", small) != told(api, f"{path}&{asked}", big):
                        differ.append((path, asked))
    assert not differ, differ


def test_one_is_told_of_ones_own_lines_what_they_take_and_not_whether_an_unread_cell_has_it(world: World) -> None:
    lines = [
        line("opportunity", ["read"], "department", read={"amount": "masked"}),
        line("opportunity", ["edit"], "own", where=BIG),
        line("opportunity", ["delete"], "department", where=[["stage", "in", ["won"]], *BIG]),
    ]
    world.add("kim", "east", None)
    grants.grant_lines(SETUP, lines, "person", str(world.people["kim"]))
    small, big = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    kim = signed_in("kim")
    for action in ("edit", "delete"):
        path = f"/why?action={action}&type=opportunity&id=RECORD"
        assert told(kim, path, small) == told(kim, path, big), action
    refused = [
        str(kim.post("/records/opportunity/bulk", {"act": "delete", "items": [{"id": one}]}).body).replace(one, "")
        for one in (small, big)
    ]
    assert refused[0] == refused[1]
    assert "≥ 1,000" in told(kim, "/why?action=delete&type=opportunity&id=RECORD", big)


def test_whom_a_colleague_could_ask_is_told_as_far_as_the_asker_knows_the_owner(world: World) -> None:
    """The colleague reads who owns it; the asker does not."""
    holder(world, "pat", line("opportunity", ["read"], "all", read={"*": "read"}))
    api = holder(world, "ivy", line("opportunity", ["read"], "all", read={"*": "read", "owner": "hidden"}))
    deal = world.make("wei", "opportunity", name="Deal")
    found = api.get(f"/why?action=edit&type=opportunity&id={deal}&beside={world.people['pat']}").body
    assert "wei" not in [one["username"] for one in found["theirs"]["ask"]]


def test_a_line_is_counted_for_a_person_whatever_a_ceiling_of_theirs_finds_in_unread_cells(world: World) -> None:
    sec = holder(world, "sec", line("policy", ["read", "administer"], "all"))
    world.make("ann", "opportunity", name="Deal", amount="731")
    Person.objects.filter(username="ann").update(kind=Person.CONTRACTOR)
    body = {"line": line("opportunity", ["read"], "own"), "person": str(world.people["ann"])}
    found = []
    for least in ("731", "732"):
        bound = [line("opportunity", ["read"], "all", where=[["amount", ">=", least]], read={"*": "read"})]
        grants.set_ceiling(
            SETUP, "c", name="c", type="opportunity", actions=["read"], kinds=["contractor"], lines=bound
        )
        found.append(sec.post("/access/scopes/preview", body).body)
    assert found[0] == found[1]
    assert (found[0]["count"], found[0]["samples"]) == (1, []) and "Amount" in found[0]["unread"][0]["en"]
    exact = signed_in("boss").post("/access/scopes/preview", body).body
    assert (exact["count"], exact["unread"]) == (0, []), "who reads every amount is told the number as it is"


def test_a_draft_does_not_let_its_author_ask_whether_a_customer_of_this_name_exists(world: World) -> None:
    """Their own draft lets them make customers, in its sandbox: nobody else has agreed to it."""
    sec = holder(world, "sec", line("policy", ["read", "administer", "grant"], "all"))
    world.make("ann", "account", name="Secret")
    draft = sec.post("/access/drafts", {"title": "Mine"})
    at = f"/access/drafts/{draft.body['id']}"
    lines = [line(one, ["read", "create", "edit"], "all", read={"*": "read"}) for one in ("account", "lead")]
    after = {"name": "sec", "lines": [line("policy", ["read", "administer", "grant"], "all"), *lines]}
    assert sec.send("PUT", f"{at}/changes/role/sec_role", {"after": after}, If_Match=draft.etag).status == 200
    for name in ("sec", "ann"):
        assert sec.send("PUT", f"{at}/sandbox", {"testers": [str(world.people[name])]}).status == 200
        api = sec if name == "sec" else signed_in("ann")
        assert api.post(f"{at}/sandbox/enter").status == 200
        said = [api.post("/records/account", {"name": one}).code for one in ("Secret", "Nobody")]
        taken = "sandbox_done" if name == "sec" else "taken"
        assert said == [taken, "sandbox_done"], "who makes customers anyway is told that one is there already"
        api.delete("/access/mode")


def test_whom_one_may_mention_tells_neither_an_unread_cell_nor_an_unread_owner(world: World) -> None:
    """Some see only big deals: the list of names, and whether a mention is taken, said how big a deal is."""
    world.add("amy", "east", "rep")
    small, big = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    amy, fin = signed_in("amy"), world.people["fin"]
    for q in ("", "?q=fin"):
        assert told(amy, f"/records/opportunity/RECORD/mentionable{q}", small) == told(
            amy, f"/records/opportunity/RECORD/mentionable{q}", big
        )
    body = {"body": f"@{{{fin}}} please look", "mentions": [str(fin)]}
    assert [amy.post(f"/records/opportunity/{one}/comments", body).status for one in (small, big)] == [201, 201]
    seen = signed_in("fin").get("/mentions").body["items"]
    assert [one["record"] for one in seen] == [big], "who does not see the record hears of nothing"
    pulse = signed_in("fin").get("/pulse").body
    assert (pulse["mentions"], pulse["notices"]) == (1, 1)
    ivy = holder(world, "ivy", line("opportunity", ["read"], "all", read={"*": "read", "owner": "hidden"}))
    first = {
        ivy.get(f"/records/opportunity/{world.make(name, 'opportunity', name='x')}/mentionable").body["items"][0]["person"]["username"]
        for name in ("ann", "amy")
    }  # fmt: skip
    assert len(first) == 1, "the owner is first for who may know them alone"


def test_who_would_answer_a_request_is_not_told_by_an_unread_cell(world: World) -> None:
    """The owner may lend big deals only, their manager all."""
    lines = [
        line("opportunity", ["read", "create"], "own", read={"*": "read"}),
        line("opportunity", ["share"], "own", where=BIG),
        line("opportunity", ["read"], "department", read={"amount": "masked"}),
    ]
    grants.save_role(SETUP, "rep", name="rep", lines=lines)
    more = line("opportunity", ["read", "share"], "below", read={"*": "read"})
    grants.save_role(SETUP, "manager", name="manager", lines=[more])
    departments.set_head(SETUP, world.departments["east"], world.people["mei"])
    world.add("amy", "east", "rep")
    small, big = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    amy = signed_in("amy")
    found = []
    for one in (small, big):
        body = {
            "type": "opportunity",
            "record": one,
            "action": "read",
            "fields": ["amount"],
            "seconds": 86400,
            "reason": "x",
        }
        made = amy.post("/access/requests", body)
        assert made.status == 201, made.body
        found.append(
            (told(amy, "/access/askable?type=opportunity&id=RECORD", one), made.body["approver"], made.body["state"])
        )
    assert found[0] == found[1]
    assert signed_in("mei").get("/access/requests").body["items"][0]["record"] == small
