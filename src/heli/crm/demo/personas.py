"""Whom the demo's sign-in page offers to be, and what each will see."""

from __future__ import annotations

from dataclasses import dataclass

from heli.crm.roles import TEMPLATES
from heli.kernel.words import Words


@dataclass(frozen=True, slots=True)
class Persona:
    """One card: user name, display name, role, and one sentence on what they see."""

    username: str
    name: str
    role: str
    role_words: Words
    sees: Words

    def json(self) -> dict[str, object]:
        return {
            "username": self.username,
            "name": self.name,
            "role": self.role_words.json(),
            "sees": self.sees.json(),
        }


def _persona(username: str, name: str, role: str, job: tuple[str, str] | None = None) -> Persona:
    template = TEMPLATES[role]
    return Persona(username, name, role, Words(*job) if job else template.words, template.sees)


PERSONAS: tuple[Persona, ...] = (
    _persona("wangmin", "王敏", "sales_rep", ("上海一组销售", "Sales rep, Shanghai team 1")),
    _persona("liqiang", "李强", "sales_manager", ("上海一组经理", "Sales manager, Shanghai team 1")),
    _persona("chenjing", "陈静", "sales_manager", ("华东大区总监", "Sales director, East")),
    _persona("xujiayi", "许嘉怡", "marketing"),
    _persona("sunli", "孙丽", "support"),
    _persona("wuting", "吴婷", "finance"),
    _persona("zhengkaixuan", "郑凯旋", "legal"),
    _persona("zhouhaoran", "周浩然", "product"),
    _persona("linguodong", "林国栋", "management", ("总经理", "Managing director")),
    _persona("huangxinyi", "黄欣怡", "auditor"),
    _persona("xuwei", "徐伟", "system_administrator"),
    _persona("mayujie", "马玉洁", "security_administrator"),
    _persona(
        "zhoujianguo",
        "周建国",
        "security_administrator",
        ("安全管理员（批准草稿）", "Security administrator, approves drafts"),
    ),
)
