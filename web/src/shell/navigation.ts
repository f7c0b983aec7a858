/** What stands in the rail: at most nine entries, and only what this person can open. Pure. */
import type { Meta, TypeMeta } from "../api/types";

export const FIRST = ["account", "opportunity", "contract", "ticket"];
/** G, then this letter. */
export const LETTERS: Record<string, string> = {
  account: "a", opportunity: "o", contract: "c", ticket: "t", lead: "l", contact: "p", campaign: "m", product: "d", quote: "q", order: "r", payment: "y", invoice: "i", feedback: "f", task: "k",
};

export interface Rail { main: TypeMeta[]; more: TypeMeta[] }

/** Preferred types first; a person who sees few of them gets what they do see, so nobody has an empty rail. */
export function railOf(meta: Meta, most = 4): Rail {
  const shown = meta.types.filter((type) => type.code !== "document" && type.code !== "project");
  const rank = (type: TypeMeta) => { const at = FIRST.indexOf(type.code); return at < 0 ? FIRST.length : at; };
  const ordered = shown.map((type, index) => ({ type, index })).sort((a, b) => rank(a.type) - rank(b.type) || a.index - b.index).map((one) => one.type);
  return { main: ordered.slice(0, most), more: ordered.slice(most) };
}
