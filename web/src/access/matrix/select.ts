/** Choosing cells of the matrix and what is set when: by keys, by dragging. Pure; the page only draws it. */
import type { CellEdit } from "../draft/working";
import type { Matrix, MatrixColumn, MatrixRole, State } from "../types";

export interface At { row: number; col: number }
/** The cell that began the selection, and the one that has the focus. */
export interface Picked { anchor: At; focus: At }
export interface Box { top: number; bottom: number; left: number; right: number }
export interface Col { role: MatrixRole; column: MatrixColumn; /** Whether it is the first of its role. */ first: boolean; span: number }

export const STATES: State[] = ["hidden", "masked", "read", "edit"];

/** 1–4 set, 0 goes back to what is inherited; any other key: undefined. */
export function stateOf(key: string): State | null | undefined {
  if (key === "0") return null;
  return /^[1-4]$/.test(key) ? STATES[Number(key) - 1] : undefined;
}

export function columnsOf(matrix: Matrix): Col[] {
  return matrix.roles.flatMap((role) => role.columns.map((column, index) => ({ role, column, first: index === 0, span: role.columns.length })));
}

export function boxOf({ anchor, focus }: Picked): Box {
  return { top: Math.min(anchor.row, focus.row), bottom: Math.max(anchor.row, focus.row), left: Math.min(anchor.col, focus.col), right: Math.max(anchor.col, focus.col) };
}

export function inBox(box: Box, row: number, col: number): boolean {
  return row >= box.top && row <= box.bottom && col >= box.left && col <= box.right;
}

const MOVES: Record<string, [number, number]> = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

/** Where a key leads; null when it does not lead anywhere. `page`: rows that PageDown jumps. */
export function moved(picked: Picked, key: string, shift: boolean, ctrl: boolean, rows: number, cols: number, page: number): Picked | null {
  const { focus } = picked;
  const by = MOVES[key];
  let to: At;
  if (by) to = ctrl ? { row: by[0] < 0 ? 0 : by[0] > 0 ? rows - 1 : focus.row, col: by[1] < 0 ? 0 : by[1] > 0 ? cols - 1 : focus.col } : { row: focus.row + by[0], col: focus.col + by[1] };
  else if (key === "Home") to = { row: ctrl ? 0 : focus.row, col: 0 };
  else if (key === "End") to = { row: ctrl ? rows - 1 : focus.row, col: cols - 1 };
  else if (key === "PageDown") to = { row: focus.row + page, col: focus.col };
  else if (key === "PageUp") to = { row: focus.row - page, col: focus.col };
  else return null;
  const inside = { row: Math.max(0, Math.min(rows - 1, to.row)), col: Math.max(0, Math.min(cols - 1, to.col)) };
  return { anchor: shift ? picked.anchor : inside, focus: inside };
}

/** The rows that a change of this box concerns: where fields and classes are mixed, the fields alone. */
export function rowsIn(matrix: Matrix, box: Box): number[] {
  const all = Array.from({ length: box.bottom - box.top + 1 }, (_, index) => box.top + index).filter((row) => matrix.rows[row]);
  const fields = all.filter((row) => matrix.rows[row]?.field);
  return fields.length ? fields : all;
}

/** One state for every cell of a box. */
export function setBox(matrix: Matrix, cols: Col[], box: Box, state: State | null): CellEdit[] {
  const found: CellEdit[] = [];
  for (const row of rowsIn(matrix, box)) {
    for (let col = box.left; col <= box.right; col += 1) {
      const one = cols[col];
      const key = matrix.rows[row]?.key;
      if (one && key && takes(one.column, state)) found.push({ role: one.role.code, column: one.column.id, key, state });
    }
  }
  return found;
}

/** The other columns of this role that give more of a row than this one does now. */
export function beside({ role, column }: Pick<Col, "role" | "column">, row: number): MatrixColumn[] {
  const rank = (one: MatrixColumn) => STATES.indexOf(one.states[row] ?? "hidden");
  return role.columns.filter((one) => one.id !== column.id && rank(one) > rank(column));
}

/** A line that gives editing without reading is either edited or not. */
export function takes(column: MatrixColumn, state: State | null): boolean {
  return column.at !== null || state === null || state === "hidden" || state === "edit";
}

/** Dragging the corner: the box's states repeated over the larger one, but for the box itself. */
export function fill(matrix: Matrix, cols: Col[], from: Box, to: Box): CellEdit[] {
  const found: CellEdit[] = [];
  const [high, wide] = [from.bottom - from.top + 1, from.right - from.left + 1];
  const mixed = Array.from({ length: to.bottom - to.top + 1 }, (_, i) => matrix.rows[to.top + i]?.field).some(Boolean);
  for (let row = to.top; row <= to.bottom; row += 1) {
    if (mixed && !matrix.rows[row]?.field) continue;
    for (let col = to.left; col <= to.right; col += 1) {
      if (inBox(from, row, col)) continue;
      const one = cols[col];
      const key = matrix.rows[row]?.key;
      const like = cols[from.left + (((col - from.left) % wide) + wide) % wide];
      const state = like?.column.states[from.top + (((row - from.top) % high) + high) % high];
      if (one && key && state && takes(one.column, state)) found.push({ role: one.role.code, column: one.column.id, key, state });
    }
  }
  return found;
}

/** The same by keys: what stands in the first row of the box (or its first column) repeated over the rest; null where it has no rest. */
export function filled(matrix: Matrix, cols: Col[], box: Box, way: "down" | "right"): CellEdit[] | null {
  if (way === "down" ? box.top === box.bottom : box.left === box.right) return null;
  return fill(matrix, cols, way === "down" ? { ...box, bottom: box.top } : { ...box, right: box.left }, box);
}

/** The larger box that a drag from the corner means: along the direction that was dragged further. */
export function stretched(from: Box, to: At): Box {
  const down = to.row > from.bottom ? to.row - from.bottom : to.row < from.top ? from.top - to.row : 0;
  const across = to.col > from.right ? to.col - from.right : to.col < from.left ? from.left - to.col : 0;
  if (down === 0 && across === 0) return from;
  if (down >= across) return { ...from, top: Math.min(from.top, to.row), bottom: Math.max(from.bottom, to.row) };
  return { ...from, left: Math.min(from.left, to.col), right: Math.max(from.right, to.col) };
}

/** The matrix as it will be once these edits are written: shown at once, and replaced by what the server says. */
export function applied(matrix: Matrix, edits: CellEdit[]): Matrix {
  if (edits.length === 0) return matrix;
  const at = new Map(matrix.rows.map((row, index) => [row.key, index]));
  const roles = new Map(matrix.roles.map((role) => [role.code, role]));
  for (const edit of edits) {
    const role = roles.get(edit.role);
    const index = at.get(edit.key);
    if (!role || index === undefined) continue;
    roles.set(edit.role, { ...role, mark: role.mark ?? "changed", columns: role.columns.map((column) => (column.id === edit.column ? written(matrix, column, index, edit.state) : column)) });
  }
  return { ...matrix, roles: matrix.roles.map((role) => roles.get(role.code) ?? role) };
}

function written(matrix: Matrix, column: MatrixColumn, index: number, state: State | null): MatrixColumn {
  const row = matrix.rows[index];
  if (!row) return column;
  const next = { ...column, states: [...column.states], own: [...column.own], was: [...column.was] };
  const give = (target: number, wanted: State, own: boolean) => {
    const most = column.at === null ? "hidden" : "read";
    const shown = wanted === "edit" && matrix.rows[target]?.readonly ? most : wanted;
    if (shown !== next.states[target] && next.was[target] === null) next.was[target] = next.states[target] ?? null;
    next.states[target] = shown;
    next.own[target] = own;
  };
  if (row.field) {
    const inherited = next.states[matrix.rows.findIndex((one) => !one.field && one.data_class === row.data_class)] ?? "hidden";
    give(index, state ?? inherited, state !== null);
    return next;
  }
  if (state === null) { next.own[index] = false; return next; } // what a class inherits is known to the server alone
  matrix.rows.forEach((one, target) => { if (one.field && one.data_class === row.key && !next.own[target]) give(target, state, false); });
  give(index, state, true);
  return next;
}

/** How many cells of the matrix differ in the draft, and how many have words of their own. */
export function tally(matrix: Matrix): { own: number; changed: number } {
  let [own, changed] = [0, 0];
  for (const role of matrix.roles) for (const column of role.columns) column.states.forEach((state, row) => {
    if (matrix.rows[row]?.field && column.own[row]) own += 1;
    if (column.was[row] !== null && column.was[row] !== state) changed += 1;
  });
  return { own, changed };
}
