"""Jobs that ship, and the role that each brings to its holders through their assignment."""

from __future__ import annotations

from dataclasses import dataclass

from heli.kernel.words import Words


@dataclass(frozen=True, slots=True)
class PositionTemplate:
    """A job and the role that its holders get through their assignment."""

    code: str
    words: Words
    role: str


def _position(code: str, zh: str, en: str, role: str) -> PositionTemplate:
    return PositionTemplate(code, Words(zh, en), role)


POSITIONS: tuple[PositionTemplate, ...] = (
    _position("sales_rep", "销售代表", "Sales representative", "sales_rep"),
    _position("key_account_manager", "大客户经理", "Key account manager", "sales_rep"),
    _position("sales_manager", "销售经理", "Sales manager", "sales_manager"),
    _position("sales_director", "大区总监", "Regional sales director", "sales_manager"),
    _position("marketing_specialist", "市场专员", "Marketing specialist", "marketing"),
    _position("marketing_manager", "市场经理", "Marketing manager", "marketing"),
    _position("support_agent", "客服专员", "Support agent", "support"),
    _position("support_manager", "客服主管", "Support lead", "support"),
    _position("product_manager", "产品经理", "Product manager", "product"),
    _position("engineer", "研发工程师", "Engineer", "employee"),
    _position("accountant", "会计", "Accountant", "finance"),
    _position("finance_manager", "财务经理", "Finance manager", "finance"),
    _position("legal_counsel", "法务", "Legal counsel", "legal"),
    _position("managing_director", "总经理", "Managing director", "management"),
    _position("vice_president", "副总经理", "Vice president", "management"),
    _position("auditor", "审计员", "Auditor", "auditor"),
    _position("system_administrator", "系统管理员", "System administrator", "system_administrator"),
    _position("security_administrator", "安全管理员", "Security administrator", "security_administrator"),
    _position("hr_specialist", "人事专员", "HR specialist", "employee"),
    _position("assistant", "行政助理", "Assistant", "employee"),
)
