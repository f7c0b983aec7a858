"""The roles that ship: versioned templates, tight by default and each enough for a day's work (product.md's table).

Plain data in the rule language. A line without ``read`` shows public and internal fields, masks sensitive ones and
hides confidential ones. Scopes relate to the assignment or project membership that carries the role. A company
changes its own copies; a new version of a template is offered, never imposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from heli.kernel.words import Words

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """A role as it ships. `sees`: one sentence for the person who tries it, used by the demo's sign-in page."""

    code: str
    version: int
    words: Words
    sees: Words
    lines: tuple[Line, ...]


def _line(
    types: str,
    actions: str,
    scopes: str,
    *,
    read: dict[str, str] | None = None,
    write: Sequence[str] | None = None,
    where: list[list[Any]] | None = None,
    limit: str | None = None,
) -> list[Line]:
    """One line for each of the types named, in the contract's JSON form."""
    rest = {"read": read, "write": list(write) if write is not None else None, "where": where, "limit": limit}
    given = {key: value for key, value in rest.items() if value is not None}
    return [{"type": type_, "actions": actions.split(), "scope": scopes.split(), **given} for type_ in types.split()]


CLEAR = {"sensitive": "read", "confidential": "read"}
REACHABLE = {"sensitive": "read"}
ALL = ("*",)

ACCOUNT_FIELDS = (
    "name", "short_name", "industry", "status", "source", "phone", "email", "website", "address", "location",
    "credit_code", "parent_account", "employees", "founded_year", "annual_revenue", "next_follow_on", "description",
)  # fmt: skip
"""What a sales rep fills in; level, credit limit, payment term and bank details are for others."""

COMMON = [
    *_line("page:workbench page:records page:organisation page:projects page:access", "open", "all"),
    *_line("organisation", "read", "all"),
    *_line("task", "read", "own team project"),
    *_line("task", "create edit", "own", write=ALL),
    *_line("task", "delete", "own"),
    *_line("project", "read", "own project"),
    *_line("product", "read", "all"),
]
"""What everyone who works here has: the pages, their own tasks and projects, the price list."""

SALES_REP = [
    *COMMON,
    *_line("account", "read", "own team", read={**REACHABLE, "credit_limit": "read"}),
    *_line("account", "read", "pool related"),
    *_line("account", "create", "own", write=ACCOUNT_FIELDS),
    *_line("account", "edit", "own team:edit", write=ACCOUNT_FIELDS),
    *_line("account", "claim", "pool"),
    *_line("account", "return share", "own"),
    *_line("contact", "read", "own team related customer", read=REACHABLE),
    *_line("contact", "create edit", "own customer", write=ALL),
    *_line("contact", "delete", "own"),
    *_line("lead", "read", "own team", read=CLEAR),
    *_line("lead", "read", "pool"),
    *_line("lead", "create edit", "own", write=ALL),
    *_line("lead", "move convert return share", "own"),
    *_line("lead", "claim", "pool"),
    *_line("opportunity", "read", "own team customer", read=CLEAR),
    *_line("opportunity", "create", "own", write=ALL),
    *_line("opportunity", "edit", "own team:edit", write=ALL),
    *_line("opportunity", "move win lose share", "own"),
    *_line("opportunity", "delete", "own", where=[["stage", "=", "new"]]),
    *_line("activity", "read", "own team customer related"),
    *_line("activity", "create edit", "own", write=ALL),
    *_line("activity", "delete", "own"),
    *_line("quote", "read", "own team customer", read=CLEAR),
    *_line("quote", "create", "own", write=ALL),
    *_line("quote", "edit", "own", write=ALL),
    *_line("quote", "delete", "own", where=[["status", "=", "draft"]]),
    *_line("contract", "read", "own team customer", read=CLEAR),
    *_line("contract", "create", "own", write=ALL),
    *_line("contract", "edit", "own", write=ALL, where=[["status", "=", "draft"]]),
    *_line("contract", "submit sign", "own"),
    *_line("order", "read", "own team customer", read=CLEAR),
    *_line("order", "create", "own", write=ALL),
    *_line("order", "edit", "own", write=ALL, where=[["status", "=", "draft"]]),
    *_line("payment", "read", "own customer", read={"amount": "read"}),
    *_line("invoice", "read", "own customer", read={"amount": "read"}),
    *_line(
        "invoice", "create", "own",
        read={"amount": "read"},
        write=("account", "contract", "payment", "invoice_kind", "amount", "tax_rate", "title_name", "title_code",
               "requested_on", "note"),
    ),
    *_line("ticket satisfaction", "read", "own customer"),
    *_line("ticket", "create", "own", write=ALL),
    *_line("feedback", "read", "own customer"),
    *_line("feedback", "create", "own", write=("subject", "account", "product", "feedback_kind", "body")),
    *_line("campaign", "read", "all"),
]  # fmt: skip

_TEAM = "below own team oversees"
"""Where a manager leads: their department with all below it, and what they oversee."""

SALES_MANAGER = [
    *COMMON,
    *_line("process", "design", "all"),
    *_line("task", "read", "below reports"),
    *_line("task", "create edit", "below reports", write=ALL),
    *_line("task", "transfer assign", "below own reports"),
    *_line("account", "read", _TEAM, read={"sensitive": "read", "confidential": "read"}),
    *_line("account", "read", "pool related"),
    *_line("account", "create edit", "below own", write=(*ACCOUNT_FIELDS, "level", "credit_limit", "payment_days")),
    *_line("account lead", "transfer assign share return", "below own"),
    *_line("account lead ticket", "claim assign", "pool"),
    *_line("account lead", "export", "below own", limit="500"),
    *_line("contact activity", "read", _TEAM + " customer:below reports related", read=REACHABLE),
    *_line("contact activity", "create edit", "below own customer:below", write=ALL),
    *_line("contact activity", "delete transfer assign", "below own"),
    *_line("lead", "read", _TEAM + " reports pool", read=CLEAR),
    *_line("lead", "create edit", "below own", write=ALL),
    *_line("lead", "move convert", "below own"),
    *_line("opportunity", "read", _TEAM + " customer:below reports", read=CLEAR),
    *_line("opportunity", "create edit", "below own reports", write=ALL),
    *_line("opportunity", "move win lose transfer assign share delete", "below own reports"),
    *_line("opportunity", "export", "below own", limit="500"),
    *_line("quote contract order", "read", _TEAM + " customer:below reports", read=CLEAR),
    *_line("quote order", "create edit", "below own", write=ALL),
    *_line("contract", "create", "below own", write=ALL),
    *_line("contract", "edit", "below own", write=ALL, where=[["status", "in", ["draft", "review"]]]),
    *_line("quote contract order", "transfer assign share", "below own"),
    *_line("quote", "delete", "below own", where=[["status", "=", "draft"]]),
    *_line("contract", "submit sign", "below own"),
    *_line("contract", "approve", "below", limit="500000.00"),
    *_line("order", "confirm deliver", "below own"),
    *_line("payment invoice", "read", _TEAM + " customer:below", read={"amount": "read"}),
    *_line("invoice", "create", "below own", read={"amount": "read"}, write=ALL),
    *_line("ticket satisfaction feedback", "read", "own below customer:below"),
    *_line("ticket feedback", "create", "own", write=ALL),
    *_line("campaign", "read", "all"),
    *_line("project", "read", "below"),
]

_BARE = {"*": "hidden", "created_at": "read", "updated_at": "read"}
"""Nothing but what every list sorts by; the fields that a line does show are added to it."""
_STAGE_ONLY = {**_BARE, "name": "read", "code": "read", "stage": "read", "source": "read", "campaign": "read"}

MARKETING = [
    *COMMON,
    *_line("campaign", "read", "all", read={"budget": "read", "cost": "read"}),
    *_line("campaign", "create edit", "own department", read={"budget": "read", "cost": "read"}, write=ALL),
    *_line("campaign", "delete", "own", where=[["status", "=", "planned"]]),
    *_line("lead", "read", "all", read={"sensitive": "hidden"}),
    *_line("lead", "read", "own", read={"sensitive": "read"}),
    *_line("lead", "create edit", "own", write=ALL),
    *_line("lead", "move transfer return share", "own"),
    *_line("lead", "claim", "pool"),
    *_line("lead", "assign import", "all"),
    *_line("opportunity", "read", "related", read=_STAGE_ONLY),
    *_line("account", "read", "related", read={**_BARE, "name": "read", "industry": "read", "status": "read"}),
    *_line("activity", "read", "own"),
    *_line("activity", "create edit", "own", write=ALL),
    *_line("feedback", "read", "all"),
    *_line("satisfaction", "read", "all", read={"contact": "hidden"}),
]

SUPPORT = [
    *COMMON,
    *_line("ticket", "read", "all"),
    *_line("ticket", "create", "own department", write=ALL),
    *_line("ticket", "edit", "own department team:edit", write=ALL),
    *_line("ticket", "move resolve close transfer return share", "own department"),
    *_line("ticket", "claim", "pool"),
    *_line("ticket", "assign", "all"),
    *_line("satisfaction", "read", "all"),
    *_line("satisfaction", "create edit", "own", write=ALL),
    *_line("account", "read", "related", read={"sensitive": "read", "annual_revenue": "hidden"}),
    *_line("contact", "read", "related", read=REACHABLE),
    *_line("order", "read", "related", read=REACHABLE),
    *_line("activity", "read", "own team related"),
    *_line("activity", "create edit", "own", write=ALL),
    *_line("feedback", "read", "own department"),
    *_line(
        "feedback", "create edit", "own",
        write=("subject", "account", "product", "ticket", "feedback_kind", "priority", "received_on", "body"),
    ),
]  # fmt: skip

PRODUCT = [
    *COMMON,
    *_line("feedback", "read", "all", read={"account": "masked", "ticket": "hidden"}),
    *_line(
        "feedback", "create", "own", write=("subject", "product", "feedback_kind", "priority", "received_on", "body")
    ),
    *_line("feedback", "edit", "all", write=("status", "priority", "feedback_kind", "product", "answer", "release")),
    *_line("feedback", "transfer assign", "all"),
    *_line("account", "read", "related", read={**_BARE, "name": "masked", "industry": "read", "level": "read"}),
    *_line("satisfaction", "read", "all", read={"account": "masked", "contact": "hidden", "ticket": "hidden"}),
    *_line("product", "create edit", "all", write=("name", "series", "list_price", "unit", "status", "description")),
    *_line("product", "read", "own", read={"cost_price": "read"}),
]

_MONEY = {"confidential": "read"}

FINANCE = [
    *COMMON,
    *_line("contract order", "read", "all", read=_MONEY),
    *_line("payment invoice", "read", "all", read=_MONEY),
    *_line("payment invoice", "create edit", "all", write=ALL),
    *_line("payment", "confirm", "all"),
    *_line("contract", "plan_payments", "all", where=[["status", "=", "signed"]]),
    *_line("account", "read", "all", read=_MONEY),
    *_line("contract payment invoice", "export", "all", limit="1000"),
]

LEGAL = [
    *COMMON,
    *_line("contract", "read", "all", read=_MONEY),
    *_line("contract", "edit", "all", write=("legal_note",)),
    *_line("contract", "approve", "all", limit="5000000.00"),
    *_line("account", "read", "related"),
]

EVERYTHING = (
    "account contact lead opportunity activity campaign product quote contract order payment invoice ticket "
    "satisfaction feedback task project"
)

MANAGEMENT = [
    *COMMON,
    *_line("process", "design", "all"),
    *_line(EVERYTHING, "read", "all", read=CLEAR),
    *_line("contract", "approve", "all", limit="100000000.00"),
    *_line("contract", "delete", "all"),
    *_line("account lead opportunity contract", "transfer assign", "all"),
    *_line("account opportunity contract payment", "export", "all", limit="5000"),
]

AUDITOR = [
    *COMMON,
    *_line("page:audit page:policy", "open", "all"),
    *_line("audit", "read", "all"),
    *_line("policy", "read", "all"),
    *_line("process", "read", "all"),
]

SYSTEM_ADMINISTRATOR = [
    *COMMON,
    *_line("organisation", "administer", "all"),
    *_line("settings", "read administer", "all"),
    *_line("process", "read administer", "all"),
]

SECURITY_ADMINISTRATOR = [
    *COMMON,
    *_line("page:policy", "open", "all"),
    *_line("policy", "read administer grant", "all"),
    *_line("process", "read", "all"),
]

PROJECT_MEMBER = [
    *_line("task opportunity contract activity ticket", "read", "project"),
    *_line("task", "create edit", "project", write=ALL),
    *_line("account", "read", "related"),
]
"""What a project adds: its records without amounts, and its tasks. Granted to those who lead or work in one."""

PROJECT_LEAD = [
    *_line("project", "read edit share", "project", write=("name", "status", "goal", "starts_on", "ends_on")),
]
"""What leading one adds: its own data, and lending what the project brings (taking people in and out of it)."""


_SEES: dict[str, tuple[str, str]] = {
    "sales_rep": (
        "自己的客户、线索、商机、合同，以及公海",
        "Their own customers, leads, deals and contracts, and the pool",
    ),
    "sales_manager": (
        "本部门及下级的客户和商机；可转移，可批准 50 万元以内的合同",
        "Customers and deals of the department and below; transfers, approves contracts up to 500,000",
    ),
    "marketing": (
        "市场活动、全部线索（看不到联系方式）、线索转成的商机阶段，看不到金额",
        "Campaigns, all leads without contact details, the stage of what they became, no amounts",
    ),
    "support": (
        "工单、满意度，以及工单上的客户和联系人；看不到金额",
        "Tickets, satisfaction, and the customers and contacts of their tickets; no amounts",
    ),
    "product": ("产品反馈，客户以别名显示", "Feedback about the products; customers under an alias"),
    "finance": (
        "全公司的合同、订单、回款、发票；只改回款和发票",
        "Contracts, orders, payments, invoices of the whole company; changes payments and invoices only",
    ),
    "legal": ("全公司的合同；写法务意见，批准合同", "Contracts of the whole company; adds legal notes, approves"),
    "management": (
        "全公司；批准合同，只有管理层能删除合同",
        "The whole company; approves, and alone may delete contracts",
    ),
    "auditor": ("审计日志和权限规则，没有客户数据", "The logs and the rules, no customer data"),
    "system_administrator": ("组织、人员和设置，没有客户数据", "Organisation, people and settings, no customer data"),
    "security_administrator": (
        "权限规则和授权，没有客户数据，不能改自己的权限",
        "Rules and grants, no customer data, never their own rights",
    ),
    "project_member": (
        "所在项目的商机、合同、工单和任务，看不到金额",
        "Deals, contracts, tickets, tasks of their projects; no amounts",
    ),
    "project_lead": (
        "所负责项目的资料和成员",
        "The data and the members of the projects they lead",
    ),
    "employee": ("自己的任务、项目和通讯录", "Their own tasks, projects and the directory"),
}

CHANGED = {"sales_manager": 2, "management": 2, "system_administrator": 2, "auditor": 2, "security_administrator": 2}
"""Templates that are no longer as they first shipped, by their version."""

TEMPLATES: dict[str, Template] = {
    code: Template(code, CHANGED.get(code, 1), Words(*name), Words(*_SEES[code]), tuple(lines))
    for code, name, lines in (
        ("sales_rep", ("销售", "Sales rep"), SALES_REP),
        ("sales_manager", ("销售经理", "Sales manager"), SALES_MANAGER),
        ("marketing", ("市场", "Marketing"), MARKETING),
        ("support", ("客服", "Support"), SUPPORT),
        ("product", ("产品", "Product"), PRODUCT),
        ("finance", ("财务", "Finance"), FINANCE),
        ("legal", ("法务", "Legal"), LEGAL),
        ("management", ("管理层", "Management"), MANAGEMENT),
        ("auditor", ("审计员", "Auditor"), AUDITOR),
        ("system_administrator", ("系统管理员", "System administrator"), SYSTEM_ADMINISTRATOR),
        ("security_administrator", ("安全管理员", "Security administrator"), SECURITY_ADMINISTRATOR),
        ("project_member", ("项目成员", "Project member"), PROJECT_MEMBER),
        ("project_lead", ("项目负责人", "Project lead"), PROJECT_LEAD),
        ("employee", ("员工", "Employee"), COMMON),
    )
}
"""The eleven roles of the product, what a project and leading one add, and what an employee has who holds none of them."""
