/** The recycle bin. Loaded with its page. */
import { learn } from "./dictionary";

export const binWords = {
  "bin.title": ["{type}回收站", "{type} recycle bin"],
  "bin.note": ["这里是你可以恢复的记录：删除后 90 天内可恢复，之后连同评论和附件一并彻底删除；每次恢复都会被记录。", "Records that you may restore for 90 days after their deletion; then they are removed for good, with their comments and files. Each restoration is recorded."],
  "bin.what": ["名称", "Name"],
  "bin.by": ["删除人", "Deleted by"],
  "bin.at": ["删除时间", "Deleted"],
  "bin.until": ["可恢复", "Can be restored"],
  "bin.left": ["还有 {n} 天", "{n} more day(s)"],
  "bin.restore": ["恢复", "Restore"],
  "bin.restoreOne": ["恢复{name}", "Restore {name}"],
  "bin.restoreN": ["恢复 {n} 条", "Restore {n}"],
  "bin.restored": ["已恢复「{name}」", "“{name}” restored"],
  "bin.restoredMany": ["已恢复 {n} 条", "{n} restored"],
  "bin.empty": ["回收站是空的", "The recycle bin is empty"],
  "bin.emptyText": ["没有你能恢复的记录。", "There is nothing that you may restore."],
} as const satisfies Record<string, readonly [string, string]>;

learn(binWords);
