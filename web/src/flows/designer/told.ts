/** How rules, steps and conditions are told in a line. Pure. */
import type { Words } from "../../api/types";
import type { Key } from "../../i18n";
import type { IconName } from "../../kit/icons";
import { holderOf, type Each, type Hears, type Kind, type Model, type Name, type Node, type Rule } from "./file";
import type { Kit, KitHears, Named } from "./types";
import "../../i18n/words-entry";

export type T = (key: Key, values?: Record<string, string | number>) => string;
export type W = (words: Words | string | null | undefined) => string;

export const ICONS: Record<Kind, IconName> = {
  start: "flag", end: "flag", terminate: "ban", user: "user", service: "box", send: "out", exclusive: "swap", parallel: "columns", inclusive: "swap", events: "inbox", timer: "clock", message: "inbox", signal: "inbox", throw: "bell", boundary: "clock", sub: "box", call: "out", rule: "grid", other: "alert",
};
export function called(name: Name, lang: "zh" | "en"): string { return (lang === "zh" ? name.zh : name.en) || name.zh || name.en; }
function of(list: readonly Named[], code: string | undefined, w: W): string { return w(list.find((one) => one.code === code)?.name ?? null) || code || ""; }

/** Files name people by their user names; who reads them knows their names. */
export function personName(kit: Kit | undefined, code: string): string { return kit?.people?.find((one) => one.code === code)?.name.zh ?? code; }

export function ruleText(rule: Rule, kit: Kit | undefined, t: T, w: W): string {
  const { given } = rule;
  const whose = t(`design.of.${(given.of ?? "initiator") as "initiator"}` as Key);
  const where = given.department ? of(kit?.departments ?? [], given.department, w) : given.of ? t("design.deptOf", { who: whose }) : "";
  switch (rule.rule) {
    case "person": return given.person ? personName(kit, given.person) : t("design.choose");
    case "position": case "turn": return [where, of(kit?.positions ?? [], given.position, w) || t("design.choose")].filter(Boolean).join(" · ");
    case "manager": return Number(given.levels ?? 1) > 1 ? t("design.managerN", { who: whose, n: given.levels ?? "1" }) : t("design.managerOf", { who: whose });
    case "leader": return t("design.leaderOf", { who: whose });
    case "head": return t("design.headOf", { where: where || t("design.deptOf", { who: whose }) });
    case "role": return `${t("design.role")} ${of(kit?.roles ?? [], given.role, w) || t("design.choose")}`;
    case "project": return `${t("design.project")} ${given.role ?? ""}`;
    case "field": if (given.field?.includes(".")) return pathText(given.field, kit, t, w); return w(kit?.fields.find((one) => one.code === given.field)?.name ?? null) || given.field || t("design.choose");
    default: return w(kit?.rules.find((one) => one.code === rule.rule)?.name ?? null) || rule.rule;
  }
}
/** A field of a record that ours leads to: the customer's owner. */
function pathText(path: string, kit: Kit | undefined, t: T, w: W): string {
  const [first = "", ...rest] = path.split(".");
  const link = w(kit?.fields.find((one) => one.code === first)?.name ?? null);
  return link && rest.length === 1 && rest[0] === "owner" ? t("design.ownerOf", { what: link }) : path;
}
export function rulesText(rules: readonly Rule[], kit: Kit | undefined, t: T, w: W, lang: "zh" | "en"): string { return rules.map((one) => ruleText(one, kit, t, w)).join(lang === "zh" ? "、" : ", "); }

/** What stands on a step: time that is up, or something that happens meanwhile. */
export function kindOf(node: Node): Kind { return node.kind === "boundary" && node.hears ? node.hears.what === "signal" ? "signal" : "message" : node.kind; }
/** What a split asks, or what a node without a name is. */
export function nodeText(node: Node, lang: "zh" | "en", t: T): string { return called(node.name, lang) || t(`design.kind.${node.kind}` as Key); }

/** A step by its id, wherever it stands; null where there is none. */
export function stepName(model: Model, id: string, lang: "zh" | "en", t: T): string | null { const node = holderOf(model, id).nodes.get(id); return node ? nodeText(node, lang, t) : null; }

const SPAN = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
/** A length as one number and its unit, where it is one; null where it is written in more. */
export function spanOf(text: string): { n: number; unit: "D" | "H" | "M" } | null {
  const found = SPAN.exec(text);
  if (!found) return null;
  const [, weeks, days, hours, minutes, seconds] = found;
  const given = [weeks, days, hours, minutes, seconds].filter((one) => one !== undefined).length;
  if (given !== 1 || seconds !== undefined) return null;
  if (weeks !== undefined) return { n: Number(weeks) * 7, unit: "D" };
  return days !== undefined ? { n: Number(days), unit: "D" } : hours !== undefined ? { n: Number(hours), unit: "H" } : { n: Number(minutes), unit: "M" };
}
/** A length in words, also one that is written in several units. */
export function spanText(text: string, t: T, /** Counted by the calendar and not in working days, as timers are. */ calendar = false): string {
  const one = (n: number, unit: "D" | "H" | "M") => t(`design.span.${calendar && unit === "D" ? "C" : unit}${n === 1 ? "1" : ""}` as Key, { n });
  const found = spanOf(text);
  if (found) return one(found.n, found.unit);
  const [, weeks, days, hours, minutes, seconds] = SPAN.exec(text) ?? [];
  const parts = ([[days, "D"], [hours, "H"], [minutes, "M"]] as const).flatMap(([n, unit]) => (n === undefined ? [] : [one(Number(n), unit)]));
  return parts.length && weeks === undefined && seconds === undefined ? parts.join(" ") : text;
}
export function toSpan(n: number, unit: "D" | "H" | "M"): string { return unit === "D" ? `P${n}D` : `PT${n}${unit}`; }

/** What a step waits for, in words; what nobody has chosen yet asks for it. */
export function hearsText(node: Node, kit: Kit | undefined, t: T, w: W): string {
  const { hears } = node;
  if (!hears) return "";
  if (!hears.name) return t("design.choose");
  if (hears.what !== "record") return t(`design.hears.${hears.what}`, { name: hears.name });
  const known = knownOf(hears, [...kit?.begins ?? [], ...kit?.hears ?? []]);
  return known ? known.through ? t("design.through", { name: w(known.name), field: w(known.through) }) : w(known.name) : hears.name;
}

/** Which of what can happen a file means, also where it does not say by which field. */
export function knownOf(hears: Hears, events: readonly KitHears[]): KitHears | undefined { return events.find((one) => one.event === hears.name && one.by === hears.by) ?? events.find((one) => one.event === hears.name && !hears.by); }
/** How a start begins cases by itself, in words; empty where somebody begins them. */
export function startText(node: Node, kit: Kit | undefined, t: T, w: W): string {
  if (node.hears) return hearsText(node, kit, t, w);
  if (!node.timer) return "";
  const every = /^R\/(P.+)$/.exec(node.timer.text)?.[1];
  return every ? t("design.every", { span: spanText(every, t, true) }) : node.timer.text;
}

/** What a step tells others, in words. */
export function saysText(node: Node, t: T): string {
  const { says } = node;
  if (!says || says.what === "nothing") return "";
  return says.name ? t(`design.says.${says.what}`, { name: says.name }) : t("design.choose");
}

// -- once for each -----------------------------------------------------------------------------------------------------

export const ENOUGH = ["all", "some", "share", "text"] as const;
export type Enough = (typeof ENOUGH)[number];
const SOME = /^(?:nrOf|numberOf)CompletedInstances\s*>=\s*(\d+)$/, SHARE = /^(?:nrOf|numberOf)CompletedInstances\s*\/\s*(?:nrOf|numberOf)Instances\s*>=\s*(0?\.\d{1,4}|1(?:\.0+)?)$/;
/** When enough of several have been done: all, so many, a share in per cent, or what an expression says. */
export function enoughOf(text: string): { way: Enough; n: string } {
  const some = SOME.exec(text.trim()), share = SHARE.exec(text.trim());
  if (!text.trim()) return { way: "all", n: "" };
  return some ? { way: "some", n: some[1] ?? "" } : share ? { way: "share", n: String(Math.round(Number(share[1]) * 10_000) / 100) } : { way: "text", n: "" };
}
export function toEnough(way: Enough, n: string): string {
  const number = Number(n);
  if (way === "some") return `nrOfCompletedInstances >= ${Math.max(1, Math.floor(number) || 1)}`;
  return way === "share" ? `nrOfCompletedInstances / nrOfInstances >= ${Math.min(1, Math.max(0.01, number / 100 || 0.5))}` : "";
}
/** In one line: of what, in which order, and how many are enough. */
export function eachText(each: Each, kit: Kit | undefined, t: T, w: W): string {
  const field = kit?.fields.find((one) => `record.${one.code}` === each.in), { way, n } = enoughOf(each.enough);
  const what = each.times !== null ? t("design.eachCard.times", { n: each.times || "?" }) : t("design.eachCard.list", { list: w(field?.name ?? null) || each.in || "?" });
  return [what, t(each.sequential ? "design.eachOrder.one" : "design.eachOrder.all"), ...(way === "all" ? [] : [t(`design.eachCard.${way}`, { n })])].join(" · ");
}

// -- conditions --------------------------------------------------------------------------------------------------------

export interface Part { field: string; sign: string; value: string }
export interface Built { all: boolean; parts: Part[] }
const PART = /^(?:record\.)([a-z][a-z0-9_]*)\s*(==|=|!=|>=|<=|>|<|in|not in)\s*(.+)$/;
const LITERAL = /^(?:-?\d+(?:\.\d+)?|'(?:[^'\\])*'|"(?:[^"\\])*"|true|false|null|\[(?:\s*(?:'[^'\\]*'|"[^"\\]*"|-?\d+(?:\.\d+)?)\s*,?)*\]|date\((?:'[^'\\]*'|"[^"\\]*")\))$/;

/** Cuts at a word between spaces, outside quotes and brackets. */
function cut(text: string, word: string): string[] {
  const parts: string[] = [];
  let depth = 0, quote = "", from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (quote) { if (char === quote) quote = ""; continue; }
    if (char === "'" || char === '"') quote = char;
    else if ("([".includes(char)) depth++;
    else if (")]".includes(char)) depth--;
    else if (!depth && text.slice(at, at + word.length + 2) === ` ${word} `) { parts.push(text.slice(from, at)); from = at + word.length + 2; at = from - 1; }
  }
  return [...parts, text.slice(from)].map((one) => one.trim());
}

/** A condition as rows of field, sign, value; null where it is more than that and stays text. */
export function build(text: string): Built | null {
  const clean = text.trim();
  if (!clean) return { all: true, parts: [] };
  const ors = cut(clean, "or"), ands = cut(clean, "and");
  if (ors.length > 1 && ands.length > 1) return null;
  const parts: Part[] = [];
  for (const one of ors.length > 1 ? ors : ands) {
    const found = PART.exec(one);
    const value = found?.[3]?.trim() ?? "";
    if (!found || !LITERAL.test(value)) return null;
    parts.push({ field: found[1] ?? "", sign: found[2] === "=" ? "==" : found[2] ?? "==", value: bare(value) });
  }
  return { all: ors.length <= 1, parts };
}
function bare(value: string): string {
  if (value.startsWith("[")) return value.slice(1, -1).split(",").map((one) => bare(one.trim())).filter(Boolean).join(", ");
  if (value.startsWith("date(")) return bare(value.slice(5, -1));
  return /^['"]/.test(value) ? value.slice(1, -1) : value;
}
function quoted(value: string): string { return value.includes("'") ? `"${value.replace(/"/g, "")}"` : `'${value}'`; }
const NUMBERS = new Set(["money", "number", "percent"]);
export function written(built: Built, kindOf: (field: string) => string): string {
  return built.parts.filter((one) => one.field).map((one) => {
    const kind = kindOf(one.field), name = `record.${one.field}`;
    if (one.sign === "in" || one.sign === "not in") return `${name} ${one.sign} [${one.value.split(/[,，]/).map((item) => item.trim()).filter(Boolean).map((item) => (NUMBERS.has(kind) ? item : quoted(item))).join(", ")}]`;
    const value = one.value.trim();
    if (value === "null") return `${name} ${one.sign} null`;
    if (kind === "yes_no") return `${name} ${one.sign} ${value === "true" ? "true" : "false"}`;
    if (kind === "date" || kind === "datetime") return `${name} ${one.sign} date(${quoted(value)})`;
    return `${name} ${one.sign} ${(NUMBERS.has(kind) || kind === "") && /^-?\d+(\.\d+)?$/.test(value) ? value : quoted(value)}`;
  }).join(built.all ? " and " : " or ");
}
const SIGNS: Record<string, string> = { "==": "=", "!=": "≠", ">=": "≥", "<=": "≤" };
/** A condition as a label: fields by their names, options by theirs. */
export function conditionText(text: string, kit: Kit | undefined, t: T, w: W): string {
  const built = build(text);
  if (!built) return text;
  return built.parts.map((one) => {
    const field = kit?.fields.find((other) => other.code === one.field);
    const value = one.value.split(", ").map((item) => w(field?.options?.find((option) => option.value === item)?.name ?? null) || grouped(item)).join("、");
    const sign = one.sign === "in" ? t("design.sign.in") : one.sign === "not in" ? t("design.sign.notin") : SIGNS[one.sign] ?? one.sign;
    return `${w(field?.name ?? null) || one.field} ${sign} ${value}`;
  }).join(` ${t(built.all ? "design.and" : "design.or")} `);
}
export function grouped(value: string): string { return /^\d{5,}(\.\d+)?$/.test(value) ? value.replace(/\B(?=(\d{3})+(?!\d))/g, ",") : value; }
