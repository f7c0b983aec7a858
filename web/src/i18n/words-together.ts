/** One yes for several pieces of work. Loaded with what is picked in the workbench. */
import { learn } from "./dictionary";

export const togetherWords = {
  "together.title": ["一起同意 {n} 件", "Approve {n} together"],
  "together.all": ["选中这一步的全部 {n} 件", "Pick all {n} of this step"],
  "together.none": ["都不选", "Pick none"],
  "together.drop": ["不选「{title}」", "Leave out “{title}”"],
  "together.by": ["发起人", "Begun by"],
  "together.what": ["事项", "What"],
  "together.text": ["意见（写给每一件）", "Comment (said of each)"],
  "together.act": ["同意 {n} 件", "Approve {n}"],
  "together.help": ["每一件都是单独的决定，分别记入历史，随后各自流转。要退回或写不同意见的，请打开那一件。", "Each is a decision of its own, stands in its own history and goes its own way. Open one by itself to return it or to say something else of it."],
  "together.done": ["已同意 {n} 件", "Approved {n}"],
  "together.some": ["已同意 {n} 件，{m} 件没有同意：原因写在旁边", "Approved {n}; {m} were not: why stands beside them"],
  "together.hidden": ["看不到内容", "not shown to you"],
} as const;

learn(togetherWords);
