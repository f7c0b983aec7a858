/** What a suggestion of the figures becomes in the drawing: the change that it means, or the place where somebody has to decide. Pure. */
import type { Lang } from "../../api/types";
import type { Key } from "../../i18n";
import * as edit from "./edit";
import { GATEWAYS, holderOf, type Line, type Model, type Node } from "./file";
import { span, WORKDAY } from "../seeing/told";
import { build, grouped, spanOf, spanText, toSpan, type T, type W } from "./told";
import type { Change, Kit } from "./types";
import "../../i18n/words-entry";

/** What is focused in the panel. */
export type Place = "who" | "each" | "sla" | "form" | "does" | "limit";
export interface Said { key: Key; values?: Record<string, string> }
export interface Proposal {
  /** Null: nothing can be changed without somebody who decides. What it returns is chosen then. */
  edit: edit.Edit | null;
  node: string; place: Place; says: Said[];
}
/** `evidence`: the figures that spoke for it, in seconds of working time, amounts and numbers (`mining/suggest.py`). */
export interface Suggested { code: string; node: string; other?: string | null; evidence?: Readonly<Record<string, number>> }
/** What is usual, where too little is known to say better. */
const WITHIN = "P1D", REMIND = "PT4H", ESCALATE = "P1D";
const HOUR = 3600, ENOUGH = 20, HOURS = [1, 2, 4, 6];

/** A length that people say, not shorter (or not longer) than this: some hours, or whole working days. */
function upTo(seconds: number): string { const some = HOURS.find((n) => n * HOUR >= seconds); return some ? toSpan(some, "H") : toSpan(Math.ceil(seconds / WORKDAY), "D"); }
function downTo(seconds: number): string { const days = Math.floor(seconds / WORKDAY); return days ? toSpan(days, "D") : toSpan([...HOURS].reverse().find((n) => n * HOUR <= seconds) ?? 1, "H"); }
/** In seconds of working time; null where it is written in more than one unit. */
function secondsOf(text: string): number | null { const found = spanOf(text); return found ? found.n * { D: WORKDAY, H: HOUR, M: 60 }[found.unit] : null; }

/** Null where the step is not in this version. */
export function propose(model: Model, kit: Kit, one: Suggested, t: T, w: W, lang: Lang = "zh"): Proposal | null {
  // What comes back incomplete is mended where it comes from.
  const where = one.code === "complete" && one.other ? one.other : one.node, node = holderOf(model, where).nodes.get(where);
  if (!node) return null;
  const open = (place: Place, key: Key, values?: Record<string, string>): Proposal => ({ edit: null, node: node.id, place, says: [{ key, values }] });
  if (node.kind !== "user") return open("who", "design.sug.notHere");
  switch (one.code) {
    case "automate": return pass(holderOf(model, node.id), kit, node, one.evidence ?? {}, open, w);
    case "staff": return node.task.people.mode === "sequence" ? { edit: (doc) => { edit.set(doc, node.id, "people", { mode: "all" }); return node.id; }, node: node.id, place: "who", says: [{ key: "design.sug.mode" }] } : open("who", "design.sug.staff");
    case "complete": {
      const required = words(node.task.form.require), more = words(node.task.form.edit).filter((field) => !required.includes(field));
      if (!more.length) return open("form", "design.sug.complete");
      const named = more.map((field) => w(kit.fields.find((other) => other.code === field)?.name ?? null) || field).join("、");
      return { edit: (doc) => { edit.set(doc, node.id, "form", { require: [...required, ...more].join(" ") }); return node.id; }, node: node.id, place: "form", says: [{ key: "design.sug.require", values: { fields: named } }] };
    }
    default: return limits(node, one.code, one.evidence ?? {}, open, t, lang);
  }
}

/** Most of what waiting needs: a limit, a reminder before it, somebody told after it. By how long the step takes (nine in ten times), waits (three
 * of four) and takes at worst (all but one in twenty), where that is known; what somebody set stays. */
function limits(node: Node, code: string, figures: Readonly<Record<string, number>>, open: (place: Place, key: Key) => Proposal, t: T, lang: Lang): Proposal {
  const { sla, moves } = node.task, { of = 0, p75 = 0, p90 = 0, p95 = 0 } = figures;
  const known = of >= ENOUGH && p90 > 0;
  const wanted: Record<string, string> = {}, says: Said[] = [];
  let usual = false;
  const add = (name: string, derived: string | null, fixed: string, by: number, how = "By") => {
    if (sla[name]) return;
    wanted[name] = derived ?? fixed;
    usual ||= derived === null;
    says.push({ key: `design.sug.${name}${derived === null ? "" : how}` as Key, values: { span: spanText(derived ?? fixed, t), ...(derived === null ? {} : { n: String(of), by: span(by, lang, "working") }) } });
  };
  add("within", known ? upTo(p90) : null, WITHIN, p90);
  const due = secondsOf(sla.within ?? wanted.within ?? "");
  // A reminder comes when most have taken it up; one that would come after the limit is none.
  if (code !== "deputy" && (due === null || due > HOUR)) add("remind", known && due !== null && due - p75 >= HOUR ? downTo(due - p75) : null, due !== null && due <= 4 * HOUR ? "PT1H" : REMIND, p75);
  if (code === "deputy" || code === "remind") {
    const worst = sla.within ? p90 : p95; // by the limit drawn here nine in ten are in time
    add("escalate", known && due !== null ? upTo(Math.max(worst - due, HOUR)) : null, ESCALATE, worst, sla.within ? "Late" : "By");
  }
  const lends = code === "deputy" && !moves.includes("delegate");
  if (lends) says.push({ key: "design.sug.delegate" });
  if (!says.length) return open("sla", "design.sug.already");
  if (usual) says.push({ key: known ? "design.sug.usualLate" : "design.sug.usual" });
  return { edit: (doc) => { edit.set(doc, node.id, "sla", wanted); if (lends) edit.set(doc, node.id, "moves", { allow: [...moves, "delegate"].join(" ") }); return node.id; }, node: node.id, place: "sla", says };
}

/** A way past a step for what is plain: up to an amount that stood its test (`mining/passing.py`), by the branch that is there already or by a new one; else
 * nothing goes it until somebody has said one. What was noted before amounts were tested is `below` one. */
function pass(model: Model, kit: Kit, node: Node, figures: Readonly<Record<string, number>>, open: (place: Place, key: Key) => Proposal, w: W): Proposal {
  if (node.task.does) return open("does", "design.sug.does");
  if (node.task.handoff || [...model.nodes.values()].some((one) => one.task.handoff?.from === node.id)) return open("form", "design.sug.handoff");
  const shown = words(node.task.form.show), money = kit.fields.filter((one) => one.kind === "money");
  const tested = money.find((one) => (figures[`upto.${one.code}`] ?? 0) > 0), derived = tested ?? money.find((one) => (figures[`below.${one.code}`] ?? 0) > 0);
  const upTo = tested ? figures[`upto.${tested.code}`] ?? 0 : 0;
  const proof = { amount: grouped(String(upTo)), through: String(figures.through ?? 0), wrong: String(figures.wrong ?? 0) };
  const branch = pastOf(model, node);
  if (branch) {
    const limit = tested ? limitOf(branch, tested.code) : null;
    if (!tested || !limit || limit.value >= upTo) return open("who", "design.sug.passes");
    const condition = `record.${tested.code} ${limit.line === branch.own ? ">" : "<="} ${upTo}`;
    return { edit: (doc) => { edit.setCondition(doc, limit.line.id, condition); return limit.line.id; }, node: node.id, place: "limit", says: [{ key: "design.sug.raised", values: { ...proof, field: w(tested.name), before: grouped(String(limit.value)) } }] };
  }
  const field = derived ?? money.find((one) => shown.includes(one.code)) ?? money[0];
  if (!field || node.outgoing.length !== 1 || node.incoming.length === 0) return open("who", "design.sug.noAmount");
  const below = derived ? figures[`below.${field.code}`] ?? 0 : 0;
  const said: Said = tested ? { key: "design.sug.passTested", values: { ...proof, field: w(field.name) } }
    : derived ? { key: "design.sug.passBy", values: { field: w(field.name), amount: grouped(String(below)), n: String(figures.clean ?? 0) } } : { key: "design.sug.pass", values: { field: w(field.name) } };
  return { edit: (doc) => edit.pass(doc, node.id, tested ? `record.${field.code} <= ${upTo}` : `record.${field.code} < ${below}`), node: node.id, place: "limit", says: [said] };
}

/** The branch by which a step can be passed already: the line to it, and the one past it. */
interface Branch { own: Line; past: Line }
function pastOf(model: Model, node: Node): Branch | null {
  const own = model.lines.get(node.incoming[0] ?? ""), before = model.nodes.get(own?.source ?? ""), after = model.lines.get(node.outgoing[0] ?? "")?.target;
  const past = before && GATEWAYS.has(before.kind) ? before.outgoing.map((line) => model.lines.get(line)).find((line) => line !== undefined && line.target === after) : undefined;
  return own && past ? { own, past } : null;
}
/** From which amount on the step is done there, and the line that says so; null where it goes by something else too. */
function limitOf({ own, past }: Branch, field: string): { line: Line; value: number } | null {
  for (const [line, signs] of [[own, [">", ">="]], [past, ["<", "<="]]] as const) {
    const parts = line.condition ? build(line.condition)?.parts ?? [] : [], [only] = parts;
    if (parts.length === 1 && only?.field === field && (signs as readonly string[]).includes(only.sign) && Number.isFinite(Number(only.value))) return { line, value: Number(only.value) };
  }
  return null;
}

function words(text: string | undefined): string[] { return (text ?? "").split(/\s+/).filter(Boolean); }

const PEOPLE = ["assignees", "mode", "share", "candidates", "each"], TIMES = ["within", "remind", "escalate", "outcome", "after", "moves"];
/** What of a step each suggestion is about, as differences between versions name it. */
const ABOUT: Record<string, readonly string[]> = { automate: PEOPLE, staff: PEOPLE, complete: ["show", "edit", "require", "fields", "files", "notes", "criteria"] };
/** Whether what differs from the version before could be by this suggestion: it is ticked then, and still for people to say. */
export function brought(one: { code: string; node: string; other: string }, items: readonly Change[], model: Model): boolean {
  const step = one.code === "complete" && one.other ? one.other : one.node;
  if (items.some((item) => item.what === "node" && item.place === step && (item.how === "removed" || item.aspects.some((part) => (ABOUT[one.code] ?? [...PEOPLE, ...TIMES]).includes(part.code))))) return true;
  if (one.code !== "automate") return false;
  const within = holderOf(model, step), node = within.nodes.get(step), past = node ? pastOf(within, node)?.past : undefined;
  const before = [...(node?.incoming.map((line) => within.lines.get(line)) ?? []), past];
  return before.some((line) => line !== undefined && items.some((item) => item.how !== "removed" && item.place === (item.what === "node" ? line.source : line.id) && (item.what === "line" || item.how === "added")));
}
