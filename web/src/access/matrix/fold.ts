/** Data classes drawn as their one row: most work is done there. Pure. */
import type { Matrix } from "../types";
import type { Picked } from "./select";

/** The matrix without the fields of these classes. */
export function folded(matrix: Matrix, closed: ReadonlySet<string>): Matrix {
  if (closed.size === 0) return matrix;
  const kept = matrix.rows.flatMap((row, index) => (row.field && closed.has(row.data_class) ? [] : [index]));
  const some = <T>(all: T[]) => kept.flatMap((index) => { const one = all[index]; return one === undefined ? [] : [one]; });
  return {
    ...matrix, rows: some(matrix.rows),
    roles: matrix.roles.map((role) => ({ ...role, columns: role.columns.map((column) => ({ ...column, states: some(column.states), own: some(column.own), was: some(column.was) })) })),
  };
}

/** The same selection among other rows: a field that is no longer drawn is stood for by its class. */
export function kept(picked: Picked, before: Matrix, after: Matrix): Picked {
  const to = (index: number) => {
    const row = before.rows[index];
    const found = after.rows.findIndex((one) => one.key === row?.key);
    return found >= 0 ? found : Math.max(0, after.rows.findIndex((one) => !one.field && one.key === row?.data_class));
  };
  return { anchor: { ...picked.anchor, row: to(picked.anchor.row) }, focus: { ...picked.focus, row: to(picked.focus.row) } };
}

/** How many fields a class has, and how many of them somebody sees otherwise than the class says. */
export function inside(matrix: Matrix, data_class: string): { fields: number; own: number } {
  let [fields, own] = [0, 0];
  matrix.rows.forEach((row, index) => {
    if (!row.field || row.data_class !== data_class) return;
    fields += 1;
    if (matrix.roles.some((role) => role.columns.some((column) => column.own[index]))) own += 1;
  });
  return { fields, own };
}
