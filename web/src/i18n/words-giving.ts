/** Words of what a version of a process gives, for whoever confirms it. */
import { learn } from "./dictionary";

export const givingWords = {
  "gives.title": ["这一版给出的权限", "What this version gives"],
  "gives.why": ["{all} 项里有 {n} 项超出作者自己的权限，所以要由你确认：", "{n} of {all} things go beyond what its author holds: that is why it takes your yes."],
  "gives.whyAll": ["作者自己没有其中任何一项（共 {n} 项），所以要由你确认。", "Its author holds none of these {n} things: that is why it takes your yes."],
  "gives.whyPart": ["这 {n} 项作者都只在部分记录上有，所以要由你确认。", "Its author holds these {n} things on some records only: that is why it takes your yes."],
  "gives.drawn": ["这份草稿会给出的权限", "What this draft would give"],
  "gives.drawnWhy": ["{all} 项里有 {n} 项你自己没有，或只在部分记录上有。发布的人也没有的，要由安全管理员确认。", "{n} of {all} things you do not hold yourself, or on some records only. What whoever publishes does not hold either takes security's yes."],
  "gives.drawnAll": ["这 {n} 项你自己都没有，或只在部分记录上有。发布的人也没有的，要由安全管理员确认。", "You hold none of these {n} things on every record. What whoever publishes does not hold either takes security's yes."],
  "gives.mine.all": ["你没有", "you do not hold it"],
  "gives.mine.part": ["你只在部分记录上有", "you hold it on some records only"],
  "gives.differs": ["与在用的版本相比：多给 {added} 项，少给 {removed} 项，另有 {changed} 处说明不同。", "Against the version in use: {added} given anew, {removed} no more, {changed} told otherwise."],
  "gives.same": ["与在用的版本给出的相同。", "The same as the version in use gives."],
  "gives.onlyDiffers": ["只看不同的", "Only what differs"],
  "gives.added": ["新增", "new"],
  "gives.removed": ["不再给", "no more"],
  "gives.changed": ["有改动", "changed"],
  "gives.was": ["原来：", "before: "],
  "gives.nothing": ["没有给出任何权限。", "It gives nothing."],
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
