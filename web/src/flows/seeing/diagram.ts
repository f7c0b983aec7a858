/** Where the steps of a process stand on the canvas, and how the lines between them run. Pure: top to bottom, in ranks. */
import type { Edge, Return, Shape } from "./types";

export const CARD = { width: 216, height: 84 };
const PILL = { width: 150, height: 28 };
const DOT = { width: 14, height: 14 };
const THREAD = { width: 20, height: 0 };
const GAP = { across: 28, down: 58 };
const LANE = 30;
const MARGIN = 24;

export interface Box { id: string; x: number; y: number; width: number; height: number; shape: Shape; card: boolean; rank: number }
export interface Line { source: string; target: string; points: [number, number][]; label: [number, number]; cases: number | null; condition: boolean; back: boolean }
export interface Loop { of: Return; points: [number, number][]; label: [number, number] }
export interface Drawing { boxes: Box[]; lines: Line[]; loops: Loop[]; width: number; height: number }

const STEPS = new Set(["user", "service", "send", "timer", "call", "rule", "message", "signal"]);
export const isStep = (shape: Shape) => STEPS.has(shape.kind);

function sizeOf(shape: Shape) {
  if (shape.kind === "user") return CARD;
  if (isStep(shape)) return { width: CARD.width, height: 56 };
  if (shape.kind === "start" || shape.kind === "end" || shape.kind === "terminate") return shape.name ? { width: 96, height: 28 } : DOT;
  if (!shape.name && shape.kind !== "parallel" && shape.kind !== "inclusive" && shape.kind !== "events") return DOT;
  return shape.waiting ? { ...PILL, width: PILL.width + 58 } : PILL; // how many wait there stands beside its name
}

interface Cell { id: string; rank: number; x: number; width: number; height: number; shape?: Shape; order: number }

/** What is only reached from a boundary event, and where nobody has been, is left out; so are gateways that neither part nor join. */
export function reduced(shapes: Shape[], edges: Edge[], been: Set<string>): { shapes: Shape[]; edges: Edge[] } {
  const hosts = new Map(shapes.filter((one) => one.host !== null).map((one) => [one.id, one.host as string]));
  const first = shapes.filter((one) => one.kind === "start" || !edges.some((edge) => edge.target === one.id && !edge.back)).map((one) => one.id).filter((id) => !hosts.has(id));
  const kept = new Set<string>();
  const todo = [...first, ...shapes.filter((one) => been.has(one.id)).map((one) => one.id)];
  while (todo.length) {
    const one = todo.pop() as string;
    if (kept.has(one)) continue;
    kept.add(one);
    for (const edge of edges) if (edge.source === one) todo.push(edge.target);
  }
  let left = shapes.filter((one) => kept.has(one.id) && !hosts.has(one.id));
  let lines = edges.map((edge) => ({ ...edge, source: hosts.get(edge.source) ?? edge.source })).filter((edge) => kept.has(edge.source) && kept.has(edge.target));
  for (const one of [...left]) {
    const into = lines.filter((edge) => edge.target === one.id);
    const out = lines.filter((edge) => edge.source === one.id);
    if (isStep(one) || into.length !== 1 || out.length !== 1 || !into[0] || !out[0]) continue;
    const joined: Edge = { ...out[0], source: into[0].source, condition: into[0].condition || out[0].condition };
    lines = [...lines.filter((edge) => edge !== into[0] && edge !== out[0]), joined];
    left = left.filter((other) => other.id !== one.id);
  }
  return { shapes: left, edges: lines };
}

/** Edges that lead back to where a way began: in the order of a walk from the start. */
function backward(ids: string[], edges: Edge[]): Set<Edge> {
  const found = new Set<Edge>(edges.filter((edge) => edge.back));
  const state = new Map<string, 1 | 2>();
  const out = new Map<string, Edge[]>();
  for (const edge of edges) if (!found.has(edge)) out.set(edge.source, [...(out.get(edge.source) ?? []), edge]);
  const walk = (id: string) => {
    state.set(id, 1);
    for (const edge of out.get(id) ?? []) {
      const there = state.get(edge.target);
      if (there === 1) found.add(edge);
      else if (there === undefined) walk(edge.target);
    }
    state.set(id, 2);
  };
  const entered = new Set(edges.filter((edge) => !found.has(edge)).map((edge) => edge.target));
  for (const id of [...ids.filter((one) => !entered.has(one)), ...ids]) if (!state.has(id)) walk(id);
  return found;
}

function ranked(ids: string[], edges: Edge[]): Map<string, number> {
  const rank = new Map(ids.map((id) => [id, 0]));
  for (let round = 0; round < ids.length; round += 1) {
    let moved = false;
    for (const edge of edges) {
      const least = (rank.get(edge.source) ?? 0) + 1;
      if ((rank.get(edge.target) ?? 0) < least) { rank.set(edge.target, least); moved = true; }
    }
    if (!moved) break;
  }
  return rank;
}

export function draw(given: Shape[], lines: Edge[], returns: Return[], been: Set<string>): Drawing {
  const { shapes, edges } = reduced(given, lines, been);
  const ids = shapes.map((one) => one.id);
  const back = backward(ids, edges);
  const forward = edges.filter((edge) => !back.has(edge));
  const rank = ranked(ids, forward);
  // Beside each other as the file has them.
  const order = new Map(edges.map((edge, at) => [edge.target, at] as const).reverse());
  const cells = new Map<string, Cell>(shapes.map((shape) => [shape.id, { id: shape.id, rank: rank.get(shape.id) ?? 0, x: 0, ...sizeOf(shape), shape, order: order.get(shape.id) ?? 0 }]));
  // Lines over several ranks get a thread in each, so that nothing stands in their way.
  const chains = new Map<Edge, string[]>();
  const links: [string, string][] = [];
  for (const edge of forward) {
    const from = cells.get(edge.source), to = cells.get(edge.target);
    if (!from || !to) continue;
    const chain = [edge.source];
    for (let at = from.rank + 1; at < to.rank; at += 1) {
      const id = `${edge.source}>${edge.target}@${at}`;
      cells.set(id, { id, rank: at, x: 0, ...THREAD, order: edges.indexOf(edge) });
      chain.push(id);
    }
    chain.push(edge.target);
    chains.set(edge, chain);
    for (let at = 1; at < chain.length; at += 1) links.push([chain[at - 1] as string, chain[at] as string]);
  }
  const ranks: Cell[][] = [];
  for (const cell of cells.values()) (ranks[cell.rank] ??= []).push(cell);
  place(ranks, links, cells);
  return drawing(shapes, cells, ranks, chains, edges, back, returns);
}

/** Across: each cell near the middle of what it is linked with, never over another. */
function place(ranks: Cell[][], links: [string, string][], cells: Map<string, Cell>): void {
  const above = new Map<string, string[]>(), below = new Map<string, string[]>();
  for (const [a, b] of links) { below.set(a, [...(below.get(a) ?? []), b]); above.set(b, [...(above.get(b) ?? []), a]); }
  const middle = (cell: Cell, sides: Map<string, string[]>[]) => {
    const xs = sides.flatMap((side) => side.get(cell.id) ?? []).map((id) => cells.get(id)?.x ?? 0);
    return xs.length ? xs.reduce((sum, x) => sum + x, 0) / xs.length : cell.x;
  };
  for (const row of ranks) spread(row ?? [], (cell) => middle(cell, [above]));
  for (let round = 0; round < 10; round += 1) {
    for (const row of ranks) spread(row ?? [], (cell) => middle(cell, round % 2 ? [above, below] : [above]));
    for (const row of [...ranks].reverse()) spread(row ?? [], (cell) => middle(cell, [above, below]));
  }
  straighten(ranks, above, below, cells);
}

/** What has one before it, and is the only one after that, stands right below it, where there is room. */
function straighten(ranks: Cell[][], above: Map<string, string[]>, below: Map<string, string[]>, cells: Map<string, Cell>): void {
  for (const row of ranks) for (const cell of row ?? []) {
    const up = above.get(cell.id) ?? [];
    const parent = up.length === 1 ? cells.get(up[0] as string) : undefined;
    if (!parent || (below.get(parent.id)?.length ?? 0) !== 1) continue;
    const free = row.every((other) => other === cell || Math.abs(other.x - parent.x) >= (other.width + cell.width) / 2 + GAP.across / 2);
    if (free) cell.x = parent.x;
  }
}

function spread(row: Cell[], wanted: (cell: Cell) => number): void {
  const want = new Map(row.map((cell) => [cell.id, wanted(cell)]));
  row.sort((a, b) => (want.get(a.id) ?? 0) - (want.get(b.id) ?? 0) || a.order - b.order);
  let edge = -Infinity;
  const xs = row.map((cell) => { const x = Math.max(want.get(cell.id) ?? 0, edge + cell.width / 2); edge = x + cell.width / 2 + GAP.across; return x; });
  // What was pushed to the right is brought back by what it was pushed on average.
  const pushed = row.length ? row.reduce((sum, cell, at) => sum + ((xs[at] ?? 0) - (want.get(cell.id) ?? 0)), 0) / row.length : 0;
  row.forEach((cell, at) => { cell.x = (xs[at] ?? 0) - pushed; });
}

function drawing(shapes: Shape[], cells: Map<string, Cell>, ranks: Cell[][], chains: Map<Edge, string[]>, edges: Edge[], back: Set<Edge>, returns: Return[]): Drawing {
  const tops: number[] = [], heights: number[] = [];
  let y = MARGIN;
  ranks.forEach((row, at) => { heights[at] = Math.max(0, ...row.map((cell) => cell.height)); tops[at] = y; y += (heights[at] ?? 0) + GAP.down; });
  const known = new Set(shapes.map((one) => one.id));
  const loops: Return[] = [...returns, ...[...back].map((edge) => ({ source: edge.source, target: edge.target, count: edge.cases ?? 0, cases: edge.cases ?? 0, share: 0 }))]
    .filter((one) => known.has(one.source) && known.has(one.target));
  const most = loops.slice(0, 6);
  const left = Math.min(...[...cells.values()].map((cell) => cell.x - cell.width / 2));
  const shift = MARGIN + (most.length ? 64 + LANE * most.length : 0) - left;
  const boxes: Box[] = shapes.map((shape) => {
    const cell = cells.get(shape.id) as Cell;
    const top = (tops[cell.rank] ?? 0) + ((heights[cell.rank] ?? 0) - cell.height) / 2;
    return { id: shape.id, x: cell.x + shift - cell.width / 2, y: top, width: cell.width, height: cell.height, shape, card: isStep(shape), rank: cell.rank };
  });
  const at = new Map(boxes.map((box) => [box.id, box]));
  const lines: Line[] = [];
  const alone = (edge: Edge, end: "source" | "target") => edges.every((one) => one === edge || one[end] !== edge[end] || !chains.has(one));
  for (const edge of edges) {
    const chain = chains.get(edge);
    if (!chain) continue;
    const from = at.get(edge.source) as Box, to = at.get(edge.target) as Box;
    const points: [number, number][] = [[from.x + from.width / 2, from.y + from.height]];
    for (let step = 1; step < chain.length; step += 1) {
      const cell = cells.get(chain[step] as string) as Cell;
      const last = points[points.length - 1] as [number, number];
      const end: [number, number] = step === chain.length - 1 ? [to.x + to.width / 2, to.y] : [cell.x + shift, (tops[cell.rank] ?? 0) + (heights[cell.rank] ?? 0)];
      const turn = (tops[cell.rank] ?? 0) - GAP.down / 2 + 8;
      if (Math.abs(end[0] - last[0]) > 1) points.push([last[0], turn], [end[0], turn]);
      points.push(end);
    }
    lines.push({ source: edge.source, target: edge.target, points, label: labelOf(points, alone(edge, "source"), alone(edge, "target")), cases: edge.cases, condition: edge.condition, back: false });
  }
  const labels: [number, number][] = [];
  const found: Loop[] = most.map((one, number) => {
    const from = at.get(one.source) as Box, to = at.get(one.target) as Box;
    const lane = MARGIN + 56 + LANE * (most.length - 1 - number);
    const start: [number, number] = [from.x, from.y + from.height / 2 + (one.source === one.target ? 12 : 0)];
    const end: [number, number] = [to.x, to.y + to.height / 2 - 8 + number * 6];
    return { of: one, points: [start, [lane, start[1]], [lane, end[1]], end], label: free(labels, lane, start[1], end[1]) };
  });
  const width = Math.max(...boxes.map((box) => box.x + box.width), 0) + MARGIN;
  return { boxes, lines, loops: found, width, height: y - GAP.down + MARGIN };
}

/** Where a loop's label stands on its lane: in its middle, else as near as no label of a lane beside it stands. */
const BACK = { width: 76, height: 40 };
function free(taken: [number, number][], lane: number, from: number, to: number): [number, number] {
  const middle = (from + to) / 2, reach = Math.abs(to - from) / 2;
  const tries = [0, 1, -1, 2, -2, 3, -3].map((step) => middle + step * BACK.height).filter((y) => Math.abs(y - middle) <= reach);
  const y = tries.find((one) => taken.every(([x, other]) => Math.abs(x - lane) >= BACK.width || Math.abs(other - one) >= BACK.height)) ?? middle;
  taken.push([lane, y]);
  return [lane, y];
}

/** Where a line's count stands: where no other line runs, at its end or, of several that come together, at its beginning or past its turn. */
function labelOf(points: [number, number][], first: boolean, last: boolean): [number, number] {
  const [x, y] = points[0] as [number, number], [endX, endY] = points[points.length - 1] as [number, number], turned = points[2];
  if (points.length > 2 && last) return [endX + 8, endY - 24];
  if (points.length > 3 && !first && turned) return [turned[0] + 8, turned[1] + 6];
  return points.length > 2 && !first ? [endX + 8, endY - 24] : [x + 8, y + 6];
}

/** A line with rounded corners. */
export function path(points: [number, number][], radius = 10): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let said = `M${first[0]} ${first[1]}`;
  rest.forEach((here, at) => {
    const before = points[at] as [number, number], after = rest[at + 1];
    if (!after) { said += `L${here[0]} ${here[1]}`; return; }
    const back = Math.min(radius, Math.hypot(here[0] - before[0], here[1] - before[1]) / 2), on = Math.min(radius, Math.hypot(after[0] - here[0], after[1] - here[1]) / 2);
    const a = toward(here, before, back), b = toward(here, after, on);
    said += `L${a[0]} ${a[1]}Q${here[0]} ${here[1]} ${b[0]} ${b[1]}`;
  });
  return said;
}

function toward(from: [number, number], to: [number, number], by: number): [number, number] {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  return [Math.round((from[0] + ((to[0] - from[0]) / length) * by) * 10) / 10, Math.round((from[1] + ((to[1] - from[1]) / length) * by) * 10) / 10];
}
