"""审批单: an approval on paper, with what its reader sees and no cell more."""

from __future__ import annotations

import io
import time

import pypdf
import pytest

from heli.audit import entries
from tests.api.client import Reply, signed_in
from tests.cases import TWO, Company, Play, process, task
from tests.world import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def text(answer: Reply) -> str:
    """All that stands on the pages."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/pdf")
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.body)).pages)


def test_a_sheet_says_who_decided_what_and_stands_in_the_log(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="大单 <b>&", amount="5000"))
    play.approve("mei", text="同意，𠮷野\n按期交付 </para><a href='x'>")
    answer = play.at("ann").get(f"/flows/instances/{play.id}/sheet?language=en")
    assert "attachment" in answer.headers["Content-Disposition"]
    found = text(answer)
    for one in (
        f"Approval #{play.id}",
        "大单 <b>&",
        "¥5,000.00",
        "lead",
        "Mei",
        "approved",
        "同意，□野",
        "按期交付 </para>",
        "money",
        "Fin",
        "waits",
        "printed by Ann",
    ):
        assert one in found, one
    assert "审批单" in text(play.at("ann").get(f"/flows/instances/{play.id}/sheet?language=zh"))
    printed = [one for one in entries.query(object_type="flow", object_id=play.id) if one.action == "flow.print"]
    assert len(printed) == 2 and printed[0].actor_name == "Ann"
    assert play.at("wei").get(f"/flows/instances/{play.id}/sheet").status == 404
    assert play.at("ann").get(f"/flows/instances/{play.id}/sheet?language=fr").status == 422


def test_western_letters_are_set_and_what_no_font_has_is_a_box_and_no_gap(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Björn & Søn, 50 €", amount="5000"))
    play.approve("mei", text="同意 Łódź 䶮 سلام 🙂")
    found = " ".join(text(play.at("ann").get(f"/flows/instances/{play.id}/sheet?language=en")).split())
    assert "Björn & Søn, 50 €" in found
    assert "同意 □ód□ 䶮 □□□□ □" in found, found


def test_a_sheet_follows_what_happened(world: Company) -> None:
    """What was taken back is marked, and where a no sent it is said."""
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("mei", text="too early")
    assert play.at("mei").send("POST", f"/flows/instances/{play.id}/take-back", {"node": "lead"}).status == 200
    play.approve("mei", text="now")
    assert play.reject("fin", "lead", text="no").status in (200, 204)
    play.approve("mei", text="mended")
    found = " ".join(text(play.at("ann").get(f"/flows/instances/{play.id}/sheet?language=en")).split())
    for one in (
        "lead Mei approved (taken back later) too early", "lead (time 2) Mei approved now", "Fin rejected, back to “lead” no",
        "lead (time 3) Mei approved mended", "Fin waits",
    ):  # fmt: skip
        assert one in found, found
    assert found.count("taken back later") == 1


def test_what_the_reader_may_not_see_is_not_printed(world: Company) -> None:
    deal = world.make("wei", "opportunity", name="Quiet deal", amount="777123")
    play = Play(world, process(task("ask", "position support", show="name"), "s>ask", "ask>e", id="ask"), deal, "wei")
    assert "Quiet deal" in text(play.at("sue").get(f"/flows/instances/{play.id}/sheet"))
    play.approve("sue")
    after = text(signed_in("sue").get(f"/flows/instances/{play.id}/sheet"))
    assert "Quiet deal" not in after and "777123" not in after, "the right went with the work"


def test_long_texts_break_across_pages(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    play.approve("mei", text="很长的意见。" * 600)
    answer = play.at("ann").get(f"/flows/instances/{play.id}/sheet")
    assert len(pypdf.PdfReader(io.BytesIO(answer.body)).pages) > 1


def test_what_somebody_wrote_keeps_nobody_waiting_for_the_sheet(world: Company) -> None:
    """Four thousand empty lines took half a minute of everybody who printed the case."""
    play = Play(world, TWO, world.make("ann", "opportunity", name="Big", amount="5000"))
    assert play.approve("mei", text="first" + "\n" * 3990 + "last").status == 200
    began = time.process_time()
    printed = play.at("ann").get(f"/flows/instances/{play.id}/sheet")
    assert printed.status == 200 and time.process_time() - began < 5
