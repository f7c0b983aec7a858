"""What approving a piece of work needs to be there: asked by the decision, which is refused without it, and told beforehand to who has the
work, so that nobody has to press the button to learn it. One rule for both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from heli.flows.core.definition import Node
from heli.flows.looking import Looking
from heli.kernel.errors import Problem
from heli.kernel.words import Words

REQUIRED = Words("请填写「{field}」", "fill in “{field}”")


@dataclass(frozen=True, slots=True)
class Need:
    """``problem``: what a refusal says for want of it, by its place. ``field`` or ``criterion``: what has to be read to know whether it
    is there; neither where that is known to whoever has the work."""

    problem: Problem
    lacking: bool
    field: str = ""
    criterion: str = ""
    unsaid: Words | None = None
    """Instead of what ``problem`` says, to who may not know whether it is there: why it cannot be worked out would tell them."""


def of_form(node: Node, looking: Looking) -> Iterator[Need]:
    """The fields that a node's people may not leave empty."""
    kind, record = looking.kind, looking.record
    if node.task is None or kind is None or record is None:
        return
    for code in node.task.form.require:
        one = kind.fields.get(code)
        if one is not None:
            problem = Problem(f"values/{code}", "required", REQUIRED.fill(field=one.words))
            yield Need(problem, lacking=one.is_empty(record[one.column]), field=code)
