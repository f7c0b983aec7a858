/** Which rows are selected: one by one, as a range from where it began, or all that are loaded. Pure. */
export interface Selection {
  ids: ReadonlySet<string>;
  /** Where a range begins, and what was selected outside of it: a range may shrink again. */
  anchor: string | null; base: ReadonlySet<string>;
}

export const MOST = 1000;
export const NONE: Selection = { ids: new Set(), anchor: null, base: new Set() };

/** At most a thousand, the first ones: so many can undergo one act. */
function capped(ids: Iterable<string>): Set<string> {
  const kept = new Set<string>();
  for (const id of ids) { if (kept.size >= MOST) break; kept.add(id); }
  return kept;
}

export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  const kept = capped(next);
  return { ids: kept, anchor: id, base: kept };
}

/** From the anchor (or `from`, when nothing is selected yet) to a row, in the order of the list. */
export function ranged({ ids, anchor, base }: Selection, order: readonly string[], to: string, from?: string): Selection {
  const start = anchor !== null && order.includes(anchor) ? anchor : (from ?? to);
  const outside = anchor === start ? base : ids;
  const a = order.indexOf(start);
  const b = order.indexOf(to);
  if (a < 0 || b < 0) return { ids, anchor, base };
  const range = order.slice(Math.min(a, b), Math.max(a, b) + 1);
  return { ids: capped([...outside, ...range]), anchor: start, base: outside };
}

export function everyone(ids: Iterable<string>): Selection {
  const kept = capped(ids);
  return { ids: kept, anchor: null, base: kept };
}
