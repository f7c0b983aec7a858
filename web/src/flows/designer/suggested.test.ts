import { describe, expect, it } from "vitest";
import { edited } from "./edit";
import { parse, read, type Model } from "./file";
import { brought, propose } from "./suggested";
import type { Change, Kit } from "./types";

const task = (id: string, ours: string) => `<userTask id="${id}" name="${id}"><extensionElements><heli:assignee rule="manager"/>${ours}</extensionElements></userTask>`;
const FILE = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow" targetNamespace="urn:x"><process id="p">
  <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="a"/>${task("a", '<heli:form show="amount" edit="name amount" require="name"/><heli:people mode="sequence"/>')}
  <sequenceFlow id="f2" sourceRef="a" targetRef="b"/>${task("b", '<heli:does verb="approve"/><heli:sla within="P2D"/><heli:moves allow="transfer"/>')}<sequenceFlow id="f3" sourceRef="b" targetRef="e"/><endEvent id="e"/>
</process></definitions>`;
const kit = { fields: [{ code: "amount", kind: "money", name: "金额" }, { code: "name", kind: "text", name: "名称" }] } as unknown as Kit;
const t = (key: string) => key, w = (words: unknown) => String(words ?? "");
const model = (source: string): Model => read(parse(source));
const made = (code: string, node: string, other?: string, source = FILE) => propose(model(source), kit, { code, node, other }, t, w);
const after = (code: string, node: string, other?: string) => { const found = made(code, node, other); return found?.edit ? model(edited(FILE, found.edit).source) : null; };

const HOUR = 3600, DAY = 9 * HOUR;
describe("values of a suggestion", () => {
  const drawn = (code: string, node: string, evidence: Record<string, number>) => { const found = propose(model(FILE), kit, { code, node, evidence }, t, w); return { found, after: found?.edit ? model(edited(FILE, found.edit).source) : null }; };
  it("are derived from how long the step takes and waits, rounded to what people say", () => {
    const { found, after: made } = drawn("oftener", "a", { of: 40, p75: 5 * HOUR, p90: 1.4 * DAY, p95: 1.8 * DAY });
    expect(made?.nodes.get("a")?.task.sla).toEqual({ within: "P2D", remind: "P1D" });
    expect(found?.says.map((one) => one.key)).toEqual(["design.sug.withinBy", "design.sug.remindBy"]);
    expect(found?.says[0]?.values).toMatchObject({ n: "40" });
    const late = drawn("remind", "b", { of: 40, p75: 1.5 * DAY, p90: 3 * DAY, p95: 4.2 * DAY });
    expect(late.after?.nodes.get("b")?.task.sla, "what somebody set stays").toEqual({ within: "P2D", remind: "PT4H", escalate: "P1D" });
    expect(late.found?.says.map((one) => one.key)).toEqual(["design.sug.remindBy", "design.sug.escalateLate"]);
  });
  it("stay what is usual where too little is known, and say so", () => {
    const { found, after: made } = drawn("remind", "a", { missed: 0.4 });
    expect(made?.nodes.get("a")?.task.sla).toEqual({ within: "P1D", remind: "PT4H", escalate: "P1D" });
    expect(found?.says.map((one) => one.key)).toEqual(["design.sug.within", "design.sug.remind", "design.sug.escalate", "design.sug.usual"]);
  });
  it("let pass what was never sent back below an amount", () => {
    const { found } = drawn("automate", "a", { "below.amount": 52000, clean: 31 });
    const passed = edited(FILE, found?.edit ?? (() => undefined));
    expect(model(passed.source).lines.get(passed.chosen ?? "")?.condition).toBe("record.amount < 52000");
    expect(found?.says[0]).toMatchObject({ key: "design.sug.passBy", values: { n: "31", amount: "52,000" } });
    expect(drawn("automate", "a", { "below.secret": 5, clean: 31 }).found?.says[0]?.key, "a field that is not known here").toBe("design.sug.pass");
  });
});

describe("an amount that stood its test", () => {
  const branched = (own: string, past: string) => FILE.replace('<sequenceFlow id="f1" sourceRef="s" targetRef="a"/>', `<sequenceFlow id="f1" sourceRef="s" targetRef="g"/><exclusiveGateway id="g"/><sequenceFlow id="own" sourceRef="g" targetRef="a">${own}</sequenceFlow><sequenceFlow id="past" sourceRef="g" targetRef="b">${past}</sequenceFlow>`);
  const when = (text: string) => `<conditionExpression>${text}</conditionExpression>`;
  const evidence = { "upto.amount": 500000, through: 84, wrong: 0 };
  const drawn = (source: string) => { const found = propose(model(source), kit, { code: "automate", node: "a", evidence }, t, w); return { found, lines: found?.edit ? model(edited(source, found.edit).source).lines : null }; };
  it("passes what is up to it, that amount included", () => {
    const { found, lines } = drawn(FILE);
    expect([...(lines?.values() ?? [])].map((one) => one.condition).filter(Boolean)).toEqual(["record.amount <= 500000"]);
    expect(found?.says[0]).toMatchObject({ key: "design.sug.passTested", values: { amount: "500,000", through: "84", wrong: "0" } });
  });
  it("raises the branch that is there already", () => {
    const { found, lines } = drawn(branched(when("record.amount &gt; 100000"), ""));
    expect([lines?.get("own")?.condition, lines?.get("past")?.condition]).toEqual(["record.amount > 500000", ""]);
    expect(found?.says[0]).toMatchObject({ key: "design.sug.raised", values: { before: "100,000", amount: "500,000" } });
    expect(drawn(branched("", when("record.amount &lt;= 20000"))).lines?.get("past")?.condition).toBe("record.amount <= 500000");
    const items = (place: string) => [{ what: "line", how: "changed", place, aspects: [] }] as unknown as Change[];
    const after = model(branched("", when("record.amount &lt;= 500000")));
    expect(brought({ code: "automate", node: "a", other: "" }, items("past"), after)).toBe(true);
    expect(brought({ code: "automate", node: "a", other: "" }, items("f3"), after)).toBe(false);
  });
  it("leaves a branch that goes as far, or by something else", () => {
    for (const own of ["record.amount &gt; 600000", "record.amount &gt; 100 and record.name == 'x'", "record.name == 'x'"]) {
      expect(drawn(branched(when(own), "")).found).toMatchObject({ edit: null, says: [{ key: "design.sug.passes" }] });
    }
  });
});

describe("what a version brings", () => {
  const change = (place: string, ...aspects: string[]) => [{ what: "node", how: "changed", place, name: { zh: "", en: "" }, kind: "", aspects: aspects.map((code) => ({ code })) }] as unknown as Change[];
  const brings = (code: string, node: string, items: Change[], other = "", source = FILE) => brought({ code, node, other }, items, model(source));
  it("is what changed at its step, and in what it is about", () => {
    expect(brings("remind", "b", change("b", "within"))).toBe(true);
    expect(brings("remind", "b", change("b", "name"))).toBe(false);
    expect(brings("remind", "b", change("a", "within"))).toBe(false);
    expect(brings("complete", "b", change("a", "require"), "a")).toBe(true);
    expect(brings("complete", "b", change("b", "require"), "a")).toBe(false);
    expect(brings("staff", "a", change("a", "assignees"))).toBe(true);
  });
  it("is a way past the step, drawn just before it", () => {
    const drawn = edited(FILE, made("automate", "a")?.edit ?? (() => undefined)).source;
    const past = model(drawn).lines.get(model(drawn).nodes.get("a")?.incoming[0] ?? "")?.source ?? "";
    const added = [{ ...change(past)[0], how: "added" }] as Change[];
    expect(brings("automate", "a", added, "", drawn)).toBe(true);
    expect(brings("automate", "b", added, "", drawn)).toBe(false);
    expect(brings("automate", "a", [{ ...change("a")[0], how: "removed" }] as Change[])).toBe(true);
  });
});

describe("a suggestion in the drawing", () => {
  it("sets limits that are missing, and leaves those that somebody set", () => {
    expect(after("remind", "b")?.nodes.get("b")?.task.sla).toEqual({ within: "P2D", remind: "PT4H", escalate: "P1D" });
    expect(made("remind", "b")?.says.map((one) => one.key)).toEqual(["design.sug.remind", "design.sug.escalate", "design.sug.usual"]);
    expect(after("deputy", "b")?.nodes.get("b")?.task.moves).toEqual(["transfer", "delegate"]);
  });
  it("lets people decide at once, and asks for fields where the work is handed on", () => {
    expect(after("staff", "a")?.nodes.get("a")?.task.people.mode).toBe("all");
    expect(after("complete", "b", "a")?.nodes.get("a")?.task.form.require).toBe("name amount");
  });
  it("draws a way past a step on which nothing goes yet, once", () => {
    const found = made("automate", "a");
    const drawn = edited(FILE, found?.edit ?? (() => undefined));
    const past = model(drawn.source).lines.get(drawn.chosen ?? "");
    expect(past?.condition).toBe("record.amount < 0");
    expect([...model(drawn.source).lines.values()].filter((one) => one.target === past?.target).map((one) => one.source)).toContain("a");
    expect(made("automate", "a", undefined, drawn.source)?.says[0]?.key).toBe("design.sug.passes");
  });
  it("opens the place where only somebody can decide", () => {
    expect(made("automate", "b")).toMatchObject({ edit: null, place: "does" });
    expect(made("staff", "b")).toMatchObject({ edit: null, node: "b", place: "who" });
    expect(made("staff", "ghost")).toBeNull();
  });
});
