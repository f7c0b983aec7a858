import { describe, expect, it } from "vitest";
import type { FieldMeta, TypeMeta } from "../../api/types";
import { actOf, ageOf, asked, isFillable, lanesOf, median, neighbour, sinceField } from "./lanes";

const words = { zh: "", en: "" };
const options = ["old", "new", "won"].map((value) => ({ value, name: words, hidden: value === "old" }));
const stage = { code: "stage", kind: "choice", options } as unknown as FieldMeta;
const type = {
  kanban: "stage", fields: [stage, { code: "stage_since" }],
  verbs: [{ code: "move", params: [{ code: "stage", required: true }] }, { code: "lose", params: [{ code: "lost_reason", required: true }, { code: "competitor", required: false }] }],
} as unknown as TypeMeta;

describe("a board", () => {
  it("hides a hidden lane until something is in it", () => {
    expect(lanesOf(stage, {}).map((lane) => lane.value)).toEqual(["new", "won"]);
    expect(lanesOf(stage, { old: { count: 1 } }).map((lane) => lane.value)).toEqual(["old", "new", "won"]);
  });
  it("knows since when a card is in its lane", () => {
    expect(sinceField(type)).toBe("stage_since");
    expect(sinceField({ ...type, fields: [stage] })).toBe("updated_at");
  });
  it("calls a card late only past what is usual, and at least a week", () => {
    expect(ageOf(6, 2)).toMatchObject({ late: false, usual: 7 });
    expect(ageOf(31, 14)).toMatchObject({ late: true, share: 1 });
    expect(ageOf(14, 14).share).toBeCloseTo(0.62);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([])).toBe(0);
  });
  it("takes the verb that the verdict names, with the lane where the verb wants it", () => {
    expect(actOf(type, "won", { allowed: true })).toEqual({ verb: "move", params: { stage: "won" } });
    const lose = actOf(type, "lost", { allowed: true, by: "lose" });
    expect(lose).toEqual({ verb: "lose", params: {} });
    expect(asked(type, lose).map((param) => param.code)).toEqual(["lost_reason"]);
    expect(actOf(type, "x", { allowed: true, verb: "go", params: { to: "x" } })).toEqual({ verb: "go", params: { to: "x" } });
  });
  it("offers to fill in what is empty, never what is refused by right", () => {
    const words = { zh: "OPP-04：缺少必填项。", en: "OPP-04: required fields are empty." };
    expect(isFillable({ allowed: false, missing: ["amount"], rule: "OPP-04", words })).toBe(true);
    expect(isFillable({ allowed: false, missing: ["amount"], rule: "OPP-04", words: { zh: "无权", en: "no right" } })).toBe(false);
    expect(isFillable({ allowed: false, missing: [], rule: "OPP-04", words })).toBe(false);
  });
  it("finds the lane beside", () => {
    const lanes = lanesOf(stage, {});
    expect(neighbour(lanes, "new", 1)?.value).toBe("won");
    expect(neighbour(lanes, "won", 1)).toBeUndefined();
    expect(neighbour(lanes, "unknown", -1)).toBeUndefined();
  });
});
