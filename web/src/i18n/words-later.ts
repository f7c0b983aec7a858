/** Putting an entry of the queue off. Loaded with its dialog and the list of what was put off. */
import { learn } from "./dictionary";

export const laterWords = {
  "queue.putOff": ["推后的 {n} 件", "Put off: {n}"],
  "queue.until": ["{time} 回来", "back {time}"],
  "queue.now": ["现在处理", "Now after all"],
  "queue.wasPutOff": ["已推后：「{title}」", "Put off: “{title}”"],
  "later.title": ["稍后处理「{title}」", "Put “{title}” off"],
  "later.hours": ["3 小时后", "In three hours"],
  "later.tomorrow": ["明天 9:00", "Tomorrow at 9:00"],
  "later.week": ["下周一 9:00", "Next Monday at 9:00"],
  "later.day": ["选一天（9:00）", "On a day (9:00)"],
  "later.act": ["推后", "Put off"],
  "later.help": ["只是先不在你的列表里显示：期限照常计算，别人看不到你推后了。有人催办、到期或升级时会提前回来。", "It only leaves your queue: its time runs on, and nobody sees that you put it off. It comes back before when somebody urges, or when it is late or escalated."],
  "later.when": ["什么时候回来", "When it comes back"],
} as const;

learn(laterWords);
