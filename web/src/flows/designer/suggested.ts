/** What a suggestion of the figures becomes in the drawing: the change that it means, or the place where somebody has to decide. Pure. */
import type { Key } from "../../i18n";
import * as edit from "./edit";
import { GATEWAYS, holderOf, type Model, type Node } from "./file";
import { spanText, type T, type W } from "./told";
import type { Kit } from "./types";

/** What is focused in the panel. */
export type Place = "who" | "each" | "sla" | "form" | "does" | "limit";
export interface Said { key: Key; values?: Record<string, string> }
export interface Proposal {
  /** Null: nothing can be changed without somebody who decides. What it returns is chosen then. */
  edit: edit.Edit | null;
  node: string; place: Place; says: Said[];
}
export interface Suggested { code: string; node: string; other?: string | null }
const WITHIN = "P1D", REMIND = "PT4H", ESCALATE = "P1D";

/** Null where the step is not in this version. */
export function propose(model: Model, kit: Kit, one: Suggested, t: T, w: W): Proposal | null {
  // What comes back incomplete is mended where it comes from.
  const where = one.code === "complete" && one.other ? one.other : one.node, node = holderOf(model, where).nodes.get(where);
  if (!node) return null;
  const open = (place: Place, key: Key, values?: Record<string, string>): Proposal => ({ edit: null, node: node.id, place, says: [{ key, values }] });
  if (node.kind !== "user") return open("who", "design.sug.notHere");
  switch (one.code) {
    case "automate": return pass(holderOf(model, node.id), kit, node, open, w);
    case "staff": return node.task.people.mode === "sequence" ? { edit: (doc) => { edit.set(doc, node.id, "people", { mode: "all" }); return node.id; }, node: node.id, place: "who", says: [{ key: "design.sug.mode" }] } : open("who", "design.sug.staff");
    case "complete": {
      const required = words(node.task.form.require), more = words(node.task.form.edit).filter((field) => !required.includes(field));
      if (!more.length) return open("form", "design.sug.complete");
      const named = more.map((field) => w(kit.fields.find((other) => other.code === field)?.name ?? null) || field).join("、");
      return { edit: (doc) => { edit.set(doc, node.id, "form", { require: [...required, ...more].join(" ") }); return node.id; }, node: node.id, place: "form", says: [{ key: "design.sug.require", values: { fields: named } }] };
    }
    default: return limits(node, one.code, open, t);
  }
}

/** Most of what waiting needs: a limit, a reminder before it, somebody told after it. */
function limits(node: Node, code: string, open: (place: Place, key: Key) => Proposal, t: T): Proposal {
  const { sla, moves } = node.task;
  const wanted: Record<string, string> = {}, says: Said[] = [];
  const add = (name: string, key: Key, text: string) => { if (!sla[name]) { wanted[name] = text; says.push({ key, values: { span: spanText(text, t) } }); } };
  add("within", "design.sug.within", WITHIN);
  if (code !== "deputy") add("remind", "design.sug.remind", REMIND);
  if (code === "deputy" || code === "remind") add("escalate", "design.sug.escalate", ESCALATE);
  const lends = code === "deputy" && !moves.includes("delegate");
  if (lends) says.push({ key: "design.sug.delegate" });
  if (!says.length) return open("sla", "design.sug.already");
  return { edit: (doc) => { edit.set(doc, node.id, "sla", wanted); if (lends) edit.set(doc, node.id, "moves", { allow: [...moves, "delegate"].join(" ") }); return node.id; }, node: node.id, place: "sla", says };
}

/** A way past a step for what is plain. Nothing goes it until somebody has said up to which amount. */
function pass(model: Model, kit: Kit, node: Node, open: (place: Place, key: Key) => Proposal, w: W): Proposal {
  if (node.task.does) return open("does", "design.sug.does");
  if (node.task.handoff || [...model.nodes.values()].some((one) => one.task.handoff?.from === node.id)) return open("form", "design.sug.handoff");
  const before = model.nodes.get(model.lines.get(node.incoming[0] ?? "")?.source ?? ""), after = model.lines.get(node.outgoing[0] ?? "")?.target;
  if (before && GATEWAYS.has(before.kind) && before.outgoing.some((line) => model.lines.get(line)?.target === after)) return open("who", "design.sug.passes");
  const shown = words(node.task.form.show);
  const money = kit.fields.filter((one) => one.kind === "money");
  const field = money.find((one) => shown.includes(one.code)) ?? money[0];
  if (!field || node.outgoing.length !== 1 || node.incoming.length === 0) return open("who", "design.sug.noAmount");
  return { edit: (doc) => edit.pass(doc, node.id, `record.${field.code} < 0`), node: node.id, place: "limit", says: [{ key: "design.sug.pass", values: { field: w(field.name) } }] };
}

function words(text: string | undefined): string[] { return (text ?? "").split(/\s+/).filter(Boolean); }
