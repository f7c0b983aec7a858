/** The palette: go somewhere, find, do. Loaded with it. */
import { learn } from "./dictionary";

export const paletteWords = {
  "palette.hint": ["跳转、搜索记录、执行操作…", "Go somewhere, find a record, do something…"],
  "palette.results": ["结果", "Results"],
  "palette.go": ["跳转", "Go to"],
  "palette.do": ["操作", "Do"],
  "palette.board": ["打开{type}看板", "Open the {type} board"],
  "palette.nothing": ["你能看到的数据里没有「{text}」", "Nothing you may see matches “{text}”"],
} as const satisfies Record<string, readonly [string, string]>;

learn(paletteWords);
