import { describe, expect, it } from "vitest";
import type { TypeMeta } from "../api/types";
import { columnsOf, EVERYTHING, nextSort, ofView, parseColumns, parseSort, readState, sortText, writeState } from "./state";

const field = (code: string) => ({ code, kind: "text", name: { zh: code, en: code }, data_class: "internal", required: false, readonly: false, operators: [], sortable: true });
const type = { columns: ["name", "gone"], fields: [field("name"), field("stage"), field("amount")] } as unknown as TypeMeta;

describe("the state of a list", () => {
  it("lives in the address and comes back from it", () => {
    const state = readState(new URLSearchParams());
    expect(writeState(state).toString()).toBe("");
    const full = { ...state, tab: "mine", layout: "kanban" as const, filter: ["stage", "=", "won"], sort: parseSort("-amount,name"), columns: parseColumns("name:240,stage"), density: "compact" as const, text: "华晟" };
    expect(readState(writeState(full))).toEqual(full);
  });
  it("reads a damaged address as the plain list", () => {
    const state = readState(new URLSearchParams("filter={oops&density=huge&view=table&columns=name:9999"));
    expect(state).toMatchObject({ filter: null, density: "normal", layout: "list", tab: EVERYTHING, columns: [{ code: "name" }] });
  });
  it("sorts up, down and not at all; Shift joins", () => {
    const up = nextSort([], "name", false);
    expect(sortText(up)).toBe("name");
    const down = nextSort(up, "name", false);
    expect(sortText(down)).toBe("-name");
    expect(nextSort(down, "name", false)).toEqual([]);
    expect(sortText(nextSort(down, "amount", true))).toBe("-name,amount");
    expect(sortText(nextSort(down, "amount", false))).toBe("amount");
  });
  it("shows only columns that exist for this person", () => {
    expect(columnsOf(type, { columns: null })).toEqual([{ code: "name" }]);
    expect(columnsOf(type, { columns: [{ code: "secret" }, { code: "stage", width: 90 }] })).toEqual([{ code: "stage", width: 90 }]);
    expect(columnsOf({ ...type, columns: [] }, { columns: null }).map((one) => one.code)).toEqual(["name", "stage", "amount"]);
  });
  it("opens a saved view with its widths", () => {
    const view = { id: "7", type: "opportunity", name: "大单", shared: false, mine: true, definition: { filter: null, sort: "-amount", columns: ["name", "amount"], widths: { name: 300 }, layout: "list" as const } };
    expect(ofView(view, readState(new URLSearchParams("density=compact")))).toMatchObject({ tab: "7", sort: [{ field: "amount", down: true }], columns: [{ code: "name", width: 300 }, { code: "amount" }], density: "compact" });
  });
});
