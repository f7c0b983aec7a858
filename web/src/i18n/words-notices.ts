/** Notices: what I was told, and how I want to be told. Loaded with their page and with my account. */
import { learn } from "./dictionary";

export const noticeWords = {
  "notices.title": ["通知", "Notices"],
  "notices.new": ["未看", "New"],
  "notices.all": ["全部", "All"],
  "notices.show": ["显示哪些通知", "Which notices are shown"],
  "notices.seenAll": ["全部标为已看", "Mark all as seen"],
  "notices.none": ["没有通知", "No notices"],
  "notices.noneNew": ["没有新通知", "Nothing new"],
  "notices.noneText": ["有事要你处理、你发起的事有结果、有人提到你时，这里会告诉你。", "You are told here when something waits for you, when what you began has ended and when somebody mentions you."],
  "notices.over": ["已处理", "Done"],
  "notices.more": ["更早的通知", "Earlier notices"],
  "notices.how": ["怎样通知我", "How I am told"],
  "notices.part": ["通知", "Notices"],
  "notices.partText": ["页面里随时会告诉你；这里决定哪些还要发邮件。邮件里不写记录的内容。", "You are told in the page at once; here you decide what goes by mail as well. Mail holds nothing of any record."],
  "notices.address": ["邮件发到 {address}；一分钟内在页面里看过的不再发。", "Mail goes to {address}; what you see in the page within a minute is not mailed."],
  "notices.noAddress": ["你的账号没有邮箱，所以收不到邮件。请组织管理员补上。", "Your account has no e-mail address, so you get no mail. Ask an administrator of the organisation to add one."],
  "notices.kind": ["什么事", "What about"],
  "notices.mail": ["邮件", "Mail"],
  "notices.now": ["立即", "At once"],
  "notices.digest": ["每日摘要", "Daily digest"],
  "notices.off": ["不发", "None"],
  "notices.quiet": ["免打扰", "Quiet hours"],
  "notices.quietOn": ["这段时间不发邮件，结束后一起发", "No mail in these hours; it comes when they end"],
  "notices.from": ["从", "From"],
  "notices.to": ["到", "To"],
  "notices.digestAt": ["每日摘要时间", "Daily digest at"],
  "notices.days": ["哪些天", "On which days"],
  "notices.work": ["工作日", "Working days"],
  "notices.every": ["每天", "Every day"],
  "notices.saved": ["已保存", "Saved"],
} as const;

learn(noticeWords);
