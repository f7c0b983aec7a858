import { describe, expect, it } from "vitest";
import { flatten } from "./tree";

const one = (id: string, parent: string | null, people: number) => ({ id, parent, people, name: id, head: null, overseer: null });

describe("the department tree", () => {
  it("stands in order with depth and the people below", () => {
    const branches = flatten([one("root", null, 1), one("a", "root", 2), one("a1", "a", 3), one("b", "root", 4)]);
    expect(branches.map((branch) => [branch.department.id, branch.depth, branch.total])).toEqual([["root", 0, 10], ["a", 1, 5], ["a1", 2, 3], ["b", 1, 4]]);
  });
  it("keeps a department whose parent is not listed", () => {
    expect(flatten([one("x", "hidden", 1)]).map((branch) => branch.depth)).toEqual([0]);
  });
});
