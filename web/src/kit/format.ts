/** How values read: exact decimals, 万 and 亿, dates that say what a person wants to know. Pure. */
import type { Lang } from "../api/types";

const SYMBOLS: Record<string, string> = { CNY: "¥", USD: "$", EUR: "€", GBP: "£", JPY: "¥", HKD: "HK$" };

export function symbolOf(currency: string): string { return SYMBOLS[currency] ?? `${currency} `; }

/** Groups the whole part of an exact decimal; no floating point touches it. "-1234.50" -> "−1,234.50". */
export function grouped(decimal: string, dropZeros = false): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal.trim());
  if (!match) return decimal;
  const [, sign, whole = "", fraction = ""] = match;
  const grouping = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const rest = dropZeros && /^0*$/.test(fraction) ? "" : fraction;
  return `${sign ? "−" : ""}${grouping}${rest ? `.${rest}` : ""}`;
}

export function money(decimal: string, currency: string): string {
  const text = grouped(decimal, true);
  return text.startsWith("−") ? `−${symbolOf(currency)}${text.slice(1)}` : symbolOf(currency) + text;
}

const STEPS: Record<Lang, [number, string][]> = {
  zh: [[1e8, "亿"], [1e4, "万"]],
  en: [[1e9, "B"], [1e6, "M"], [1e3, "K"]],
};

/** A large figure in its natural unit: ["3,661.2", "万"] in Chinese, ["36.6", "M"] in English. */
export function compact(value: string | number, lang: Lang): [string, string] {
  const number = typeof value === "number" ? value : Number(value);
  if (!Number.isFinite(number)) return [String(value), ""];
  const size = Math.abs(number);
  for (const [step, unit] of STEPS[lang]) {
    if (size >= step) {
      const scaled = number / step;
      return [grouped(scaled.toFixed(Math.abs(scaled) >= 1000 ? 0 : 1), true), unit];
    }
  }
  return [grouped(Number.isInteger(number) ? String(number) : number.toFixed(2), true), ""];
}

export function compactMoney(value: string | number, currency: string, lang: Lang): string {
  const [figure, unit] = compact(value, lang);
  const signed = figure.startsWith("−") ? `−${symbolOf(currency)}${figure.slice(1)}` : symbolOf(currency) + figure;
  return lang === "zh" ? signed + (unit ? ` ${unit}` : "") : signed + unit;
}

export function percent(decimal: string): string { return `${grouped(decimal, true)}%`; }

function pad(value: number): string { return String(value).padStart(2, "0"); }
export function isoDate(date: Date): string { return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`; }
/** The day of a moment where its reader is: the first ten letters of what the server sends are the day in Greenwich. */
export function dayOf(iso: string): string { return isoDate(new Date(iso)); }

/** A moment as people say it: the time today, 昨天 and the time, day and month this year, else the date. */
export function moment(iso: string, lang: Lang, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  const day = isoDate(date);
  if (day === isoDate(now)) return time;
  if (day === isoDate(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return (lang === "zh" ? "昨天 " : "Yesterday ") + time;
  return date.getFullYear() === now.getFullYear() ? `${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time}` : day;
}

export function fullMoment(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${isoDate(date)} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

export function daysSince(iso: string, now = new Date()): number {
  return Math.max(0, Math.floor((now.getTime() - new Date(iso).getTime()) / 86_400_000));
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(size < 10240 ? 1 : 0)} KB`;
  return `${(size / 1024 / 1024).toFixed(1)} MB`;
}

/** "3 小时", "2 天": how long since then, in the largest whole unit. */
export function elapsed(iso: string, lang: Lang, now = new Date()): string {
  const seconds = (now.getTime() - new Date(iso).getTime()) / 1000;
  return seconds < 60 ? (lang === "zh" ? "不到 1 分钟" : "less than a minute") : lasting(seconds, lang);
}

/** So many seconds, in the largest unit that fits; ``round`` upwards where something lasts at most so long. */
export function lasting(seconds: number, lang: Lang, round = Math.round): string {
  const minutes = Math.max(0, round(seconds / 60));
  const say = (count: number, zh: string, en: string) => (lang === "zh" ? `${count} ${zh}` : `${count} ${en}${count === 1 ? "" : "s"}`);
  if (minutes < 60) return say(minutes, "分钟", "minute");
  if (minutes < 36 * 60) return say(round(minutes / 60), "小时", "hour");
  return say(round(minutes / 1440), "天", "day");
}

export function initial(name: string): string {
  const first = [...name.trim()][0] ?? "?";
  return first.toUpperCase();
}
