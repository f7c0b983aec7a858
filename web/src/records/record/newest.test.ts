import { describe, expect, it } from "vitest";
import { newestFirst } from "./newest";

describe("what happened to a record", () => {
  it("stands newest first, and within one second in the order in which it is told", () => {
    const told = [{ at: "2", n: "sent back" }, { at: "2", n: "submitted" }, { at: "2", n: "made" }, { at: "3", n: "comment" }];
    expect(newestFirst(told).map((one) => one.n)).toEqual(["comment", "sent back", "submitted", "made"]);
  });
});
