import { describe, expect, it } from "vitest";
import type { Matrix, MatrixColumn, State } from "../types";
import { applied, beside, boxOf, columnsOf, fill, filled, moved, rowsIn, setBox, stateOf, stretched, tally } from "./select";

const words = { zh: "", en: "" };
const row = (key: string, data_class: string, field = true, readonly = false) => ({ key, name: words, data_class, field, readonly });
const ROWS = [row("internal", "internal", false), row("name", "internal"), row("owner", "internal", true, true), row("sensitive", "sensitive", false), row("phone", "sensitive"), row("email", "sensitive")];
const column = (id: string, states: State[], at: number | null = 0): MatrixColumn => ({ id, at, scope: words, edit_scope: null, sentence: words, mark: null, states, own: states.map(() => false), was: states.map(() => null) });
const role = (code: string, ...columns: MatrixColumn[]) => ({ code, name: words, people: 1, mark: null, columns });
const matrix: Matrix = {
  type: "account", name: words, rows: ROWS, levels: [], without: [],
  roles: [role("rep", column("a", ["edit", "edit", "read", "masked", "masked", "masked"]), column("b", ["read", "read", "read", "hidden", "hidden", "hidden"])), role("fin", column("c", ["hidden", "edit", "hidden", "hidden", "hidden", "hidden"], null))],
};
const cols = columnsOf(matrix);
const at = (r: number, c: number) => ({ row: r, col: c });
const one = (r: number, c: number) => ({ anchor: at(r, c), focus: at(r, c) });

describe("keys", () => {
  it("1 to 4 are states, 0 goes back, others are none", () => {
    expect(["1", "2", "3", "4", "0", "5", "a"].map(stateOf)).toEqual(["hidden", "masked", "read", "edit", null, undefined, undefined]);
  });
  it("arrows move, stay inside, and with shift stretch what is chosen", () => {
    expect(moved(one(0, 0), "ArrowUp", false, false, 6, 3, 4)?.focus).toEqual(at(0, 0));
    expect(moved(one(4, 1), "PageDown", false, false, 6, 3, 4)?.focus).toEqual(at(5, 1));
    expect(moved(one(2, 1), "End", false, true, 6, 3, 4)?.focus).toEqual(at(5, 2));
    const wide = moved(one(1, 1), "ArrowDown", true, false, 6, 3, 4);
    expect(wide && boxOf(wide)).toEqual({ top: 1, bottom: 2, left: 1, right: 1 });
    expect(moved(one(1, 1), "x", false, false, 6, 3, 4)).toBeNull();
  });
});

describe("the other columns of a role", () => {
  it("that still give more are told, for what is taken away in one column alone is not gone", () => {
    const less = { ...matrix, roles: matrix.roles.map((one) => ({ ...one, columns: one.columns.map((two) => (two.id === "a" ? { ...two, states: two.states.map(() => "hidden" as State) } : two)) })) };
    const [a, b] = columnsOf(less);
    expect(a && beside(a, 1).map((found) => found.id)).toEqual(["b"]);
    expect(a && beside(a, 4)).toEqual([]);
    expect(b && beside(b, 1)).toEqual([]);
  });
});

describe("setting", () => {
  it("leaves class rows alone where fields are chosen with them", () => {
    expect(rowsIn(matrix, { top: 2, bottom: 4, left: 0, right: 0 })).toEqual([2, 4]);
    expect(rowsIn(matrix, { top: 3, bottom: 3, left: 0, right: 0 })).toEqual([3]);
  });
  it("gives a column without reading only what it can take", () => {
    const box = { top: 4, bottom: 4, left: 0, right: 2 };
    expect(setBox(matrix, cols, box, "read").map((edit) => edit.column)).toEqual(["a", "b"]);
    expect(setBox(matrix, cols, box, "edit").map((edit) => edit.column)).toEqual(["a", "b", "c"]);
  });
  it("shows a class's fields follow it, but for those with words of their own and those nobody edits", () => {
    const own = applied(matrix, [{ role: "rep", column: "b", key: "phone", state: "masked" }]);
    const next = applied(own, [{ role: "rep", column: "b", key: "sensitive", state: "read" }, { role: "rep", column: "b", key: "internal", state: "edit" }]);
    expect(next.roles[0]?.columns[1]?.states).toEqual(["edit", "edit", "read", "read", "masked", "read"]);
    expect(next.roles[0]?.columns[1]?.was).toEqual(["read", "read", null, "hidden", "hidden", "hidden"]);
    expect(next.roles[0]?.columns[0]).toBe(matrix.roles[0]?.columns[0]);
    expect(tally(next)).toEqual({ own: 1, changed: 5 });
    expect(applied(next, [{ role: "rep", column: "b", key: "phone", state: null }]).roles[0]?.columns[1]?.states[4]).toBe("read");
  });
});

describe("dragging the corner", () => {
  it("stretches along the longer way", () => {
    const from = { top: 4, bottom: 4, left: 0, right: 0 };
    expect(stretched(from, at(5, 0))).toEqual({ ...from, bottom: 5 });
    expect(stretched(from, at(5, 2))).toEqual({ ...from, right: 2 });
    expect(stretched(from, at(4, 0))).toBe(from);
  });
  it("repeats the states of the box, skipping classes", () => {
    const from = { top: 1, bottom: 2, left: 0, right: 0 };
    const edits = fill(matrix, cols, from, { ...from, bottom: 5 });
    expect(edits.map((edit) => [edit.key, edit.state])).toEqual([["phone", "read"], ["email", "edit"]]);
  });
  it("fills by keys from the first row or the first column, and not where there is nothing to fill", () => {
    const box = { top: 4, bottom: 5, left: 0, right: 1 };
    expect(filled(matrix, cols, box, "down")?.map((edit) => [edit.key, edit.column, edit.state])).toEqual([["email", "a", "masked"], ["email", "b", "hidden"]]);
    expect(filled(matrix, cols, box, "right")?.map((edit) => [edit.key, edit.column, edit.state])).toEqual([["phone", "b", "masked"], ["email", "b", "masked"]]);
    expect(filled(matrix, cols, { ...box, bottom: 4 }, "down")).toBeNull();
    expect(filled(matrix, cols, { ...box, right: 0 }, "right")).toBeNull();
  });
});
