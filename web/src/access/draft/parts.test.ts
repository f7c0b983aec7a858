import { describe, expect, it } from "vitest";
import { parts } from "./parts";
import { touched } from "./undo";

const line = (more: object) => ({ type: "account", actions: ["read"], scope: ["own"], ...more });

describe("what a change changes", () => {
  it("names the place of each part, and does not move what follows a line taken out", () => {
    const before = { name: "A", lines: [line({}), line({ scope: ["all"] }), line({ scope: ["below"], read: { phone: "masked" } })] };
    const after = { name: "B", lines: [line({ scope: ["all"] }), line({ scope: ["below"], read: { phone: "read" } })] };
    expect(parts(before, after).map((one) => [one.place, one.before, one.after])).toEqual([
      ["name", "A", "B"],
      ["lines/1", JSON.stringify(line({})), null],
      ["lines/3/read/phone", "masked", "read"],
    ]);
  });
  it("tells of what is new or gone by all its parts", () => {
    expect(parts(null, { role: "rep" })).toEqual([{ place: "role", before: null, after: "rep" }]);
    expect(parts({ role: "rep" }, null)).toEqual([{ place: "role", before: "rep", after: null }]);
    expect(parts({ a: 1 }, { a: 1 })).toEqual([]);
  });
});

describe("taking a step back", () => {
  it("remembers what the draft said of the things touched, and of no other", () => {
    const changes = [{ kind: "role", key: "rep", after: { name: "x" } }, { kind: "role", key: "fin", after: null }];
    expect(touched(changes, [["role", "rep"], ["role", "new"]])).toEqual([{ kind: "role", key: "rep", after: { name: "x" } }, { kind: "role", key: "new", after: undefined }]);
  });
});
