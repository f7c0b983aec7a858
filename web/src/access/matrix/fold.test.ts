import { describe, expect, it } from "vitest";
import type { Matrix, MatrixColumn, State } from "../types";
import { folded, inside, kept } from "./fold";
import { columnsOf, setBox } from "./select";

const words = { zh: "", en: "" };
const row = (key: string, data_class: string, field = true) => ({ key, name: words, data_class, field, readonly: false });
const states: State[] = ["edit", "edit", "masked", "hidden", "read"];
const column: MatrixColumn = { id: "a", at: 0, scope: words, edit_scope: null, sentence: words, mark: null, states, own: [false, false, false, false, true], was: states.map(() => null) };
const matrix: Matrix = {
  type: "account", name: words, levels: [], without: [], roles: [{ code: "rep", name: words, people: 1, mark: null, columns: [column] }],
  rows: [row("internal", "internal", false), row("name", "internal"), row("sensitive", "sensitive", false), row("phone", "sensitive"), row("email", "sensitive")],
};
const at = (r: number) => ({ row: r, col: 0 });

describe("folding a class", () => {
  it("leaves its own row, with every column in step", () => {
    const found = folded(matrix, new Set(["internal"]));
    expect(found.rows.map((one) => one.key)).toEqual(["internal", "sensitive", "phone", "email"]);
    expect(found.roles[0]?.columns[0]?.states).toEqual(["edit", "masked", "hidden", "read"]);
    expect(folded(matrix, new Set())).toBe(matrix);
  });
  it("keeps the selection, on the class where its field is gone, and edits what is drawn", () => {
    const found = folded(matrix, new Set(["sensitive"]));
    const picked = kept({ anchor: at(3), focus: at(4) }, matrix, found);
    expect(picked.focus.row).toBe(2);
    expect(kept(picked, found, matrix).focus.row).toBe(2);
    expect(setBox(found, columnsOf(found), { top: 2, bottom: 2, left: 0, right: 0 }, "hidden")).toEqual([{ role: "rep", column: "a", key: "sensitive", state: "hidden" }]);
  });
  it("says how many fields it holds, and how many are seen otherwise", () => {
    expect(inside(matrix, "sensitive")).toEqual({ fields: 2, own: 1 });
  });
});
