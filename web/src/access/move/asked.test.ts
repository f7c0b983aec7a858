import { expect, test } from "vitest";
import { askedOf, complete, NONE, NOTHING, OUT } from "./asked";

const ann = { username: "ann", name: "Ann" };

test("only what shall change is asked for", () => {
  expect(complete(NOTHING)).toBe(false);
  expect(askedOf([ann], { ...NOTHING, department: "east" })).toEqual({ people: ["ann"], post: { department: "east" } });
  expect(askedOf([ann], { ...NOTHING, position: NONE })).toEqual({ people: ["ann"], post: { position: null } });
  expect(askedOf([ann], { ...NOTHING, manager: "nobody" })).toEqual({ people: ["ann"], manager: null });
  const projects = [{ key: 1, project: "p", role: OUT }, { key: 2, project: "q", role: "lead" }];
  expect(askedOf([ann], { ...NOTHING, projects })).toEqual({ people: ["ann"], projects: [{ project: "p", role: null }, { project: "q", role: "lead" }] });
});

test("a wish that is begun and not finished goes no further", () => {
  expect(complete({ ...NOTHING, manager: "person" })).toBe(false);
  expect(complete({ ...NOTHING, manager: "person", boss: ann })).toBe(true);
  expect(complete({ ...NOTHING, projects: [{ key: 1, project: "", role: "member" }] })).toBe(false);
});
