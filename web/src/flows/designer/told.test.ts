import { describe, expect, it } from "vitest";
import { build, spanOf, spanText, toSpan, written } from "./told";

const kind = (field: string) => ({ amount: "money", stage: "select", closed_on: "date" })[field] ?? "text";

describe("conditions", () => {
  it("are rows where they are simple, and come back as they were meant", () => {
    for (const text of ["record.amount > 500000", "record.amount >= 5 and record.stage == 'won'", "record.stage in ['won', 'lost'] or record.amount <= 1.5", "record.closed_on < date('2026-01-01')", "record.stage == null"]) {
      const built = build(text);
      expect(built, text).not.toBeNull();
      expect(written(built!, kind)).toBe(text);
    }
    expect(build("")).toEqual({ all: true, parts: [] });
  });
  it("stay text where they are more", () => {
    for (const text of ["days(record.a, today()) > 3", "record.amount > 1 and record.stage == 'a' or record.amount > 2", "not record.open", "record.amount > record.limit", "data.x > 1"]) expect(build(text), text).toBeNull();
  });
  it("keep words that stand in quotes", () => {
    expect(build("record.name == 'salt and pepper'")?.parts).toEqual([{ field: "name", sign: "==", value: "salt and pepper" }]);
  });
});

it("lengths are one number where they are one", () => {
  expect(spanOf("P2D")).toEqual({ n: 2, unit: "D" });
  expect(spanOf("PT8H")).toEqual({ n: 8, unit: "H" });
  expect(spanOf("P1DT4H")).toBeNull();
  const t = (key: string, values?: Record<string, string | number>) => `${key}:${values?.n}`;
  expect(["PT1H", "P2DT4H", "P1DT1H30M", "PT5S", "soon"].map((one) => spanText(one, t))).toEqual(["design.span.H1:1", "design.span.D:2 design.span.H:4", "design.span.D1:1 design.span.H1:1 design.span.M:30", "PT5S", "soon"]);
  expect(toSpan(30, "M")).toBe("PT30M");
});
