/** Which proposals are taken, and how much of each. Pure. */
import type { Proposal } from "./types";

/** `fields`: only these go (none chosen yet: nothing goes); `keep`: whoever alone used it keeps it. */
export interface Pick { fields?: string[]; keep?: boolean }
export interface Item { line: number; kind: Proposal["kind"]; action: string; fields?: string[]; keep?: boolean }

export const keyOf = (one: Proposal): string => `${one.line}/${one.kind}/${one.action}`;

/** All are taken but those left out; of one that shall go by fields only what was chosen. */
export function picked(of: Proposal[], left: ReadonlySet<string>, some: Record<string, Pick>): Item[] {
  return of.filter((one) => !left.has(keyOf(one))).map((one) => {
    const { fields, keep = true } = some[keyOf(one)] ?? {};
    return { line: one.line, kind: one.kind, action: one.action, ...(fields ? { fields } : {}), ...(one.kind === "alone" && one.person ? { keep } : {}) };
  }).filter((one) => one.fields === undefined || one.fields.length > 0);
}
