"""Policy tests and duties that ship: what must hold of this product's rights whatever a company makes of its roles.

Each is a sentence about every record there may ever be; a draft that breaks one is not published. A company adds its own
and, by a draft like any other change, takes out what it does not want.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Body = dict[str, Any]


def _never(
    zh: str, en: str, who: dict[str, Any], type_: str, action: str, field: str | None = None, *, level: str = "read",
    scopes: Sequence[str] = (),
) -> Body:  # fmt: skip
    return {
        "name": zh, "name_en": en, "who": who, "rule": "never", "type": type_, "action": action, "field": field,
        "level": level, "scopes": list(scopes),
    }  # fmt: skip


def _always(
    zh: str, en: str, who: dict[str, Any], type_: str, action: str, field: str | None = None, *, level: str = "read",
    scopes: Sequence[str] = (),
) -> Body:  # fmt: skip
    return {**_never(zh, en, who, type_, action, field, level=level, scopes=scopes), "rule": "always"}


JOBS = (
    "sales_rep", "sales_manager", "marketing", "support", "product", "finance", "legal", "management", "auditor",
    "system_administrator", "security_administrator",
)  # fmt: skip


def _role(*codes: str) -> dict[str, Any]:
    """Employees whose only job it is: whoever holds a second post may see what that post needs."""
    return {"role": list(codes), "without": [one for one in JOBS if one not in codes], "kind": ["employee"]}


def _alone(code: str) -> dict[str, Any]:
    """The same of those who work in no project: a project shows its customers to all who work in it."""
    who = _role(code)
    return {**who, "without": [*who["without"], "project_member", "project_lead"]}


def _not(*codes: str) -> dict[str, Any]:
    return {"not_role": list(codes)}


CONTRACTORS = {"kind": ["contractor"]}
PROGRAMS = {"kind": ["service"]}
REP, MANAGER, MARKETING, SUPPORT = "sales_rep", "sales_manager", "marketing", "support"
OWN_WORK = ("own", "team", "customer", "record", "workitem", "project")
LED = (*OWN_WORK, "below", "oversees", "reports", "department")
LENT = ("record", "workitem")
"""What a loan or a task gives for a while: no promise is about that."""

PROMISES: dict[str, Body] = {
    "contract-delete-management": _never(
        "只有管理层能删除合同", "only management deletes contracts", _not("management"), "contract", "delete"
    ),
    "contract-delete-possible": _always(
        "管理层能删除合同", "management can delete contracts", _role("management"), "contract", "delete"
    ),
    "rep-contract-amount": _never(
        "销售永远看不到自己之外的合同金额", "a sales rep never sees a contract amount outside their own work",
        _role(REP), "contract", "read", "amount", scopes=OWN_WORK,
    ),
    "rep-contract-terms": _never(
        "销售看不到别人合同的付款条款", "a sales rep never sees the payment terms of others' contracts",
        _role(REP), "contract", "read", "payment_terms", scopes=OWN_WORK,
    ),
    "rep-opportunity-amount": _never(
        "销售看不到别人商机的金额", "a sales rep never sees the amount of others' deals",
        _role(REP), "opportunity", "read", "amount", scopes=OWN_WORK,
    ),
    "rep-account-phone": _never(
        "销售只看得到自己和团队客户的电话", "a sales rep reads phones of own and team customers only",
        _role(REP), "account", "read", "phone", scopes=OWN_WORK,
    ),
    "rep-account-edit": _never(
        "销售只改自己的客户", "a sales rep changes own customers only",
        _role(REP), "account", "edit", scopes=("own", "team", *LENT),
    ),
    "rep-account-export": _never(
        "销售不能导出客户", "sales reps export no customers", _role(REP), "account", "export"
    ),
    "rep-contact-export": _never(
        "销售不能导出联系人", "sales reps export no contacts", _role(REP), "contact", "export"
    ),
    "rep-contract-approve": _never(
        "销售不能批准合同", "sales reps approve no contracts", _role(REP), "contract", "approve"
    ),
    "rep-account-transfer": _never(
        "销售不能把客户转给别人", "sales reps do not transfer customers", _role(REP), "account", "transfer"
    ),
    "rep-account-delete": _never(
        "销售不能删除客户", "sales reps delete no customers", _role(REP), "account", "delete"
    ),
    "rep-reads-own": _always(
        "销售看得到自己的客户", "a sales rep sees own customers", _role(REP), "account", "read", scopes=("own",)
    ),
    "rep-claims": _always(
        "销售能从公海领取客户", "a sales rep can claim from the pool", _role(REP), "account", "claim", scopes=("pool",)
    ),
    "manager-account-all": _never(
        "销售经理只改自己管辖范围内的客户", "sales managers change customers they lead only",
        _role(MANAGER), "account", "edit", scopes=LED,
    ),
    "manager-amount": _never(
        "销售经理看不到管辖范围之外的合同金额", "sales managers see no contract amount beyond what they lead",
        _role(MANAGER), "contract", "read", "amount", scopes=LED,
    ),
    "manager-reads-below": _always(
        "销售经理看得到下级的客户", "a sales manager sees the customers below",
        _role(MANAGER), "account", "read", scopes=("below",),
    ),
    "manager-export": _never(
        "销售经理只能导出管辖范围内的客户", "sales managers export customers they lead only",
        _role(MANAGER), "account", "export", scopes=("own", "below"),
    ),
    "manager-approve": _never(
        "销售经理只批准管辖范围内的合同", "sales managers approve contracts below them only",
        _role(MANAGER), "contract", "approve", scopes=("below",),
    ),
    "marketing-contract": _never(
        "市场看不到合同", "marketing sees no contracts", _role(MARKETING), "contract", "read",
        scopes=("project", *LENT),
    ),
    "marketing-amount": _never(
        "市场看不到商机金额", "marketing sees no deal amounts", _role(MARKETING), "opportunity", "read", "amount",
        scopes=LENT,
    ),
    "marketing-contacts": _never(
        "市场看不到客户联系人的手机", "marketing sees no contact's mobile", _role(MARKETING), "contact", "read",
        "mobile", scopes=LENT,
    ),
    "marketing-lead-phone": _never(
        "市场只看得到自己线索的电话", "marketing reads phones of own leads only", _role(MARKETING), "lead", "read",
        "phone", scopes=("own", *LENT),
    ),
    "marketing-account-phone": _never(
        "市场看不到客户电话", "marketing sees no customer's phone", _role(MARKETING), "account", "read", "phone",
        scopes=LENT,
    ),
    "support-amount": _never(
        "客服看不到合同金额", "support sees no contract amounts", _role(SUPPORT), "contract", "read", "amount",
        scopes=LENT,
    ),
    "support-order-amount": _never(
        "客服看不到订单金额", "support sees no order amounts", _role(SUPPORT), "order", "read", "amount", scopes=LENT
    ),
    "support-contacts": _never(
        "客服只看得到工单上客户的联系人手机", "support reads mobiles of their tickets' customers only",
        _role(SUPPORT), "contact", "read", "mobile", scopes=("related", "own", "team", *LENT),
    ),
    "support-tickets": _always(
        "客服看得到全部工单", "support sees every ticket", _role(SUPPORT), "ticket", "read", scopes=("all",)
    ),
    "product-alias": _never(
        "产品只看到反馈客户的别名", "product people see customers of feedback under an alias only",
        _alone("product"), "account", "read", "name", scopes=LENT,
    ),
    "product-feedback-customer": _never(
        "产品看不到反馈来自哪个客户", "product people do not see whom feedback comes from",
        _role("product"), "feedback", "read", "account", scopes=LENT,
    ),
    "finance-contract-edit": _never(
        "财务不改合同", "finance changes no contracts", _role("finance"), "contract", "edit", scopes=LENT
    ),
    "finance-account-edit": _never(
        "财务不改客户", "finance changes no customers", _role("finance"), "account", "edit", scopes=LENT
    ),
    "finance-reads-contracts": _always(
        "财务看得到全部合同金额", "finance sees every contract's amount", _role("finance"), "contract", "read",
        "amount", scopes=("all",),
    ),
    "finance-payments": _always(
        "财务能登记回款", "finance records payments", _role("finance"), "payment", "edit", "amount", scopes=("all",)
    ),
    "payments-finance-only": _never(
        "只有财务登记和修改回款", "only finance records and changes payments", _not("finance"), "payment", "edit",
        scopes=LENT,
    ),
    "payment-confirm-finance": _never(
        "只有财务确认到账", "only finance confirms payments", _not("finance"), "payment", "confirm"
    ),
    "legal-amount-edit": _never(
        "法务不改合同金额", "legal does not change contract amounts", _role("legal"), "contract", "edit", "amount"
    ),
    "legal-deals": _never(
        "法务看不到商机", "legal sees no deals", _role("legal"), "opportunity", "read", scopes=("project", *LENT)
    ),
    "legal-reads": _always(
        "法务看得到全部合同", "legal sees every contract", _role("legal"), "contract", "read", scopes=("all",)
    ),
    "management-reads": _always(
        "管理层看得到全部客户", "management sees every customer", _role("management"), "account", "read",
        scopes=("all",),
    ),
    "admin-no-accounts": _never(
        "系统管理员看不到客户", "system administrators see no customers", _role("system_administrator"), "account",
        "read", scopes=("project", *LENT),
    ),
    "security-no-accounts": _never(
        "安全管理员看不到客户", "security administrators see no customers", _role("security_administrator"),
        "account", "read", scopes=("project", *LENT),
    ),
    "security-no-contracts": _never(
        "安全管理员看不到合同金额", "security administrators see no contract amounts",
        _role("security_administrator"), "contract", "read", "amount", scopes=LENT,
    ),
    "auditor-no-accounts": _never(
        "审计员看不到客户", "auditors see no customers", _role("auditor"), "account", "read",
        scopes=("project", *LENT),
    ),
    "policy-security-only": _never(
        "只有安全管理员能改权限策略", "only security administrators change the policy",
        _not("security_administrator"), "policy", "administer",
    ),
    "grant-security-only": _never(
        "只有安全管理员能授权", "only security administrators grant", _not("security_administrator"), "policy", "grant"
    ),
    "organisation-admin-only": _never(
        "只有系统管理员能改组织", "only system administrators change the organisation",
        _not("system_administrator"), "organisation", "administer",
    ),
    "audit-auditor-only": _never(
        "只有审计员能看审计日志", "only auditors read the audit log", _not("auditor"), "audit", "read"
    ),
    "contractor-export": _never(
        "外包人员不能导出客户", "contractors export no customers", CONTRACTORS, "account", "export"
    ),
    "contractor-amount": _never(
        "外包人员看不到合同金额", "contractors see no contract amounts", CONTRACTORS, "contract", "read", "amount"
    ),
    "contractor-delete": _never(
        "外包人员不能删除客户", "contractors delete no customers", CONTRACTORS, "account", "delete"
    ),
    "program-delete": _never(
        "服务账号不能删除客户", "programs delete no customers", PROGRAMS, "account", "delete"
    ),
    "program-phone": _never(
        "服务账号看不到完整手机号", "programs see no full mobile number", PROGRAMS, "contact", "read", "mobile"
    ),
    "cost-price": _never(
        "成本价只有管理层和产品看得到", "cost prices are for management and product people",
        _not("management", "product"), "product", "read", "cost_price", scopes=LENT,
    ),
    "bank-account": _never(
        "销售看不到自己之外客户的银行账号", "sales reps see bank accounts of own customers at most",
        _role(REP), "account", "read", "bank_account", scopes=OWN_WORK,
    ),
    "workbench": _always(
        "每个有岗位的人都能打开工作台", "whoever has a role opens the workbench",
        {"role": [*JOBS, "employee"]},
        "page:workbench", "open", scopes=("all",),
    ),
}  # fmt: skip

DUTIES: dict[str, Body] = {
    "system-security": {
        "name": "系统管理与安全管理分开", "name_en": "system and security administration stay apart",
        "first": ["system_administrator"], "second": ["security_administrator"],
    },
    "system-audit": {
        "name": "系统管理与审计分开", "name_en": "system administration and audit stay apart",
        "first": ["system_administrator"], "second": ["auditor"],
    },
    "security-audit": {
        "name": "安全管理与审计分开", "name_en": "security administration and audit stay apart",
        "first": ["security_administrator"], "second": ["auditor"],
    },
    "finance-approval": {
        "name": "登记回款的人不批准合同", "name_en": "who records payments approves no contracts",
        "first": ["finance"], "second": ["legal", "sales_manager", "management"],
        "first_rights": ["payment.create", "payment.edit", "payment.confirm"], "second_rights": ["contract.approve"],
    },
}  # fmt: skip
