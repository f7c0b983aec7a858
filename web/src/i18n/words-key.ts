/** What the sheet of keys says. Loaded with it. */
import { learn } from "./dictionary";

export const keyWords = {
  "keys.anywhere": ["任何地方", "Anywhere"],
  "keys.list": ["列表", "Lists"],
  "keys.board": ["看板", "Boards"],
  "keys.record": ["记录", "Records"],
  "keys.go": ["跳转", "Jump"],
  "keys.palette": ["搜索与执行", "Search and do"],
  "keys.sheet": ["显示快捷键", "Show shortcuts"],
  "keys.close": ["关闭", "Close"],
  "keys.move": ["移动", "Move"],
  "keys.select": ["选择，Shift 连续选择", "Select; Shift for a range"],
  "keys.selectAll": ["选择已加载的全部", "Select all loaded"],
  "keys.filter": ["筛选", "Filter"],
  "keys.create": ["新建", "New"],
  "keys.first": ["编辑第一个字段", "Edit the first field"],
  "keys.save": ["保存", "Save"],
  "keys.comment": ["写评论", "Write a comment"],
} as const satisfies Record<string, readonly [string, string]>;

learn(keyWords);
