import { expect, test } from "vitest";
import { picked } from "./picked";
import type { Proposal } from "./types";

const words = { zh: "", en: "" };
const base: Proposal = { role: "r", role_words: words, line: 0, line_words: words, kind: "unused", type: "account", action: "read", person: null, scope: null, n: 0, words };
const alone: Proposal = { ...base, line: 1, kind: "alone", action: "edit", person: { id: "1", name: "Ann" } };

test("all are taken in one press, and who alone used one keeps it", () => {
  expect(picked([base, alone], new Set(), {})).toEqual([{ line: 0, kind: "unused", action: "read" }, { line: 1, kind: "alone", action: "edit", keep: true }]);
});

test("what is left out or has no field chosen is not taken", () => {
  expect(picked([base, alone], new Set(["1/alone/edit"]), { "0/unused/read": { fields: [] } })).toEqual([]);
  expect(picked([base, alone], new Set(["0/unused/read"]), { "1/alone/edit": { fields: ["phone"], keep: false } })).toEqual([{ line: 1, kind: "alone", action: "edit", fields: ["phone"], keep: false }]);
});
