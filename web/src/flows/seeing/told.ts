/** How figures read: spans of time, shares, what stands before a change. Pure. */
import type { Lang } from "../../api/types";
import type { Clock, Times } from "./types";

const HOUR = 3600;
/** A working day of the company's calendar, in seconds. */
export const WORKDAY = 9 * HOUR;

/** "26 小时", "2.6 天": in the largest unit that keeps two figures. Working time counts days of nine hours. */
export function span(seconds: number | null | undefined, lang: Lang, clock: Clock = "calendar"): string {
  if (seconds === null || seconds === undefined) return "—";
  const day = clock === "working" ? WORKDAY : 24 * HOUR;
  const say = (value: number, zh: string, en: string) => `${value >= 10 || Number.isInteger(Math.round(value * 10) / 10) ? Math.round(value) : value.toFixed(1)}${lang === "zh" ? ` ${zh}` : ` ${en}`}`;
  if (seconds < 90) return say(Math.round(seconds), "秒", "s");
  if (seconds < 90 * 60) return say(Math.round(seconds / 60), "分钟", "min");
  if (seconds < 2 * day) return say(seconds / HOUR, "小时", "h");
  return say(seconds / day, "天", seconds / day === 1 ? "day" : "days");
}

/** The same on a card: "26h", "2.6d". */
export function brief(seconds: number | null | undefined, clock: Clock): string {
  if (seconds === null || seconds === undefined) return "—";
  const day = clock === "working" ? WORKDAY : 24 * HOUR;
  const short = (value: number, unit: string) => `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}${unit}`;
  if (seconds < 60) return short(Math.round(seconds), "s");
  if (seconds < HOUR) return short(Math.round(seconds / 60), "m");
  return seconds < 3 * day ? short(seconds / HOUR, "h") : short(seconds / day, "d");
}

/** What is something and would read as nothing is "<1%". */
export function percent(share: number | null, digits = 0): string {
  if (share === null) return "—";
  const said = (share * 100).toFixed(digits).replace(/\.0+$/, "");
  return share > 0 && Number(said) === 0 ? `<${digits ? `0.${"0".repeat(digits - 1)}1` : 1}%` : `${said}%`;
}

export function of(times: Times, clock: Clock): Times["working"] { return times[clock]; }

/** Against the period before: a share in points, a number in percent. Null where there is nothing to compare with. */
export function points(now: number | null, before: number | null | undefined): number | null {
  return now === null || before === null || before === undefined ? null : Math.round((now - before) * 100);
}
export function change(now: number, before: number | null | undefined): number | null {
  return before ? Math.round(((now - before) / before) * 100) : null;
}

export function signed(value: number): string { return value > 0 ? `+${value}` : value < 0 ? `−${-value}` : "0"; }
