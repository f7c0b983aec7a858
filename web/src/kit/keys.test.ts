import { describe, expect, it } from "vitest";
import { isPressing, isTyping, nameOf, resolve } from "./keys";

const press = (key: string, held: Partial<KeyboardEvent> = {}) => nameOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

describe("keys", () => {
  it("names a press the same on every keyboard", () => {
    expect(press("J")).toBe("j");
    expect(press(" ")).toBe("Space");
    expect(press("k", { metaKey: true })).toBe("ctrl+k");
    expect(press("K", { ctrlKey: true })).toBe("ctrl+k");
    expect(press("[")).toBe("[");
  });
  it("prefers a sequence to a single key, and forgets a leader that leads nowhere", () => {
    const map = { "g a": () => {}, a: () => {}, "?": () => {} };
    expect(resolve(map, "a", "g")).toBe("g a");
    expect(resolve(map, "a", null)).toBe("a");
    expect(resolve(map, "?", "g")).toBe("?");
    expect(resolve(map, "z", "g")).toBeNull();
  });
  it("leaves Enter and Space to the button or link that has the focus", () => {
    const inside = document.createElement("span");
    document.createElement("button").append(inside);
    expect(["Enter", "Space", "j"].map((name) => isPressing(name, inside))).toEqual([true, true, false]);
    expect(isPressing("Enter", document.createElement("ul"))).toBe(false);
    expect(isPressing("Enter", window)).toBe(false);
  });
  it("keeps silent while someone types", () => {
    expect(isTyping(document.createElement("textarea"))).toBe(true);
    expect(isTyping(document.createElement("button"))).toBe(false);
    expect(isTyping(null)).toBe(false);
  });
});
