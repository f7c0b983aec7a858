/** Two who change one cell at once. Loaded with what changes cells. */
import { learn } from "./dictionary";

export const conflictWords = {
  "record.saved": ["{field}已保存", "{field} saved"],
  "conflict.title": ["别人刚改过这条记录", "Somebody has just changed this record"],
  "conflict.text": ["你打开之后「{field}」所在的记录有了新版本。留下哪一个？", "The record has changed since you opened it. Which “{field}” should stay?"],
  "conflict.mine": ["我的", "Mine"],
  "conflict.theirs": ["对方的", "Theirs"],
  "conflict.keepTheirs": ["保留对方的", "Keep theirs"],
  "conflict.useMine": ["用我的覆盖", "Use mine"],
} as const satisfies Record<string, readonly [string, string]>;

learn(conflictWords);
