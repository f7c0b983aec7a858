"""What Heli adds to a BPMN file, read: who does a node, with which fields, what it does, how it is decided and sent back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from lxml import etree

from heli.flows.core.definition import (
    Assignee,
    Criterion,
    Does,
    Form,
    Handoff,
    Mode,
    Move,
    Part,
    Rejection,
    Subject,
    Task,
)
from heli.flows.core.duration import duration
from heli.flows.core.expression import Expression, ExpressionError, parse
from heli.kernel.errors import Problem
from heli.kernel.words import Words

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
HELI = "urn:heli:flow"
MOST_FIELDS = 200
MOST_PARTS = 30
"""Files, notes and criteria of a packet, of each."""
LONGEST_LABEL = 300
LONGEST_COPY = timedelta(days=366)
MOST_ROLE = 32
"""Characters of what somebody is in a project."""
CODE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
AMOUNT = re.compile(r"\d{1,15}(\.\d{1,2})?\Z")


def quoted(*names: str) -> Words:
    """Names as a sentence lists them."""
    each = [f"“{one}”" for one in names]
    return Words("、".join(each), ", ".join(each))


NOWHERE = Words("", "")


class Own:
    """Reads ``heli:`` elements; what is wrong with them is collected beside what is wrong with the rest."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._told: dict[str, Words] = {}
        """Id -> what stands before all that is wrong there."""

    def _wrong(self, place: str, code: str, zh: str, en: str) -> None:
        at = self._told.get(place, NOWHERE)
        self._problems.append(Problem(place, code, Words(at.zh + zh, at.en + en)))

    def _extensions(self, element: etree._Element, name: str) -> Iterator[etree._Element]:
        for holder in element.findall(f"{{{BPMN}}}extensionElements"):
            yield from holder.findall(f"{{{HELI}}}{name}")

    def _task(self, code: str, element: etree._Element) -> Task:
        assignees, candidates, accountable, consulted, informed = (
            tuple(
                Assignee(one.get("rule", ""), {str(k): str(v) for k, v in one.attrib.items() if k != "rule"})
                for one in self._extensions(element, name)
            )
            for name in ("assignee", "candidate", "accountable", "consulted", "informed")
        )
        people = next(self._extensions(element, "people"), None)
        said: dict[str, str] = {} if people is None else {str(k): str(v) for k, v in people.attrib.items()}
        written = next(self._extensions(element, "moves"), None)
        rejection = next(self._extensions(element, "rejection"), None)
        back: dict[str, str] = {} if rejection is None else {str(k): str(v) for k, v in rejection.attrib.items()}
        moves = [] if written is None else written.get("allow", "").split()
        self._known(code, "heli:moves allow", moves, list(Move))
        self._known(code, "heli:people", list(said), ["mode", "share", "empty", "self", "same"])
        self._known(code, "heli:rejection", list(back), ["to", "siblings", "resubmit"])
        mode = self._choice(code, "mode", said.get("mode", Mode.ANY), list(Mode))
        form, handoff, allowed = (
            self._form(code, element),
            self._handoff(code, element),
            {Move(one) for one in moves if one in set(Move)},
        )
        if (
            handoff is not None
        ):  # who receives it reads what is handed over, accepts it, or returns it to where it came from
            form = replace(form, show=tuple(dict.fromkeys((*handoff.fields, *form.show))))
            allowed.add(Move.REJECT)
            if back.setdefault("to", handoff.source) != handoff.source:
                self._wrong(
                    code, "target", "交接节点只退回给移交的节点：请删去 heli:rejection 的 to，或写成与 from 相同",
                    "a hand-off is returned to the node that hands over: leave out the to of heli:rejection, or let it be the same as from",
                )  # fmt: skip
        return Task(
            assignees, candidates, Mode(mode), self._share(code, said.get("share", "1/2")),
            self._choice(code, "empty", said.get("empty", "administrator"), ["skip", "manager", "administrator", "stop"]),
            self._choice(code, "self", said.get("self", "allow"), ["allow", "skip", "manager"]),
            self._choice(code, "same", said.get("same", "ask"), ["ask", "dedupe"]),
            frozenset(allowed),
            Rejection(
                back.get("to", "any"), self._choice(code, "siblings", back.get("siblings", "kept"), ["kept", "redone"]),
                self._choice(code, "resubmit", back.get("resubmit", "walk"), ["walk", "back"]),
            ),
            form, *self._sla(code, element), accountable, consulted, informed, handoff, self._joins(code, element),
        )  # fmt: skip

    def _joins(self, code: str, element: etree._Element) -> str:
        """As what whoever approves takes part in the project."""
        said = self._one(code, element, "joins", ["role"])
        if said is None:
            return ""
        role = said.get("role", "").strip()
        if not role or len(role) > MOST_ROLE or ":" in role:
            self._wrong(
                code, "role", f"heli:joins 没有写明项目角色：请写上 role，如 member，最多 {MOST_ROLE} 个字符，不含冒号",
                f"heli:joins does not say as what: give a role, such as member, of at most {MOST_ROLE} characters and without a colon",
            )  # fmt: skip
            return ""
        return role

    def _known(self, code: str, where: str, given: Sequence[str], known: Sequence[str]) -> None:
        for one in given:
            if one not in known:
                self._wrong(
                    code,
                    "unknown",
                    f"{where} 不认识“{one[:40]}”：请改成 {'、'.join(known)} 之一，或删去",
                    f"{where} does not know “{one[:40]}”: take one of {', '.join(known)}, or leave it out",
                )

    def _choice(self, code: str, where: str, given: str, known: Sequence[str]) -> str:
        self._known(code, where, [given], known)
        return given if given in known else known[0]

    def _share(self, code: str, text: str) -> Fraction:
        number, percent, rest = text.strip().replace("％", "%").partition("%")
        try:
            found = Fraction(number) if len(text) <= 20 and not rest else Fraction(0)
        except (ValueError, ZeroDivisionError):
            found = Fraction(0)
        found /= 100 if percent else 1
        if not 0 < found <= 1:
            self._wrong(
                code,
                "share",
                f"票签的比例不能是“{text[:20]}”：请写大于 0、不超过 1 的数，如 2/3、0.6 或 60%",
                f"the share of a vote cannot be “{text[:20]}”: write one above 0 and at most 1, such as 2/3, 0.6 or 60%",
            )
            return Fraction(1, 2)
        return found

    def _one(self, code: str, element: etree._Element, name: str, known: Sequence[str]) -> dict[str, str] | None:
        """The attributes of an element of ours; None when there is none."""
        found = next(self._extensions(element, name), None)
        if found is None:
            return None
        said = {str(k): str(v) for k, v in found.attrib.items()}
        self._known(code, f"heli:{name}", list(said), known)
        return said

    def _codes(self, code: str, where: str, text: str) -> tuple[str, ...]:
        """Field codes, as a list with blanks between."""
        found = tuple(dict.fromkeys(text.split()))
        for one in found:
            if not CODE.match(one):
                self._wrong(
                    code,
                    "field",
                    f"{where} 里的“{one[:40]}”不是字段代码：请写小写字母、数字和下划线组成的代码，多个之间空一格",
                    f"“{one[:40]}” in {where} is no field's code: write codes of small letters, digits and underscores, with blanks between",
                )
        if len(found) > MOST_FIELDS:
            self._wrong(
                code,
                "too_many",
                f"{where} 有 {len(found)} 个字段，最多 {MOST_FIELDS} 个：请删去一些",
                f"{where} names {len(found)} fields, and at most {MOST_FIELDS} are read: leave some out"
            )  # fmt: skip
        return found[:MOST_FIELDS]

    def _form(self, code: str, element: etree._Element) -> Form:
        said = self._one(code, element, "form", ["show", "edit", "require", "lasts"])
        if said is None:
            return Form()
        show, edit, require = (
            self._codes(code, f"heli:form {name}", said.get(name, "")) for name in ("show", "edit", "require")
        )
        return Form(tuple(dict.fromkeys((*show, *edit))), edit, require, self._lasts(code, said.get("lasts", "")))

    def _lasts(self, code: str, text: str) -> str:
        """How long whom a copy tells is shown its fields."""
        span = duration(text)
        if text and (span is None or not timedelta() < span <= LONGEST_COPY):
            most = LONGEST_COPY.days
            self._wrong(
                code, "lasts", f"heli:form lasts“{text[:40]}”不是时长，或太长：请写成 P30D（30 天）这样，最多 {most} 天",
                f"“{text[:40]}” (lasts of heli:form) is no duration, or too long: write one such as P30D (30 days), at most {most} days",
            )  # fmt: skip
            return ""
        return text

    def _handoff(self, code: str, element: etree._Element) -> Handoff | None:
        """What is handed over to this node: each of its parts is called something, and by a code of its own."""
        said = self._one(code, element, "handoff", ["from", "fields", "require"])
        if said is None:
            return None
        if len(list(self._extensions(element, "handoff"))) > 1:
            self._wrong(
                code,
                "double",
                "heli:handoff 写了不止一个：请只留一个",
                "there is more than one heli:handoff: leave one",
            )
        found = next(self._extensions(element, "handoff"))
        fields, require = (
            self._codes(code, f"heli:handoff {name}", said.get(name, "")) for name in ("fields", "require")
        )
        criteria = []
        for one, name, called in self._parts(code, found, "criterion", ["code", "name", "when"]):
            when = self._expression(code, f"criterion {name}", str(one.get("when", "")))
            if when is not None:
                criteria.append(Criterion(name, called, when))
            elif not one.get("when"):
                zh, en = (
                    f"接收条件“{name}”没有写条件：请写上 when，如 record.amount > 0",
                    f"the criterion “{name}” has no condition: write its when, such as record.amount > 0",
                )
                self._wrong(code, "criterion", zh, en)
        files, notes = (
            tuple(
                Part(name, called, self._choice(code, f"{kind} required", str(one.get("required", "false")), ["false", "true"]) == "true")
                for one, name, called in self._parts(code, found, kind, ["code", "name", "required"])
            )
            for kind in ("file", "note")
        )  # fmt: skip
        return Handoff(
            said.get("from", ""), tuple(dict.fromkeys((*fields, *require))), require, files, notes, tuple(criteria)
        )

    def _parts(
        self, code: str, holder: etree._Element, kind: str, known: Sequence[str]
    ) -> list[tuple[etree._Element, str, str]]:
        """Parts of a packet of one kind, with their codes and what they are called."""
        found: dict[str, tuple[etree._Element, str, str]] = {}
        every = holder.findall(f"{{{HELI}}}{kind}")
        for one in every[:MOST_PARTS]:
            name, called = str(one.get("code", "")), str(one.get("name", "")).strip()
            self._known(code, f"heli:{kind}", [str(key) for key in one.attrib], known)
            if not CODE.match(name):
                zh, en = (
                    f"heli:{kind} 的 code“{name[:40]}”不是代码：请用小写字母、数字和下划线",
                    f"“{name[:40]}” is no code of a heli:{kind}: use small letters, digits and underscores",
                )
                self._wrong(code, kind, zh, en)
            elif name in found:
                self._wrong(
                    code,
                    "double",
                    f"heli:{kind} 的“{name}”写了两次：请删去一个，或换一个 code",
                    f"there are two heli:{kind} called “{name}”: take one out, or give it another code",
                )
            elif not called or len(called) > LONGEST_LABEL:
                self._wrong(
                    code, "label", f"heli:{kind}“{name}”没有名称或名称太长：请写成“中文 / English”，最多 {LONGEST_LABEL} 个字符",
                    f"the heli:{kind} “{name}” has no name, or one too long: write “中文 / English”, at most {LONGEST_LABEL} characters",
                )  # fmt: skip
            else:
                found[name] = one, name, called
        if len(every) > MOST_PARTS:
            self._wrong(
                code,
                "too_many",
                f"交接单有 {len(every)} 个 heli:{kind}，最多 {MOST_PARTS} 个：请删去一些",
                f"the packet has {len(every)} heli:{kind}, and at most {MOST_PARTS} are read: leave some out",
            )
        return list(found.values())

    def _sla(self, code: str, element: etree._Element) -> tuple[str, str, str, str, str]:
        """Within what time, when before that one is reminded, when after that one's manager is told; what then becomes of it by itself,
        and when after that."""
        said = self._one(code, element, "sla", ["within", "remind", "escalate", "outcome", "after"]) or {}
        texts = {name: said.get(name, "") for name in ("within", "remind", "escalate", "after")}
        outcome = said.get("outcome", "")
        if outcome:
            self._known(code, "heli:sla outcome", [outcome], ["approve", "reject"])
        for name, text in texts.items():
            if text and duration(text) is None:
                self._wrong(
                    code,
                    "sla",
                    f"heli:sla {name}“{text[:40]}”不是时长：请写成 PT8H（8 小时）、P2D（2 天）这样",
                    f"“{text[:40]}” ({name} of heli:sla) is no duration: write one such as PT8H (8 hours) or P2D (2 days)",
                )
                return "", "", "", "", ""
        if not texts["within"] and (outcome or any(texts.values())):
            self._wrong(
                code,
                "sla",
                "heli:sla 写了 remind、escalate 或 outcome，却没有时限：请写上 within",
                "heli:sla says remind, escalate or outcome, and no time limit: say within too",
            )
            return "", "", "", "", ""
        if texts["after"] and not outcome:
            self._wrong(
                code,
                "sla",
                "heli:sla 写了 after，却没有写到期后怎么办：请写上 outcome，或删去 after",
                "heli:sla says after, and not what then becomes of it: say outcome too, or leave after out",
            )
        return texts["within"], texts["remind"], texts["escalate"], outcome, texts["after"]

    def _does(self, code: str, element: etree._Element) -> Does | None:
        said = self._one(code, element, "does", ["verb", "type", "limit"])
        if said is None:
            return None
        verb, limit, made = said.get("verb", ""), said.get("limit", ""), said.get("type", "")
        if (verb == "create") != bool(CODE.match(made)):
            self._wrong(
                code,
                "type",
                "heli:does 的 type 写明新建什么：verb 是 create 时请写上，其他操作请删去",
                "the type of heli:does says what is created: give it with the verb create, and leave it out with others",
            )
        if not CODE.match(verb):
            self._wrong(
                code,
                "verb",
                "heli:does 没有写明做什么：请写上操作的代码（verb）",
                "heli:does does not say what is done: give the code of an act (verb)",
            )
        if limit and not AMOUNT.match(limit):
            self._wrong(
                code,
                "limit",
                f"heli:does limit“{limit[:40]}”不是金额：请写成 500000 或 500000.00 这样",
                f"“{limit[:40]}” (limit of heli:does) is no amount: write one such as 500000 or 500000.00",
            )
            limit = ""
        return Does(verb, self._gives(code, element), made, limit)

    def _gives(self, code: str, element: etree._Element) -> dict[str, Expression]:
        found: dict[str, Expression] = {}
        for one in self._extensions(element, "give"):
            name, text = str(one.get("name", "")), str(one.get("value", ""))
            try:
                found[name] = parse(text)
            except ExpressionError as error:
                self._wrong(
                    code, "give", f"参数 {name[:40]} 第 {error.at + 1} 个字符：{error.words.zh}",
                    f"the parameter {name[:40]}, character {error.at + 1}: {error.words.en}",
                )  # fmt: skip
        return found

    def _subject(self, process: etree._Element) -> Subject | None:
        code = process.get("id", "")
        said = self._one(
            code, process, "subject",
            ["type", "right", "begins", "unless", "when", "rejected", "withdrawn", "holds", "only", "proposes", "guards"],
        )  # fmt: skip
        if said is None:
            return None
        holds, only, proposes, guards = (
            self._codes(code, f"heli:subject {name}", said.pop(name, ""))
            for name in ("holds", "only", "proposes", "guards")
        )
        unless, when = (self._expression(code, name, said.pop(name, "")) for name in ("unless", "when"))
        for name, text in said.items():
            if not CODE.match(text):
                self._wrong(
                    code,
                    "subject",
                    f"heli:subject {name}“{text[:40]}”不是代码：请用小写字母、数字和下划线",
                    f"“{text[:40]}” ({name} of heli:subject) is no code: use small letters, digits and underscores",
                )
        return Subject(
            said.get("type", ""), said.get("right", said.get("begins", "edit")), said.get("begins", ""),
            said.get("rejected", ""), said.get("withdrawn", ""), holds, only, proposes, guards, unless, when,
        )  # fmt: skip

    def _expression(self, code: str, where: str, text: str) -> Expression | None:
        """An expression of an attribute; None for none."""
        if not text:
            return None
        try:
            return parse(text)
        except ExpressionError as error:
            self._wrong(
                code, where, f"{where} 第 {error.at + 1} 个字符：{error.words.zh}",
                f"{where}, character {error.at + 1}: {error.words.en}",
            )  # fmt: skip
            return None
