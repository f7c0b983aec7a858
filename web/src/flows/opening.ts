/** A file of a process that somebody has chosen: its text, or in words why it is not read and what to do. Wherever a file is chosen the same is said. */
import { send, type Problem } from "../api/client";
import type { Words } from "../api/types";
import type { Key } from "../i18n";
import { textOf } from "./reading";
import type { Checked } from "./types";
import "../i18n/words-processes";

const LARGEST = 5 * 1024 * 1024;
type T = (key: Key, values?: Record<string, string | number>) => string;

export async function opened(file: File, t: T): Promise<{ source: string } | { wrong: string }> {
  if (file.size > LARGEST) return { wrong: t("process.tooLarge", { size: (file.size / 1024 / 1024).toFixed(1), most: LARGEST / 1024 / 1024 }) };
  if (file.size === 0) return { wrong: t("process.empty") };
  const source = textOf(new Uint8Array(await file.arrayBuffer()));
  return source === null ? { wrong: t("process.coding") } : { source };
}
export function checked(source: string): Promise<Checked> { return send<Checked>("POST", "/flows/check", { source }); }

/** What a file cannot be read for and what to do, which the server says, and where; anything else as it is. */
export function unreadable(refused: Problem, t: T, w: (words: Words) => string): Problem | string {
  const first = refused.status === 422 ? refused.problems[0] : undefined;
  if (!first) return refused;
  const [, line = "", column = ""] = /^(\d+):(\d+)$/.exec(first.place) ?? [];
  const said = w(first.message);
  return t("process.unreadable", { why: line ? t("process.at", { line, column, why: said }) : said.charAt(0).toUpperCase() + said.slice(1) });
}
