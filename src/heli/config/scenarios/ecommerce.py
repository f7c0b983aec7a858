"""Cross-border e-commerce: a manager who leaves tries to take every customer along: blocked, alerted, traceable; sensitive
data is encrypted; key operations need approval; and nobody else is slowed down."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from heli.config.scenarios import sabotage
from heli.config.scenarios.stage import Rule, Stage
from heli.kernel.words import Words

WORDS = Words("跨境电商：离职者带不走客户", "Cross-border e-commerce: a leaver takes no customers along")

LEAVER, ABOVE, COLLEAGUE, ADMINISTRATOR, SECURITY, AUDITOR = (
    "xiena", "hejunjie", "liqiang", "xuwei", "mayujie", "huangxinyi",
)  # fmt: skip
MOST_PAGES = 120
"""So many pages the leaver tries at most."""
FEW = {"type": "account", "format": "csv", "fields": ["name"], "sort": "name"}


def play(stage: Stage) -> None:
    """The story. Raises Over where it cannot go on."""
    stage.scene("start", RULES)
    _before(stage)
    _gives_notice(stage)
    stage.scene("leaving", RULES)
    _exports_wait(stage)
    _reading_is_bounded(stage)
    _others_go_on(stage)
    _alerted_and_traceable(stage)
    _encrypted(stage)
    _gone(stage)


def _person(stage: Stage, who: str) -> str:
    return str(stage.at(who).get("/me").body["person"]["id"])


def _ids(stage: Stage, who: str, n: int) -> list[str]:
    return [one["id"] for one in stage.at(who).get(f"/records/account?limit={n}").body["items"]]


def _export(stage: Stage, who: str, **more: Any) -> Any:
    return stage.at(who).post("/exports", {**FEW, "ids": _ids(stage, who, 3), **more})


def _before(stage: Stage) -> None:
    """A day like any other: a few of one's own customers are a file at once."""
    made = _export(stage, LEAVER)
    stage.need(
        LEAVER, "平时导出三个自己的客户", "on any day: three own customers as a file", expected="201", seen=made.said
    )
    stage.step(LEAVER, "不用批准", "needs no approval", expected="queued", seen=made.body["state"])


def _gives_notice(stage: Stage) -> None:
    last = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    noted = stage.at(ADMINISTRATOR).post(f"/organisation/people/{_person(stage, LEAVER)}/notice", {"on": last})
    stage.need(
        ADMINISTRATOR, "登记谢娜十天后离职", "writes down that Xie Na leaves in ten days", expected="200", seen=noted.said
    )  # fmt: skip


def _exports_wait(stage: Stage) -> None:
    browser = stage.at(LEAVER)
    few = _export(stage, LEAVER, reason="交接用")
    stage.step(
        LEAVER, "从此连三个客户也要上级批准", "from now on even three take an approval", expected="waiting",
        seen=few.body.get("state", few.said),
    )  # fmt: skip
    everything = {"type": "account", "format": "xlsx", "fields": ["name", "phone", "email", "credit_limit"]}
    no_reason = browser.post("/exports", everything)
    stage.step(
        LEAVER,
        "导出全部客户：先要写原因",
        "every customer: a reason first",
        expected="422 invalid",
        seen=no_reason.said,
    )
    whole = browser.post("/exports", {**everything, "reason": "做个备份"})
    stage.step(
        LEAVER, "写了原因也要等批准", "with a reason it waits", expected="waiting",
        seen=whole.body.get("state", whole.said),
    )  # fmt: skip
    pk = whole.body.get("id", "0" * 32)
    stage.step(
        LEAVER, "自己批不了", "cannot approve their own", expected="404",
        seen=str(browser.post(f"/exports/{pk}/approve", {}).status),
    )  # fmt: skip
    refused = stage.at(ABOVE).post(f"/exports/{pk}/refuse", {"note": "离职期间不导出客户"})
    stage.step(ABOVE, "上级拒绝并说明", "the director refuses, with the reason", expected="200", seen=refused.said)
    stage.step(
        LEAVER, "拿不到文件", "gets no file", expected="refused", seen=browser.get(f"/exports/{pk}").body.get("state")
    )  # fmt: skip


def _reading_is_bounded(stage: Stage) -> None:
    """Copying page after page from the screen: the budget of a leaver is small."""
    browser = stage.at(LEAVER)
    said, after = "200", ""
    for _ in range(MOST_PAGES):
        reply = browser.get(f"/records/account?limit=200&fields=name,credit_limit,annual_revenue{after}")
        if reply.status != 200:
            said = reply.said
            break
        following = reply.body.get("next")
        after = f"&after={following}" if following else ""
        time.sleep(0.05)
    stage.step(
        LEAVER, "一页页抄下来：超出额度被拦下", "copies page after page: stopped over budget", expected="429 over_budget",
        seen=said,
    )  # fmt: skip


def _others_go_on(stage: Stage) -> None:
    browser = stage.at(COLLEAGUE)
    began = time.monotonic()
    seen = {browser.get("/records/account?limit=50").said for _ in range(20)}
    spent = (time.monotonic() - began) / 20
    stage.step(
        COLLEAGUE, "别的经理照常工作", "another manager works as ever", expected="200 within a second",
        seen=f"{' '.join(sorted(seen))} {'within a second' if spent < 1 else f'in {spent:.1f} s'}",
    )  # fmt: skip
    few = _export(stage, COLLEAGUE)
    stage.step(
        COLLEAGUE, "照常导出几个客户", "exports a few customers as ever", expected="queued",
        seen=few.body.get("state", few.said),
    )  # fmt: skip


def _alerted_and_traceable(stage: Stage) -> None:
    alerts = stage.at(SECURITY).get("/access/guard/alerts").body.get("items", [])
    stage.step(
        SECURITY, "安全管理员收到告警", "security is alerted", expected="budget",
        seen=next((one["kind"] for one in alerts if one["person"]["username"] == LEAVER), "none"),
    )  # fmt: skip
    above = stage.at(ABOVE).get("/access/guard/alerts").body.get("items", [])
    stage.step(
        ABOVE, "她的上级也收到", "and so is the director", expected="True",
        seen=any(one["person"]["username"] == LEAVER for one in above),
    )  # fmt: skip
    taken = stage.at(SECURITY).get(f"/access/people/{_person(stage, LEAVER)}/taken").body
    stage.step(
        SECURITY, "看过多少、导出过什么一目了然", "what was seen and exported stands there", expected="True",
        seen=taken.get("totals", {}).get("confidential", 0) > 0 and len(taken.get("exports", [])) >= 3,
    )  # fmt: skip
    log = stage.at(AUDITOR).get(f"/audit?actor={LEAVER}").body.get("items", [])
    stage.step(
        AUDITOR, "审计日志里有每一次申请", "every request stands in the audit log", expected="True",
        seen=sum(1 for one in log if "export" in one["action"]) >= 3,
    )  # fmt: skip


def _encrypted(stage: Stage) -> None:
    """The phone that the leaver reveals stands nowhere in the files of the installation."""
    browser = stage.at(COLLEAGUE)
    contact = browser.get("/records/contact?limit=1").body["items"][0]["id"]
    path = f"/records/contact/{contact}"
    shown = browser.post(f"{path}/actions/reveal", {"field": "mobile"}, If_Match=browser.get(path).etag)
    value = str(shown.body.get("value", "")) if shown.status == 200 else ""
    stage.step(
        COLLEAGUE, "有权的人点开看得到手机号", "who may reveals a mobile number", expected="True", seen=len(value) >= 11
    )  # fmt: skip
    digits = "".join(one for one in value if one.isdigit())[-11:]
    stage.step(
        "—", "数据库和文件里都找不到这个号码", "the number is nowhere in the database and the files", expected="False",
        seen=stage.place.holds(digits) if digits else "no number",
    )  # fmt: skip


def _gone(stage: Stage) -> None:
    """The last day: one act ends sessions, tokens and rights."""
    pk = _person(stage, LEAVER)
    successor = _person(stage, "luoyong")
    ended = stage.at(ADMINISTRATOR).post(f"/access/people/{pk}/offboard", {"rules": [], "successor": successor})
    stage.need(ADMINISTRATOR, "办理离职", "takes Xie Na out", expected="200", seen=ended.said)
    stage.step(
        LEAVER, "同一时刻登录失效", "the session ends in that moment", expected="401",
        seen=str(stage.at(LEAVER).get("/me").status),
    )  # fmt: skip


# -- the rules, each of which can be taken away ------------------------------------------------------------------


def _no_notice() -> None:
    from heli.kernel.actor import Actor
    from heli.org import verbs as org
    from heli.org.models import Person

    org.give_notice(Actor(None, "sabotage", "scenario"), Person.objects.get(username=LEAVER).pk, None)


def _settings(**values: Any) -> Any:
    def take_away() -> None:
        from heli.guard import settings
        from heli.kernel.actor import Actor

        settings.change(Actor(None, "sabotage", "scenario"), values)

    return take_away


def _plain() -> None:
    """Mobile numbers in the clear, as they would stand without encryption."""
    from django.db import connection

    from heli.api import viewer
    from heli.records import store

    asked = store.query(viewer.system("sabotage"), "contact").fields(["mobile"])
    found: list[str] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = asked.page(200, after)
        found += [str(one["mobile"]) for one in page.items if one.get("mobile")]
        after = page.next
        if after is None:
            break
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sabotage (mobile TEXT)")
        cursor.executemany("INSERT INTO sabotage VALUES (%s)", [(one,) for one in found])


RULES: dict[str, Rule] = {
    "notice": Rule(
        Words("离职者的导出都要批准", "a leaver's exports all take an approval"), _no_notice, "leaving"
    ),
    "budget": Rule(
        Words("每人的敏感数据额度", "a budget of sensitive cells"),
        _settings(slow=False, freeze_at=0),
    ),
    "others": Rule(
        Words("额度按平时用量，别人不受影响", "budgets follow usual use: nobody else is slowed down"),
        _settings(floor_records=50, floor_confidential=20, floor_sensitive=5, factor=1, hour_share=5),
    ),
    "encryption": Rule(Words("手机号加密存放", "mobile numbers lie encrypted"), _plain),
    "audit": Rule(Words("每一步都留痕", "every step leaves a trace"), sabotage.nothing("auditor")),
}  # fmt: skip
