"""``heli flow check``: one file held against what the program knows, and against the company that is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heli.config.cli import emit, language
from heli.kernel.words import Words

if TYPE_CHECKING:
    from heli.flows.concerns import Concern
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
    "shown": Words("处理人看得到什么、分支有没有条件", "what people are shown, and the conditions of branches"),
    "corners": Words("各部门的人发起时是否找得到处理人", "whether a step finds somebody for each department"),
    "ceilings": Words("权限上限会不会挡住处理人", "what ceilings keep from a step's people"),
    "later": Words("到办理时才知道是谁的步骤", "steps of which only a case knows who does them"),
    "rights": Words("发布时是否要安全管理员确认", "whether publishing waits for security"),
}  # fmt: skip
PROGRAM = ("fields", "acts", "shown")
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
BY_WHOM = Words("这要看由谁发布，发布时才知道", "that depends on who publishes it, and is told then")
FIRST = Words("先改正列出的问题，再检查一次", "what is listed is to be mended first, then check again")
IN_TIME = Words(
    "他们由发起人选、由上一步的人、项目或事项决定，或写在记录的字段里：请在设计器里试跑",
    "who begins a case chooses them, or the step before, a project, a matter or a field of the record says: try it in the designer",
)
NOTED = Words("另有 {n} 处提醒，不妨碍发布", "what to think of, though it keeps nothing from being published: {n}")
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
    problems, noted, lookups = held(found, absent)
    if as_json:
        emit(
            {
                "process": {"id": found.process, "name": found.name}, "executable": not problems,
                "elements": [one.json() for one in found.elements], "problems": [one.json() for one in problems],
                "concerns": [one.json() for one in noted],
                "lookups": [one.json() for one in lookups], "company": None if absent is not None else schema.called(),
            }
        )  # fmt: skip
    else:
        sys.stdout.writelines(
            f"{line(language())}\n" for line in _lines(found, problems, noted, lookups, schema.called())
        )
    return 1 if problems else 0


def held(found: Document, absent: Words | None) -> tuple[Sequence[Problem], Sequence[Concern], Sequence[Lookup]]:
    """What is wrong with it, what whoever draws it should know beside that, and what was looked up for both. ``absent``: why no company
    is asked."""
    from heli.api.flow_words import everything
    from heli.flows import definitions, fit
    from heli.flows.concerns import concerns, untried
    from heli.flows.matters import about
    from heli.insight import company
    from heli.records.types import TYPES

    problems = definitions.wrong(found, company.now() if absent is None else None)
    definition = found.definition
    if definition is None:
        return problems, [], [Lookup(one, (), NOT_YET) for one in CALLED if one != "later"]
    kind = definition.subject.type if definition.subject is not None else ""
    unknown = NO_KIND.fill(type=kind[:60]) if kind and kind not in TYPES and about(kind) is None else None
    names = fit.names(definition)
    # as in the designer: a file with problems is not looked at further
    here = company.now() if absent is None else None
    noted = [] if problems else concerns(definition, here, everything(company=here is not None))
    later = tuple(dict.fromkeys(one.element for one in untried(definition)))
    return (
        problems,
        noted,
        [
            *(Lookup(one, (), unknown) for one in PROGRAM if one != "shown"),
            *(Lookup(one, names[one], absent) for one in COMPANYS),
            Lookup("shown", (), FIRST if problems else None),
            *(Lookup(one, (), FIRST if problems else absent) for one in ("corners", "ceilings")),
            *([Lookup("later", later, IN_TIME)] if later and not problems and absent is None else ()),
            Lookup("rights", (), BY_WHOM),
        ],
    )


def _lines(
    found: Document, problems: Sequence[Problem], noted: Sequence[Concern], lookups: Sequence[Lookup], where: str
) -> Iterator[Words]:
    if found.definition is not None and not problems:
        yield GOOD.fill(nodes=len(found.definition.nodes))
    elif problems:
        yield BAD.fill(n=len(problems))
    if noted:
        yield NOTED.fill(n=len(noted))
    for place, said in [*((one.place, one.words) for one in problems), *((one.place, one.words) for one in noted)]:
        yield Words(f"  {place}: {said.zh}", f"  {place}: {said.en}")
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
