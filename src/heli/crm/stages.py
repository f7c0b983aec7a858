"""Entry rules of stages, as data: which stage may follow which, and what must be filled in before.

A rule has a published code (OPP-07) that every refusal names. The same rules answer before a drop in kanban
("may this card go there?") and inside the verb that moves it; rights are a separate question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.kernel.words import Words
from heli.records.fields import Choice
from heli.records.types import TYPES
from heli.records.verbs import verb_of


@dataclass(frozen=True, slots=True)
class Rule:
    """Entering stage `to`: from one of `sources` (empty: from any), with `needs` filled in, by verb `by`.

    `needs` holds field codes; ``"phone|email"`` means that one of the two is enough.
    """

    code: str
    to: str
    words: Words
    sources: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    by: str = "move"


@dataclass(frozen=True, slots=True)
class Flow:
    """The stages of one object type: its stage field and one rule per stage that can be entered."""

    type: str
    field: str
    rules: tuple[Rule, ...]

    def rule(self, to: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.to == to), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a record may enter a stage; if not, the rule's code, words, and the fields still missing."""

    allowed: bool
    by: str = "move"
    rule: str = ""
    words: Words | None = None
    missing: tuple[str, ...] = ()


SAME = Words("已在此阶段", "already in this stage")
NO_WAY = Words("记录不能进入此阶段", "no record can enter this stage")
BY_VERB = Words(
    "「{to}」要用「{verb}」进入，不能在这里改：{words}（规则 {code}）",
    "“{to}” is entered by “{verb}”, not from here: {words} (rule {code})",
)
FROM = Words(
    "从「{here}」还不能进入「{to}」：{words}（规则 {code}）",
    "“{to}” cannot be entered from “{here}” yet: {words} (rule {code})",
)
MISSING = Words(
    "还不能进入「{to}」，有必填项空着：{words}。请先填好再试（规则 {code}）",
    "“{to}” cannot be entered yet, for required fields are empty: {words}. Fill them in, then try again (rule {code})",
)
"""Of which cell is empty these say nothing: not everybody who is told sees it."""


def missing_fields(needs: Sequence[str], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Of the needed fields those that are empty (the first name of an either-or)."""
    return tuple(
        need.partition("|")[0]
        for need in needs
        if all(values.get(code) in (None, "", [], 0, "0.00") for code in need.split("|"))
    )


def verdict(flow: Flow, values: Mapping[str, Any], to: str, verb: str | None = None) -> Verdict:
    """Whether the record with these values (columns or JSON, by field code) may enter `to`.

    verb: the verb that wants it; None asks for the lane as such, whatever verb leads there.
    """
    if values.get(flow.field) == to:
        return Verdict(False, words=SAME)
    rule = flow.rule(to)
    if rule is None:
        return Verdict(False, words=NO_WAY)

    def refused(words: Words, missing: tuple[str, ...] = ()) -> Verdict:
        leads = verb_of(flow.type, rule.by)
        said = words.fill(
            code=rule.code, words=rule.words, to=_called(flow, to), here=_called(flow, values.get(flow.field)),
            verb=leads.words if leads is not None else rule.by,
        )  # fmt: skip
        return Verdict(False, rule.by, rule.code, said, missing)

    if verb is not None and verb != rule.by:
        return refused(BY_VERB)
    if rule.sources and values.get(flow.field) not in rule.sources:
        return refused(FROM)
    missing = missing_fields(rule.needs, values)
    if missing:
        return refused(MISSING, missing)
    return Verdict(True, rule.by, rule.code)


def _called(flow: Flow, stage: Any) -> Words:
    """What a stage is called on the page."""
    field = TYPES[flow.type].fields[flow.field]
    options = field.options if isinstance(field, Choice) else ()
    return next((one.words for one in options if one.value == stage), Words(str(stage or "—"), str(stage or "—")))


_DEAL_OPEN = ("prospecting", "engaging", "new", "qualified", "proposal", "negotiation")

OPPORTUNITY = Flow(
    "opportunity",
    "stage",
    (
        Rule("OPP-01", "new", Words("未结束的商机可退回接洽", "an open deal may go back to new"), _DEAL_OPEN),
        Rule("OPP-02", "engaging", Words("由初步接触进入", "comes after prospecting"), ("prospecting",)),
        Rule(
            "OPP-03",
            "qualified",
            Words("须先有客户", "a customer is needed first"),
            _DEAL_OPEN,
            ("account",),
        ),
        Rule(
            "OPP-04",
            "proposal",
            Words("须有客户、金额和预计成交日期", "needs a customer, an amount and an expected date"),
            ("qualified", "negotiation", "engaging"),
            ("account", "amount", "expected_on"),
        ),
        Rule(
            "OPP-05",
            "negotiation",
            Words("方案报价之后，须有产品", "comes after the proposal and needs a product"),
            ("proposal",),
            ("account", "amount", "product"),
        ),
        Rule(
            "OPP-07",
            "won",
            Words(
                "进入商务谈判后，有客户和金额才能赢单",
                "a deal is won after negotiation, with a customer and an amount",
            ),
            ("negotiation", "proposal", "engaging"),
            ("account", "amount"),
            by="win",
        ),
        Rule(
            "OPP-08",
            "lost",
            Words("未结束的商机才能输单，须选原因", "an open deal is lost with a reason"),
            _DEAL_OPEN,
            by="lose",
        ),
    ),
)

LEAD = Flow(
    "lead",
    "stage",
    (
        Rule(
            "LEAD-01",
            "new",
            Words("未结束的线索可退回", "an open lead may go back"),
            ("contacted", "qualified"),
        ),
        Rule(
            "LEAD-02",
            "contacted",
            Words("须有电话或邮箱", "needs a phone number or a mail address"),
            ("new", "qualified"),
            ("phone|email",),
        ),
        Rule(
            "LEAD-03",
            "qualified",
            Words("联系之后，须有公司和联系人", "comes after contact and needs company and contact"),
            ("contacted",),
            ("company", "contact_name"),
        ),
        Rule(
            "LEAD-05",
            "converted",
            Words(
                "已联系或已确认的线索，有公司名称才能转化",
                "a contacted or qualified lead with a company is converted",
            ),
            ("contacted", "qualified"),
            ("company",),
            by="convert",
        ),
        Rule(
            "LEAD-06",
            "disqualified",
            Words("作废须选原因", "is given up with a reason"),
            ("new", "contacted", "qualified"),
        ),
    ),
)

TICKET = Flow(
    "ticket",
    "stage",
    (
        Rule(
            "TKT-01",
            "open",
            Words("处理中的工单可退回待受理", "work may be handed back"),
            ("processing", "waiting"),
        ),
        Rule(
            "TKT-02",
            "processing",
            Words("未关闭的工单可处理", "any ticket that is not closed can be worked on"),
            ("open", "waiting", "resolved"),
        ),
        Rule(
            "TKT-03",
            "waiting",
            Words("处理中的工单可等待客户", "comes after work has begun"),
            ("processing",),
        ),
        Rule(
            "TKT-05",
            "resolved",
            Words("处理后填写解决方案才能解决", "is resolved after work, with a solution"),
            ("processing", "waiting", "open"),
            by="resolve",
        ),
        Rule(
            "TKT-06",
            "closed",
            Words("解决后才能关闭", "is closed after it was resolved"),
            ("resolved",),
            by="close",
        ),
    ),
)

CONTRACT = Flow(
    "contract",
    "status",
    (
        Rule(
            "CON-01",
            "review",
            Words(
                "草拟的合同，有客户、金额和期限才能送审",
                "a draft with customer, amount and dates goes to review",
            ),
            ("draft",),
            ("account", "amount", "starts_on", "ends_on"),
            by="submit",
        ),
        Rule(
            "CON-02",
            "approved",
            Words("审核中的合同才能批准", "is approved in review"),
            ("review",),
            by="approve",
        ),
        Rule(
            "CON-03",
            "signed",
            Words("批准后，有签约人才能签订", "is signed after approval, by a named signer"),
            ("approved",),
            ("account", "amount"),
            by="sign",
        ),
        Rule(
            "CON-04",
            "draft",
            Words(
                "送审后、签订前的合同可退回修改",
                "goes back to its draft after it was submitted and before it is signed",
            ),
            ("review", "approved"),
            by="revise",
        ),
    ),
)

ORDER = Flow(
    "order",
    "status",
    (
        Rule(
            "ORD-01",
            "confirmed",
            Words("有客户、金额和交付日期才能确认", "is confirmed with customer, amount and delivery date"),
            ("draft",),
            ("account", "amount", "deliver_on"),
            by="confirm",
        ),
        Rule(
            "ORD-02",
            "delivered",
            Words("确认后才能交付", "is delivered after it was confirmed"),
            ("confirmed", "delivering"),
            by="deliver",
        ),
    ),
)

PAYMENT = Flow(
    "payment",
    "status",
    (
        Rule(
            "PAY-01",
            "confirmed",
            Words("有到账日期和金额才能核销", "is confirmed with its amount and date of arrival"),
            ("planned", "received"),
            ("amount", "received_on"),
            by="confirm",
        ),
    ),
)

FLOWS: dict[str, Flow] = {flow.type: flow for flow in (OPPORTUNITY, LEAD, TICKET, CONTRACT, ORDER, PAYMENT)}
