"""``heli flow check``: one file held against what the program knows, and against the company that is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heli.config.cli import emit, language
from heli.kernel.words import Words

if TYPE_CHECKING:
    from heli.flows.core.bpmn import Document
    from heli.kernel.errors import Problem

GOOD = Words(
    "可以执行：{nodes} 个节点，每个实例都能走到结束", "can be executed: {nodes} nodes, and every instance can end"
)
BAD = Words("还不能发布：{n} 个问题", "it cannot be published yet (problems: {n})")
CALLED: Mapping[str, Words] = {
    "fields": Words("记录类型和字段", "record types and fields"), "acts": Words("操作和事件", "acts and events"),
    "positions": Words("岗位", "positions"), "departments": Words("部门", "departments"), "people": Words("人员", "people"),
    "roles": Words("角色", "roles"), "processes": Words("被调用的流程", "called processes"),
    "rights": Words("发布时是否要安全管理员确认", "whether publishing waits for security"),
}  # fmt: skip
PROGRAM = ("fields", "acts")
COMPANYS = ("positions", "departments", "people", "roles", "processes")
ASKED = Words(
    "给了 --file-only，只看文件本身；去掉它就会到公司数据里查",
    "--file-only was given: leave it out, and they are looked up in the company",
)
NOT_YET = Words(
    "文件还不能执行：先改正列出的问题，再检查一次",
    "the file cannot be executed yet: mend what is listed first, then check again",
)
NO_KIND = Words(
    "没有对象“{type}”：先改正它，再检查一次", "there is no object type {type}: mend that first, then check again"
)
BY_WHOM = Words(
    "这要看由谁发布，发布时才知道；部门里找不找得到人、权限上限会不会挡住，也请在流程设计器里看",
    "that depends on who publishes it, and is told then; whether each department has somebody, and what ceilings hide, the designer tells",
)
IN_PROGRAM = Words("已核对（程序自带）：{what}", "looked up in the program: {what}")
IN_COMPANY = Words("已核对（公司数据 {where}）：{what}", "looked up in the company ({where}): {what}")
NOT = Words("未核对：{what}。原因：{why}", "not looked up: {what}, because {why}")
ONE = Words("{what}（{names}）", "{what} ({names})")
UNUSED = Words("没有用到", "none named")
COMMA = Words("、", ", ")
PLACE = Words("{place} “{name}”", "{place} “{name}”")


@dataclass(frozen=True, slots=True)
class Lookup:
    """One kind of thing that a definition names, and whether it was looked up; ``names``: those that it names of a company."""

    what: str
    names: tuple[str, ...] = ()
    why: Words | None = None

    @property
    def where(self) -> str:
        return "program" if self.what in PROGRAM else "company"

    @property
    def words(self) -> Words:
        if self.names:
            names = Words(COMMA.zh.join(self.names), COMMA.en.join(self.names))
            return ONE.fill(what=CALLED[self.what], names=names)
        unused = self.what in COMPANYS and self.why not in (None, NOT_YET)
        return ONE.fill(what=CALLED[self.what], names=UNUSED) if unused else CALLED[self.what]

    def json(self) -> dict[str, Any]:
        return {
            "what": self.what, "name": CALLED[self.what].json(), "in": self.where, "looked_up": self.why is None,
            "names": list(self.names), "why": None if self.why is None else self.why.json(),
        }  # fmt: skip


def check(found: Document, *, alone: bool, as_json: bool) -> int:
    """Say all that is wrong with a file, what was looked up and what was not; 1 when something is wrong."""
    from heli.config import schema

    absent = ASKED if alone else schema.absent()
    problems, lookups = held(found, absent)
    if as_json:
        emit(
            {
                "process": {"id": found.process, "name": found.name}, "executable": not problems,
                "elements": [one.json() for one in found.elements], "problems": [one.json() for one in problems],
                "lookups": [one.json() for one in lookups], "company": None if absent is not None else schema.called(),
            }
        )  # fmt: skip
    else:
        sys.stdout.writelines(f"{line(language())}\n" for line in _lines(found, problems, lookups, schema.called()))
    return 1 if problems else 0


def held(found: Document, absent: Words | None) -> tuple[Sequence[Problem], Sequence[Lookup]]:
    """What is wrong with it, and what was looked up for that. ``absent``: why no company is asked."""
    from heli.flows import definitions, fit
    from heli.flows.matters import about
    from heli.insight import company
    from heli.records.types import TYPES

    problems = definitions.wrong(found, company.now() if absent is None else None)
    definition = found.definition
    if definition is None:
        return problems, [Lookup(one, (), NOT_YET) for one in CALLED]
    kind = definition.subject.type if definition.subject is not None else ""
    unknown = NO_KIND.fill(type=kind[:60]) if kind and kind not in TYPES and about(kind) is None else None
    names = fit.names(definition)
    return problems, [
        *(Lookup(one, (), unknown) for one in PROGRAM),
        *(Lookup(one, names[one], absent) for one in COMPANYS),
        Lookup("rights", (), BY_WHOM),
    ]


def _lines(found: Document, problems: Sequence[Problem], lookups: Sequence[Lookup], where: str) -> Iterator[Words]:
    if found.definition is not None and not problems:
        yield GOOD.fill(nodes=len(found.definition.nodes))
    elif problems:
        yield BAD.fill(n=len(problems))
    for one in problems:
        yield Words(f"  {one.place}: {one.words.zh}", f"  {one.place}: {one.words.en}")
    done = [one for one in lookups if one.why is None]
    for some, said in (
        ([one for one in done if one.where == "program"], IN_PROGRAM),
        ([one for one in done if one.where == "company"], IN_COMPANY),
    ):
        if some:
            yield said.fill(what=_listed(some), where=where)
    for why in dict.fromkeys(one.why for one in lookups if one.why is not None):
        yield NOT.fill(what=_listed([one for one in lookups if one.why == why]), why=why)


def _listed(some: Sequence[Lookup]) -> Words:
    return Words(COMMA.zh.join(one.words.zh for one in some), COMMA.en.join(one.words.en for one in some))
