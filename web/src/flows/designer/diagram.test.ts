import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { drawnIn, layout, pictured, taken } from "./diagram";
import { parse, print, read } from "./file";
import { nodesIn, tree } from "./tree";

const SHIPPED = "../src/heli/crm/flows";

const FILE = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow" targetNamespace="urn:x">
  <process id="p"><!-- kept --><x:own xmlns:x="urn:other" a="1"/>
    <startEvent id="s"/><userTask id="a" name="A"><extensionElements><heli:assignee rule="manager"/></extensionElements></userTask><parallelGateway id="g"/><userTask id="b"/><userTask id="c"/><parallelGateway id="h"/><endEvent id="e"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="g"/><sequenceFlow id="f3" sourceRef="g" targetRef="b"/><sequenceFlow id="f4" sourceRef="g" targetRef="c"/>
    <sequenceFlow id="f5" sourceRef="b" targetRef="h"/><sequenceFlow id="f6" sourceRef="c" targetRef="h"/><sequenceFlow id="f7" sourceRef="h" targetRef="e"/>
  </process>
</definitions>`;

it("a file without a picture gets one in which nothing lies on anything else", () => {
  const boxes = [...layout(read(parse(FILE))).values()];
  expect(boxes).toHaveLength(7);
  for (const a of boxes) for (const b of boxes) if (a !== b) expect(a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h).toBe(false);
  const made = pictured(FILE);
  expect(made.match(/BPMNEdge /g)).toHaveLength(7);
  expect(pictured(made)).toBe(made);
  expect(pictured(made.replace(/<bpmndi:BPMNEdge id="f7_di"[\s\S]*?<\/bpmndi:BPMNEdge>/, "")).match(/BPMNEdge /g)).toHaveLength(7);
});

it("what is changed on the diagram comes into the file, which keeps what the tool leaves out", () => {
  const theirs = `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"><bpmn:process id="p">
    <bpmn:startEvent id="s"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent><bpmn:userTask id="a" name="New"><bpmn:extensionElements><heli:assignee rule="manager"/></bpmn:extensionElements></bpmn:userTask><bpmn:userTask id="n" name="Added"/><bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="n"><bpmn:conditionExpression>record.x &gt; 1</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="f8" sourceRef="n" targetRef="e"/>
  </bpmn:process><bpmndi:BPMNDiagram id="d"/></bpmn:definitions>`;
  const made = taken(FILE, theirs), model = read(parse(made));
  expect(made).toContain("<!-- kept -->");
  expect(made).toContain('<x:own xmlns:x="urn:other" a="1"/>');
  expect([...model.nodes.keys()]).toEqual(["s", "a", "e", "n"]);
  expect(model.nodes.get("a")?.name.zh).toBe("New");
  expect(model.nodes.get("a")?.task.assignees).toEqual([{ rule: "manager", given: {} }]);
  expect(model.lines.get("f2")).toMatchObject({ target: "n", condition: "record.x > 1" });
  expect(taken(FILE, FILE)).toBe(FILE);
});

it.each(readdirSync(SHIPPED).filter((name) => name.endsWith(".bpmn")))("%s is drawn whole, and comes back as it came", (name) => {
  const source = readFileSync(`${SHIPPED}/${name}`, "utf-8");
  const text = (xml: string) => xml.replace(/"\s+/g, '" ').replace(/\s+\/>/g, "/>").replace(/<(\w+)([^>]*)><\/\1>/g, "<$1$2/>").replace(/&gt;/g, ">").replace(/\n$/, "");
  expect(text(print(parse(source), source))).toBe(text(source));
  const model = read(parse(source)), { items, loose } = tree(model);
  const drawn = [...nodesIn(items), ...loose.flatMap(nodesIn)];
  expect(drawn.sort()).toEqual([...model.nodes.keys()].sort());
  expect(loose.length).toBeLessThanOrEqual([...model.nodes.values()].filter((one) => one.kind === "start").length - 1);
  expect([...layout(model).keys()].sort()).toEqual(drawn);
});

it("a sub-process gets a picture of its own, and what is ours of its steps stays", () => {
  const file = FILE.replace('<userTask id="b"/>', '<subProcess id="b"><startEvent id="bs"/><userTask id="bt"><extensionElements><heli:assignee rule="manager"/></extensionElements></userTask><endEvent id="be"/><sequenceFlow id="b1" sourceRef="bs" targetRef="bt"/><sequenceFlow id="b2" sourceRef="bt" targetRef="be"/></subProcess>');
  const made = pictured(file);
  expect(made).toContain('bpmnElement="bt"');
  expect(made.match(/BPMNEdge /g)).toHaveLength(9);
  expect(pictured(made)).toBe(made);
  const theirs = made.replace(/<extensionElements>[\s\S]*?<\/extensionElements>/g, "").replace('<userTask id="bt">', '<userTask id="bt" name="New">');
  const kept = read(parse(taken(file, theirs))).nodes.get("b")?.inner?.nodes.get("bt");
  expect([kept?.text, kept?.task.assignees[0]?.rule]).toEqual(["New", "manager"]);
});

it("what the tool could not read stays in the file whatever is changed on the diagram", () => {
  const odd = FILE.replace('<endEvent id="e"/>', '<endEvent id="e"/><oddTask id="odd"/>');
  const before = FILE.replace(/<!-- kept -->.*\n/, "\n"), after = before.replace('<userTask id="c"/>', "").replace(/<sequenceFlow id="f[46]"[^>]*>/g, "");
  const made = taken(odd, after, drawnIn(before));
  expect(made).toContain('<oddTask id="odd"/>');
  expect(made).not.toContain('id="c"');
});
