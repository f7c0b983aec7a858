import { describe, expect, it } from "vitest";
import { both, countConditions, firstOperator, fromExpression, isWhole, NOTHING, toExpression, type FilterGroup } from "./filter";

const stage = { field: "stage", op: "=", value: "won" };
const amount = { field: "amount", op: ">=", value: "1000" };

describe("filters", () => {
  it("are nothing while nothing is whole", () => {
    expect(toExpression(NOTHING)).toBeNull();
    expect(toExpression({ any: false, items: [{ field: "name", op: "contains", value: "" }, { field: "stage", op: "in", value: [] }] })).toBeNull();
    expect(isWhole({ field: "name", op: "empty", value: null })).toBe(true);
  });
  it("join all or any, with groups inside, and come back the same", () => {
    const group: FilterGroup = { any: false, items: [stage, { any: true, items: [amount, { field: "owner", op: "empty", value: null }] }] };
    const expression = toExpression(group);
    expect(expression).toEqual({ and: [["stage", "=", "won"], { or: [["amount", ">=", "1000"], ["owner", "empty", true]] }] });
    expect(fromExpression(expression)).toEqual(group);
    expect(countConditions(group)).toBe(3);
  });
  it("write one condition without a wrapper", () => {
    expect(toExpression({ any: true, items: [stage] })).toEqual(["stage", "=", "won"]);
    expect(fromExpression(["stage", "=", "won"]).items).toEqual([stage]);
  });
  it("read the server's other spellings", () => {
    expect(fromExpression({ field: "stage", op: "=", value: "won" }).items).toEqual([stage]);
    expect(fromExpression({ stage: ["new", "won"], amount: { ">=": "1000" } }).items).toEqual([{ field: "stage", op: "in", value: ["new", "won"] }, amount]);
  });
  it("survive an address that is not a filter", () => {
    expect(fromExpression("rubbish")).toEqual(NOTHING);
    expect(fromExpression({ and: "x" })).toEqual(NOTHING);
    expect(fromExpression([1, 2, 3])).toEqual(NOTHING);
  });
  it("combine a tab's filter with the user's own", () => {
    expect(both(null, ["a", "=", 1])).toEqual(["a", "=", 1]);
    expect(both(["a", "=", 1], { and: [["b", "=", 2], ["c", "=", 3]] })).toEqual({ and: [["a", "=", 1], ["b", "=", 2], ["c", "=", 3]] });
    expect(both({ or: [["a", "=", 1]] }, ["b", "=", 2])).toEqual({ and: [{ or: [["a", "=", 1]] }, ["b", "=", 2]] });
  });
  it("begin with the operator that fits the kind", () => {
    const field = (kind: string, operators: string[]) => ({ code: "x", kind, name: { zh: "", en: "" }, data_class: "internal", required: false, readonly: false, operators, sortable: true });
    expect(firstOperator(field("text", ["=", "contains"]))).toBe("contains");
    expect(firstOperator(field("money", ["=", ">="]))).toBe("=");
  });
});
