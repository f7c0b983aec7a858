/** The log of acts. */
import { learn } from "./dictionary";

export const oversightWords = {
  "oversight.everything": ["全部", "Everything"],
  "oversight.title": ["审计与规则", "Oversight"],
  "oversight.policy": ["权限规则", "Rules"],
  "oversight.actor": ["谁（用户名或姓名）…", "Who (user name or name)…"],
  "oversight.outcome": ["结果", "Outcome"],
  "oversight.done": ["已执行", "Done"],
  "oversight.refused": ["被拒绝", "Refused"],
  "oversight.failed": ["失败", "Failed"],
  "oversight.entries": ["共 {n} 条，逐条相连、不可篡改", "{n} entries, chained"],
  "oversight.none": ["没有符合的日志", "No entry matches"],
  "oversight.number": ["序号", "No."],
  "oversight.when": ["时间", "When"],
  "oversight.who": ["谁", "Who"],
  "oversight.what": ["动作", "Act"],
  "oversight.thing": ["对象", "Thing"],
  "oversight.changed": ["字段", "Fields"],
  "oversight.ended": ["结果", "Outcome"],
  "oversight.under": ["依据或原因", "Under, or why"],
  "oversight.lines": ["{n} 条权限项", "{n} lines"],
  "oversight.ceilings": ["上限", "Ceilings"],
} as const satisfies Record<string, readonly [string, string]>;

learn(oversightWords);
