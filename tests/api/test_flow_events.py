"""What moves a case besides people: events of records, messages, signals, the clock, other cases, errors, decision tables."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random

import pytest

from heli.access.models import Reach
from heli.audit import entries
from heli.audit.verify import verify
from heli.flows import clockwork, hearing, library
from heli.flows.models import Heard, Instance, Opening, Process, Timer, Version, Wait, Work
from heli.kernel import clock
from tests.api.client import signed_in
from tests.cases import Company, Play, process, publish, settle, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def on(**said: str) -> str:
    listed = " ".join(f'{name}="{value.replace(">", "&gt;").replace("<", "&lt;")}"' for name, value in said.items())
    return f"<extensionElements><heli:on {listed}/></extensionElements>"


def catch(id: str, **said: str) -> str:
    return f'<intermediateCatchEvent id="{id}">{on(**said)}<messageEventDefinition/></intermediateCatchEvent>'


def starts(file: str, inside: str, *, and_by_hand: bool = False) -> str:
    """The file with a start that an event makes, beside the one that somebody makes or in its place."""
    made = f'<startEvent id="heard">{inside}</startEvent>'
    first = file.partition('sourceRef="s" targetRef="')[2].partition('"')[0]
    if not and_by_hand:
        return file.replace('<startEvent id="s"/>', made).replace('sourceRef="s"', 'sourceRef="heard"')
    flow = f'<sequenceFlow id="heard_on" sourceRef="heard" targetRef="{first}"/>'
    return file.replace('<startEvent id="s"/>', f'<startEvent id="s"/>{made}{flow}')


def cases(code: str = "deal") -> list[Instance]:
    return list(Instance.objects.filter(process_code=code).order_by("pk"))


def where(*rows: Instance) -> set[tuple[str, int]]:
    found = Work.objects.filter(instance__in=rows, state="open").select_related("instance__version")
    return {(library.definition(one.instance.version).nodes[one.node].element, one.person_id) for one in found}


def inside(id: str, *elements: str, more: str = "") -> str:
    """A sub-process, from what ``process`` takes; its start and end are ``{id}s`` and ``{id}e``."""
    file = process(*elements).partition("</extensionElements>")[2].partition("</process>")[0]
    for one in ("s", "e"):
        file = file.replace(f'id="{one}"', f'id="{id}{one}"').replace(f'Ref="{one}"', f'Ref="{id}{one}"')
    file = file.replace('id="f', f'id="{id}f').replace('default="f', f'default="{id}f')
    return f'<subProcess id="{id}">{more}{file}</subProcess>'


def test_an_event_of_a_record_begins_a_case_once_where_its_condition_holds(world: Company) -> None:
    file = process(task("look", "head of=owner"), "s>look", "look>e")
    publish(world, starts(file, on(event="opportunity.edit", where="record.amount > 1000")))
    small, big = (
        world.make("ann", "opportunity", name=name, amount=amount) for name, amount in (("S", "10"), ("B", "5000"))
    )
    for one in (small, big, big):
        world.do("ann", "opportunity", "edit", one, next_follow_on="2026-12-24")
    settle()
    (case,) = cases()
    assert (case.record_id, case.initiator_id) == (big, world.people["ann"]), "its owner counts as having begun it"
    assert {one for one, _ in where(case)} == {"look"}
    begun = signed_in("ann").get(f"/flows/instances/{case.pk}").body["history"][0]
    assert (begun["what"], begun["text"], begun["words"]) == (
        "begun",
        "",
        {"zh": "商机：编辑", "en": "Opportunity: Edit"},
    )
    told = hearing.Happened("opportunity.edit", case.cause.partition(":")[0] if case.cause else "", "opportunity", big)
    for _ in range(3):
        hearing.start.call(
            *Opening.objects.values_list("version_id", "node").get(),
            [told.name, told.cause, told.type, told.record, {}],
            None,
        )
    assert len(cases()) == 1, "however often it is told"
    assert signed_in("ann").send("POST", "/flows/instances", {"process": "deal", "record": small}).code == "by_itself"
    assert "deal" not in {one["code"] for one in signed_in("ann").get("/flows/processes").body["items"]}
    assert entries.query(object_type="flow", object_id=str(case.pk))
    assert verify().ok


def test_a_case_waits_for_an_event_of_its_record_and_of_another_that_names_it(world: Company) -> None:
    file = process(
        task("ask", "initiator", show="name"), catch("own", event="account.edit"),
        catch("theirs", event="opportunity.create", by="account", where="event.amount > 10"),
        "s>ask", "ask>own", "own>theirs", "theirs>e", subject='type="account" right="edit"',
    )  # fmt: skip
    one, other = (world.make("ann", "account", name=name) for name in ("One", "Other"))
    play = Play(world, file, one)
    play.approve("ann")
    assert Wait.objects.get().key == one
    world.do("ann", "account", "edit", other, name="Another")
    settle()
    assert [step["standing"] for step in play.seen("ann").body["nodes"]] == ["done", "current", "coming"]
    world.do("ann", "account", "edit", one, name="The one")
    settle()
    assert [step["standing"] for step in play.seen("ann").body["nodes"]] == ["done", "done", "current"]
    world.make("ann", "opportunity", name="Not it", account=other, amount="50")
    world.make("ann", "opportunity", name="Too small", account=one, amount="5")
    settle()
    assert play.state == "running"
    world.make("ann", "opportunity", name="It", account=one, amount="50")
    settle()
    assert play.state == "completed"
    assert Wait.objects.count() == 0


def test_a_case_tells_those_of_its_own_record_or_of_one_that_it_names(world: Company) -> None:
    def told(key: str = "") -> str:
        to = f' key="{key}"' if key else ""
        return (
            f'<intermediateThrowEvent id="say"><extensionElements><heli:to event="handed"{to}/></extensionElements>'
            "<messageEventDefinition/></intermediateThrowEvent>"
        )

    for code, key in (("own", ""), ("theirs", "record.account")):
        publish(world, process(told(key), "s>say", "say>e", id=code))
    for code, kind in (("deal_waits", "opportunity"), ("waits", "account")):
        file = process(catch("handed", event="handed"), task("look", "initiator"), "s>handed", "handed>look", "look>e", id=code,
                       subject=f'type="{kind}" right="edit"')  # fmt: skip
        publish(world, file.replace(' show="name amount"', ' show="name"'))
    account = world.make("ann", "account", name="Acme")
    other = world.make("ann", "account", name="Other")
    deal = world.make("ann", "opportunity", name="Deal", account=account, amount="10")
    ann = signed_in("ann")
    for code, record in (("waits", account), ("waits", other), ("deal_waits", deal)):
        assert ann.post("/flows/instances", {"process": code, "record": record}).status == 201
    settle()
    assert where(*Instance.objects.all()) == set()
    assert ann.post("/flows/instances", {"process": "theirs", "record": deal}).status == 201
    settle()
    waiting = {one.record_id: where(one) for one in cases("waits")}
    assert waiting == {account: {("look", world.people["ann"])}, other: set()}
    assert where(*cases("deal_waits")) == set(), "what is told to the customer's cases, those of the deal do not hear"
    assert ann.post("/flows/instances", {"process": "own", "record": deal}).status == 201
    settle()
    assert {one for one, _ in where(*cases("deal_waits"))} == {"look"}


def test_the_first_of_several_events_takes_the_way(world: Company) -> None:
    paid = catch("paid", event="payment", where="event.amount > 10")
    late = '<intermediateCatchEvent id="late"><timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition></intermediateCatchEvent>'
    file = process(
        task("urge", "initiator"),
        '<eventBasedGateway id="g"/>',
        paid,
        late,
        "s>g",
        "g>paid",
        "g>late",
        "paid>e",
        "late>urge",
        "urge>e",
    )
    first, second = (Play(world, file, world.make("ann", "opportunity", name=name)) for name in "AB")
    record = Instance.objects.get(pk=int(first.id)).record_id
    pam = signed_in("pam")
    for amount, uid in ((5, "m1"), (20, "m2"), (20, "m2")):
        body = {"name": "payment", "key": record, "data": {"amount": amount}, "id": uid}
        assert pam.send("POST", "/flows/messages", body).status == 202 or first.state == "completed"
        settle()
    assert (first.state, second.state) == ("completed", "running")
    assert Timer.objects.filter(instance_id=int(first.id)).count() == 0
    Timer.objects.update(due_at=clock.now() - timedelta(seconds=1))
    clockwork.look.call()
    assert second.where() == {"urge": ["ann"]}
    assert Wait.objects.count() == 0
    assert pam.send("POST", "/flows/messages", {"name": "payment"}).status == 422, "nobody waits for it any more"
    assert pam.send("POST", "/flows/messages", {"name": "opportunity.win", "key": record}).status == 422
    for bad in ({"chosen.urge": ["1"]}, {"x": "\0"}, {"x": "y" * 30_000}):
        assert pam.send("POST", "/flows/messages", {"name": "payment", "key": record, "data": bad}).status == 422, bad
    assert signed_in("ann").send("POST", "/flows/messages", {"name": "payment"}).status == 404


def test_a_sub_process_ends_when_all_in_it_has_and_is_left_by_time(world: Company) -> None:
    late = (
        '<boundaryEvent id="late" attachedToRef="sub">'
        + "<timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition></boundaryEvent>"
    )
    body = inside(
        "sub",
        task("legal", "position finance"),
        task("tech", "position support", show="name"),
        "s>p1",
        "p1>legal",
        "p1>tech",
        "legal>e",
        "tech>e",
    )
    file = process(
        body,
        late,
        task("last", "manager"),
        task("why", "initiator"),
        "s>sub",
        "sub>last",
        "last>e",
        "late>why",
        "why>e",
    )
    play = Play(world, file, world.make("ann", "opportunity", name="A", amount="5"))
    assert play.where() == {"legal": ["fin"], "tech": ["sue"]}
    assert play.approve("fin").status == 200
    assert play.where() == {"tech": ["sue"]}
    assert play.approve("sue").status in (200, 204)
    assert play.where() == {"last": ["mei"]}
    assert Timer.objects.count() == 0
    assert play.reject("mei", to="legal").status == 200, "into the sub-process, whose other branch has decided"
    assert play.where() == {"legal": ["fin"]}
    assert Timer.objects.count() == 1
    Timer.objects.update(due_at=clock.now() - timedelta(seconds=1))
    clockwork.look.call()
    assert play.where() == {"why": ["ann"]}
    assert signed_in("fin").get("/flows/work").body["items"] == []
    play.approve("ann")
    assert play.state == "completed"


def test_going_back_into_a_sub_process_may_ask_the_others_in_it_again(world: Company) -> None:
    body = inside(
        "sub", task("legal", "position finance"), task("tech", "position support", show="name"), "s>p1", "p1>legal", "p1>tech", "legal>e", "tech>e"
    )  # fmt: skip
    file = process(body, task("last", "manager", back='siblings="redone"'), "s>sub", "sub>last", "last>e")
    play = Play(world, file, world.make("ann", "opportunity", name="A", amount="5"))
    for who in ("fin", "sue"):
        play.approve(who)
    assert play.reject("mei", to="legal").status == 200
    assert play.where() == {"legal": ["fin"], "tech": ["sue"]}
    for who in ("sue", "fin", "mei"):
        assert play.approve(who).status in (200, 204)
    assert play.state == "completed"


CALLED = process(task("check", "position finance"), "s>check", "check>e", id="checking")


def test_a_case_waits_for_another_and_ends_it_when_it_goes_back(world: Company) -> None:
    publish(world, CALLED)
    call = '<callActivity id="call" calledElement="checking"/>'
    file = process(
        task("draft", "initiator"),
        call,
        task("last", "manager"),
        "s>draft",
        "draft>p1",
        "p1>call",
        "p1>last",
        "call>p2",
        "last>p2",
        "p2>e",
    )
    play = Play(world, file, world.make("ann", "opportunity", name="A"))
    play.approve("ann")
    settle()
    (below,) = cases("checking")
    assert (below.parent_id, below.state) == (int(play.id), "running")
    assert play.seen("ann").body["cases"][0]["id"] == str(below.pk)
    assert play.at("ann").send("POST", f"/flows/instances/{below.pk}/withdraw").code == "above"
    assert play.reject("mei", to="draft").status == 200
    below.refresh_from_db()
    assert below.state == "withdrawn"
    assert signed_in("fin").get("/flows/work").body["items"] == []
    assert play.approve("ann").status == 200
    settle()
    play.approve("mei")
    again = cases("checking")[-1]
    work = Work.objects.get(instance=again, state="open")
    done = signed_in("fin").send("POST", f"/flows/instances/{again.pk}/work/{work.number}/decide", {"approve": True})
    assert done.status in (200, 204)
    assert play.state == "running"
    settle()
    assert play.state == "completed"
    assert verify().ok


def test_a_called_case_that_is_rejected_is_an_error_that_is_caught(world: Company) -> None:
    publish(world, CALLED)
    call = '<callActivity id="call" calledElement="checking"/>'
    error = '<boundaryEvent id="no" attachedToRef="call"><errorEventDefinition/></boundaryEvent>'
    for code, more, then in (("caught", error, "running"), ("bare", "", "rejected")):
        edges = ["s>call", "call>e", *(["no>mend", "mend>e"] if more else [])]
        made = [more, task("mend", "initiator")] if more else []
        play = Play(world, process(call, *made, *edges, id=code), world.make("ann", "opportunity", name="A"))
        settle()
        work = Work.objects.get(instance=cases("checking")[-1], state="open")
        signed_in("fin").send(
            "POST", f"/flows/instances/{work.instance_id}/work/{work.number}/decide", {"approve": False, "to": "end"}
        )
        settle()
        assert play.state == then
        assert play.where() == ({"mend": ["ann"]} if more else {})


def each(what: str, *, one_by_one: bool = False) -> str:
    sequential = ' isSequential="true"' if one_by_one else ""
    return (
        f'<multiInstanceLoopCharacteristics{sequential}><extensionElements><heli:each in="{what}" as="who"/></extensionElements>'
        "</multiInstanceLoopCharacteristics>"
    )


@pytest.mark.parametrize("one_by_one", [False, True])
def test_work_is_done_once_for_each_of_several_things(world: Company, one_by_one: bool) -> None:
    ask = task("ask", "data name=who", show="name").replace(
        "</userTask>", each("data.people", one_by_one=one_by_one) + "</userTask>"
    )
    file = process(ask, task("last", "manager"), "s>ask", "ask>last", "last>e")
    play = Play(world, file, world.make("ann", "opportunity", name="A"), data={"people": ["fin", "sue", "fin"]})
    settle()
    seen = []
    for _ in range(3):
        open_ = list(Work.objects.filter(instance__parent_id=int(play.id), state="open").order_by("number"))
        assert len(open_) == (1 if one_by_one else 3 - len(seen))
        work = open_[0]
        seen.append(work.person_id)
        who = next(name for name, pk in world.people.items() if pk == work.person_id)
        page = signed_in(who).get(f"/flows/instances/{work.instance_id}")
        assert page.body["above"]["id"] == play.id
        done = signed_in(who).send(
            "POST", f"/flows/instances/{work.instance_id}/work/{work.number}/decide", {"approve": True}
        )
        assert done.status in (200, 204)
        settle()
    assert [seen.count(world.people[one]) for one in ("fin", "sue")] == [2, 1]
    assert play.where() == {"last": ["mei"]}
    none = Play(world, file, world.make("ann", "opportunity", name="B"))
    assert none.where() == {"last": ["mei"]}, "of nothing there is none"


ENOUGH = "nrOfCompletedInstances &gt;= 2"


@pytest.mark.parametrize("one_by_one", [False, True])
def test_once_enough_have_ended_the_others_and_all_that_they_gave_are_over(world: Company, one_by_one: bool) -> None:
    loop = each("data.people", one_by_one=one_by_one).replace(
        "</multi", f"<completionCondition>{ENOUGH}</completionCondition></multi"
    )
    ask = task("ask", "data name=who", show="name amount").replace("</userTask>", loop + "</userTask>")
    file = process(ask, task("last", "manager"), "s>ask", "ask>last", "last>e")
    deal = world.make("ann", "opportunity", name="A", amount="5000")
    play = Play(world, file, deal, data={"people": ["fin", "sue", "mei", "bob"]})
    settle()
    for who in ("fin", "sue"):
        work = Work.objects.get(instance__parent_id=int(play.id), state="open", person_id=world.people[who])
        done = signed_in(who).send(
            "POST", f"/flows/instances/{work.instance_id}/work/{work.number}/decide", {"approve": True}
        )
        assert done.status in (200, 204)
        assert play.where() == {}
        settle()
    assert play.where() == {"last": ["mei"]}
    assert not Work.objects.filter(instance__parent_id=int(play.id), state="open").exists()
    assert signed_in("bob").get("/flows/work").body["items"] == []
    left = Instance.objects.filter(parent_id=int(play.id)).exclude(state="completed")
    assert [(one.state, one.outcome) for one in left] == ([] if one_by_one else [("withdrawn", "enough")] * 2)
    reached = Reach.objects.filter(kind="workitem").values_list("source", flat=True)
    assert set(reached) == {
        f"work:{play.id}:{one.number}" for one in Work.objects.filter(instance_id=int(play.id), state="open")
    }
    assert signed_in("bob").get(f"/opportunities/{deal}").status in (403, 404), "what the work gave has gone with it"
    told = [one for one in play.seen("mei").body["history"] if one["outcome"] == "enough"]
    assert [(one["what"], one["node"]) for one in told] == [("done", "ask")]
    assert "2" in told[0]["words"]["en"] and "4" in told[0]["words"]["en"] and "完成条件" in told[0]["words"]["zh"]
    for one in left:
        last = signed_in("pam").get(f"/flows/instances/{one.pk}").body["history"][-1]
        assert (last["what"], last["outcome"]) == ("ended", "withdrawn") and "no longer needed" in last["words"]["en"]
    assert verify().ok
    play.approve("mei")
    assert play.state == "completed"
    assert bytes(Version.objects.get(process__code="deal").source).decode() == file


def test_what_says_when_enough_have_ended_names_only_what_there_is(world: Company) -> None:
    for condition, wrong in (
        ("nrOfApprovals &gt; 1", ["nrOfApprovals"]),
        ("record.nothing = nrOfInstances", ["has no field “nothing”"]),
    ):
        loop = each("data.people").replace("</multi", f"<completionCondition>{condition}</completionCondition></multi")
        ask = task("ask", "data name=who").replace("</userTask>", loop + "</userTask>")
        said = signed_in("pam").send("POST", "/flows/processes", {"source": process(ask, "s>ask", "ask>e")})
        assert said.status == 422, said.body
        assert [one in said.body["problems"][0]["message"]["en"] for one in wrong] == [True], said.body
    elsewhere = process(task("a", "manager"), "s>x1", "x1>e", "x1>a if nrOfInstances > 1", "a>e")
    assert signed_in("pam").send("POST", "/flows/processes", {"source": elsewhere}).status == 422


def test_what_brings_cases_back_may_be_tried_again_and_counts_what_has_ended_once(world: Company) -> None:
    loop = each("data.people").replace(
        "</multi",
        "<completionCondition>data.got = nrOfCompletedInstances - 1 or data.more &gt; 1</completionCondition></multi",
    )
    ask = task("ask", "data name=who", more='<heli:take name="got" from="who"/>').replace(
        "</userTask>", loop + "</userTask>"
    )
    play = Play(world, process(ask, task("last", "manager"), "s>ask", "ask>last", "last>e"), world.make("ann", "opportunity", name="A"),
                data={"people": ["fin", "sue", "mei"], "more": "x"})  # fmt: skip
    settle()
    work = Work.objects.get(instance__parent_id=int(play.id), state="open", person_id=world.people["fin"])
    signed_in("fin").send("POST", f"/flows/instances/{work.instance_id}/work/{work.number}/decide", {"approve": True})
    settle()
    row = Instance.objects.get(pk=int(play.id))
    assert row.halted and row.data["got"] == ["fin"]
    assert "no order" in play.seen("pam").body["history"][-1]["words"]["en"]
    row.data["more"] = 2
    row.save()
    assert signed_in("pam").send("POST", f"/flows/instances/{play.id}/retry", {"node": "ask"}).status == 200
    settle()
    row.refresh_from_db()
    assert (row.halted, row.data["got"], play.where()) == (False, ["fin"], {"last": ["mei"]})


def test_a_table_decides_and_what_it_says_is_known_afterwards(world: Company) -> None:
    table = (
        '<businessRuleTask id="rule"><extensionElements><heli:decision hit="U"><heli:input value="record.amount"/><heli:output name="level"/>'
        "<heli:rule><heli:when>&lt; 1000</heli:when><heli:then>'low'</heli:then></heli:rule>"
        "<heli:rule><heli:when>[1000..9000]</heli:when><heli:then>'high'</heli:then></heli:rule>"
        "<heli:rule><heli:when>&gt;= 9000</heli:when><heli:then>'top'</heli:then></heli:rule></heli:decision></extensionElements></businessRuleTask>"
    )
    file = process(
        table, task("lead", "manager"), "s>rule", "rule>x1", "x1>e", "x1>lead if data.level = 'high'", "lead>e"
    )
    small, big, both = (
        Play(world, file, world.make("ann", "opportunity", name="A", amount=amount)) for amount in ("5", "5000", "9000")
    )
    assert (small.state, big.where()) == ("completed", {"lead": ["mei"]})
    assert Instance.objects.get(pk=int(big.id)).data == {"level": "high"}
    row = Instance.objects.get(pk=int(both.id))
    assert row.halted, "two rules hold where one may"
    world.do("ann", "opportunity", "edit", row.record_id, amount="20000")
    assert signed_in("pam").send("POST", f"/flows/instances/{row.pk}/retry", {"node": "rule"}).status == 200
    assert both.state == "completed"


def test_a_signal_reaches_everybody_and_an_error_ends_the_part_that_it_is_in(world: Company) -> None:
    hear = '<boundaryEvent id="stop" attachedToRef="ask"><signalEventDefinition signalRef="halt"/></boundaryEvent>'
    waiting = process(task("ask", "manager"), hear, "s>ask", "ask>e", "stop>e", id="waiting")
    plays = [Play(world, waiting, world.make("ann", "opportunity", name=name)) for name in "ABC"]
    body = inside("sub", task("legal", "position finance"), '<endEvent id="bad"><errorEventDefinition errorRef="broken"/></endEvent>',
                  "s>p1", "p1>legal", "p1>x1", "x1>e", "x1>bad if record.amount > 10", "legal>e")  # fmt: skip
    caught = '<boundaryEvent id="oops" attachedToRef="sub"><errorEventDefinition errorRef="broken"/></boundaryEvent>'
    say = '<intermediateThrowEvent id="say"><signalEventDefinition signalRef="halt"/></intermediateThrowEvent>'
    file = process(body, caught, say, "s>sub", "sub>e", "oops>say", "say>e", id="throwing")
    well = Play(world, file, world.make("ann", "opportunity", name="W", amount="5"))
    assert well.where() == {"legal": ["fin"]}
    Play(world, file, world.make("ann", "opportunity", name="X", amount="50"))
    assert well.where() == {"legal": ["fin"]}
    assert {one.state for one in plays} == {"running"}
    settle()
    assert {one.state for one in plays} == {"completed"}


def test_the_clock_begins_cases(world: Company) -> None:
    timed = "<timerEventDefinition><timeCycle>R/P1D</timeCycle></timerEventDefinition>"
    plain = process(task("look", "position finance", show=""), "s>look", "look>e").replace(
        '<heli:subject type="opportunity" right="edit"/>', ""
    )
    publish(world, starts(plain, timed))
    assert clockwork.look.call() == 0
    for day in (1, 2):
        with clock.later(days=day, hours=1):
            assert clockwork.look.call() == 1
            assert clockwork.look.call() == 0
            settle()
        assert len(cases()) == day
    pam = signed_in("pam")
    about = starts(process(task("look", "manager"), "s>look", "look>e", id="other"), timed)
    assert pam.send("POST", "/flows/processes", {"source": about}).status == 422, "of which record is not said"


def test_what_cannot_run_is_refused_at_publication(world: Company) -> None:
    pam = signed_in("pam")
    call = '<callActivity id="call" calledElement="{}"/>'
    for file, place in (
        (process(call.format("nosuch"), "s>call", "call>e"), "call"),
        (process(call.format("deal"), "s>call", "call>e"), "call"),
        (starts(process(task("t", "manager"), "s>t", "t>e"), on(event="opportunity.fly")), "heard"),
        (starts(process(task("t", "manager"), "s>t", "t>e"), on(event="account.edit")), "heard"),
        (process(catch("c", event="contact.edit", by="nosuch"), "s>c", "c>e"), "c"),
        (process(catch("c", event="hello", where="record.nosuch = 1"), "s>c", "c>e"), "c"),
        (process(task("t", "manager"), '<inclusiveGateway id="o"/>', "s>o", "o>t if record.amount > 1", "o>e if record.amount > 2", "t>e"), "o"),
        (process('<eventBasedGateway id="g"/>', task("t", "manager"), catch("c", event="x"), "s>g", "g>t", "g>c", "t>e", "c>e"), "g"),
    ):  # fmt: skip
        found = pam.send("POST", "/flows/processes", {"source": file})
        assert (found.status, place in found.places) == (422, True), (place, found.body)


def test_what_cannot_go_on_stands_still_and_can_be_tried_again(world: Company) -> None:
    publish(world, CALLED)
    call = process('<callActivity id="call" calledElement="checking"/>', "s>call", "call>e")
    publish(world, call)
    Process.objects.filter(code="checking").update(closed_at=clock.now())
    play = Play(world, call, world.make("ann", "opportunity", name="A", amount="5"))
    settle()
    row = Instance.objects.get(pk=int(play.id))
    assert row.halted
    assert [one["words"]["zh"] for one in play.seen("ann").body["history"] if one["what"] == "incident"] == [
        "没有可用的流程“checking”"
    ]
    Process.objects.filter(code="checking").update(closed_at=None)
    pam = signed_in("pam")
    assert pam.send("POST", f"/flows/instances/{play.id}/retry", {"node": "call"}).status == 200
    settle()
    assert len(cases("checking")) == 1
    # Everybody on a circle is passed over: it would go round for ever.
    skipped = task("none", "data name=nobody", people='empty="skip"')
    circle = process(skipped, "s>x1", "x1>none", "none>x2", "x2>e", "x2>x1 if record.amount > 1", id="circle")
    round_ = Play(world, circle, world.make("ann", "opportunity", name="B", amount="5"))
    row = Instance.objects.get(pk=int(round_.id))
    assert row.halted
    assert row.state == "running"
    world.do("ann", "opportunity", "edit", row.record_id, amount="1")
    assert signed_in("pam").send("POST", f"/flows/instances/{row.pk}/retry", {"node": "none"}).status == 200
    assert round_.state == "completed"


def test_a_case_that_was_written_before_there_were_sub_processes_goes_on(world: Company) -> None:
    play = Play(world, process(task("ask", "manager"), "s>ask", "ask>e"), world.make("ann", "opportunity", name="A"))
    row = Instance.objects.get(pk=int(play.id))
    old = json.loads(row.standing) | {"f": 1}
    Instance.objects.filter(pk=row.pk).update(standing=json.dumps(old))
    assert play.approve("mei").status in (200, 204)
    assert play.state == "completed"


@pytest.mark.parametrize("seed", range(3))
def test_however_often_and_in_whatever_order_messages_come_each_is_heard_once(world: Company, seed: int) -> None:
    ticks = [catch(f"c{n}", event="tick") for n in range(5)]
    play = Play(
        world, process(*ticks, "s>c0", *(f"c{n}>c{n + 1}" for n in range(4)), "c4>e"), world.make("ann", "opportunity", name="A")
    )  # fmt: skip
    record, rng = Instance.objects.get(pk=int(play.id)).record_id, Random(seed)
    told = [one for one in "abcd" for _ in range(rng.randint(1, 5))]
    rng.shuffle(told)
    for one in told:
        hearing.spread.call("message", "tick", record, f"said:{one}", 0, {})
        if rng.random() < 0.5:
            settle()
    settle()
    done = [one["standing"] for one in play.seen("ann").body["nodes"]].count("done")
    assert done == Heard.objects.filter(instance_id=int(play.id)).count() <= 4
    for one in "abcd":
        hearing.spread.call("message", "tick", record, f"said:{one}", 0, {})
        settle()
    assert Wait.objects.get().node == library.definition(Instance.objects.get(pk=int(play.id)).version).places["c4"], (
        "four have been heard"
    )
