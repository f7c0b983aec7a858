/** Dragging over the grid, also beyond its edges: it moves along, and the nearest cell in sight is meant. */
import { useEffect, useRef, type RefObject } from "react";
import type { At } from "./select";

interface Edges { /** What stands still above and at the left. */ head: number; first: number }
interface Drag { move: (x: number, y: number) => void; end: () => void }

/** So far past the edge a frame moves by so many pixels, and never more than by the most. */
const PART = 6;
const MOST = 28;
const past = (at: number, low: number, high: number) => { const by = at < low ? at - low : at > high ? at - high : 0; return Math.sign(by) * Math.min(MOST, Math.ceil(Math.abs(by) / PART)); };
const within = (at: number, low: number, high: number) => Math.max(low, Math.min(high, at));

/** The cell at a point of the screen. */
export function cellAt(x: number, y: number): At | null {
  const [row, col] = (document.elementFromPoint(x, y)?.closest("[data-cell]")?.getAttribute("data-cell") ?? "").split(":").map(Number);
  return row === undefined || col === undefined || Number.isNaN(row) || Number.isNaN(col) ? null : { row, col };
}

export function useDrag(scroller: RefObject<HTMLElement | null>, { head, first }: Edges, onAt: (at: At) => void): Drag {
  const latest = useRef(onAt);
  latest.current = onAt;
  const point = useRef<{ x: number; y: number } | null>(null);
  const frame = useRef(0);
  const drag = useRef<Drag>(null);
  drag.current ??= (() => {
    const follow = () => {
      frame.current = 0;
      const box = scroller.current;
      if (!box || !point.current) return;
      const { x, y } = point.current;
      const edge = box.getBoundingClientRect();
      const [left, right, top, bottom] = [edge.left + first, edge.left + box.clientWidth, edge.top + head, edge.top + box.clientHeight];
      const [across, down] = [past(x, left, right), past(y, top, bottom)];
      if (across || down) { box.scrollBy(across, down); frame.current = requestAnimationFrame(follow); }
      const at = cellAt(within(x, left + 2, right - 2), within(y, top + 2, bottom - 2));
      if (at) latest.current(at);
    };
    return {
      move: (x, y) => { point.current = { x, y }; if (!frame.current) follow(); },
      end: () => { point.current = null; cancelAnimationFrame(frame.current); frame.current = 0; },
    };
  })();
  const made = drag.current;
  useEffect(() => () => made.end(), [made]);
  return made;
}
