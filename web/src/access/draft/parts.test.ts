import { expect, it } from "vitest";
import { byProcess } from "./parts";

it("tells running cases by process, with the parts that they give", () => {
  const lead = { zh: "负责人", en: "lead" }, member = { zh: "成员", en: "member" }, setup = { zh: "立项", en: "Set-up" }, other = { zh: "别的", en: "Other" };
  const parts = [{ part: lead, processes: [{ code: "setup", name: setup, running: 2 }] }, { part: member, processes: [{ code: "setup", name: setup, running: 3 }, { code: "other", name: other, running: 1 }] }];
  expect(byProcess(parts)).toEqual([
    { code: "setup", name: setup, cases: [{ part: lead, running: 2 }, { part: member, running: 3 }] },
    { code: "other", name: other, cases: [{ part: member, running: 1 }] },
  ]);
  expect(byProcess([{ part: lead, processes: [] }])).toEqual([]);
});
