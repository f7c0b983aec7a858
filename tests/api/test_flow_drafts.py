"""A process drawn before it runs: drafts of several people, checks beside the node, what a version changed, a trial, publishing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant, Reach
from heli.audit import entries
from heli.audit.verify import verify
from heli.flows.models import Draft, Instance, Work
from heli.org.verbs import people
from tests.api.client import Api, Reply, signed_in
from tests.cases import BESIDE, TWO, Company, Play, process, publish, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


class Drawing(Company):
    """The company with managers who may draw processes."""

    def __init__(self) -> None:
        super().__init__()
        lines = [{"type": "process", "actions": ["design"], "scope": ["all"]}]
        for who in ("mei", "sue"):
            grants.grant_lines(SETUP, lines, "person", str(self.people[who]))


@pytest.fixture
def world(db: None) -> Drawing:
    return fresh(Drawing)


def begin(api: Api, **body: object) -> Reply:
    made = api.send("POST", "/flows/drafts", {"name": "折扣审批", "name_en": "Discount", "type": "opportunity", **body})
    assert made.status == 201, made.body
    return made


def put(api: Api, draft: Reply, source: str) -> Reply:
    return api.send("PUT", f"/flows/drafts/{draft.body['id']}", {"source": source}, if_match=draft.etag)


def act(api: Api, draft: Reply, what: str, **body: object) -> Reply:
    return api.send("POST", f"/flows/drafts/{draft.body['id']}/{what}", body, if_match=draft.etag)


def test_a_manager_draws_hands_in_and_who_looks_after_processes_publishes(world: Drawing) -> None:
    mei, pam = signed_in("mei"), signed_in("pam")
    draft = begin(mei)
    assert (draft.body["state"], draft.body["revision"], draft.body["type"]) == ("open", 1, "opportunity")
    assert draft.body["may"] == ["hand_in", "discard", "change", "share"], "drawing is not publishing"
    code = draft.body["code"]
    file = BESIDE.replace('<process id="deal" name="审批 / Approval">', f'<process id="{code}" name="三部门 / Three">')
    saved = put(mei, draft, file)
    assert (saved.status, saved.body["revision"], saved.body["name"]) == (200, 2, {"zh": "三部门", "en": "Three"})
    stale = put(mei, draft, file)
    assert (stale.status, stale.code) == (412, "stale")
    assert "Mei" in stale.body["message"]["en"], "it says who was faster"
    refused = act(mei, saved, "publish")
    assert (refused.status, refused.code) == (403, "no_line")
    assert act(signed_in("ann"), saved, "hand-in").status == 404, "who draws nothing knows of no draft"
    assert signed_in("sue").get(f"/flows/drafts/{draft.body['id']}").status == 404, "somebody else's draft"

    handed = act(mei, saved, "hand-in", text="请发布")
    assert (handed.status, handed.body["state"], handed.body["may"]) == (200, "submitted", ["return"])
    assert put(mei, handed, file).code == "handed_in"
    waiting = pam.get("/flows/drafts?state=submitted").body["items"]
    assert [(one["id"], one["made_by"]["username"]) for one in waiting] == [(draft.body["id"], "mei")]
    assert [one["text"]["zh"] for one in pam.get("/notices").body["items"]] == [
        "Mei 提交了流程草稿「三部门」，等你发布"
    ]
    (waits,) = pam.get("/workbench").body["queue"]
    assert waits["href"] == f"/flows/design/{draft.body['id']}"
    assert waits["title_words"] == {"zh": "三部门", "en": "Three"}, "in whichever language the page is read"
    back = act(pam, handed, "return", text="金额呢")
    assert [(one["kind"], one["text"]) for one in back.body["remarks"]] == [
        ("submitted", "请发布"),
        ("returned", "金额呢"),
    ]
    again = act(mei, back, "hand-in")
    made = act(pam, again, "publish", note="first")
    assert (made.status, made.body["state"]) == (201, "waiting"), "it shows amounts to support: security has to agree"
    (told,) = signed_in("boss").get(f"/flows/processes/{code}/versions").body["items"]
    gifts = {
        one["node"]["zh"]: [word["name"]["zh"] for word in one["holds"][0]["reads"]]
        for one in told["gives"]
        if one["node"]
    }
    assert told["may_answer"] and len(gifts) == 4 and all(gifts.values()), gifts
    assert signed_in("pam").get(f"/flows/processes/{code}/versions").body["items"][0]["gives"] == [], "it is not theirs"
    assert signed_in("boss").send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True}).status == 200
    assert act(mei, again, "hand-in").code in {"stale", "not_open"}

    play = Play(world, file, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("mei")
    assert play.where() == {"one": ["fin"], "two": ["sue"]}
    play.approve("fin")
    assert play.reject("sue", "lead").status == 200
    assert play.where() == {"lead": ["mei"]}
    told = {one.action for one in entries.query(object_type="process", object_id=code)}
    assert told >= {"process.draft", "process.save_draft", "process.hand_in", "process.return_draft", "process.submit"}
    assert verify().ok


def test_several_people_work_on_a_draft(world: Drawing) -> None:
    mei, sue = signed_in("mei"), signed_in("sue")
    draft = begin(mei)
    nobody = act(mei, draft, "people", people=[str(world.people["ann"])])
    assert (nobody.status, nobody.places) == (422, ["people/0"])
    shared = act(mei, draft, "people", people=[str(world.people["sue"])])
    assert [one["username"] for one in shared.body["authors"]] == ["mei", "sue"]
    seen = sue.get(f"/flows/drafts/{draft.body['id']}")
    theirs = put(sue, seen, seen.body["source"].replace("直属上级审批", "经理看过"))
    assert theirs.status == 200
    late = put(mei, shared, shared.body["source"])
    assert late.status == 412 and "Sue" in late.body["message"]["en"]
    said = mei.send("POST", f"/flows/drafts/{draft.body['id']}/remarks", {"text": "好"})
    assert (said.status, said.body["revision"]) == (200, 3), "a remark makes nobody's copy stale"
    assert [one["name"]["zh"] for one in sue.get("/flows/drafts").body["items"]] == ["折扣审批"]


def test_a_draft_of_a_process_that_went_on_meanwhile_says_so(world: Drawing) -> None:
    publish(world, TWO)
    mei = signed_in("mei")
    draft = begin(mei, process="deal")
    assert (draft.body["base"], draft.body["behind"]) == (1, False)
    wrong = put(mei, draft, TWO.replace('id="deal"', 'id="other"'))
    assert (wrong.status, wrong.places) == (422, ["process"])
    publish(world, TWO.replace("1000", "2000"))
    ours = act(mei, draft, "hand-in")
    assert ours.body["behind"] is True
    pam = signed_in("pam")
    refused = act(pam, ours, "publish")
    assert (refused.status, refused.code) == (409, "behind")
    assert act(pam, ours, "publish", over=2).status == 201


def test_a_suggestion_is_drawn_in_a_draft_and_its_entry_is_done_by_the_version(world: Drawing) -> None:
    publish(world, TWO)
    mei, pam = signed_in("mei"), signed_in("pam")
    said = {
        "code": "staff",
        "node": "lead",
        "title": "More hands",
        "note": "Half of the wait",
        "evidence": {"share": 0.5},
    }
    whole = pam.send("POST", "/flows/drafts", {"process": "deal", "suggestion": {**said, "note": "Of all cases"}})
    shared = act(pam, whole, "people", people=[str(world.people["mei"]), str(world.people["pam"])])
    assert shared.status == 200 and shared.body["suggestions"][0]["note"] == "Of all cases"
    (theirs,) = mei.get(f"/flows/drafts/{whole.body['id']}").body["suggestions"]
    assert (theirs["title"], theirs["note"], theirs["evidence"]) == ("More hands", "", {}), (
        "who draws with them is told what, not by how much"
    )
    assert act(pam, shared, "discard").status == 200
    draft = mei.send("POST", "/flows/drafts", {"process": "deal", "suggestion": said})
    assert (draft.status, draft.body["code"], draft.body["base"]) == (201, "deal", 1), draft.body
    (one,) = draft.body["suggestions"]
    assert one["note"] == "Half of the wait", "somebody else's figures are not theirs to know"
    assert (one["code"], one["node"], one["title"], one["state"], one["by"]["name"]) == (
        "staff",
        "lead",
        "More hands",
        "open",
        "Mei",
    )
    assert [one["id"] for one in mei.get(f"/flows/drafts/{draft.body['id']}").body["suggestions"]] == [one["id"]]
    again = mei.send(
        "POST",
        "/flows/drafts",
        {"process": "deal", "suggestion": {**said, "title": "加人", "evidence": {"share": 0.6}}},
    )
    assert [(one["title"], one["evidence"]) for one in again.body["suggestions"]] == [("加人", {"share": 0.6})]
    again = mei.send("POST", "/flows/drafts", {"process": "deal", "suggestion": said})
    remind = {**said, "code": "remind", "title": "Remind", "other": "money"}
    more = mei.send("POST", "/flows/drafts", {"process": "deal", "suggestion": remind})
    assert again.body["id"] == more.body["id"] == draft.body["id"], "what is being drawn goes on being drawn"
    assert [(one["title"], one["other"]) for one in more.body["suggestions"]] == [
        ("More hands", ""),
        ("Remind", "money"),
    ]

    def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pam.get("/flows/processes/deal/improvements").body["items"]
        return found

    log = listed()
    assert [one["title"] for one in log] == ["Remind", "More hands", "More hands"]
    assert [one["draft"]["state"] for one in log] == ["open", "open", "discarded"]
    assert mei.get("/flows/processes/deal/improvements").status == 404, "drawing is not looking after processes"
    assert signed_in("ann").send("POST", "/flows/drafts", {"process": "deal", "suggestion": said}).status == 404
    assert pam.send("POST", "/flows/drafts", {"suggestion": said}).body["problems"][0]["place"] == "suggestion"

    seen = pam.get(f"/flows/drafts/{draft.body['id']}")
    stranger = act(pam, seen, "publish", closes=["999999"])
    assert stranger.body["problems"][0]["place"] == "closes/0"
    made = act(pam, seen, "publish", closes=[one["id"]])
    assert (made.status, made.body["state"]) == (201, "waiting"), "what it gives is for security to confirm"
    assert [(one["title"], one["state"]) for one in listed()[:2]] == [("Remind", "open"), ("More hands", "open")]
    assert pam.get(f"/flows/drafts/{draft.body['id']}").body["version_state"] == "waiting", (
        "published is not in use yet"
    )
    boss = signed_in("boss")
    waits = [one for one in boss.get("/workbench").body["queue"] if one["kind"] == "draft"]
    assert [one["href"] for one in waits] == ["/flows?process=deal"], "whose yes it takes finds it where they work"
    answered = boss.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True})
    assert answered.status == 200, answered.body
    log = listed()[:2]
    assert [(one["title"], one["state"], one["after"]) for one in log] == [
        ("Remind", "open", None),
        ("More hands", "done", 2),
    ]
    assert {one["draft"]["state"] for one in log} == {"published"}


def test_a_file_comes_back_as_it_came_with_all_that_is_not_executed(world: Drawing) -> None:
    file = TWO.replace("<startEvent", '<!-- kept --><x:own xmlns:x="urn:other" a="1"/><startEvent')
    made = signed_in("mei").send("POST", "/flows/drafts", {"source": file})
    assert (made.status, made.body["source"]) == (201, file)
    hostile = '<!DOCTYPE x [<!ENTITY a "b">]>' + file.removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
    assert signed_in("mei").send("POST", "/flows/drafts", {"source": hostile}).status == 422
    assert signed_in("mei").send("POST", "/flows/drafts", {"source": "no xml"}).status == 422
    assert signed_in("mei").send("POST", "/flows/drafts", {"process": "ghost"}).status == 404
    assert signed_in("mei").send("POST", "/flows/drafts", {"type": "secret"}).places == ["type"]


def test_what_to_know_stands_at_its_node_and_nothing_is_written(world: Drawing) -> None:
    grants.set_ceiling(
        SETUP, "no_money", type="opportunity", name="金额不出财务", name_en="No amounts", lines=[
            {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"amount": "hidden"}},
        ], kinds=["contractor"],
    )  # fmt: skip
    before = Grant.objects.count(), Draft.objects.count()
    file = process(
        task("boss", "manager", people='empty="stop"'), task("head", "head of=owner", people='empty="skip"'), "s>boss", "boss>head", "head>x1",
        "x1>e", "x1>cash if record.amount > 5", task("cash", "position finance"), "cash>e",
    )  # fmt: skip
    found = signed_in("mei").send("POST", "/flows/check", {"source": file}).body
    assert found["publishable"], found["problems"]
    told = {(one["place"], one["code"]): one for one in found["concerns"]}
    assert "west" in told["boss", "corner"]["message"]["en"], "nobody in the west reports to anybody"
    assert told["head", "nobody_now"]["level"] == "warning"
    assert told["deal", "ways"]["level"] == "note"
    assert ("cash", "corner") not in told
    assert found["people"] == []
    named = process(task("boss", "person person=sue"), "s>boss", "boss>e")
    said = signed_in("mei").send("POST", "/flows/check", {"source": named}).body["people"]
    assert said == [{"code": "sue", "name": {"zh": "Sue", "en": "Sue"}}], "whom a rule names goes by their name"
    broken = (
        signed_in("mei").send("POST", "/flows/check", {"source": file.replace('rule="position"', 'rule="ghost"')}).body
    )
    assert [one["place"] for one in broken["problems"]] == ["cash"]
    unsaid = (
        signed_in("mei")
        .send("POST", "/flows/check", {"source": file.replace('position="finance"', 'position=""')})
        .body
    )
    assert [(one["place"], one["message"]["zh"]) for one in unsaid["problems"]] == [
        ("cash", "“cash 中”：找人规则「部门里的岗位」还没有说是哪个岗位（position），请选上")
    ]
    assert signed_in("ann").send("POST", "/flows/check", {"source": file}).status == 404
    assert (Grant.objects.count(), Draft.objects.count()) == before


def test_a_new_process_begins_with_what_its_records_lead_with_and_its_author_reads(world: Drawing) -> None:
    mei = signed_in("mei")
    kit = mei.get("/flows/kit?type=opportunity").body
    usual = ["name", "account", "stage", "probability", "owner", "expected_on", "next_follow_on"]
    assert kit["leading"] == usual, "the amount is confidential: nobody is shown it unasked"
    assert kit["withheld"] == ["amount"], "and who draws is told so"
    assert all(one["reads"] for one in kit["fields"] if one["code"] in usual)
    drawn = begin(mei).body["source"]
    assert f'<heli:form show="{" ".join(usual)}"/>' in drawn
    checked = mei.send("POST", "/flows/check", {"source": drawn}).body
    assert checked["publishable"] and not [one for one in checked["concerns"] if one["code"] == "blind"]
    # who looks after processes chooses among all fields, and begins with none that they do not read
    pam = signed_in("pam")
    kit = pam.get("/flows/kit?type=opportunity").body
    assert kit["leading"] == usual and not any(one["reads"] for one in kit["fields"])
    assert '<heli:form show="name"/>' in begin(pam).body["source"]
    assert mei.get("/flows/kit").body["leading"] == []


def test_a_step_whose_people_would_see_only_the_name_is_told_of_with_what_to_do(world: Drawing) -> None:
    mei = signed_in("mei")

    def blind(*elements: str, **more: str) -> dict[str, str]:
        found = mei.send("POST", "/flows/check", {"source": process(*elements, **more)}).body
        assert found["publishable"], found["problems"]
        told = [one for one in found["concerns"] if one["code"] == "blind"]
        assert {one["level"] for one in told} <= {"warning"}
        return {one["place"]: one["message"]["en"] for one in told}

    way = ("s>lead", "lead>x1", "x1>e", "x1>legal if record.amount > 5", "legal>e")
    told = blind(task("lead", "manager"), task("legal", "position support", show="name"), *way)
    assert set(told) == {"legal"}, told
    assert told["legal"].startswith("whoever approves “legal” sees only Name")
    assert "looks at Amount" in told["legal"] and "Form and rights" in told["legal"]
    alone = ("s>legal", "legal>e")
    assert "not even the name" in blind(task("legal", "position support", show=""), *alone)["legal"]
    assert "Form and rights" in blind(task("legal", "position support", show="name"), *alone)["legal"]
    # an act that can be refused is a decision too; one that cannot is work
    assert blind(task("legal", "position support", show="name", verb="win", moves="transfer"), *alone) == {}
    assert set(blind(task("legal", "position support", show="name", verb="win"), *alone)) == {"legal"}
    # whose record it is, or who began, opens it themselves
    assert blind(task("legal", "field owner", show="name"), *alone) == {}
    assert blind(task("legal", "initiator", show="name"), *alone) == {}
    assert set(blind(task("legal", "manager", show="name"), *alone)) == {"legal"}
    # what is filled in is seen, and so is what is handed over
    assert blind(task("legal", "position support", show="name", edit="next_follow_on"), *alone) == {}
    packet = '<heli:handoff from="lead"><heli:note code="why" name="Why" required="true"/></heli:handoff>'
    handed = task("legal", "position support", show="name", more=packet, moves="transfer")
    assert blind(task("lead", "manager"), handed, "s>lead", "lead>legal", "legal>e") == {}
    # and a process about nothing has nothing to show
    bare = process(task("legal", "position support", show="", edit=""), *alone).replace(
        '<heli:subject type="opportunity" right="edit"/>', ""
    )
    assert not [
        one for one in mei.send("POST", "/flows/check", {"source": bare}).body["concerns"] if one["code"] == "blind"
    ]


@pytest.mark.parametrize(
    ("loop", "said"),
    [
        ('<extensionElements><heli:each in=""/></extensionElements>', "name a list, or a number of times"),
        ('<extensionElements><heli:each in="record.name"/></extensionElements>', "a list or a whole number, not a text"),
        ("<loopCardinality>2.5</loopCardinality>", "a list or a whole number, not 2.5"),
        ("<loopCardinality>0</loopCardinality>", "say at least once"),
        ("<loopCardinality>201</loopCardinality>", "is done 201 times, and there may be 200: take fewer"),
        ('<extensionElements><heli:each in="data.people"/></extensionElements>', ""),
        ("<loopCardinality>3</loopCardinality><completionCondition>nrOfCompletedInstances >= 2</completionCondition>", ""),
    ],
)  # fmt: skip
def test_what_a_step_is_done_once_for_each_of_is_looked_at_while_it_is_drawn(
    world: Drawing, loop: str, said: str
) -> None:
    looped = task("ask", "position finance").replace(
        "</userTask>", f"<multiInstanceLoopCharacteristics>{loop}</multiInstanceLoopCharacteristics></userTask>"
    )
    found = signed_in("mei").send("POST", "/flows/check", {"source": process(looped, "s>ask", "ask>e")}).body
    assert [one["place"] for one in found["problems"]] == (["ask"] if said else [])
    assert all(said in one["message"]["en"] for one in found["problems"])


def test_what_a_version_changed_is_told_in_words(world: Drawing) -> None:
    publish(world, TWO)
    mei = signed_in("mei")
    later = TWO.replace("record.amount &gt; 1000", "record.amount &gt; 2000").replace(
        'rule="position" position="finance"', 'rule="manager" of="owner"'
    )
    found = mei.send("POST", "/flows/compare", {"source": later}).body
    assert found["against"] == 1
    assert [(one["what"], one["how"], one["place"]) for one in found["items"]] == [
        ("node", "changed", "money"), ("line", "changed", "f5")
    ]  # fmt: skip
    assert found["items"][0]["aspects"] == [
        {"code": "assignees",
         "name": {"zh": "谁来处理", "en": "Who does it"}, "before": {"zh": "部门里的岗位（finance）", "en": "a position in a department (finance)"},
         "after": {"zh": "上级（记录负责人）", "en": "the manager (who owns the record)"}},
    ]  # fmt: skip
    seen = mei.send(
        "POST", "/flows/compare", {"source": TWO.replace('show="name amount"', 'show="name stage"', 1)}
    ).body["items"]
    (aspect,) = [one for each in seen for one in each["aspects"] if one["code"] == "show"]
    assert aspect["after"]["en"] == "Name, Stage, Next contact", "fields go by their names"
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
    (several,) = mei.send("POST", "/flows/compare", {"source": TWO.replace("</userTask>", loop, 1)}).body["items"]
    assert (several["place"], [(one["code"], one["after"]["en"]) for one in several["aspects"]]) == (
        "lead",
        [("each", "3")],
    )
    publish(world, process(task("lead", "manager"), "s>lead", "lead>e"))
    mei = signed_in("mei")
    gone = mei.get("/flows/processes/deal/versions/2/changes").body["items"]
    assert {(one["what"], one["how"], one["place"]) for one in gone} >= {
        ("node", "removed", "money"), ("node", "removed", "x1"), ("line", "added", "f2"),
    }  # fmt: skip
    assert mei.get("/flows/processes/deal/versions/9/changes").status == 404
    assert signed_in("ann").get("/flows/processes/deal/versions/2/changes").status == 404


def test_who_may_not_know_the_people_is_told_no_name_by_a_file(world: Drawing) -> None:
    publish(world, process(task("boss", "person person=ann"), "s>boss", "boss>e"))
    con = people.add_person(SETUP, "con", "Con", kind="contractor")
    grants.grant_lines(SETUP, [{"type": "process", "actions": ["design"], "scope": ["all"]}], "person", str(con))
    file = process(task("boss", "person person=sue"), "s>boss", "boss>e")
    for who, named, was in (("mei", ["Sue"], "a named person (Ann)"), ("con", [], "a named person (ann)")):
        api = signed_in(who)
        assert [one["name"]["en"] for one in api.send("POST", "/flows/check", {"source": file}).body["people"]] == named
        (found,) = api.send("POST", "/flows/compare", {"source": file}).body["items"]
        assert [one["before"]["en"] for one in found["aspects"]] == [was]


def test_what_to_know_tells_no_more_names_than_its_reader_may_know(world: Drawing) -> None:
    """Fields of records that they read none of, and people: by what the file says of them, and by how many they are."""
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"amount": "hidden"}}]
    grants.set_ceiling(
        SETUP, "no_money", type="opportunity", name="不出金额", name_en="No amounts", lines=lines, kinds=["employee"]
    )
    con = people.add_person(SETUP, "con", "Con", kind="contractor")
    grants.grant_lines(SETUP, [{"type": "process", "actions": ["design"], "scope": ["all"]}], "person", str(con))
    file = process(
        task("ask", "person person=ann", show="name"), task("cash", "position finance"), "s>ask", "ask>x1",
        "x1>cash if record.competitor != null", "x1>e", "cash>e",
    )  # fmt: skip

    def told(who: str) -> dict[str, str]:
        found = signed_in(who).send("POST", "/flows/check", {"source": file}).body
        assert found["publishable"], found["problems"]
        return {one["code"]: one["message"]["en"] for one in found["concerns"]}

    pam, con_ = told("pam"), told("con")
    assert "a ceiling hides Amount from Fin" in pam["hidden"] and "Competitor" in pam["ways"] + pam["blind"]
    assert pam.keys() == con_.keys()
    assert "a ceiling hides amount from some people (1)" in con_["hidden"]
    assert not {"Amount", "Fin", "Competitor"} & set(re.findall(r"\w+", " ".join(con_.values())))
    assert "competitor" in con_["ways"] and "competitor" in con_["blind"]


def test_a_trial_shows_whose_turn_it_would_be_and_writes_nothing(world: Drawing) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    rows = Reach.objects.count(), Work.objects.count(), Instance.objects.count()
    mei, ann = signed_in("mei"), world.people["ann"]
    asked = {"source": TWO, "initiator": str(ann), "record": deal}
    first = mei.send("POST", "/flows/trial", asked).body
    assert [(one["node"], one["person"]["username"]) for one in first["work"]] == [("lead", "mei")]
    assert {one["code"]: (one["level"], one["edit"], one["value"]) for one in first["work"][0]["fields"]} == {
        "name": ("read", False, "Big"), "amount": ("read", False, "5000.00"), "next_follow_on": ("read", True, None),
    }  # fmt: skip
    moves = [{"approve": "lead", "by": str(world.people["mei"])}]
    second = mei.send("POST", "/flows/trial", {**asked, "moves": moves}).body
    assert [(one["node"], one["person"]["username"], one["targets"]) for one in second["work"]] == [
        ("money", "fin", ["lead"])
    ]
    moves.append({"reject": "money", "by": str(world.people["fin"]), "to": "lead"})
    third = mei.send("POST", "/flows/trial", {**asked, "moves": moves}).body
    assert [one["node"] for one in third["work"]] == ["lead"]
    small = mei.send("POST", "/flows/trial", {**asked, "values": {"amount": 5}, "moves": moves[:1]}).body
    assert small["ended"] == "completed", "a made-up value goes before the record's"
    wrong = mei.send("POST", "/flows/trial", {**asked, "moves": [{"approve": "money", "by": str(ann)}]}).body
    assert wrong["stopped"]["move"] == 0 and wrong["work"], "what was possible stays to be seen"
    assert (Reach.objects.count(), Work.objects.count(), Instance.objects.count()) == rows


def test_a_trial_says_which_of_several_is_whose(world: Drawing) -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
    file = process(task("ask", "manager", show="name").replace("</userTask>", loop), "s>ask", "ask>e")
    mei, ann = signed_in("mei"), world.people["ann"]
    asked = {"source": file, "initiator": str(ann)}
    first = mei.send("POST", "/flows/trial", asked).body
    assert [(one["node"], one["number"]) for one in first["work"]] == [("ask", 1), ("ask", 2)]
    moves = [{"approve": "ask", "by": str(world.people["mei"])}] * 2
    assert [one["number"] for one in mei.send("POST", "/flows/trial", {**asked, "moves": moves[:1]}).body["work"]] == [
        2
    ]
    assert mei.send("POST", "/flows/trial", {**asked, "moves": moves}).body["ended"] == "completed"


def test_a_trial_tells_no_cell_that_who_tries_it_does_not_read(world: Drawing) -> None:
    deal = world.make("wei", "opportunity", name="Wei's", amount="5000")
    mei = signed_in("mei")
    asked = {"source": TWO, "initiator": str(world.people["ann"]), "record": deal}
    assert mei.send("POST", "/flows/trial", asked).status == 404, "a record that she does not see"
    grants.grant_lines(
        SETUP, [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read", "amount": "masked"}}],
        "person", str(world.people["mei"]),
    )  # fmt: skip
    moves = [{"approve": "lead", "by": str(world.people["mei"])}]
    found = mei.send("POST", "/flows/trial", {**asked, "moves": moves}).body
    assert found["missing"] == ["record.amount"]
    assert found["ended"] == "completed", "as if there were no amount"
    told = mei.send("POST", "/flows/trial", asked).body["work"][0]["fields"]
    assert [(one["known"], one["value"]) for one in told if one["code"] == "amount"] == [(False, None)]


def test_the_kit_names_what_somebody_may_know_of(world: Drawing) -> None:
    kit = signed_in("mei").get("/flows/kit?type=opportunity").body
    assert {one["code"] for one in kit["types"]} == {"opportunity", "account"}
    assert {"amount", "owner"} <= {one["code"] for one in kit["fields"]}
    assert "finance" in {one["code"] for one in kit["positions"]} and "east1" in {
        one["name"]["en"] for one in kit["departments"]
    }
    heard = {(one["event"], one["by"]): one["name"]["zh"] for one in kit["hears"]}
    assert ("opportunity.edit", "") in heard and ("opportunity.create", "") not in heard, "it is there already"
    assert [(one["event"], one["by"]) for one in kit["begins"]] == [("opportunity.create", "")]
    wide = {one["event"] for one in signed_in("pam").get("/flows/kit?type=account").body["hears"]}
    known = {one["event"] for one in signed_in("mei").get("/flows/kit?type=account").body["hears"]}
    assert "ticket.create" in wide and "opportunity.create" in known and "ticket.create" not in known, (
        "not to be told of"
    )
    assert signed_in("mei").get("/flows/kit?type=ticket").body["fields"] == []
    assert "ticket" in {one["code"] for one in signed_in("pam").get("/flows/kit").body["types"]}
    assert signed_in("ann").get("/flows/kit").status == 404


def test_who_is_consulted_and_informed_follows_the_case_from_then_on(world: Drawing) -> None:
    more = '<heli:accountable rule="position" position="management"/><heli:consulted rule="position" position="support"/><heli:informed rule="position" position="finance"/>'  # noqa: E501
    file = process(
        task("lead", "manager", more=more),
        task("last", "position management"),
        "s>lead",
        "lead>last",
        "last>e",
        id="raci",
    )
    two = file.replace(
        '<heli:accountable rule="position"', '<heli:accountable rule="manager"/><heli:accountable rule="position"'
    )
    found = signed_in("mei").send("POST", "/flows/check", {"source": two}).body
    assert [(one["place"], one["code"]) for one in found["problems"]] == [("lead", "accountable")]
    ghost = (
        signed_in("mei")
        .send("POST", "/flows/check", {"source": file.replace('position="support"', 'position="ghost"')})
        .body
    )
    assert [(one["place"], one["code"]) for one in ghost["problems"]] == [("lead", "position")]

    play = Play(world, file, world.make("ann", "opportunity", name="Small", amount="500"))
    assert play.seen("sue").status == 200, "consulted when it begins"
    assert play.seen("fin").status == 404, "informed when it is done"
    assert play.seen("sue").body["mine"] is None, "and has nothing to decide"
    assert play.approve("mei").status == 200
    assert play.seen("fin").status == 200


def _security(world: Drawing, who: str) -> None:
    """Somebody who draws processes and confirms what others drew."""
    lines = [
        {"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]},
        {"type": "process", "actions": ["design"], "scope": ["all"]},
    ]
    grants.grant_lines(SETUP, lines, "person", str(world.people[who]))


def test_nobody_confirms_what_they_have_drawn_on_whoever_published_it(world: Drawing) -> None:
    _security(world, "boss")
    mei = signed_in("mei")
    draft = begin(mei)
    shared = act(mei, draft, "people", people=[str(world.people["boss"])])
    assert shared.status == 200, shared.body
    file = BESIDE.replace('<process id="deal"', f'<process id="{draft.body["code"]}"')
    boss = signed_in("boss")
    saved = put(boss, shared, file)
    assert saved.status == 200, saved.body
    gone = act(signed_in("mei"), saved, "people", people=[])
    pam = signed_in("pam")
    made = act(pam, act(signed_in("mei"), gone, "hand-in"), "publish")
    assert (made.status, made.body["state"]) == (201, "waiting"), made.body

    answer = f"/flows/versions/{made.body['id']}/answer"
    boss = signed_in("boss")
    assert [one for one in boss.get("/workbench").body["queue"] if one["kind"] == "draft"] == [], (
        "it is not theirs to do"
    )
    [told] = boss.get(f"/flows/processes/{draft.body['code']}/versions").body["items"]
    assert (told["may_answer"], told["gives"]) == (False, [])
    assert "参与编写" in told["why_not"]["zh"]
    assert "make a colleague" in told["why_not"]["en"], "with nobody else it says what can be done"
    for yes in (True, False):
        refused = boss.send("POST", answer, {"yes": yes})
        assert (refused.status, refused.code, refused.body["message"]) == (403, "own", told["why_not"])

    world.add("sec", "root", None)
    _security(world, "sec")
    named = signed_in("boss").send("POST", answer, {"yes": True}).body["message"]
    assert (named["zh"].endswith("可以确认的有：Sec"), named["en"].endswith("Who may: Sec")) == (True, True)
    [awaited] = signed_in("mei").get(f"/flows/processes/{draft.body['code']}/versions").body["items"]
    assert (awaited["may_answer"], awaited["gives"]) == (False, [])
    assert awaited["why_not"]["zh"] == "要由安全管理员确认。可以确认的有：Sec", "who drew it is told for whom it waits"
    sec = signed_in("sec")
    assert len([one for one in sec.get("/workbench").body["queue"] if one["kind"] == "draft"]) == 1
    assert sec.send("POST", answer, {"yes": True}).body["state"] == "published"


def test_who_only_looked_into_a_draft_confirms_it(world: Drawing) -> None:
    _security(world, "boss")
    mei = signed_in("mei")
    draft = begin(mei)
    saved = put(mei, draft, BESIDE.replace('<process id="deal"', f'<process id="{draft.body["code"]}"'))
    shared = act(mei, saved, "people", people=[str(world.people["boss"])])
    same = put(signed_in("boss"), shared, saved.body["source"])
    assert same.status == 200, "saved as it was"
    made = act(signed_in("pam"), same, "publish")
    assert signed_in("boss").send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True}).status == 200


def test_what_somebody_drew_is_not_confirmed_by_them_when_a_colleague_brings_it_as_a_file(world: Drawing) -> None:
    """Taken out of the draft and published by its file, or brought into another draft, it is the same drawing."""
    _security(world, "boss")
    boss = signed_in("boss")
    draft = begin(boss)
    saved = put(boss, draft, BESIDE.replace('<process id="deal"', f'<process id="{draft.body["code"]}"'))
    pam = signed_in("pam")
    by_file = pam.send("POST", "/flows/processes", {"source": saved.body["source"]})
    brought = pam.send("POST", "/flows/drafts", {"source": saved.body["source"]})
    by_draft = act(pam, brought, "publish")
    boss = signed_in("boss")
    for made in (by_file, by_draft):
        assert (made.status, made.body["state"]) == (201, "waiting"), made.body
        refused = boss.send("POST", f"/flows/versions/{made.body['id']}/answer", {"yes": True})
        assert (refused.status, refused.code) == (403, "own")
    assert [one for one in boss.get("/workbench").body["queue"] if one["kind"] == "draft"] == []


def test_no_token_publishes_a_file_either(world: Drawing) -> None:
    """Security would confirm what it published itself by the token of a service account."""
    lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.save_role(SETUP, "processes", name="processes", lines=lines)
    grants.grant_role(SETUP, "processes", "person", str(world.people["pam"]))
    made = signed_in("pam").post("/tokens", {"name": "nightly", "role": "processes", "days": 30})
    program = Api(token=made.body["token"])
    assert program.get("/flows/processes").status == 200
    refused = program.post("/flows/processes", {"source": BESIDE})
    assert (refused.status, refused.code) == (403, "by_token")
    assert signed_in("pam").post("/flows/processes", {"source": BESIDE}).status == 201


def test_a_file_of_several_megabytes_is_looked_at_and_a_larger_one_says_how_large_it_may_be(world: Drawing) -> None:
    mei = signed_in("mei")
    for size, status in ((3, 200), (5, 422), (50, 413)):
        file = TWO.replace("<startEvent", f"<!-- {'x' * (size * 1024 * 1024)} --><startEvent", 1)
        found = mei.send("POST", "/flows/check", {"source": file})
        assert found.status == status, found.body
        if status != 200:
            said = found.body["message"]["zh"]
            assert "5242880" in said or "6 MB" in said, said
