"""The company's word on when a draft takes a second person: what it is, what it could be, how it came to be so."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.common import PERSON, WORDS, moment, people, ref
from heli.api.drafts import needs
from heli.api.route import Answer, Call, Route
from heli.audit import entries
from heli.kernel.words import Words
from heli.policy.approval import ALWAYS, APPROVAL, NEVER, WIDENING, approval_mode, loosens
from heli.policy.brief import SETTINGS
from heli.policy.change import Change
from heli.policy.models import PolicyVersion

MOST = 20
EXPLAINED = {
    ALWAYS: Words(
        "不论改什么，写草稿的人都不能独自发布：要另一位安全管理员看过并批准。",
        "Whatever a draft changes, who wrote it does not publish it alone: another security administrator looks at it and approves.",
    ),
    WIDENING: Words(
        "只收回权限的草稿（例如收窄角色、收回授权、加一条上限）写的人可以自己发布；会多给权限的，以及调动人员的，仍要另一位安全管理员批准。",
        "Who wrote a draft may publish it alone when it only takes (a narrower role, a grant that ends, a new ceiling); one that "
        "could give more, and one that moves people, still takes another security administrator.",
    ),
    NEVER: Words(
        "写草稿的人可以自己发布，下面列出的几种除外。适合只有一两位管理员的公司。",
        "Who wrote a draft may publish it alone, except for what is listed below. For companies with one or two administrators.",
    ),
}
WHATEVER = (
    Words("给人敏感角色或敏感权限，或者把角色改成这样", "giving a sensitive role or right, or making a role one"),
    Words("调动人员，使其因此得到敏感权限", "moving somebody who comes to hold a sensitive right by it"),
    Words(
        "放宽或取消上限、职责分离、策略测试",
        "taking away or weakening a ceiling, a separation of duties or a policy test",
    ),
    Words(
        "写草稿的人会因此看到别人今后的敏感资料",
        "letting who wrote the draft see the sensitive data that others make from now on",
    ),
    Words("把这项设置本身放宽", "making this very rule looser"),
)
"""What takes two people whatever the company says (``approval.asked``, ``approval.needs_approval``)."""


def told(call: Call) -> Answer:
    """The present word, the others with what choosing them takes, and who changed it when."""
    needs(call, "read")
    now = approval_mode()
    return Answer(
        {
            "value": now,
            "options": [
                {
                    "value": word, "name": SETTINGS[APPROVAL, word].json(), "explained": EXPLAINED[word].json(),
                    "loosens": loosens(Change("setting", APPROVAL, {"value": now}, {"value": word})),
                }
                for word in (ALWAYS, WIDENING, NEVER)
            ],
            "whatever": [one.json() for one in WHATEVER],
            "history": _history(),
        }
    )  # fmt: skip


def _history() -> list[dict[str, Any]]:
    """Who changed it, from what to what, by which draft, and who approved that; the latest first."""
    rows = entries.query(object_type="setting", object_id=APPROVAL, limit=MOST)
    versions = {
        one.pk: one for one in PolicyVersion.objects.filter(at__gte=rows[-1].at).order_by("pk") if any(c["kind"] == "setting" for c in one.changes)
    } if rows else {}  # fmt: skip
    names = people([*(one.actor_id for one in rows), *(one.approved_by for one in versions.values())])
    found = []
    for row in rows:
        version = next(
            (one for one in versions.values() if one.at >= row.at), None
        )  # written last in the same transaction
        found.append(
            {
                "at": moment(row.at), "by": names.get(row.actor_id or 0), "before": _word(row.before), "after": _word(row.after),
                "approved_by": names.get(version.approved_by or 0) if version is not None else None,
                "draft": str(version.draft_id) if version is not None and version.draft_id else None,
            }
        )  # fmt: skip
    return found


def _word(state: Any) -> dict[str, str]:
    value = state["value"] if isinstance(state, dict) and "value" in state else ALWAYS
    return SETTINGS.get((APPROVAL, str(value)), Words(str(value), str(value))).json()


_TEXT: shape.Schema = {"type": "string"}
_MODE: shape.Schema = {"type": "string", "enum": [ALWAYS, WIDENING, NEVER]}
SCHEMAS = {
    "ApprovalRule": shape.record(
        {
            "value": _MODE,
            "options": shape.array(
                shape.record({"value": _MODE, "name": ref(WORDS), "explained": ref(WORDS), "loosens": {"type": "boolean"}})
            ),
            "whatever": shape.array(ref(WORDS)),
            "history": shape.array(
                shape.record(
                    {
                        "at": _TEXT, "by": shape.nullable(ref(PERSON)), "before": ref(WORDS), "after": ref(WORDS),
                        "approved_by": shape.nullable(ref(PERSON)), "draft": {"type": ["string", "null"]},
                    }
                )
            ),
        }
    )
}  # fmt: skip
ROUTES = (
    Route("GET", "/access/approval", told, "approvalRule", "When a draft takes a second person", "policy",
          answers={200: ref("ApprovalRule")}, errors=(403,)),
)  # fmt: skip
