"""Hand-offs between departments: what is gathered, when it is handed over, what the other side gets, accepts or returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from heli.audit import entries
from tests.api.client import Api, Reply, signed_in
from tests.cases import Company, Play, process, publish, services, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

PACKET = (
    '<heli:handoff from="prepare" fields="name amount" require="next_follow_on">'
    '<heli:file code="scope" name="实施范围 / Scope" required="true"/>'
    '<heli:note code="promised" name="承诺了什么？ / What was promised?" required="true"/><heli:note code="risks" name="风险 / Risks"/>'
    '<heli:criterion code="large" name="金额已过一千 / It is above a thousand" when="record.amount &gt; 1000"/></heli:handoff>'
)
PREPARE = task("prepare", "field field=owner", show="name amount next_follow_on", edit="amount next_follow_on")
HANDED = process(
    PREPARE, task("receive", "position support", show="", moves="transfer", more=PACKET),
    task("after", "position finance", show="amount"), "s>prepare", "prepare>receive", "receive>after", "after>e", id="handed",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HELI_HOME = tmp_path
    return tmp_path


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def upload(api: Api, where: str, name: str, content: bytes) -> Reply:
    raw = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, content)})
    return api.send("POST", where, raw=raw, media=MULTIPART_CONTENT)


def attach(play: Play, who: str, slot: str, name: str) -> Reply:
    number = play.seen(who).body["mine"]["number"]
    at = f"/flows/instances/{play.id}/work/{number}/packets/receive/files/{slot}"
    return upload(play.at(who), at, name, name.encode())


def names(reply: Reply) -> list[str]:
    return [one["name"] for one in reply.body["items"]]


def live(play: Play, who: str, record: str) -> dict[str, Any]:
    found = play.at(who).get(f"/flows/records/opportunity/{record}").body["items"][0]["handoff"]
    return {} if found is None else {key: found[key] for key in ("state", "number")}


def test_handed_over_returned_handed_over_again_and_accepted(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="500")
    play = Play(world, HANDED, deal)
    ann, sue = play.at("ann"), play.at("sue")
    assert upload(ann, f"/records/opportunity/{deal}/files", "private.txt", b"p").status == 201
    assert live(play, "ann", deal) == {"state": "preparing", "number": 1}

    early = play.approve("ann")
    assert early.status == 422, early.body
    assert early.places == [
        f"packets/receive/{part}" for part in ("criteria/large", "fields/next_follow_on", "files/scope", "notes/promised")
    ]  # fmt: skip
    assert early.body["problems"][0]["message"]["zh"] == "未满足：金额已过一千"
    assert attach(play, "ann", "nothing", "a.txt").status == 404
    gives = attach(play, "ann", "scope", "scope.txt").body["mine"]["gives"][0]
    assert [one["name"] for one in gives["files"][0]["files"]] == ["scope.txt"]
    assert [one["met"] for one in gives["criteria"]] == [False]
    values = {"amount": "5000", "next_follow_on": "2026-12-24"}
    handed = play.approve("ann", values=values, packets={"receive": {"notes": {"promised": "年底上线"}}})
    assert handed.status == 200, handed.body
    assert play.where() == {"receive": ["sue"]}
    assert live(play, "ann", deal) == {"state": "waiting", "number": 1}

    (notice,) = sue.get("/notices").body["items"]
    said = notice["text"]["zh"]
    assert "Ann" in said and "把「receive 中」交接给你" in said and "3 个字段、1 个文件、1 项说明" in said, said
    assert "年底上线" not in said and "5000" not in said, "what is in it stands in the case"
    seen = play.seen("sue").body
    assert (seen["mine"]["takes"], seen["mine"]["targets"][0]["id"]) == (True, "prepare")
    packet = seen["packets"][0]
    assert packet["notes"][0]["text"] == "年底上线"
    assert {one["field"]: one["value"] for one in packet["fields"]} == {
        "name": "Big",
        "amount": "5000.00",
        "next_follow_on": "2026-12-24",
    }
    assert [one["met"] for one in packet["criteria"]] == [True]
    assert names(sue.get(f"/records/opportunity/{deal}/files")) == ["scope.txt"], (
        "what was handed over, and nothing else"
    )
    file = packet["files"][0]["files"][0]["id"]
    assert sue.get(f"/flows/instances/{play.id}/packets/{file}").body == b"scope.txt"
    assert [one["handoff"] for one in sue.get("/flows/work").body["items"] if one["id"] == play.id] == ["take"]

    assert play.reject("sue").places == ["text"], "nobody returns it without a reason"
    assert play.reject("sue", text="范围没有签字").status in (200, 204)
    assert play.where() == {"prepare": ["ann"]}
    assert live(play, "ann", deal) == {"state": "returned", "number": 1}
    back = ann.get("/notices").body["items"][0]["text"]["zh"]
    assert "Sue" in back and "退回了「receive 中」的交接" in back and back.endswith("原因：范围没有签字"), back
    assert sue.get(f"/flows/instances/{play.id}/packets/{file}").status == 404, "the right is gone with the work"
    kept = play.seen("ann").body["mine"]["gives"][0]
    assert (kept["number"], kept["notes"][0]["text"]) == (2, "年底上线")
    assert [one["name"] for one in kept["files"][0]["files"]] == ["scope.txt"]
    attach(play, "ann", "scope", "signed.txt")
    assert play.approve("ann", packets={"receive": {"notes": {"promised": "一月上线"}}}).status == 200
    assert names(sue.get(f"/records/opportunity/{deal}/files")) == ["signed.txt", "scope.txt"]
    assert play.approve("sue").status in (200, 204)
    assert play.where() == {"after": ["fin"]}
    assert sue.get(f"/records/opportunity/{deal}").status == 404
    rounds = play.seen("ann").body["packets"]
    assert [(one["number"], one["state"], one["reason"], one["notes"][0]["text"]) for one in rounds] == [
        (2, "accepted", "", "一月上线"), (1, "returned", "范围没有签字", "年底上线"),
    ]  # fmt: skip
    assert play.seen("sue").body["packets"] == [], "of what was handed over stays what they may see themselves"
    told = [
        one.after["packets"]
        for one in entries.query(object_type="flow", object_id=play.id)
        if one.after and "packets" in one.after
    ]
    assert [one[0]["state"] for one in told] == ["accepted", "handed", "returned", "handed"]
    assert play.approve("fin").status in (200, 204)
    figures = {
        one["id"]: one["figures"] for one in play.at("pam").get("/flows/processes/handed/analytics").body["nodes"]
    }
    assert (figures["receive"]["visits"], figures["receive"]["rejected"]) == (2, 1), (
        "a return counts as what was sent back"
    )
    assert play.at("ann").get(f"/flows/instances/{play.id}/sheet").body.startswith(b"%PDF")


def needs(play: Play, who: str) -> dict[str, bool | None]:
    return {one["place"]: one["lacking"] for one in play.seen(who).body["mine"]["needs"]}


def test_what_is_still_missing_is_said_before_anybody_presses_the_button(world: Company) -> None:
    """By the rule that refuses: the same places in the same words, each gone once it is there."""
    deal = world.make("ann", "opportunity", name="Big", amount="500")
    play = Play(
        world,
        HANDED.replace('edit="amount next_follow_on"', 'edit="amount next_follow_on competitor" require="competitor"'),
        deal,
    )
    mine = play.seen("ann").body["mine"]
    said = {one["place"]: one["message"] for one in mine["needs"] if one["lacking"]}
    form = play.approve("ann").body["problems"]
    packet = play.approve("ann", values={"competitor": "Rival"}).body["problems"]
    assert said == {one["place"]: one["message"] for one in [*form, *packet]}
    assert list(said) == ["values/competitor", *(f"packets/receive/{one}" for one in (
        "criteria/large", "fields/next_follow_on", "files/scope", "notes/promised",
    ))]  # fmt: skip
    assert mine["passes"] is True

    at = f"/flows/instances/{play.id}/work/{mine['number']}/packets/receive"
    kept = play.at("ann").send("PUT", at, {"notes": {"promised": "年底上线"}}).body["mine"]["needs"]
    assert {one["place"]: one["lacking"] for one in kept}["packets/receive/notes/promised"] is False
    attach(play, "ann", "scope", "scope.txt")
    world.do("ann", "opportunity", "edit", deal, amount="5000", next_follow_on="2026-12-24", competitor="Rival")
    assert set(needs(play, "ann").values()) == {False}
    assert play.approve("ann").status == 200


def test_what_hangs_on_the_unread_is_not_said_beforehand(world: Company) -> None:
    """Whoever was handed the work outside of those whom the step names reads nothing of the record: what it lacks is not told by waiting
    for it, and trying says it as before."""
    deal = world.make("ann", "opportunity", name="Big", amount="500")
    file = HANDED.replace(
        'edit="amount next_follow_on"', 'edit="amount next_follow_on competitor" require="competitor"'
    )
    play = Play(world, file, deal)
    assert play.act("ann", "transfer", to=str(world.people["sue"]), text="for you").status in (200, 204)
    assert needs(play, "sue") == {
        "values/competitor": None, "packets/receive/criteria/large": None, "packets/receive/fields/next_follow_on": None,
        "packets/receive/files/scope": True, "packets/receive/notes/promised": True,
    }  # fmt: skip
    assert play.approve("sue").places == ["values/competitor"]


def test_who_signs_before_others_is_asked_for_nothing_that_the_last_hands_over(world: Company) -> None:
    both = PREPARE.replace(
        '<heli:assignee rule="field" field="owner"/>',
        '<heli:assignee rule="field" field="owner"/><heli:assignee rule="position" position="finance"/>',
    ).replace("<heli:people />", '<heli:people mode="all"/>')
    play = Play(world, HANDED.replace(PREPARE, both), world.make("ann", "opportunity", name="Big", amount="500"))
    mine = play.seen("ann").body["mine"]
    assert (mine["passes"], play.where()) == (False, {"prepare": ["ann", "fin"]})
    assert "packets/receive/notes/promised" in needs(play, "ann")
    assert play.approve("ann").status in (200, 204)
    last = play.seen("fin").body["mine"]
    assert last["passes"] is True
    assert "packets/receive/notes/promised" in play.approve("fin").places


def test_who_is_handed_some_files_takes_away_none_that_they_do_not_see(world: Company) -> None:
    """A receiver who may fill something in may add files and take away what they see; others are not there for them."""
    file = HANDED.replace('id="receive" name="receive 中 / receive"', 'id="receive" name="receive"').replace(
        '<heli:form show="" edit=""/>', '<heli:form show="" edit="competitor"/>'
    )
    deal = world.make("ann", "opportunity", name="Big", amount="5000")
    play = Play(world, file, deal)
    ann, sue, at = play.at("ann"), play.at("sue"), f"/records/opportunity/{deal}/files"
    hidden = upload(ann, at, "private.txt", b"p").body["id"]
    attach(play, "ann", "scope", "scope.txt")
    values = {"next_follow_on": "2026-12-24"}
    assert play.approve("ann", values=values, packets={"receive": {"notes": {"promised": "x"}}}).status == 200
    assert names(sue.get(at)) == ["scope.txt"]
    added = upload(sue, at, "mine.txt", b"m")
    assert added.status == 201, "who may fill something in adds files"
    assert sue.send("DELETE", f"{at}/{hidden}").status == 404
    assert sue.send("DELETE", f"{at}/{added.body['id']}").status == sue.send("DELETE", f"{at}/999999").status == 404
    assert sorted(names(ann.get(at))) == ["mine.txt", "private.txt", "scope.txt"]
    scope = sue.get(at).body["items"][0]["id"]
    assert sue.send("DELETE", f"{at}/{scope}").status in (200, 204)


def test_taken_back_or_sent_back_from_behind_it_is_handed_over_anew(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="5000", next_follow_on="2026-12-24")
    play = Play(world, HANDED, deal)
    attach(play, "ann", "scope", "scope.txt")
    number = play.seen("ann").body["mine"]["number"]
    at = f"/flows/instances/{play.id}/work/{number}/packets/receive"
    assert play.at("ann").send("PUT", at, {"notes": {"promised": "年底上线"}}).status == 200
    assert play.at("ann").send("PUT", at, {"files": {"scope": ["999999"]}}).places == ["packets/receive/files/scope"]
    assert play.at("sue").send("PUT", at, {"notes": {"promised": "x"}}).status == 404
    play.approve("ann")
    assert play.at("ann").send("POST", f"/flows/instances/{play.id}/take-back", {"node": "prepare"}).status == 200
    play.approve("ann")
    assert play.approve("sue").status in (200, 204)
    assert play.reject("fin", "receive", text="again").status in (200, 204)
    assert play.where() == {"receive": ["sue"]}
    assert play.seen("sue").body["packets"][0]["state"] == "handed"
    assert play.reject("sue", text="no").status in (200, 204)
    assert [one["state"] for one in play.seen("ann").body["packets"]] == ["returned", "accepted", "dropped"]
    assert play.at("ann").send("POST", f"/flows/instances/{play.id}/withdraw").status == 200


def test_rejected_across_parallel_branches_it_comes_again_with_what_was_gathered(world: Company) -> None:
    packet = PACKET.replace(
        'from="prepare" fields="name amount" require="next_follow_on"', 'from="prepare" fields="name"'
    )
    file = process(
        PREPARE, task("receive", "position support", show="", more=packet), task("money", "position finance"),
        "s>prepare", "prepare>p1", "p1>receive", "p1>money", "receive>p2", "money>p2", "p2>e", id="beside",
    )  # fmt: skip
    play = Play(world, file, world.make("ann", "opportunity", name="Big", amount="5000"))
    attach(play, "ann", "scope", "scope.txt")
    play.approve("ann", packets={"receive": {"notes": {"promised": "年底上线"}}})
    assert play.where() == {"receive": ["sue"], "money": ["fin"]}
    assert play.reject("fin", "prepare", text="账期太长").status in (200, 204)
    assert play.where() == {"prepare": ["ann"]}
    assert [one["state"] for one in play.seen("ann").body["packets"]] == ["dropped"]
    assert names_or_missing(play, "sue") == 404, "what was handed over is taken back with the work"
    assert play.approve("ann").status == 200
    assert play.where() == {"receive": ["sue"], "money": ["fin"]}
    assert play.approve("fin").status in (200, 204)
    assert play.approve("sue").status in (200, 204)
    assert (play.state, [one["state"] for one in play.seen("ann").body["packets"]]) == (
        "completed",
        ["accepted", "dropped"],
    )


def names_or_missing(play: Play, who: str) -> int:
    record = play.seen("ann").body["record"]
    return play.at(who).get(f"/records/opportunity/{record}/files").status


def test_what_is_drawn_wrong_is_refused_where_it_stands(world: Company) -> None:
    def wrong(packet: str, **more: str) -> list[tuple[str, str]]:
        file = process(
            PREPARE,
            task("receive", "position support", show="", more=packet, **more),
            "s>prepare",
            "prepare>receive",
            "receive>e",
        )
        found = signed_in("pam").send("POST", "/flows/check", {"source": file}).body
        return [(one["place"], one["code"]) for one in found["problems"]]

    assert wrong('<heli:handoff from="nobody" fields="name"/>') == [("receive", "from")]
    assert wrong('<heli:handoff from="receive" fields="name"/>') == [("receive", "from")]
    assert wrong('<heli:handoff from="prepare"/>') == [("receive", "empty")]
    assert wrong('<heli:handoff from="prepare" fields="nothing"/>') == [("receive", "field")]
    assert wrong('<heli:handoff from="prepare" fields="name"/>', people='empty="skip"') == [("receive", "skipped")]
    twice = '<heli:note code="a" name="甲 / A"/><heli:note code="a" name="乙 / B"/><heli:file code="c"/><heli:criterion code="d" name="丁"/>'
    assert wrong(f'<heli:handoff from="prepare">{twice}</heli:handoff>') == [
        ("receive", "criterion"),
        ("receive", "label"),
        ("receive", "double"),
    ]
    for when in ("record.nothing == 1", "event.name == 'x'", "record.name &gt; 5", "record.name +"):
        packet = f'<heli:handoff from="prepare"><heli:criterion code="c" name="丙 / C" when="{when}"/></heli:handoff>'
        assert [place for place, _ in wrong(packet)] == ["receive"], when


def test_what_the_process_hands_over_by_itself_is_accepted_or_returned_all_the_same(world: Company) -> None:
    packet = '<heli:handoff from="give" fields="name"><heli:criterion code="c" name="丙 / C" when="record.amount &gt; 1000"/></heli:handoff>'
    file = process(
        '<serviceTask id="give"/>', task("receive", "position support", show="", more=packet), "s>give", "give>receive", "receive>e", id="by_itself",
    )  # fmt: skip
    play = Play(world, file, world.make("ann", "opportunity", name="D", amount="5"))
    services()
    packet_ = play.seen("sue").body["packets"][0]
    assert (packet_["by"], packet_["source"]["id"], [one["met"] for one in packet_["criteria"]]) == (
        None,
        "give",
        [None],
    )
    assert play.reject("sue", text="金额太小").status in (200, 204)
    services()
    assert [(one["number"], one["state"]) for one in play.seen("ann").body["packets"]] == [
        (2, "handed"),
        (1, "returned"),
    ]
    assert play.approve("sue").status in (200, 204)
    assert play.state == "completed"


def test_a_packet_goes_along_to_another_version(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="5000", next_follow_on="2026-12-24")
    play = Play(world, HANDED, deal)
    attach(play, "ann", "scope", "scope.txt")
    play.approve("ann", packets={"receive": {"notes": {"promised": "年底上线"}}})
    publish(
        world,
        HANDED.replace('"receive"', '"received"').replace(">receive", ">received").replace("receive>", "received>"),
    )
    moved = play.at("pam").send("POST", "/flows/processes/handed/migrations", {"mapping": {"receive": "received"}})
    assert moved.status == 201, moved.body
    assert play.where() == {"received": ["sue"]}
    assert [one["notes"][0]["text"] for one in play.seen("sue").body["packets"]] == ["年底上线"]
    assert names(play.at("sue").get(f"/records/opportunity/{deal}/files")) == ["scope.txt"]
    assert play.reject("sue", text="缺签字").status in (200, 204)
    assert play.seen("ann").body["mine"]["gives"][0]["notes"][0]["text"] == "年底上线"


def test_a_comment_brings_files_to_whom_the_case_concerns(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Big", amount="5000", next_follow_on="2026-12-24")
    play = Play(world, HANDED, deal)
    ann, sue, fin = play.at("ann"), play.at("sue"), play.at("fin")
    at = f"/flows/instances/{play.id}/files"
    made = upload(ann, at, "minutes.txt", b"minutes")
    assert (made.status, made.body["name"], made.body["size"]) == (201, "minutes.txt", 7)
    file = f"{at}/{made.body['id']}"
    attach(play, "ann", "scope", "scope.txt")
    play.approve("ann", packets={"receive": {"notes": {"promised": "年底上线"}}})
    assert (ann.get(file).body, sue.get(file).status) == (b"minutes", 404), "its author's, until it is sent"
    said = f"/flows/instances/{play.id}/comment"
    assert sue.send("POST", said, {"text": "", "files": [made.body["id"]]}).places == ["files/0"]
    assert ann.send("POST", said, {"text": ""}).places == ["text"]
    sent = ann.send("POST", said, {"text": "", "files": [made.body["id"]]})
    assert [one["name"] for one in sent.body["history"][-1]["files"]] == ["minutes.txt"]
    assert sue.get(file).body == b"minutes"
    assert fin.get(file).status == upload(fin, at, "x.txt", b"x").status == 404
    assert ann.send("DELETE", file).status == 404, "what was said stays"
    other = upload(sue, at, "draft.txt", b"d").body["id"]
    assert sue.send("DELETE", f"{at}/{other}").status == 204
    assert sue.get(f"{at}/{other}").status == 404


def test_figures_tell_how_hand_offs_go(world: Company) -> None:
    def play(*answers: str) -> None:
        deal = world.make("ann", "opportunity", name="Deal", amount="5000")
        here = Play(world, HANDED, deal)
        attach(here, "ann", "scope", "scope.txt")
        for answer in (*answers, ""):
            given = {"receive": {"notes": {"promised": "x"}}}
            done = here.approve("ann", values={"next_follow_on": "2026-12-24"}, packets=given)
            assert done.status in (200, 204), done.body
            if answer == "returned":
                assert here.reject("sue", text="no").status in (200, 204)
            elif answer == "accepted":
                assert here.approve("sue").status in (200, 204)
                return

    play("accepted")
    play("returned", "returned", "accepted")
    play("returned")
    play()
    where = "/flows/processes/handed/analytics/ways"
    (found,) = signed_in("pam").get(where).body["packets"]
    wait = found.pop("wait")
    assert found.pop("oldest") < 60 and 0 <= wait["calendar"]["p50"] < 60
    assert found == {
        "node": "receive", "source": "prepare", "cases": 4, "handed": 7, "accepted": 2, "returned": 3, "first_time": 0.3333, "most": 3, "open": 2,
    }  # fmt: skip
    assert {"receive", "prepare"} <= signed_in("pam").get(where).body["names"].keys()
    assert signed_in("wei").get(where).body["packets"] == [], "of cases whose way they may not know nothing is told"


def test_figures_tell_no_hand_off_whose_receiver_tells_an_unread_cell(world: Company) -> None:
    file = process(
        task("prepare", "manager", show="name"),
        task("receive", "field field=owner", show="", more='<heli:handoff from="prepare" fields="name"/>'),
        "s>prepare", "prepare>receive", "receive>e", id="owned",
    )  # fmt: skip
    account = world.make("ann", "account", name="A")
    play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="5", account=account))
    told = {"people": [str(world.people["sue"])]}
    assert play.at("ann").send("POST", f"/flows/instances/{play.id}/copy", told).status == 200
    assert play.approve("mei").status in (200, 204)
    seen = {who: signed_in(who).get("/flows/processes/owned/analytics/ways").body for who in ("sue", "pam")}
    assert [one["handed"] for one in seen["pam"]["packets"]] == [1]
    figures = signed_in("sue").get("/flows/processes/owned/analytics").body
    assert figures["whole"]["running"] == 1, "the case is theirs to follow"
    assert seen["sue"]["packets"] == [], "who receives it is who stands in a field that they do not read"
