import { describe, expect, it } from "vitest";
import type { FieldMeta } from "../../api/types";
import { grouped, wayBack } from "./bulk";

const level = { code: "level", kind: "choice", name: { zh: "级别", en: "Level" }, data_class: "internal", required: false, readonly: false, operators: [], sortable: true } as FieldMeta;

describe("after an act on many", () => {
  it("puts refusals that read alike together, the most frequent first", () => {
    const items = ["x", "y", "y"].map((words, n) => ({ place: `items/${n}`, id: String(n), status: 403, problem: { status: 403, code: words, message: { zh: words, en: words } } }));
    expect(grouped(items, (one) => one.problem?.code ?? "").map((one) => [one.words, one.items.length])).toEqual([["y", 2], ["x", 1]]);
  });

  it("goes back to each former value in one act", () => {
    const rows = [{ id: "1", level: "a" }, { id: "2", level: "b" }, { id: "3", level: "a" }];
    expect(wayBack(level, rows, ["1", "2", "3"])).toEqual([
      { act: { act: "edit", values: { level: "a" } }, ids: ["1", "3"] },
      { act: { act: "edit", values: { level: "b" } }, ids: ["2"] },
    ]);
  });

  it("offers no way back where a former value was not shown", () => {
    expect(wayBack(level, [{ id: "1" }], ["1"])).toBeNull();
    expect(wayBack(level, [], ["1"])).toBeNull();
  });
});
