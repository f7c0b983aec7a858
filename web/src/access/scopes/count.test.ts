import { describe, expect, it } from "vitest";
import { sampled } from "./count";

describe("a few of what a line reaches", () => {
  it("says how many one may not see, once, behind those that one may", () => {
    const some = [null, "Acme", null, "", "Baidu"].map((title, id) => ({ id: String(id), title }));
    expect(sampled(some)).toEqual({ named: [some[1], some[4]], unseen: 3 });
    expect(sampled([])).toEqual({ named: [], unseen: 0 });
  });
});
