/** What is said of a record wherever one is met, and what asks "why"; the rest of its page: words-entry. */
export const recordWords = {
  "record.more": ["更多操作", "More actions"],
  "record.log": ["记录跟进", "Log an activity"],
  "record.open": ["打开记录", "Open the record"],
  "record.done": ["已完成：{verb}", "Done: {verb}"],
  "record.notAllowed": ["现在不能做", "Not possible now"],
  "record.deleteTitle": ["删除「{name}」", "Delete “{name}”"],
  "record.deleteAsk": ["删除后不再出现在任何列表中，可以恢复。这一步会被记录。", "It will vanish from every list and can be restored. This step is recorded."],
  "record.deleted": ["已删除「{name}」", "“{name}” deleted"],

  "mention.waiting": ["{n} 条新的提及", "{n} new mention(s)"],
  "mention.title": ["提到我", "Mentions"],
  "mention.all": ["全部", "Everything"],
  "mention.ok": ["知道了", "Seen"],

  "why.cannotDo": ["为什么不能「{verb}」？", "Why not “{verb}”?"],
  "why.missing": ["还缺：", "Missing: "],
  "why.ask": ["可以找：{names}", "Ask: {names}"],
  "record.create": ["新建{type}", "New {type}"],
  "why.title": ["你为什么能看到它", "Why you can see this"],
  "why.hidden": ["为什么看不到「{field}」？", "Why is “{field}” hidden?"],
  "why.readonly": ["为什么不能改「{field}」？", "Why can “{field}” not be changed?"],
  "why.reveal": ["显示（会留痕）", "Reveal (recorded)"],
  "record.edit": ["修改{field}", "Change {field}"],
} as const;
