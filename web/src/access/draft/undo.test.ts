import { describe, expect, it } from "vitest";
import { touched } from "./undo";

describe("taking a step back", () => {
  it("remembers what the draft said of the things touched, and of no other", () => {
    const changes = [{ kind: "role", key: "rep", after: { name: "x" } }, { kind: "role", key: "fin", after: null }];
    expect(touched(changes, [["role", "rep"], ["role", "new"]])).toEqual([{ kind: "role", key: "rep", after: { name: "x" } }, { kind: "role", key: "new", after: undefined }]);
  });
});
