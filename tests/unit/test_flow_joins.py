"""What joins wait for, where the standard's words are easily read too shortly (BPMN 2.0, 13.4: every token from which a way leads to an
empty way in holds an inclusive gateway up, wherever in a sub-process it is)."""

from __future__ import annotations

from tests.flows import Play, compiled, drawn

from heli.flows.core import events as e
from heli.flows.core import soundness
from heli.flows.core.state import Ended

INSIDE = (
    '<subProcess id="q1"><startEvent id="i"/><sequenceFlow id="i1" sourceRef="i" targetRef="x1"/><exclusiveGateway id="x1" default="i2"/>'
    '<sequenceFlow id="i2" sourceRef="x1" targetRef="u1"/><sequenceFlow id="i3" sourceRef="u1" targetRef="a"/>'
    '<userTask id="u1"/><endEvent id="a">{end}</endEvent>'
    '<sequenceFlow id="i4" sourceRef="x1" targetRef="u2"><conditionExpression>never</conditionExpression></sequenceFlow>'
    '<userTask id="u2"/><sequenceFlow id="i5" sourceRef="u2" targetRef="b"/><endEvent id="b"/></subProcess>'
    '<boundaryEvent id="c" attachedToRef="q1">{event}</boundaryEvent>'
    '<sequenceFlow id="c1" sourceRef="c" targetRef="u5"/><userTask id="u5"/><sequenceFlow id="c2" sourceRef="u5" targetRef="o2"/>'
)
"""A sub-process in which somebody's work comes to an end, with an event on it that leads to the join."""
ERROR = '<errorEventDefinition errorRef="bad"/>'
TIMER = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"


def played(edges: str, event: str, end: str = "") -> Play:
    """Two branches are gone, of which ``q1`` is the sub-process; somebody has done the other."""
    source = drawn(edges).decode().replace('<task id="q1"></task>', INSIDE.format(event=event, end=end))
    definition = compiled(source.encode())
    assert soundness.check(definition) == []
    play = Play(definition, look=lambda name: name != "never")
    play.approve("u3")
    return play


def test_a_join_waits_for_what_an_error_inside_leads_to() -> None:
    play = played("s>o1 o1>u9 u9>o2 o1>u3 u3>o2 o1>q1 q1>o2 o2>u4 u4>e", ERROR, ERROR)
    assert play.where() == ["o2", "u1"], "an error only is left inside, and what catches it leads here"
    play.approve("u1")
    assert play.where() == ["o2", "u5"]
    play.approve("u5")
    assert play.where() == ["u4"]
    play.approve("u4")
    assert play.state.ended is Ended.COMPLETED


def test_a_join_waits_for_what_an_event_on_a_sub_process_leads_to() -> None:
    """What comes out of it goes elsewhere: only the timer on it leads here."""
    play = played("s>o1 o1>u9 u9>o2 o1>u3 u3>o2 o1>q1 q1>u6 u6>e1 o2>u4 u4>e", TIMER)
    assert play.where() == ["o2", "u1"]
    (((number, place), round_),) = play.state.timers.items()
    play.send(e.Due(number, place, round_))
    assert play.where() == ["o2", "u5"]
    play.approve("u5")
    assert play.where() == ["u4"]


def test_a_join_waits_no_longer_when_that_event_cannot_come_any_more() -> None:
    play = played("s>o1 o1>u9 u9>o2 o1>u3 u3>o2 o1>q1 q1>u6 u6>e1 o2>u4 u4>e", TIMER)
    play.approve("u1")
    assert play.where() == ["u4", "u6"]
