/** The answers to "why": the chain, what is missing, who else can, the same beside a colleague. */
import { learn } from "./dictionary";

export const answerWords = {
  "why.readRecord": ["查看这条记录", "Reading this record"],
  "why.yes": ["你可以", "You may"],
  "why.no": ["你不可以", "You may not"],
  "why.can": ["可以", "May"],
  "why.cannot": ["不可以", "May not"],
  "why.you": ["（你）", "(you)"],
  "why.via": ["身份", "As"],
  "why.role": ["角色", "Role"],
  "why.scope": ["范围", "Scope"],
  "why.fact": ["事实", "Fact"],
  "why.level": ["级别", "Level"],
  "why.ceiling": ["上限", "Ceiling"],
  "why.also": ["另有 {n} 条理由", "{n} more reason(s)"],
  "why.eitherOne": ["满足其中一项就可以：", "One of these would be enough:"],
  "why.either": ["满足下面任一组就可以：", "Either of these would be enough:"],
  "why.or": ["或者：", "or:"],
  "why.revealed": ["这次查看已记录", "This look has been recorded"],
  "why.compare": ["和同事对比", "Compare with a colleague"],
  "why.compareTitle": ["为什么我和同事不一样", "Why a colleague and I differ"],
  "why.colleague": ["选择同事", "Choose a colleague"],
  "why.pick": ["选一位同事，看你们从哪一步开始不同。", "Choose a colleague to see where you part."],
  "why.parts": ["从这里分开", "Parts here"],
  "why.same": ["相同", "Same"],
  "why.differs": ["不同", "Differs"],
  "why.none": ["没有", "None"],
  "why.difference": ["差别", "The difference"],
  "why.noDifference": ["两人对此的权利相同。", "Both have the same right here."],
  "why.audited": ["这次查询已记入审计。", "This question has been recorded."],
  "why.who": ["还有谁能看到", "Who else can see it"],
  "why.whoTitle": ["还有谁能看到", "Who else can see it"],
  "why.whoNobody": ["没有其他你能知道的人。", "Nobody else that you may know of."],
  "why.whoOthers": ["还有其他人，理由你无权知道。", "Others can, for reasons you may not know."],
} as const;

learn(answerWords);
