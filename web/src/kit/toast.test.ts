import { expect, it } from "vitest";
import { beside } from "./toast";

const told = (id: number, tone: "good" | "bad", title: string) => ({ id, tone, title, lines: [] });

it("a refusal that stands there already is not said twice over, and no more than four stand there", () => {
  const one = told(1, "bad", "no"), other = told(2, "good", "done");
  expect(beside([one, other], told(3, "bad", "no")).map((toast) => toast.id)).toEqual([2, 3]);
  expect(beside([one, other], told(3, "good", "done")).map((toast) => toast.id)).toEqual([1, 2, 3]);
  expect(beside([1, 2, 3, 4].map((id) => told(id, "bad", `no ${id}`)), told(5, "bad", "no 5")).map((toast) => toast.id)).toEqual([2, 3, 4, 5]);
});
