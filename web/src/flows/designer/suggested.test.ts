import { describe, expect, it } from "vitest";
import { edited } from "./edit";
import { parse, read, type Model } from "./file";
import { propose } from "./suggested";
import type { Kit } from "./types";

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

describe("a suggestion in the drawing", () => {
  it("sets limits that are missing, and leaves those that somebody set", () => {
    expect(after("remind", "b")?.nodes.get("b")?.task.sla).toEqual({ within: "P2D", remind: "PT4H", escalate: "P1D" });
    expect(made("remind", "b")?.says.map((one) => one.key)).toEqual(["design.sug.remind", "design.sug.escalate"]);
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
