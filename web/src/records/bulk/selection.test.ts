import { describe, expect, it } from "vitest";
import { everyone, MOST, NONE, ranged, toggled } from "./selection";

const order = ["a", "b", "c", "d", "e"];
const list = (ids: ReadonlySet<string>) => [...ids].sort().join("");

describe("selecting rows", () => {
  it("takes one in and out again", () => {
    const one = toggled(NONE, "b");
    expect(list(one.ids)).toBe("b");
    expect(list(toggled(one, "b").ids)).toBe("");
    expect(list(NONE.ids)).toBe("");
  });

  it("stretches from where it began, and shrinks again", () => {
    const begun = toggled(NONE, "b");
    const wide = ranged(begun, order, "e");
    expect(list(wide.ids)).toBe("bcde");
    expect(list(ranged(wide, order, "c").ids)).toBe("bc");
    expect(list(ranged(wide, order, "a").ids)).toBe("ab");
  });

  it("keeps what was selected before the range", () => {
    const two = toggled(toggled(NONE, "a"), "d");
    expect(list(ranged(two, order, "e").ids)).toBe("ade");
  });

  it("begins at the active row when nothing is selected, and at the row itself when its anchor has gone", () => {
    expect(list(ranged(NONE, order, "c", "b").ids)).toBe("bc");
    expect(list(ranged(toggled(NONE, "gone"), order, "c").ids)).toBe("cgone");
  });

  it("never holds more than one act takes", () => {
    const many = Array.from({ length: MOST + 5 }, (_, n) => `r${n}`);
    const all = everyone(many);
    expect(all.ids.size).toBe(MOST);
    expect(toggled(all, "another").ids.size).toBe(MOST);
    expect(ranged(toggled(NONE, "r0"), many, `r${MOST + 4}`).ids.size).toBe(MOST);
  });
});
