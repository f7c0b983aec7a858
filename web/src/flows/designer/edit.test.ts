import { describe, expect, it } from "vitest";
import { about, addStart, begin, branch, edited, empty, insert, late, move, prune, remove, renamed, set, setAbout, setCondition, setParts, setCall, setEach, setRules, setSay, setStart, setTable, setTakes, setWait, shown, start, type Edit } from "./edit";
import { nameText, parse, print, read, sidesOf, type Model } from "./file";
import { enoughOf, kindOf, toEnough } from "./told";
import { nodesIn, tree } from "./tree";
import type { Kit } from "./types";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const FILE = `${HEAD}<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow" targetNamespace="urn:x">
  <!-- kept -->
  <process id="p" name="试 / Try">
    <x:own xmlns:x="urn:other" a="1">text</x:own>
    <startEvent id="s"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
    <userTask id="a" name="甲 / A"><documentation>why</documentation></userTask>
    <sequenceFlow id="f2" sourceRef="a" targetRef="b"/>
    <userTask id="b" name="乙"/>
    <sequenceFlow id="f3" sourceRef="b" targetRef="e"/>
    <endEvent id="e"/>
  </process>
</definitions>`;
const NAMES = { user: "新 / New", send: "抄送", service: "系统", timer: "等", message: "等事", throw: "通知", begins: "自动", late: "超时", sub: "子", call: "调", rule: "表" };
const model = (source: string): Model => read(parse(source));
const run = (source: string, change: Edit) => edited(source, change).source;
/** What leads where, with conditions: `a>b`. */
const ways = (source: string) => { const found = model(source); return [...found.lines.values()].map((one) => `${one.source}>${one.target}`).sort(); };

describe("the file", () => {
  it("comes back as it came, foreign parts and comments included", () => {
    expect(print(parse(FILE), FILE)).toBe(FILE);
    const named = run(FILE, (doc) => set(doc, "b", "sla", { within: "P1D" }));
    expect(named).toContain("<!-- kept -->");
    expect(named).toContain('<x:own xmlns:x="urn:other" a="1">text</x:own>');
    expect(model(named).nodes.get("b")?.task.sla).toEqual({ within: "P1D" });
    expect(run(named, (doc) => set(doc, "b", "sla", { within: null }))).not.toContain("within");
  });
  it("keeps attributes and elements of ours that it does not know", () => {
    const known = FILE.replace('<userTask id="b" name="乙"/>', '<userTask id="b"><extensionElements><heli:sla within="P1D" later="x"/><heli:new a="1"/></extensionElements></userTask>');
    const changed = run(known, (doc) => { set(doc, "b", "sla", { within: "P2D" }); setRules(doc, "b", "assignee", [{ rule: "role", given: { role: "legal" } }]); });
    expect(changed).toContain('<heli:sla within="P2D" later="x"/>');
    expect(changed).toContain('<heli:new a="1"/>');
    expect(model(changed).nodes.get("b")?.task.assignees).toEqual([{ rule: "role", given: { role: "legal" } }]);
  });
});

describe("once for each", () => {
  const people = { in: "data.people", times: null, as: "who", sequential: true, enough: "nrOfCompletedInstances >= 2" };
  it("is said, changed and taken back, and what else stands there stays", () => {
    const listed = run(FILE, (doc) => setEach(doc, "a", people));
    expect(model(listed).nodes.get("a")?.task.each).toEqual(people);
    expect(listed).toMatch(/<multiInstanceLoopCharacteristics isSequential="true">\s*<extensionElements>\s*<heli:each in="data.people" as="who"\/>\s*<\/extensionElements>\s*<completionCondition>/);
    expect(listed.indexOf("documentation")).toBeLessThan(listed.indexOf("multiInstance"));
    const counted = run(listed.replace('<multiInstanceLoopCharacteristics isSequential="true">', '<multiInstanceLoopCharacteristics isSequential="true" behavior="All">'), (doc) => setEach(doc, "a", { in: "", times: "3", as: "item", sequential: false, enough: "" }));
    expect(model(counted).nodes.get("a")?.task.each).toEqual({ in: "", times: "3", as: "item", sequential: false, enough: "" });
    expect(counted).toContain('behavior="All"');
    expect(counted).not.toContain("heli:each");
    expect(counted).not.toContain("completionCondition");
    expect(model(run(counted, (doc) => setEach(doc, "a", { ...people, times: "" }))).nodes.get("a")?.task.each?.times, "not said yet is no list").toBe("");
    expect(run(listed, (doc) => setEach(doc, "a", null))).toBe(FILE);
  });
  it("stands before the steps of a sub-process, where BPMN has it", () => {
    const made = edited(FILE, (doc) => insert(doc, "f2", "sub", NAMES)), id = made.chosen ?? "";
    const looped = parse(run(made.source, (doc) => setEach(doc, id, people)));
    expect([...(looped.querySelector(`[id="${id}"]`)?.children ?? [])].map((one) => one.localName)[0]).toBe("multiInstanceLoopCharacteristics");
  });
  it("tells how many are enough, and writes it", () => {
    expect([enoughOf(""), enoughOf("nrOfCompletedInstances >= 2"), enoughOf("numberOfCompletedInstances / numberOfInstances >= 0.5"), enoughOf("data.x == 1")].map((one) => `${one.way} ${one.n}`)).toEqual(["all ", "some 2", "share 50", "text "]);
    expect([toEnough("some", "3"), toEnough("share", "50"), toEnough("all", "")]).toEqual(["nrOfCompletedInstances >= 3", "nrOfCompletedInstances / nrOfInstances >= 0.5", ""]);
  });
});

describe("drawing", () => {
  it("puts a step on a line and takes it away again", () => {
    const more = edited(FILE, (doc) => insert(doc, "f2", "user", NAMES));
    const id = more.chosen as string;
    expect(ways(more.source)).toEqual([`a>${id}`, "b>e", "s>a", `${id}>b`].sort());
    expect(model(more.source).nodes.get(id)?.name).toEqual({ zh: "新", en: "New" });
    expect(ways(run(more.source, (doc) => remove(doc, id)))).toEqual(ways(FILE));
  });
  it("begins where it had no start: with the step that was said to be the first", () => {
    const without = FILE.replace('<startEvent id="s"/>', "").replace('<sequenceFlow id="f1" sourceRef="s" targetRef="a"/>', "");
    expect(model(without).start).toBeNull();
    const begun = run(without, (doc) => start(doc, "a"));
    const id = model(begun).start ?? "";
    expect(ways(begun)).toEqual([`${id}>a`, "a>b", "b>e"].sort());
    expect(tree(model(begun)).loose).toEqual([]);
  });
  it("splits into parallel branches that meet again, adds one, and chains them when the split goes", () => {
    const split = edited(FILE, (doc) => insert(doc, "f2", "parallel", NAMES));
    const drawn = tree(model(split.source)).items;
    const fork = drawn.find((one) => one.kind === "split");
    if (fork?.kind !== "split") throw new Error("no split");
    expect(fork.branches.map((one) => nodesIn(one.items).length)).toEqual([1, 1]);
    expect(fork.join).not.toBeNull();
    const three = run(split.source, (doc) => branch(doc, fork.id, NAMES));
    const again = tree(model(three)).items.find((one) => one.kind === "split");
    expect(again?.kind === "split" && again.branches.length).toBe(3);
    const flat = run(three, (doc) => remove(doc, fork.id));
    expect(tree(model(flat)).items.every((one) => one.kind === "node")).toBe(true);
    expect(model(flat).nodes.size).toBe(7);
    expect(model(flat).lines.size).toBe(6);
  });
  it("draws a choice with a default, and is one way again when a branch goes", () => {
    const choice = edited(FILE, (doc) => insert(doc, "f2", "choice", NAMES));
    const found = model(choice.source), fork = [...found.nodes.values()].find((one) => one.kind === "exclusive" && one.outgoing.length === 2);
    expect(fork?.default && found.lines.get(fork.default)?.condition).toBe("");
    const line = fork?.outgoing.find((one) => one !== fork.default) as string;
    const said = run(choice.source, (doc) => setCondition(doc, line, "record.amount > 5"));
    expect(said).toContain("record.amount &gt; 5");
    expect(ways(run(said, (doc) => prune(doc, fork?.id ?? "", line)))).toEqual(ways(FILE));
  });
  it("hands over to a step: parts come, change and go, and what it does not know stays", () => {
    const known = FILE.replace('<userTask id="b" name="乙"/>', '<userTask id="b"><extensionElements><heli:handoff from="a" fields="name" later="x"><heli:new a="1"/></heli:handoff></extensionElements></userTask>');
    const handed = run(known, (doc) => {
      setParts(doc, "b", "note", [{ code: "promised", name: "承诺 / Promised", required: "true" }, { code: "risks", name: "风险", required: "" }]);
      setParts(doc, "b", "criterion", [{ code: "won", name: "已赢单 / It is won", when: "record.stage == 'won'" }]);
    });
    expect(handed).toContain('<heli:handoff from="a" fields="name" later="x"><heli:new a="1"/>');
    expect(model(handed).nodes.get("b")?.task.handoff).toEqual({
      from: "a", fields: ["name"], require: [], file: [], note: [{ code: "promised", name: "承诺 / Promised", required: "true" }, { code: "risks", name: "风险" }],
      criterion: [{ code: "won", name: "已赢单 / It is won", when: "record.stage == 'won'" }],
    });
    expect(run(handed, (doc) => { setParts(doc, "b", "note", []); setParts(doc, "b", "criterion", []); })).toBe(known);
  });
  it("moves a step, and leaves what cannot go", () => {
    const moved = run(FILE, (doc) => move(doc, "b", "f1"));
    expect(ways(moved)).toEqual(["a>e", "b>a", "s>b"]);
    expect(() => run(FILE, (doc) => remove(doc, "s"))).toThrow();
    expect(() => run(FILE, (doc) => remove(doc, "e"))).toThrow();
  });
  it("gives a step a time-out that goes with it", () => {
    const timed = run(FILE, (doc) => late(doc, "a", NAMES));
    expect(model(timed).nodes.get("a")?.boundaries).toHaveLength(1);
    expect(ways(run(timed, (doc) => remove(doc, "a")))).toEqual(["b>e", "s>b"]);
  });
  it("draws any graph once, with a jump for what goes back", () => {
    const back = FILE.replace('<endEvent id="e"/>', '<exclusiveGateway id="x" default="f5"/><sequenceFlow id="f4" sourceRef="x" targetRef="a"/><sequenceFlow id="f5" sourceRef="x" targetRef="e"/><endEvent id="e"/>').replace('sourceRef="b" targetRef="e"', 'sourceRef="b" targetRef="x"');
    const { items, loose } = tree(model(back));
    expect(nodesIn(items)).toEqual(["s", "a", "b", "x", "e"]);
    expect(loose).toEqual([]);
    const fork = items.find((one) => one.kind === "split");
    expect(fork?.kind === "split" && fork.branches[0]?.items).toEqual([{ kind: "jump", line: "f4", to: "a" }]);
  });
});

const field = (code: string, kind: string, reads = true) => ({ code, kind, reads }) as Kit["fields"][number];
const KIT = { leading: ["name", "code", "stage", "owner"], fields: [field("name", "text"), field("code", "auto_number"), field("stage", "choice"), field("owner", "person", false), field("amount", "money")] };
const ABOUT = FILE.replace("<x:own", '<extensionElements><heli:subject type="deal"/></extensionElements>\n    <x:own');
const showing = (form: string) => ABOUT.replace("<documentation>why</documentation>", `<documentation>why</documentation><extensionElements>${form}</extensionElements>`);
describe("a new step", () => {
  const forms = (source: string) => [...model(source).nodes.values()].filter((one) => one.text === NAMES.user).map((one) => one.task.form);
  it("shows its people what the step before shows, and fills in nothing", () => {
    const made = run(showing('<heli:form show="name" edit="amount" require="stage"/>'), shown((doc) => insert(doc, "f2", "parallel", NAMES), KIT));
    expect(forms(made)).toEqual([{ show: "name amount stage" }, { show: "name amount stage" }]);
  });
  it("looks past a step that shows only what the record is called, and begins with what such records are known by", () => {
    expect(forms(run(showing('<heli:form show="name code"/>'), shown((doc) => insert(doc, "f3", "user", NAMES), KIT))), "but not with what its author does not read").toEqual([{ show: "name code stage" }]);
    expect(forms(run(ABOUT, shown((doc) => insert(doc, "f1", "choice", NAMES), KIT)))).toEqual([{ show: "name code stage" }]);
    expect(forms(run(showing('<heli:form show="name amount"/>'), shown((doc) => insert(doc, "f3", "user", NAMES), KIT))), "over a step that shows nothing").toEqual([{ show: "name amount" }]);
    expect(forms(run(showing('<heli:handoff from="s" fields="name amount"/>'), shown((doc) => insert(doc, "f2", "user", NAMES), KIT))), "what was handed over was seen").toEqual([{ show: "name amount" }]);
  });
  it("shows nothing where the process is about nothing, and what stands before it as long as nothing is known of the records", () => {
    expect(forms(run(FILE, shown((doc) => insert(doc, "f2", "user", NAMES), KIT)))).toEqual([{}]);
    expect(forms(run(showing('<heli:form show="name"/>'), shown((doc) => insert(doc, "f2", "user", NAMES))))).toEqual([{ show: "name" }]);
  });
  it("after a time-out begins with what the step that takes too long sees", () => {
    const timed = run(showing('<heli:form show="name amount"/>'), (doc) => late(doc, "a", NAMES));
    const aside = [...model(timed).lines.values()].find((one) => model(timed).nodes.get(one.source)?.host === "a")?.id ?? "";
    expect(forms(run(timed, shown((doc) => insert(doc, aside, "user", NAMES), KIT)))).toEqual([{ show: "name amount" }]);
  });
  it("says what the process is for first of all, and takes it away again", () => {
    const told = run(FILE, (doc) => setAbout(doc, "大单要看 / Large ones are looked at"));
    expect(model(told).about).toBe("大单要看 / Large ones are looked at");
    expect(told.indexOf("<documentation>大单")).toBeLessThan(told.indexOf("<startEvent"));
    expect(model(run(told, (doc) => setAbout(doc, "Else"))).about).toBe("Else");
    expect(run(told, (doc) => setAbout(doc, ""))).not.toContain("大单");
  });
  it("goes with its process to other records: what these do not have goes, and nobody is left with a name alone", () => {
    const source = showing('<heli:form show="name budget" edit="amount budget"/>');
    const turned = model(run(source, (doc) => about(doc, "quote", KIT)));
    expect(turned.subject).toEqual({ type: "quote", right: "edit" });
    expect([turned.nodes.get("a")?.task.form, turned.nodes.get("b")?.task.form]).toEqual([{ show: "name", edit: "amount" }, { show: "name code stage" }]);
    const other = { leading: ["name", "owner"], fields: [field("name", "text"), field("owner", "person"), field("stage", "choice")] };
    const begun = showing('<heli:form show="name code stage"/>');
    expect(model(run(begun, (doc) => about(doc, "task", other, KIT))).nodes.get("a")?.task.form, "what nobody chose is chosen anew").toEqual({ show: "name owner" });
    const none = model(run(source, (doc) => about(doc, "", undefined)));
    expect([none.subject, none.nodes.get("a")?.task.form]).toEqual([null, {}]);
  });
});

describe("names", () => {
  const GIVEN = ["审批 / Approval", "抄送 / Copy"];
  const after = (text: string, lang: "zh" | "en", value: string) => { const next = renamed(sidesOf(text), lang, value, GIVEN); return nameText(next.zh, next.en); };
  it("that nobody gave give way in both languages to one that somebody gives", () => {
    expect(after("审批 / Approval", "en", "Legal check")).toBe("Legal check");
    expect(after("审批 / Approval", "zh", "法务会审")).toBe("法务会审");
    expect(after("审批 / Approval", "en", ""), "taking one away leaves the other").toBe("审批");
    expect(after("审批", "en", "Legal check")).toBe("Legal check");
  });
  it("that somebody gave stay, and the other language joins them", () => {
    expect(after("Legal check", "zh", "法务会审")).toBe("法务会审 / Legal check");
    expect(after("法务会审", "en", "Legal check")).toBe("法务会审 / Legal check");
    expect(after("法务会审 / Legal check", "en", "Legal")).toBe("法务会审 / Legal");
    expect(after("法务会审 / Approval", "en", "Legal"), "half of a given name is somebody's own").toBe("法务会审 / Legal");
  });
  it("in one language serve both", () => {
    expect([sidesOf("Legal check"), sidesOf("法务"), sidesOf("法务 / Legal")]).toEqual([{ zh: "", en: "Legal check" }, { zh: "法务", en: "" }, { zh: "法务", en: "Legal" }]);
    expect(model(FILE.replace('name="乙"', 'name="Legal check"')).nodes.get("b")?.name).toEqual({ zh: "Legal check", en: "Legal check" });
    expect(model(FILE.replace('name="乙"', 'name=" / Legal check"')).nodes.get("b")?.name).toEqual({ zh: "Legal check", en: "Legal check" });
  });
});

describe("inside a sub-process", () => {
  const made = edited(FILE, (doc) => insert(doc, "f2", "sub", NAMES));
  const inner = (source: string) => model(source).nodes.get(made.chosen ?? "")?.inner;
  const steps = (source: string) => [...(inner(source)?.nodes.values() ?? [])].map((one) => one.kind);
  it("begins with a start, a step and an end, and the process goes on around it", () => {
    expect(steps(made.source)).toEqual(["start", "user", "end"]);
    expect(ways(made.source)).toEqual([`${made.chosen}>b`, `a>${made.chosen}`, "b>e", "s>a"].sort());
  });
  it("is drawn, moved and taken away as the process is", () => {
    const first = [...(inner(made.source)?.lines.keys() ?? [])][0] ?? "";
    const more = run(made.source, (doc) => insert(doc, first, "parallel", NAMES));
    expect(steps(more).filter((one) => one === "parallel")).toHaveLength(2);
    expect(model(more).nodes.size).toBe(model(made.source).nodes.size);
    const split = [...(inner(more)?.nodes.values() ?? [])].find((one) => one.kind === "parallel" && one.outgoing.length === 2)?.id ?? "";
    const three = run(more, (doc) => branch(doc, split, NAMES));
    expect(inner(three)?.nodes.get(split)?.outgoing).toHaveLength(3);
    const step = [...(inner(three)?.nodes.values() ?? [])].find((one) => one.kind === "user")?.id ?? "";
    expect(steps(run(three, (doc) => remove(doc, step))).filter((one) => one === "user")).toHaveLength(3);
    expect(ways(run(three, (doc) => remove(doc, made.chosen ?? "")))).toEqual(ways(FILE));
  });
  it("calls a process and keeps a table, and what else stands in them stays", () => {
    const call = edited(FILE, (doc) => insert(doc, "f2", "call", NAMES)), rule = edited(FILE, (doc) => insert(doc, "f2", "rule", NAMES));
    const said = run(call.source, (doc) => { setCall(doc, call.chosen ?? "", "contract_approval"); setTakes(doc, call.chosen ?? "", [{ name: "level", from: "level" }]); });
    expect(model(said).nodes.get(call.chosen ?? "")?.task.call).toEqual({ process: "contract_approval", record: "", takes: [{ name: "level", from: "" }] });
    const table = { hit: "U", inputs: ["record.amount"], outputs: ["level"], rules: [{ when: ["> 10"], then: ["'high'"] }, { when: ["-"], then: ["'low'"] }] };
    const kept = run(rule.source, (doc) => setTable(doc, rule.chosen ?? "", table)).replace("<heli:rule>", '<heli:rule note="why">');
    expect(model(kept).nodes.get(rule.chosen ?? "")?.task.table).toEqual(table);
    expect(run(kept, (doc) => setTable(doc, rule.chosen ?? "", { ...table, rules: table.rules.slice(0, 1) }))).toContain("&gt; 10");
  });
});

describe("what comes first", () => {
  const drawn = run(FILE, (doc) => insert(doc, "f2", "first", NAMES));
  const gate = [...model(drawn).nodes.values()].find((one) => one.kind === "events")!;
  const at = (source: string, id: string) => { const one = model(source), node = one.nodes.get(id)!; return node.outgoing.map((line) => one.nodes.get(one.lines.get(line)!.target)!); };
  it("is something that happens, or time that is up", () => {
    const [happens, late] = at(drawn, gate.id);
    expect([happens?.kind, happens?.hears, late?.kind, late?.timer?.text]).toEqual(["message", { what: "message", name: "", by: "" }, "timer", "P1D"]);
    const { items } = tree(model(drawn));
    expect(items.map((one) => one.kind)).toEqual(["node", "node", "split", "node", "node", "node"]);
    const more = run(drawn, (doc) => branch(doc, gate.id, NAMES));
    expect(at(more, gate.id).map((one) => one.kind)).toEqual(["message", "timer", "timer"]);
  });
  it("has nothing before it on its branch, stays there, and goes with its branch alone", () => {
    const happens = at(drawn, gate.id)[0]!;
    const put = run(drawn, (doc) => insert(doc, gate.outgoing[0]!, "user", NAMES));
    expect(at(put, gate.id)[0]?.id).toBe(happens.id);
    expect(at(put, happens.id)[0]?.kind).toBe("user");
    expect(() => run(drawn, (doc) => remove(doc, happens.id))).toThrow("event");
    const moved = run(drawn, (doc) => move(doc, "b", gate.outgoing[1]!));
    expect(at(moved, at(moved, gate.id)[1]!.id)[0]?.id).toBe("b");
    const left = run(drawn, (doc) => prune(doc, gate.id, gate.outgoing[0]!));
    expect([...model(left).nodes.values()].filter((one) => one.kind === "events")).toEqual([]);
    expect([...model(left).nodes.values()].filter((one) => one.kind === "timer")).toHaveLength(1);
  });
  it("is told by a record, by another system, by a signal that the file names, or by the clock", () => {
    const happens = at(drawn, gate.id)[0]!.id, hears = (source: string) => model(source).nodes.get(happens)?.hears;
    const record = run(drawn, (doc) => setWait(doc, happens, { what: "record", name: "payment.create", by: "contract" }));
    expect(record).toContain('<heli:on event="payment.create" by="contract"/>');
    expect(hears(record)).toEqual({ what: "record", name: "payment.create", by: "contract" });
    const message = run(record, (doc) => setWait(doc, happens, { what: "message", name: "paid" }));
    expect(hears(message)).toEqual({ what: "message", name: "paid", by: "" });
    const signal = run(run(message, (doc) => setWait(doc, happens, { what: "signal", name: "clos" })), (doc) => setWait(doc, happens, { what: "signal", name: "closed" }));
    expect(signal).not.toContain("heli:on");
    expect([hears(signal), signal.match(/<signal /g)?.length, model(signal).nodes.get(happens)?.kind]).toEqual([{ what: "signal", name: "closed", by: "" }, 1, "signal"]);
    const timer = run(signal, (doc) => setWait(doc, happens, { what: "timer" }));
    expect([model(timer).nodes.get(happens)?.kind, model(timer).nodes.get(happens)?.timer?.text]).toEqual(["timer", "P1D"]);
  });
});

describe("what others are told", () => {
  const drawn = edited(FILE, (doc) => insert(doc, "f2", "throw", NAMES)), id = drawn.chosen ?? "";
  const says = (source: string, at = id) => model(source).nodes.get(at)?.says;
  it("is a message, for the same record or one that it names, or a signal", () => {
    expect([model(drawn.source).nodes.get(id)?.kind, says(drawn.source)]).toEqual(["throw", { what: "message", name: "", key: "" }]);
    const message = run(drawn.source, (doc) => setSay(doc, id, { what: "message", name: "handed_over", key: "record.account" }));
    expect(message).toContain('<heli:to event="handed_over" key="record.account"/>');
    expect(says(message)).toEqual({ what: "message", name: "handed_over", key: "record.account" });
    const signal = run(message, (doc) => setSay(doc, id, { what: "signal", name: "closed" }));
    expect(signal).not.toContain("heli:to");
    expect([says(signal), signal.match(/<signal /g)?.length]).toEqual([{ what: "signal", name: "closed", key: "" }, 1]);
  });
  it("is told by an end too, which tells nothing until somebody says so; an error's stays", () => {
    expect(says(FILE, "e")).toEqual({ what: "nothing", name: "", key: "" });
    const told = run(FILE, (doc) => setSay(doc, "e", { what: "signal", name: "over" }));
    expect(says(told, "e")).toEqual({ what: "signal", name: "over", key: "" });
    expect(run(told, (doc) => setSay(doc, "e", { what: "nothing" }))).not.toContain("EventDefinition");
    expect(says(FILE.replace('<endEvent id="e"/>', '<endEvent id="e"><errorEventDefinition errorRef="x"/></endEvent>'), "e")).toBeNull();
  });
});

describe("how cases begin", () => {
  const added = edited(FILE, (doc) => addStart(doc, NAMES)), id = added.chosen ?? "";
  const begins = (source: string) => { const node = model(source).nodes.get(id); return [node?.hears, node?.starts]; };
  it("is by somebody, and by what happens with records beside it", () => {
    expect(nodesIn(tree(model(added.source)).items)).toContain("s");
    expect(tree(model(added.source)).loose.map((some) => some.map((one) => one.kind))).toEqual([["node", "jump"]]);
    const third = edited(added.source, (doc) => addStart(doc, NAMES)), meet = [...model(third.source).nodes.values()].filter((one) => one.kind === "exclusive" && one.incoming.length === 3);
    expect([meet.length, meet[0]?.outgoing.length]).toEqual([1, 1]);
    const made = run(added.source, (doc) => setStart(doc, id, { what: "record", name: "contract.create", where: "record.amount > 10", initiator: "owner" }));
    expect(made).toContain('<heli:on event="contract.create" where="record.amount &gt; 10" initiator="owner"/>');
    expect(begins(made)).toEqual([{ what: "record", name: "contract.create", by: "" }, { where: "record.amount > 10", initiator: "owner" }]);
    const told = run(made, (doc) => setStart(doc, id, { what: "message", name: "go" }));
    expect(begins(told)).toEqual([{ what: "message", name: "go", by: "" }, { where: "", initiator: "" }]);
  });
  it("may be by a signal or the clock, and turns back into one by hand", () => {
    const timed = run(added.source, (doc) => setStart(doc, id, { what: "timer", cycle: "R/P7D" }));
    expect([model(timed).nodes.get(id)?.timer, begins(timed)[0]]).toEqual([{ kind: "timeCycle", text: "R/P7D" }, null]);
    const signal = run(timed, (doc) => setStart(doc, id, { what: "signal", name: "closed" }));
    expect(begins(signal)[0]).toEqual({ what: "signal", name: "closed", by: "" });
    expect(begins(run(signal, (doc) => setStart(doc, id, { what: "hand" })))).toEqual([null, { where: "", initiator: "" }]);
  });
  it("loses a way to begin and no step with it", () => {
    expect(ways(run(added.source, (doc) => remove(doc, id)))).toEqual(ways(FILE));
    const own = run(added.source, (doc) => insert(doc, model(added.source).nodes.get(id)!.outgoing[0]!, "user", NAMES));
    expect(() => run(own, (doc) => remove(doc, id))).toThrow("begins");
    expect(() => run(FILE, (doc) => remove(doc, "s"))).toThrow("start");
  });
});

it("goes all ways whose conditions hold, or else one", () => {
  const made = run(FILE, (doc) => insert(doc, "f2", "inclusive", NAMES)), found = model(made);
  const gates = [...found.nodes.values()].filter((one) => one.kind === "inclusive"), split = gates.find((one) => one.outgoing.length === 2)!;
  expect(gates.map((one) => [one.incoming.length, one.outgoing.length])).toEqual([[1, 2], [2, 1]]);
  expect(split.default).toBe(split.outgoing.find((line) => found.lines.get(line)!.target === gates.find((one) => one !== split)!.id));
  expect(model(run(made, (doc) => branch(doc, split.id, NAMES))).nodes.get(split.id)!.outgoing).toHaveLength(3);
});

it("leaves a step when something happens meanwhile, as well as when time is up", () => {
  const beside = edited(FILE, (doc) => late(doc, "a", NAMES)), at = [...model(beside.source).nodes.values()].find((one) => one.host === "a")!.id;
  const happens = run(beside.source, (doc) => setWait(doc, at, { what: "record", name: "payment.create", by: "contract" }));
  const node = model(happens).nodes.get(at)!;
  expect([node.kind, node.hears, node.timer, kindOf(node)]).toEqual(["boundary", { what: "record", name: "payment.create", by: "contract" }, null, "message"]);
  expect(kindOf(model(run(happens, (doc) => setWait(doc, at, { what: "timer" }))).nodes.get(at)!)).toBe("boundary");
});

describe("a process without a step", () => {
  const NONE = FILE.replace(/    <startEvent[\s\S]*<endEvent id="e"\/>\n/, "");
  const NAMED = { ...NAMES, start: "发起 / Start", end: "结束 / End" };
  const first = (source: string) => {
    expect(empty(model(source))).toBe(true);
    const made = run(source, (doc) => begin(doc, NAMED)), found = model(made);
    expect([...found.nodes.values()].map((one) => one.kind).sort()).toEqual(["end", "start", "user"]);
    const user = [...found.nodes.values()].find((one) => one.kind === "user")?.id ?? "", end = [...found.nodes.values()].find((one) => one.kind === "end")?.id ?? "";
    expect(ways(made)).toEqual([`${found.start ?? ""}>${user}`, `${user}>${end}`].sort());
    expect(empty(found)).toBe(false);
    return made;
  };
  it("gets its first step, with where it begins and ends", () => {
    expect(first(NONE)).toContain('<x:own xmlns:x="urn:other" a="1">text</x:own>');
    first(NONE.replace("  </process>", '    <startEvent id="s"/>\n  </process>'));
    first(NONE.replace("  </process>", '    <startEvent id="s"/>\n    <endEvent id="e"/>\n  </process>'));
    const both = first(NONE.replace("  </process>", '    <startEvent id="s"/>\n    <sequenceFlow id="f" sourceRef="s" targetRef="e"/>\n    <endEvent id="e"/>\n  </process>'));
    expect(both).toContain('<sequenceFlow id="f" sourceRef="s"');
  });
  it("is one that has steps already, in no other case", () => {
    expect(empty(model(FILE))).toBe(false);
    expect(() => run(FILE, (doc) => begin(doc, NAMED))).toThrow();
  });
});
