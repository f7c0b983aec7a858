from __future__ import annotations
from pathlib import Path
import pytest
from heli.flows import definitions, moves, library
from heli.flows.models import *
from tests.world import World, fresh
from tests.flows import *
pytestmark = pytest.mark.django_db

FILE = b'''<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow"><process id="deal" name="Deal approval">
<extensionElements><heli:subject type="opportunity" right="edit"/></extensionElements>
<startEvent id="s"/><userTask id="lead" name="Lead"><extensionElements><heli:assignee rule="manager"/><heli:form show="name amount" edit="next_follow_on"/><heli:moves allow="reject transfer add_signer delegate take_back"/></extensionElements></userTask>
<userTask id="money" name="Money"><extensionElements><heli:assignee rule="position" position="finance"/><heli:form show="name amount"/><heli:moves allow="reject"/></extensionElements></userTask>
<endEvent id="e"/><exclusiveGateway id="x" default="f3"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="lead"/><sequenceFlow id="f2" sourceRef="lead" targetRef="x"/><sequenceFlow id="f3" sourceRef="x" targetRef="e"/>
<sequenceFlow id="f4" sourceRef="x" targetRef="money"><conditionExpression>record.amount &gt; 1000</conditionExpression></sequenceFlow><sequenceFlow id="f5" sourceRef="money" targetRef="e"/>
</process></definitions>'''

def test_it(transactional_db):
    library.forget()
    w = fresh()
    print([str(p) for p in definitions.check(FILE).problems])
    definitions.publish(w.system, FILE)
    r = w.make("ann", "opportunity", name="A", amount="5000")
    n = moves.begin(w.as_("ann"), moves.Begin("deal", r))
    print(Instance.objects.values(), list(Work.objects.values()))
    one = Work.objects.get(state="open")
    assert one.person_id == w.people["mei"]
    moves.decide(w.as_("mei"), n, one.number, moves.Decision(values={"next_follow_on": "2026-12-01"}))
    one = Work.objects.get(state="open")
    assert one.person_id == w.people["fin"]
    moves.decide(w.as_("fin"), n, one.number, moves.Decision(False, "lead", "no"))
    one = Work.objects.get(state="open")
    assert one.person_id == w.people["mei"]
    for h in Happening.objects.values(): print(h)
    print(Instance.objects.get().standing)
