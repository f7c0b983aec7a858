"""What is told to whoever confirms a version: all that it gives, nothing that it does not give, and what of it its author does not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant
from heli.crm.bring import PROJECT_ROLES
from heli.crm.roles import TEMPLATES
from heli.flows import definitions, giving, library, rights
from heli.flows.models import Process, Version
from heli.insight import company
from heli.records.types import TYPES
from tests.api.client import Api, signed_in
from tests.api.test_shipped_processes import Company as Shipped
from tests.cases import Company, process, publish, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

type Given = dict[str, dict[str, set[str]]]
"""Type in words -> what (acts, reads, writes) -> codes."""
SECURITY = [{"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}]


class Confirming(Shipped):
    """The shipped company with somebody who confirms."""

    def __init__(self) -> None:
        super().__init__()
        sec = self.add("sec", "root", None)
        grants.grant_lines(SETUP, SECURITY, "person", str(sec))


@pytest.fixture
def shipped(db: None) -> Confirming:
    return fresh(Confirming)


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def granted(lines: Iterable[dict[str, Any]]) -> Given:
    """Permission lines read as they are written."""
    found: Given = defaultdict(lambda: {"acts": set(), "reads": set(), "writes": set()})
    for line in lines:
        here = found[TYPES[line["type"]].words.en]
        here["acts"] |= set(line["actions"])
        if "read" in line["actions"]:
            assert line["read"]["*"] == "hidden", "by its fields, and no other"
            here["reads"] |= {code for code, level in line["read"].items() if level != "hidden"}
        if {"edit", "create"} & set(line["actions"]):
            here["writes"] |= set(line.get("write", ["*"]))
    return dict(found)


def told(types: Iterable[dict[str, Any]]) -> Given:
    return {
        one["type"]["en"]: {what: {each["code"] for each in one[what]} for what in ("acts", "reads", "writes")}
        for one in types
    }


def brought(role: str) -> dict[str, set[str]]:
    """What a part in a project brings where nobody has changed what ships: type -> acts."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, roles in PROJECT_ROLES.items():
        for line in TEMPLATES[code].lines if role in roles else ():
            found[TYPES[line["type"]].words.en] |= set(line["actions"])
    return dict(found)


def acted(types: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    return {one["type"]["en"]: {each["code"] for each in one["acts"]} for one in types}


def test_what_is_told_before_the_yes_is_what_is_granted_after_it(shipped: Confirming) -> None:
    """Every process that ships: each field that is read, each that is written and each act of each step and of the process itself."""
    pam, sec = signed_in("pam"), signed_in("sec")
    about_records = 0
    for one in Process.objects.exclude(current=None).order_by("pk"):
        assert one.current is not None
        made = pam.send("POST", "/flows/processes", {"source": bytes(one.current.source).decode()})
        assert made.status == 201, made.body
        definition = library.definition(Version.objects.get(pk=int(made.body["id"])))
        kind = giving.kind_of(definition)
        if made.body["state"] != "waiting":
            assert kind is None, "whoever looks after processes holds no records"
            continue
        about_records += 1
        gives = sec.get(f"/flows/processes/{one.code}/versions").body["items"][0]["gives"]
        answered = sec.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True})
        assert answered.status == 200, answered.body

        version, steps = int(made.body["id"]), {}
        lines = [line for grant in Grant.objects.filter(source=f"flow:{version}") for line in grant.lines or []]
        for place, node in enumerate(definition.nodes):
            people = [line for line in lines if line["scope"] == [f"workitem:{rights.tag(version, place)}"]]
            assert kind is not None
            act = rights.lines_of_act(kind, node, "x", definition.subject)
            part = brought(
                {"receive": "member", "make": "lead"}.get(node.id, "") if one.code == "project_setup" else ""
            )
            if people or act or part:
                steps[node.words.en] = (granted(people), granted(act), part)
        own = [gift for gift in gives if gift["process"] is None]
        assert {
            gift["node"]["en"]: (told(gift["holds"]), told(gift["acts"]), acted(gift["part"]))
            for gift in own
            if gift["node"]
        } == steps
        (itself,) = [gift for gift in own if gift["node"] is None]
        assert kind is not None
        assert told(itself["holds"]) == granted(rights.lines_of_process(kind, definition)), one.code
        called = {node.call.process for node in definition.nodes if node.call is not None} - {""}
        assert bool(called) == bool([gift for gift in gives if gift["process"] is not None]), "with what it calls"
    assert about_records > 10


def test_a_version_waits_exactly_where_something_that_it_gives_goes_beyond_its_author(shipped: Confirming) -> None:
    here = company.now()
    waiting = 0
    for one in Process.objects.exclude(current=None).order_by("pk"):
        assert one.current is not None
        definition = library.definition(one.current)
        for who in ("pam", "rep", "head", "gm", "cfo"):
            author = giving.Author(here.view(shipped.people[who]))
            things = [
                thing
                for each in giving.with_called(definition)
                for giver in giving.givers(each)
                for kind in giving.told(giver.lines, author)
                for thing in (*kind.acts, *kind.reads, *kind.writes)
            ]
            waits = definitions.exceeds(author.view, definition)
            assert any(thing.beyond for thing in things) == waits, (one.code, who)
            waiting += waits
    assert waiting > 20


HANDING = (
    '<heli:handoff from="lead" fields="amount"><heli:file code="quote" name="报价单 / Quote" required="true"/>'
    '<heli:note code="promised" name="答应了什么？ / What was promised?"/>'
    '<heli:criterion code="big" name="够大 / Big" when="record.account.name != null"/></heli:handoff>'
)
EVERYTHING = process(
    task("lead", "manager of=owner", show="name amount", edit="next_follow_on", more='<heli:candidate rule="position" position="finance"/>'),
    task("take", "position finance", show="name", verb="lose", moves="", more=HANDING, back='to="lead"'),
    '<serviceTask id="mark" name="记下 / Note"><extensionElements><heli:does verb="edit"/><heli:give name="competitor" value="&quot;X&quot;"/>'
    "</extensionElements></serviceTask>",
    "s>lead", "lead>take", "take>x1", "x1>mark if record.amount > 50000 and record.stage != 'lost'", "x1>e", "mark>e",
    subject='type="opportunity" right="edit" rejected="lose"',
)  # fmt: skip


def said(facts: Iterable[dict[str, Any]], language: str) -> dict[str, str]:
    return {one["name"][language]: one["text"][language] for one in facts}


def test_a_hand_off_an_act_and_what_the_process_does_itself_are_told_in_both_languages(world: Company) -> None:
    made = signed_in("pam").send("POST", "/flows/processes", {"source": EVERYTHING})
    assert made.status == 201, made.body.get("problems")
    assert made.body["state"] == "waiting"
    assert made.body["gives"] == [], "it is told to who confirms"
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    lead, take, itself = one["gives"]
    assert lead["node"] == {"zh": "lead 中", "en": "lead"}
    assert said(lead["facts"], "en")["Who does it"] == "the manager (who owns the record)"
    assert "position" in said(lead["facts"], "en")["May go to"]
    assert said(lead["facts"], "zh")["附件"] == "待办期间可看、可增删记录的附件", (
        "who may edit a record may take its files away"
    )
    assert said(lead["facts"], "zh")["移交"] == (
        "给「take 中」：字段 金额；文件 报价单（必填）；说明 答应了什么？；接收条件 够大（客户 · 客户名称 不为空）"
    )
    assert "by “lead”: fields Amount; files Quote (required)" in said(take["facts"], "en")["Is handed"]
    assert said(take["facts"], "en")["Files"] == "they see the files that were handed over, and no other"
    assert {each["code"] for each in take["holds"][0]["reads"]} == {"amount", "name"}, "what is handed over is read"
    assert take["does"] == {"zh": "输单", "en": "Lose"}
    assert [[each["code"] for each in kind["acts"]] for kind in take["acts"]] == [["lose"]]
    assert itself["node"] is None
    assert said(itself["facts"], "en") == {
        "Note": "change (Competitor = “X”)", "When rejected": "Lose", "Looks at besides": "Account · Name",
    }  # fmt: skip
    (deal,) = itself["holds"]
    assert {each["code"] for each in deal["reads"]} == {"amount", "stage", "competitor"}
    assert {each["code"] for each in deal["writes"]} == {"competitor"}
    assert {each["code"] for each in deal["acts"]} == {"read", "edit", "lose"}
    amount = next(each for each in deal["reads"] if each["code"] == "amount")
    assert amount["beyond"] == "all", "who looks after processes reads no amounts"


def test_what_begins_cases_by_itself_is_told(world: Company) -> None:
    file = process(task("look", "head of=owner"), "s>look", "look>e")
    heard = (
        '<startEvent id="heard" name="大单 / Big deals"><extensionElements><heli:on event="opportunity.create" where="record.amount &gt; 1000"/>'
        '</extensionElements><messageEventDefinition/></startEvent><sequenceFlow id="heard_on" sourceRef="heard" targetRef="look"/>'
    )
    source = file.replace('<startEvent id="s"/>', f'<startEvent id="s"/>{heard}')
    made = signed_in("pam").send("POST", "/flows/processes", {"source": source})
    assert made.status == 201, made.body.get("problems")
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    (itself,) = (gift for gift in one["gives"] if gift["node"] is None)
    assert said(itself["facts"], "zh")["大单"] == "「商机：新建」时，如果金额 > 1000，自动发起；算由记录的负责人发起"
    assert (
        said(itself["facts"], "en")["Big deals"]
        == "begins a case by itself on “Opportunity: Create”, where Amount > 1000; the record's owner counts as having begun it"
    )


def test_what_a_called_process_gives_is_told_with_which_and_about_what(world: Company) -> None:
    """Who calls a process lets it begin without asking: all that it gives is given."""
    below = process(
        task("check", "position finance", show="name", edit="name"), "s>check", "check>e",
        subject='type="account" right="edit"', id="below",
    )  # fmt: skip
    publish(world, below)
    call = (
        '<callActivity id="ask" name="请财务核对 / Ask finance" calledElement="below"><extensionElements>'
        '<heli:call record="record.account"/></extensionElements></callActivity>'
    )
    made = signed_in("pam").send("POST", "/flows/processes", {"source": process(call, "s>ask", "ask>e")})
    assert made.status == 201, made.body.get("problems")
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    itself, check, called = one["gives"]
    assert said(itself["facts"], "zh")["请财务核对"] == "发起并等待流程「审批」，关于客户"
    assert said(itself["facts"], "en")["Ask finance"] == "begins the process “Approval” and waits for it, about Account"
    assert [each["code"] for each in itself["holds"][0]["reads"]] == ["account"], "it reads about what the other is"
    assert (check["process"]["zh"], check["node"]["en"]) == ("审批", "check")
    assert [[each["code"] for each in check["holds"][0][what]] for what in ("reads", "writes")] == [["name"], ["name"]]
    assert (called["process"]["en"], called["node"]) == ("Approval", None)


def test_what_the_author_holds_in_part_is_told_from_what_they_do_not_hold(world: Company) -> None:
    lines: list[dict[str, Any]] = [
        {"type": "process", "actions": ["administer"], "scope": ["all"]},
        {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "hidden", "name": "read"}},
        {"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"*": "hidden", "amount": "read"}},
    ]
    grants.grant_lines(SETUP, lines, "person", str(world.people["sue"]))
    file = process(task("lead", "manager", show="name amount stage"), "s>lead", "lead>e")
    made = signed_in("sue").send("POST", "/flows/processes", {"source": file})
    assert made.status == 201, made.body.get("problems")
    assert made.body["state"] == "waiting"
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    reads = {each["code"]: each["beyond"] for each in one["gives"][0]["holds"][0]["reads"]}
    assert reads == {"name": None, "amount": "part", "stage": "all"}


def test_nobody_but_who_confirms_is_told_what_a_version_gives(world: Company) -> None:
    signed_in("pam").send("POST", "/flows/processes", {"source": EVERYTHING})
    for who in ("pam", "mei", "ann"):
        seen = signed_in(who).get("/flows/processes/deal/versions")
        assert seen.status == 404 or [one["gives"] for one in seen.body["items"]] == [[]], who
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    signed_in("boss").send("POST", f"/flows/versions/{one['id']}/answer", {"yes": True})
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    assert one["gives"] == [], "nothing is to be answered any more"


def drawing(world: Company, who: str, *lines: dict[str, Any]) -> Api:
    """Somebody who may draw processes, with these lines besides."""
    every = [{"type": "process", "actions": ["design"], "scope": ["all"]}, *lines]
    grants.grant_lines(SETUP, every, "person", str(world.people[who]))
    return signed_in(who)


def seen(gift: dict[str, Any]) -> dict[str, Any]:
    """An entry without whose rights it is held against."""
    kinds = {
        name: [
            {"type": one["type"], **{what: [{**each, "beyond": None} for each in one[what]] for what in ("reads", "writes", "acts")}}
            for one in gift[name]
        ]
        for name in ("holds", "acts", "part")
    }  # fmt: skip
    return {**gift, **kinds}


def test_who_draws_sees_what_the_version_would_give_before_handing_it_in(world: Company) -> None:
    """The same as who confirms sees later, held against their own rights; nobody else is told."""
    mei = drawing(world, "mei")
    before = mei.send("POST", "/flows/gives", {"source": EVERYTHING})
    assert (before.status, before.body["against"]) == (200, None), before.body
    signed_in("pam").send("POST", "/flows/processes", {"source": EVERYTHING})
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    assert [seen(gift) for gift in before.body["items"]] == [seen(gift) for gift in one["gives"]]
    lead = before.body["items"][0]
    assert {gift["change"] for gift in before.body["items"]} == {None}, "there is nothing to compare it with"
    amount = next(each for each in lead["holds"][0]["reads"] if each["code"] == "amount")
    assert amount["beyond"] == "part", "a sales manager reads the amounts of their department"
    assert signed_in("ann").send("POST", "/flows/gives", {"source": EVERYTHING}).status == 404
    broken = mei.send("POST", "/flows/gives", {"source": EVERYTHING.replace('show="name amount"', 'show="nothing"')})
    assert (broken.status, broken.places) == (422, ["lead"])


def test_what_differs_from_the_version_in_use_is_marked_where_it_is_given(world: Company) -> None:
    mei = drawing(world, "mei")
    publish(world, EVERYTHING)
    file = EVERYTHING.replace(
        'show="name amount" edit="next_follow_on"', 'show="name stage" edit="next_follow_on competitor"'
    )
    file = file.replace('rule="position" position="finance"/><heli:people', 'rule="initiator"/><heli:people', 1)
    file = file.replace('verb="lose"', 'verb="win"', 1).replace(' rejected="lose"', "")
    found = mei.send("POST", "/flows/gives", {"source": file}).body
    assert found["against"] == 1
    lead, take, itself = found["items"]

    def changed(kind: dict[str, Any]) -> dict[tuple[str, str], str]:
        return {
            (what, each["code"]): each["change"]
            for what in ("reads", "writes", "acts")
            for each in kind[what]
            if each["change"]
        }

    assert changed(lead["holds"][0]) == {
        ("reads", "stage"): "added", ("reads", "amount"): "removed", ("reads", "competitor"): "added", ("writes", "competitor"): "added",
    }  # fmt: skip
    assert lead["change"] == take["change"] == itself["change"] == "changed"
    told = {one["name"]["en"]: (one["change"], one["before"] and one["before"]["en"]) for one in take["facts"]}
    assert told["Is handed"] == (None, None)
    assert (take["does"]["en"], take["did"]["en"]) == ("Win", "Lose")
    assert changed(take["acts"][0]) == {("acts", "win"): "added", ("acts", "lose"): "removed"}
    assert {one["name"]["en"]: one["change"] for one in itself["facts"]} == {
        "Note": None, "Looks at besides": None, "When rejected": "removed",
    }  # fmt: skip
    made = signed_in("pam").send("POST", "/flows/processes", {"source": file})
    assert made.status == 201, made.body
    newest = signed_in("boss").get("/flows/processes/deal/versions").body["items"][0]
    assert [seen(gift) for gift in newest["gives"]] == [seen(gift) for gift in found["items"]], (
        "so it is for who confirms"
    )

    gone = mei.send("POST", "/flows/gives", {"source": process(task("lead", "manager"), "s>lead", "lead>e")}).body[
        "items"
    ]
    assert [(one["node"] and one["node"]["en"], one["change"]) for one in gone] == [
        ("lead", "changed"),
        (None, "changed"),
        ("take", "removed"),
    ]
    same = mei.send("POST", "/flows/gives", {"source": EVERYTHING}).body["items"]
    assert {one["change"] for one in same} == {None}


def test_who_draws_is_not_told_of_what_they_may_not_know(world: Company) -> None:
    """An act brings rights along that no file names: of types and fields of which its author knows nothing they are not there. What a
    part in a project brings is told to who reads the rules."""
    world.add("dan", "root", None)
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"*": "hidden", "name": "read"}}]
    dan, mei = (
        drawing(world, "dan", *lines),
        drawing(
            world,
            "mei",
            *({"type": one, "actions": ["read"], "scope": ["all"]} for one in ("policy", "contract", "account")),
        ),
    )
    grants.grant_lines(SETUP, [{"type": "account", "actions": ["read"], "scope": ["all"]}], "project_role", "member")
    file = process(
        task("lead", "manager", show="name amount", more='<heli:joins role="member"/>'),
        '<serviceTask id="make" name="make"><extensionElements><heli:does verb="create" type="contract"/>'
        '<heli:give name="name" value="record.name"/><heli:give name="account" value="record.account"/></extensionElements></serviceTask>',
        "s>lead", "lead>make", "make>e",
    )  # fmt: skip
    lead, itself = dan.send("POST", "/flows/gives", {"source": file}).body["items"]
    more, all_ = mei.send("POST", "/flows/gives", {"source": file}).body["items"]
    assert {one["type"]["en"] for one in all_["holds"]} == {"Opportunity", "Contract", "Account"}
    assert {one["type"]["en"] for one in itself["holds"]} == {"Opportunity", "contract"}, (
        "that it leads to customers is not told"
    )
    names = {each["code"]: (each["name"]["zh"], each["data_class"]) for each in lead["holds"][0]["reads"]}
    assert names["amount"] == ("amount", None), "what they wrote themselves stands as they wrote it"

    assert "Account" in {one["type"]["en"] for one in more["part"]}
    assert (lead["part"], "这个角色带来什么" in said(more["facts"], "zh")) == ([], False)
    assert said(lead["facts"], "zh")["这个角色带来什么"].startswith("由权限规则决定")


def test_a_no_opens_the_draft_again_and_tells_its_author_why(world: Company) -> None:
    """The author hands in, who looks after processes publishes, security says no: all of it can be done anew."""
    lines = [{"type": "process", "actions": ["design"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["mei"]))
    mei, pam, boss = signed_in("mei"), signed_in("pam"), signed_in("boss")
    draft = mei.send("POST", "/flows/drafts", {"name": "折扣", "name_en": "Discount", "type": "opportunity"})
    where = f"/flows/drafts/{draft.body['id']}"
    file = EVERYTHING.replace('<process id="deal"', f'<process id="{draft.body["code"]}"')
    saved = mei.send("PUT", where, {"source": file}, if_match=draft.etag)
    handed = mei.send("POST", f"{where}/hand-in", {}, if_match=saved.etag)
    made = pam.send("POST", f"{where}/publish", {}, if_match=handed.etag)
    assert made.status == 201, made.body.get("problems")
    assert made.body["state"] == "waiting"
    assert mei.get("/notices").body["items"][0]["text"]["zh"] == "你设计的流程「审批」已提交发布，等安全管理员确认"
    version = f"/flows/versions/{made.body['id']}/answer"
    assert boss.send("POST", version, {"yes": False, "text": "金额不要给财务 / no amounts"}).status == 200

    now = mei.get(where)
    assert (now.body["state"], now.body["version"], now.body["version_state"]) == ("open", 1, "refused")
    assert now.body["may"] == ["hand_in", "discard", "change", "share"]
    last = now.body["remarks"][-1]
    assert (last["kind"], last["text"], last["by"]["username"]) == ("returned", "金额不要给财务 / no amounts", "boss")
    told = mei.get("/notices").body["items"][0]
    assert told["kind"] == "flow_version_answered"
    assert (
        told["text"]["zh"] == "「审批」第 1 版没有获得同意：金额不要给财务 / no amounts。草稿已退回，改好后可以再次提交"
    )
    assert told["href"] == f"/flows/design/{draft.body['id']}"
    assert pam.get("/notices").body["items"][0]["kind"] == "flow_version_answered", "who published it hears of it too"
    (one,) = pam.get(f"/flows/processes/{draft.body['code']}/versions").body["items"]
    assert (one["state"], one["answer"]) == ("refused", "金额不要给财务 / no amounts")
    (one,) = mei.get(f"/flows/processes/{draft.body['code']}/versions").body["items"]
    assert one["answer"] == "", "who only draws reads it in their own draft"

    mended = mei.send("PUT", where, {"source": file.replace('fields="amount"', 'fields="name"')}, if_match=now.etag)
    assert mended.status == 200, mended.body
    again = mei.send("POST", f"{where}/hand-in", {}, if_match=mended.etag)
    second = pam.send("POST", f"{where}/publish", {}, if_match=again.etag)
    assert (second.status, second.body["number"], second.body["state"]) == (201, 2, "waiting"), second.body
    assert boss.send("POST", f"/flows/versions/{second.body['id']}/answer", {"yes": True, "text": "好"}).status == 200
    assert mei.get(where).body["state"] == "published"
    assert "获安全管理员同意" in mei.get("/notices").body["items"][0]["text"]["zh"]
    assert boss.send("POST", version, {"yes": False}).code == "answered", "what was answered stays so"


def test_who_works_on_a_draft_no_more_reads_no_reason_of_a_no(world: Company) -> None:
    lines = [{"type": "process", "actions": ["design"], "scope": ["all"]}]
    for who in ("mei", "sue"):
        grants.grant_lines(SETUP, lines, "person", str(world.people[who]))
    mei, sue, pam, boss = signed_in("mei"), signed_in("sue"), signed_in("pam"), signed_in("boss")
    draft = mei.send("POST", "/flows/drafts", {"name": "折扣", "name_en": "Discount", "type": "opportunity"})
    where = f"/flows/drafts/{draft.body['id']}"
    file = EVERYTHING.replace('<process id="deal"', f'<process id="{draft.body["code"]}"')
    saved = mei.send("PUT", where, {"source": file}, if_match=draft.etag)
    shared = mei.send("POST", f"{where}/people", {"people": [str(world.people["sue"])]}, if_match=saved.etag)
    made = pam.send("POST", f"{where}/publish", {}, if_match=shared.etag)
    boss.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": False, "text": "no amounts"})
    assert "no amounts" in sue.get("/notices").body["items"][0]["text"]["en"]
    assert mei.send("POST", f"{where}/people", {"people": []}, if_match=mei.get(where).etag).status == 200
    assert "no amounts" not in str(sue.get("/notices").body)
    for who in (mei, pam):
        assert "no amounts" in who.get("/notices").body["items"][0]["text"]["en"]


def test_a_file_that_was_refused_is_uploaded_anew(world: Company) -> None:
    pam, boss = signed_in("pam"), signed_in("boss")
    made = pam.send("POST", "/flows/processes", {"source": EVERYTHING})
    boss.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": False, "text": "too much"})
    told = pam.get("/notices").body["items"][0]
    assert (told["text"]["en"], told["href"]) == (
        "version 1 of “Approval” is refused: too much. Mend the file of the process and upload it anew", "/flows?process=deal"
    )  # fmt: skip
    assert pam.send("POST", "/flows/processes", {"source": EVERYTHING}).body["number"] == 2


def test_changes_are_told_by_the_names_that_their_reader_may_know(world: Company) -> None:
    def file(**more: str) -> str:
        made = task(
            "lead",
            more.get("rule", "position finance"),
            show=more.get("show", "name"),
            edit=more.get("edit", ""),
            more=more.get("sla", ""),
        )
        return process(made, task("then", "role manager"), "s>lead", "lead>x1", f"x1>then if {more.get('when', 'record.amount > 1000')}", "x1>e",
                       "then>e", subject=f'type="opportunity" right="edit" {more.get("subject", "")}')  # fmt: skip

    pam = signed_in("pam")
    first = pam.send("POST", "/flows/processes", {"source": file()})
    assert first.status == 201, first.body.get("problems")
    later = file(
        rule="person person=sue", show="name amount", edit="competitor", sla='<heli:sla within="P1DT4H"/>', subject='rejected="lose"',
        when="record.amount > 50000 and record.stage in ['won'] and not empty(record.account.owner)",
    )  # fmt: skip
    second = pam.send("POST", "/flows/processes", {"source": later})
    assert second.status == 201, second.body.get("problems")

    def aspects(who: str) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
        items = signed_in(who).get("/flows/processes/deal/versions/2/changes").body["items"]
        return {part["code"]: (part["before"], part["after"]) for one in items for part in one["aspects"]}

    for who in ("boss", "pam"):
        told = aspects(who)
        assert told["show"][1] == {"zh": "商机名称、金额、竞争对手", "en": "Name, Amount, Competitor"}, who
        assert told["assignees"][1] == {"zh": "指定的人（Sue）", "en": "a named person (Sue)"}
        assert told["within"][1] == {"zh": "1 个工作日 4 小时", "en": "1 working day 4 hours"}
        assert told["rejected"][1] == {"zh": "输单", "en": "Lose"}
        assert told["condition"] == (
            {"zh": "金额 > 1000", "en": "Amount > 1000"},
            {"zh": "金额 > 50,000 且 阶段 是 「赢单」之一 且 客户 · 负责人 不为空",
             "en": "Amount > 50,000 and Stage is one of “Won” and Account · Owner is not empty"},
        )  # fmt: skip
    grants.grant_lines(
        SETUP, [{"type": "process", "actions": ["design"], "scope": ["all"]}], "person", str(world.people["sue"])
    )
    told = aspects("sue")
    assert told["show"][1] == {"zh": "name、amount、competitor", "en": "name, amount, competitor"}, (
        "who reads no such field is not told its name"
    )
    assert told["condition"][1]["en"].startswith("amount > 50,000"), told["condition"]
    grants.grant_lines(
        SETUP, [{"type": "process", "actions": ["read"], "scope": ["all"]}], "person", str(world.people["fin"])
    )
    told = aspects("fin")
    assert told["show"][1]["en"] == "Name, Amount, Competitor", (
        "who only reads processes: of fields, those that they read"
    )
    assert told["assignees"][1]["en"] == "a named person (sue)", "nor who it is, who draws nothing"


JOINING = process(
    task("take", "position finance", show="name", more='<heli:joins role="member"/>'), "s>take", "take>e",
)  # fmt: skip
IN_A_PROJECT = [
    {
        "type": "task",
        "actions": ["read", "edit"],
        "scope": ["project"],
        "read": {"*": "hidden", "subject": "read"},
        "write": ["subject"],
    }
]
KNOWS_DEALS = [
    {"type": "process", "actions": ["read", "administer"], "scope": ["all"]},
    {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read"}},
]  # fmt: skip


def test_what_a_part_in_a_project_brings_is_told_and_held_against_its_author(world: Company) -> None:
    """Whoever approves is made a member: what members get is given by the version, and waits where its author does not hold it."""
    grants.grant_lines(SETUP, IN_A_PROJECT, Grant.PROJECT_ROLE, "member")
    grants.grant_lines(SETUP, KNOWS_DEALS, "person", str(world.people["sue"]))
    plain = process(task("take", "position finance", show="name"), "s>take", "take>e", id="plain")
    sue = signed_in("sue")
    assert sue.send("POST", "/flows/processes", {"source": plain}).body["state"] == "published"
    made = sue.send("POST", "/flows/processes", {"source": JOINING})
    assert (made.status, made.body["state"]) == (201, "waiting"), made.body.get("problems")
    (one,) = signed_in("boss").get("/flows/processes/deal/versions").body["items"]
    take = one["gives"][0]
    assert said(take["facts"], "zh")["加入项目"].startswith("谁同意这一步，谁就成为项目的成员")
    assert said(take["facts"], "en")["Joins the project"].startswith(
        "whoever approves this step is a member of the project"
    )
    (tasks,) = take["part"]
    assert [(each["code"], each["beyond"]) for each in tasks["writes"]] == [("subject", "all")]
    grants.grant_lines(SETUP, [{**IN_A_PROJECT[0], "scope": ["all"]}], "person", str(world.people["sue"]))
    again = sue.send("POST", "/flows/processes", {"source": JOINING})
    assert again.body["state"] == "published", "who holds all of that gives no more than they have"


def test_nobody_confirms_a_version_that_makes_them_part_of_a_project_with_more_than_they_hold(world: Company) -> None:
    grants.grant_lines(SETUP, IN_A_PROJECT, Grant.PROJECT_ROLE, "member")
    named = JOINING.replace('rule="position" position="finance"', 'rule="person" person="boss"')
    assert named != JOINING
    made = signed_in("pam").send("POST", "/flows/processes", {"source": named})
    refused = signed_in("boss").send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True})
    assert (refused.status, refused.code) == (403, "own")
    other = signed_in("pam").send("POST", "/flows/processes", {"source": JOINING})
    assert signed_in("boss").send("POST", f"/flows/versions/{other.body['id']}/answer", {"yes": True}).status == 200


@pytest.mark.parametrize(("role", "code"), [("", "role"), ("a:b", "role"), ("x" * 33, "role")])
def test_as_what_somebody_joins_has_to_be_said(world: Company, role: str, code: str) -> None:
    made = signed_in("pam").send("POST", "/flows/processes", {"source": JOINING.replace('"member"', f'"{role}"')})
    assert (made.status, [one["code"] for one in made.body["problems"]]) == (422, [code])


def test_a_process_about_no_record_has_no_project_to_join(world: Company) -> None:
    file = JOINING.replace('<heli:subject type="opportunity" right="edit"/>', "").replace('show="name"', "")
    made = signed_in("pam").send("POST", "/flows/processes", {"source": file})
    assert [one["code"] for one in made.body["problems"]] == ["no_record"]
