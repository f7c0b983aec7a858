/** Words of what a version of a process gives, for whoever confirms it. */
import { learn } from "./dictionary";

export const givingWords = {
  "gives.title": ["这一版给出的权限", "What this version gives"],
  "gives.why": ["{all} 项里有 {n} 项超出作者自己的权限，所以要由你确认：", "{n} of {all} things go beyond what its author holds: that is why it takes your yes."],
  "gives.whyAll": ["作者自己没有其中任何一项（共 {n} 项），所以要由你确认。", "Its author holds none of these {n} things: that is why it takes your yes."],
  "gives.whyPart": ["这 {n} 项作者都只在部分记录上有，所以要由你确认。", "Its author holds these {n} things on some records only: that is why it takes your yes."],
  "gives.sensitive": ["敏感", "sensitive"],
  "gives.confidential": ["机密", "confidential"],
  "gives.only": ["只看超出的", "Only what goes beyond"],
  "gives.all": ["作者没有", "the author does not hold it"],
  "gives.part": ["作者只在部分记录上有", "the author holds it on some records only"],
  "gives.mark": ["（{why}）", " ({why})"],
  "gives.itself": ["流程自己", "The process itself"],
  "gives.reads": ["可看{type}的", "Sees of {type}"],
  "gives.writes": ["可填{type}的", "Fills in of {type}"],
  "gives.acts": ["可对{type}", "May do with {type}"],
  "gives.forIt": ["为此{name}", "For it: {name}"],
  "gives.inProject": ["在项目里{name}", "In the project: {name}"],
  "gives.there": ["只知道有这条记录", "only that the record is there"],
  "gives.does": ["同意时执行", "Approving does"],
} as const satisfies Record<string, readonly [string, string]>;

learn(givingWords);
