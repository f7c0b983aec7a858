import { describe, expect, it } from "vitest";
import type { FieldMeta } from "../../api/types";
import { grouped, wayBack } from "./bulk";

const level = { code: "level", kind: "choice", name: { zh: "级别", en: "Level" }, data_class: "internal", required: false, readonly: false, operators: [], sortable: true } as FieldMeta;
const owner = { ...level, code: "owner", kind: "person" } as FieldMeta;

describe("after an act on many", () => {
  it("puts refusals that read alike together, the most frequent first", () => {
    const items = ["x", "y", "y"].map((words, n) => ({ place: `items/${n}`, id: String(n), status: 403, problem: { status: 403, code: words, message: { zh: words, en: words } } }));
    expect(grouped(items, (one) => one.problem?.code ?? "").map((one) => [one.words, one.items.length])).toEqual([["y", 2], ["x", 1]]);
  });

  it("goes back to each former set of values in one act, whatever number of fields was changed", () => {
    const rows = [{ id: "1", level: "a", owner: { id: "9", name: "Ann" } }, { id: "2", level: "a", owner: null }, { id: "3", level: "a", owner: { id: "9", name: "Ann" } }];
    expect(wayBack([level], rows, ["1", "2", "3"])).toEqual([{ act: { act: "edit", values: { level: "a" } }, ids: ["1", "2", "3"] }]);
    expect(wayBack([level, owner], rows, ["1", "2", "3"])).toEqual([
      { act: { act: "edit", values: { level: "a", owner: "9" } }, ids: ["1", "3"] },
      { act: { act: "edit", values: { level: "a", owner: null } }, ids: ["2"] },
    ]);
  });

  it("says why there is no way back: a former value is not on the page, or they differ too much", () => {
    expect(wayBack([level, owner], [{ id: "1", level: "a" }], ["1"])).toEqual({ unseen: [owner] });
    expect(wayBack([level], [], ["1"])).toEqual({ unseen: [level] });
    const many = Array.from({ length: 21 }, (_, n) => ({ id: String(n), level: String(n) }));
    expect(wayBack([level], many, many.map((one) => one.id))).toEqual({ unseen: null });
  });
});
