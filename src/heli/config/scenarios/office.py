"""What several scenarios do at the policy desk: write a draft, have it approved by somebody else, publish it, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heli.config.scenarios.stage import Reply, Stage

AUTHOR, APPROVER = "mayujie", "zhoujianguo"
"""The two security administrators of the demo company."""
THIRD = "yangxiulan"
"""Somebody whom the two make a third: a draft that takes a rule away and breaks it takes two approvals."""

type Thing = tuple[str, str, Any]


class Desk:
    """One draft, as its author and its approver see it."""

    def __init__(self, stage: Stage, title: str, author: str = AUTHOR, approver: str = APPROVER) -> None:
        self.stage, self.author, self.approver = stage, author, approver
        made = stage.at(author).post("/access/drafts", {"title": title})
        stage.need(
            author, f"起草「{title}」", f"begins the draft “{title}”", expected="201", seen=made.said
        )  # fmt: skip
        self.path = f"/access/drafts/{made.body['id']}"

    def put(self, *things: Thing) -> Reply:
        """Write these changes into the draft; the answer to the last, or to the first that was refused."""
        reply = Reply(0, {}, {})
        for kind, key, after in things:
            path = f"{self.path}/changes/{kind}/{key}"
            reply = self.stage.at(self.author).send("PUT", path, {"after": after}, If_Match=self._etag(self.author))
            if reply.status != 200:
                break
        return reply

    def _etag(self, who: str) -> str:
        return self.stage.at(who).get(self.path).etag

    def step(self, who: str, name: str, text: str = "") -> Reply:
        """``submit``, ``approve``, ``return``, ``publish`` as this person."""
        return self.stage.at(who).post(f"{self.path}/{name}", {"text": text}, If_Match=self._etag(who))


def role_of(stage: Stage, code: str) -> dict[str, Any]:
    """A role's present state, as a draft would keep it, read through a draft that is given up again."""
    browser = stage.at(AUTHOR)
    made = browser.post("/access/drafts", {"title": f"read {code}"})
    path = f"/access/drafts/{made.body['id']}"
    touched = browser.send(
        "PUT", f"{path}/changes/role/{code}", {"after": {"name": code, "lines": []}}, If_Match=made.etag
    )
    found: dict[str, Any] = touched.body["changes"][0]["before"]
    browser.post(f"{path}/withdraw", {}, If_Match=touched.etag)
    return found


def name_a_third(stage: Stage) -> None:
    """A third security administrator, given by the two."""
    given = {"role": "security_administrator", "subject": f"person:{THIRD}"}
    publish(stage, "增加一位安全管理员", [("grant", "third", given)])


def publish(stage: Stage, title: str, things: Sequence[Thing], *, lifts: bool = False) -> Desk:
    """Through every step by two people, by three where the draft takes a rule away and breaks it (``lifts``); the story
    ends where one is refused."""
    desk = Desk(stage, title)
    stage.need(AUTHOR, "写入改动", "writes the changes into it", expected="200", seen=desk.put(*things).said)
    stage.need(AUTHOR, "提交批准", "submits it", expected="200", seen=desk.step(AUTHOR, "submit").said)
    stage.step(
        AUTHOR, "没有第二个人批准就发布：拒绝", "publishes it without a second person: refused",
        expected="409 unapproved", seen=desk.step(AUTHOR, "publish").said,
    )  # fmt: skip
    stage.step(
        AUTHOR, "自己批准自己：拒绝", "approves their own: refused", expected="409 own",
        seen=desk.step(AUTHOR, "approve").said,
    )  # fmt: skip
    stage.need(APPROVER, "批准", "approves it", expected="200", seen=desk.step(APPROVER, "approve").said)
    if lifts:
        approve_once_more(stage, desk)
    stage.need(AUTHOR, "发布", "publishes it", expected="200", seen=desk.step(AUTHOR, "publish").said)
    return desk


def refused_alone(stage: Stage, desk: Desk) -> None:
    """The author lets a draft hold that nobody else has seen."""
    stage.step(
        AUTHOR, "写完就想自己发布：拒绝", "publishes it at once, alone: refused", expected="409 not_submitted",
        seen=desk.step(AUTHOR, "publish").said,
    )  # fmt: skip


def approve_once_more(stage: Stage, desk: Desk) -> None:
    """The second yes that a draft takes which breaks a rule of its own taking away."""
    lifted = stage.at(THIRD).get(desk.path).body["standing"]["lifted"]
    stage.step(
        THIRD, "草稿写明它取消了哪条规则、因此谁能做什么", "reads which rule it takes away and what becomes possible",
        expected="True", seen=bool(lifted) and all(one["how"] for one in lifted),
    )  # fmt: skip
    stage.step(
        AUTHOR, "一个人批准还不够：拒绝发布", "publishes with one approval: refused", expected="409 unapproved",
        seen=desk.step(AUTHOR, "publish").said,
    )  # fmt: skip
    stage.need(
        THIRD, "第二位管理员批准", "approves it as the second", expected="200", seen=desk.step(THIRD, "approve").said
    )


def give_back(stage: Stage, who: str) -> None:
    """End what colleagues have lent this person in the demo company, so that only the story's own rules are seen."""
    browser = stage.at(who)
    running = [one["id"] for one in browser.get("/access/loans?tab=borrowed").body["items"]]
    said = {browser.post(f"/access/loans/{one}/end", {}).said for one in running}
    stage.step(
        who, "归还借来的权限", "gives back what was lent", expected="200", seen=" ".join(sorted(said or {"200"}))
    )


def agree(stage: Stage, who: str, case: str) -> str:
    """Approve one's work in a case: ``200``, also for whom it no longer concerns then, or the refusal."""
    browser = stage.at(who)
    mine = browser.get(f"/flows/instances/{case}").body.get("mine") or {}
    done = browser.post(f"/flows/instances/{case}/work/{mine.get('number', 0)}/decide", {"approve": True})
    return "200" if done.status == 204 else done.said
