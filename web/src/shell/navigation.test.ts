import { describe, expect, it } from "vitest";
import type { Meta } from "../api/types";
import { LETTERS, railOf } from "./navigation";

const meta = (...codes: string[]) => ({ types: codes.map((code) => ({ code })) }) as unknown as Meta;
const codes = (types: { code: string }[]) => types.map((type) => type.code);

describe("the rail", () => {
  it("keeps the decided order and puts the rest under more", () => {
    const rail = railOf(meta("lead", "ticket", "account", "contract", "opportunity", "quote"));
    expect(codes(rail.main)).toEqual(["account", "opportunity", "contract", "ticket"]);
    expect(codes(rail.more)).toEqual(["lead", "quote"]);
  });
  it("is never empty for someone who sees other types", () => {
    expect(codes(railOf(meta("feedback", "satisfaction")).main)).toEqual(["feedback", "satisfaction"]);
  });
  it("gives every letter to one type only", () => {
    const letters = Object.values(LETTERS);
    expect(new Set(letters).size).toBe(letters.length);
    expect(letters).not.toContain("w");
    expect(letters).not.toContain("g");
  });
});
