/** Before a process begins: the steps to come, and why one is not begun. Loaded with its dialogs. */
import { learn } from "./dictionary";

export const beginWords = {
  "begin.way": ["接下来怎么走", "What comes then"],
  "begin.first": ["先到", "First"],
  "begin.beside": ["同时", "at the same time"],
  "begin.perhaps": ["视情况", "as the case may be"],
  "begin.later": ["到时才确定由谁处理", "who does it is found when it comes to it"],
  "begin.chosen": ["由你在下面选", "whom you choose below"],
  "begin.waits": ["到时自动继续", "it goes on by itself when it is time"],
  "begin.happens": ["发生后自动继续", "it goes on by itself once that happens"],
  "begin.called": ["由另一个流程办理", "another process does it"],
  "begin.itself": ["系统自动办理", "done by the process itself"],
  "begin.itselfDoes": ["系统自动：{does}", "by itself: {does}"],
  "begin.told": ["抄送给", "told to"],
  "begin.toldLater": ["抄送，到时才确定给谁", "a copy; to whom is found when it comes to it"],
  "begin.sameAll": ["前面已经处理过，这一步自动通过", "has decided before, so this passes by itself"],
  "begin.sameSome": ["前面已经处理过的人不用再处理", "who has decided before is not asked again"],
  "begin.more": ["等 {n} 人", "and {n} more"],
  "begin.nobody": ["没有要人处理的步骤：发起后由系统办理", "Nobody has to do anything: it runs by itself"],
  "begin.partly": ["有些步骤要看你看不到的内容，这里不列出", "Some steps depend on what you do not see and are not listed"],
  "begin.some": ["可发起 {n}/{all}", "{n} of {all}"],
  "begin.of": ["{all} 条中 {n} 条可以发起；{refused} 条不行：", "It can begin for {n} of {all}; for {refused} it cannot:"],
  "begin.for": ["{names}：", "{names}:"],
  "begin.moreWays": ["另有 {n} 种走法", "{n} more go other ways"],
  "begin.another": ["请选择要发起的流程。", "Choose the process to begin."],
  "begin.nowhere": ["现在没有能在这条记录上发起的流程。", "No process can be begun about this record now."],
} as const satisfies Record<string, readonly [string, string]>;

learn(beginWords);
