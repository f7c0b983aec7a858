/** Mentions while a comment is written: the word after @, putting a name in, and what is sent. Pure. */
import type { CommentPart } from "../../api/types";

export interface Named { id: string; label: string }

/** The word that is being typed after an @ (not one inside an e-mail address), and where the @ stands. */
export function wordAt(text: string, caret: number): { from: number; text: string } | null {
  const found = /(?:^|[^A-Za-z0-9._@])@([^\s@，。；：！？、（）]{0,20})$/.exec(text.slice(0, caret));
  return found ? { from: caret - (found[1] ?? "").length - 1, text: found[1] ?? "" } : null;
}

export function putIn(text: string, from: number, caret: number, label: string): { text: string; caret: number } {
  const said = `@${label} `;
  return { text: text.slice(0, from) + said + text.slice(caret).replace(/^ /, ""), caret: from + said.length };
}

/** A second person of the same name is told apart by their department. */
export function labelFor(chosen: readonly Named[], id: string, name: string, department: string | undefined): string {
  const taken = chosen.some((one) => one.id !== id && one.label === name);
  return taken && department ? `${name}（${department}）` : name;
}

/** The text as the server keeps it, a sign for each name that still stands in it, and whom it mentions. */
export function encode(text: string, chosen: readonly Named[]): { body: string; mentions: string[] } {
  if (!chosen.length) return { body: text, mentions: [] };
  const ids = new Map(chosen.map((one) => [one.label, one.id]));
  const labels = [...ids.keys()].sort((a, b) => b.length - a.length).map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const mentions = new Set<string>();
  const body = text.replace(new RegExp(`@(${labels.join("|")})`, "g"), (whole, label: string) => {
    const id = ids.get(label);
    if (!id) return whole;
    mentions.add(id);
    return `@{${id}}`;
  });
  return { body, mentions: [...mentions] };
}

/** A comment as its author writes it on: the names in the text, and whom they mean. */
export function decode(parts: readonly CommentPart[]): { text: string; chosen: Named[] } {
  const chosen: Named[] = [];
  const text = parts.map((part) => {
    if (!("person" in part)) return part.text;
    const known = chosen.find((one) => one.id === part.person.id);
    const label = known?.label ?? labelFor(chosen, part.person.id, part.person.name, part.person.username);
    if (!known) chosen.push({ id: part.person.id, label });
    return `@${label}`;
  }).join("");
  return { text, chosen };
}
