/** The file's graph as one column with branches in it: what the designer draws. Every way of any graph is drawn once; a line back or across is a jump. Pure. */
import type { Model } from "./file";

export type Item =
  | { kind: "node"; id: string; /** The line that leaves it, when it is one. */ line: string | null; asides: Branch[] }
  | { kind: "split"; id: string; branches: Branch[]; join: string | null; asides: Branch[] }
  | { kind: "jump"; line: string; to: string };
export interface Branch { line: string; items: Item[] }

/** Node -> the nearest node that every way onward passes; null where ways end apart. */
export function meetings(model: Model): Map<string, string | null> {
  const END = "\0end";
  const after = new Map<string, string[]>();
  for (const node of model.nodes.values()) {
    const targets = node.outgoing.map((line) => model.lines.get(line)?.target ?? "").filter((one) => model.nodes.has(one));
    after.set(node.id, targets.length ? targets : [END]);
  }
  // Postorder from the end backwards (Cooper, Harvey and Kennedy 2001, on the graph turned round).
  const before = new Map<string, string[]>([[END, []]]);
  for (const id of after.keys()) before.set(id, before.get(id) ?? []);
  for (const [id, targets] of after) for (const target of targets) before.get(target)?.push(id);
  const order: string[] = [], seen = new Set([END]);
  const stack: [string, number][] = [[END, 0]];
  while (stack.length) {
    const top = stack[stack.length - 1] as [string, number];
    const next = before.get(top[0])?.[top[1]++];
    if (next === undefined) { order.push(top[0]); stack.pop(); } else if (!seen.has(next)) { seen.add(next); stack.push([next, 0]); }
  }
  order.reverse();
  const number = new Map(order.map((id, at) => [id, at]));
  const found = new Map<string, string>([[END, END]]);
  const meet = (a: string, b: string): string => {
    let one = a, other = b;
    while (one !== other) {
      while ((number.get(one) ?? 0) > (number.get(other) ?? 0)) one = found.get(one) ?? END;
      while ((number.get(other) ?? 0) > (number.get(one) ?? 0)) other = found.get(other) ?? END;
    }
    return one;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const id of order.slice(1)) {
      const known = (after.get(id) ?? []).filter((one) => found.has(one));
      if (!known.length) continue;
      const best = known.reduce(meet);
      if (found.get(id) !== best) { found.set(id, best); changed = true; }
    }
  }
  return new Map([...model.nodes.keys()].map((id) => { const at = found.get(id); return [id, at === undefined || at === END ? null : at]; }));
}

export function tree(model: Model): { items: Item[]; loose: Item[][] } {
  const meets = meetings(model);
  const drawn = new Set<string>();
  const walk = (from: string, line: string | null, stop: string | null): Item[] => {
    const items: Item[] = [];
    let at: string | null = from, by = line;
    while (at !== null && at !== stop) {
      const node = model.nodes.get(at);
      if (!node) break;
      if (drawn.has(at)) { if (by) items.push({ kind: "jump", line: by, to: at }); break; }
      drawn.add(at);
      const asides = node.boundaries.map((id) => { drawn.add(id); const out = model.nodes.get(id)?.outgoing[0]; const target = out ? model.lines.get(out)?.target : undefined; return { line: id, items: out && target ? () => walk(target, out, null) : () => [] }; });
      const settle = (): Branch[] => asides.map((one) => ({ line: one.line, items: one.items() }));
      if (node.outgoing.length <= 1) {
        const out = node.outgoing[0] ?? null;
        const item: Item = { kind: "node", id: at, line: out, asides: [] };
        items.push(item);
        const target: string | null = out ? model.lines.get(out)?.target ?? null : null;
        if (asides.length) { // a way out of a time-out that comes back to the main way is a jump there
          const rest = target ? walk(target, out, stop) : [];
          item.asides = settle();
          return [...items, ...rest];
        }
        at = target; by = out;
        continue;
      }
      const join: string | null = meets.get(at) ?? null;
      const branches = node.outgoing.map((out) => { const target = model.lines.get(out)?.target ?? ""; return { line: out, items: target === join ? [] : walk(target, out, join) }; });
      const item: Item = { kind: "split", id: at, branches, join, asides: [] };
      items.push(item);
      const rest = join !== null && join !== stop ? walk(join, null, stop) : [];
      item.asides = settle();
      return [...items, ...rest];
    }
    return items;
  };
  const items = model.start ? walk(model.start, null, null) : [];
  const loose: Item[][] = [];
  for (const node of model.nodes.values()) if (!drawn.has(node.id) && !node.host && (node.incoming.length === 0 || loose.length === 0)) { const more = walk(node.id, null, null); if (more.length) loose.push(more); }
  for (const node of model.nodes.values()) if (!drawn.has(node.id)) { const more = walk(node.id, null, null); if (more.length) loose.push(more); }
  return { items, loose };
}

/** Every node within these items, branches and asides among them. */
export function nodesIn(items: readonly Item[]): string[] {
  return items.flatMap((one) => one.kind === "jump" ? [] : [one.id, ...one.asides.flatMap((aside) => [aside.line, ...nodesIn(aside.items)]), ...(one.kind === "split" ? one.branches.flatMap((branch) => nodesIn(branch.items)) : [])]);
}
export function splitOf(items: readonly Item[], id: string): Extract<Item, { kind: "split" }> | null {
  for (const one of items) {
    if (one.kind === "jump") continue;
    if (one.kind === "split" && one.id === id) return one;
    const inside = [...one.asides, ...(one.kind === "split" ? one.branches : [])];
    for (const branch of inside) { const found = splitOf(branch.items, id); if (found) return found; }
  }
  return null;
}
