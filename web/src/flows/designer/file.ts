/** The BPMN file as the designer reads it. The file itself is the model: it is read anew after every change, and what is not ours is never touched. Pure. */
export const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
export const HELI = "urn:heli:flow";

export type Kind = "start" | "end" | "terminate" | "user" | "service" | "send" | "exclusive" | "parallel" | "inclusive" | "events" | "timer" | "message" | "signal" | "throw" | "boundary" | "sub" | "call" | "rule" | "other";
const KINDS: Record<string, Kind> = {
  startEvent: "start", endEvent: "end", userTask: "user", manualTask: "user", task: "user", serviceTask: "service", sendTask: "send",
  exclusiveGateway: "exclusive", parallelGateway: "parallel", inclusiveGateway: "inclusive", eventBasedGateway: "events", receiveTask: "message", intermediateCatchEvent: "timer", intermediateThrowEvent: "throw", boundaryEvent: "boundary",
  subProcess: "sub", callActivity: "call", businessRuleTask: "rule",
};
const FLOW = new Set([...Object.keys(KINDS), "subProcess", "callActivity", "businessRuleTask", "scriptTask", "complexGateway", "transaction", "adHocSubProcess"]);
export const GATEWAYS: ReadonlySet<Kind> = new Set(["exclusive", "parallel", "inclusive", "events"]);

export interface Name { zh: string; en: string }
/** Names as files give them: `中文 / English`, or one for both. */
export function nameOf(text: string): Name { const [zh = "", ...rest] = text.split(" / "); const en = rest.join(" / "); return { zh: zh || en, en: en || zh }; }
export function nameText(zh: string, en: string): string { const one = zh.trim(), other = en.trim(); return one && other && one !== other ? `${one} / ${other}` : one || other; }
const CHINESE = /[\u3400-\u9fff\uf900-\ufaff]/;
/** A name in the language that it was given in: one for both languages stands in Chinese where it is Chinese, else in English. */
export function sidesOf(text: string): Name { const name = nameOf(text); return name.en !== name.zh ? name : CHINESE.test(text) ? { zh: text, en: "" } : { zh: "", en: text }; }

export interface Rule { rule: string; given: Record<string, string> }
/** A file, a note or a criterion of a packet: its attributes as they are written. */
export type HandoffPart = Record<string, string>;
export const PARTS = ["criterion", "file", "note"] as const;
export interface Handoff { from: string; fields: string[]; require: string[]; criterion: HandoffPart[]; file: HandoffPart[]; note: HandoffPart[] }
export interface Task {
  assignees: Rule[]; candidates: Rule[]; accountable: Rule[]; consulted: Rule[]; informed: Rule[];
  /** Attributes of heli:people, heli:rejection, heli:form, heli:sla and heli:does as they are written. */
  people: Record<string, string>; rejection: Record<string, string>; form: Record<string, string>; sla: Record<string, string>; does: Record<string, string> | null;
  /** What is handed over to this step, as it is written; null where nothing is. */
  handoff: Handoff | null;
  /** As what whoever approves it takes part in the project; empty: they do not. */
  joins: string;
  moves: string[]; gives: { name: string; value: string }[];
  /** What a call begins and brings back; null where it calls nothing. */
  call: { process: string; record: string; takes: { name: string; from: string }[] } | null;
  /** A decision table, as it is written. */
  table: Table | null;
  /** What it is done once for each of; null where it is done once. */
  each: Each | null;
}
/** A list (`in`), or where `times` is not null so many times. */
export interface Each { in: string; times: string | null; as: string; sequential: boolean; enough: string }
export interface Table { hit: string; inputs: string[]; outputs: string[]; rules: { when: string[]; then: string[] }[] }
/** What happens elsewhere that a step waits for: with records (`by`: the field of theirs that names ours), a message or a signal of this name. */
export interface Hears { what: "record" | "message" | "signal"; name: string; by: string }
/** What is told when a case comes here: a message to the cases about one record (`key`: an expression; empty: about the same), or a signal to all. */
export interface Says { what: "nothing" | "message" | "signal"; name: string; key: string }
export interface Node {
  id: string; tag: string; kind: Kind; name: Name; text: string; incoming: string[]; outgoing: string[]; default: string; host: string; interrupts: boolean;
  timer: { kind: string; text: string } | null; hears: Hears | null; /** Of a start: which records begin a case (an expression), and which field says who counts as having begun it. */ starts: { where: string; initiator: string } | null; /** Null where it tells nothing, or an error. */ says: Says | null; boundaries: string[]; task: Task;
  /** What a sub-process holds. */
  inner: Model | null;
}
export interface Line { id: string; source: string; target: string; condition: string; name: string }
export interface Model { id: string; name: Name; nodes: Map<string, Node>; lines: Map<string, Line>; start: string | null; subject: Record<string, string> | null; /** What it is for, as who begins it reads it. */ about: string }

export class Unreadable extends Error {}

export function parse(source: string): Document {
  const doc = new DOMParser().parseFromString(source, "application/xml");
  if (doc.getElementsByTagName("parsererror").length || !processOf(doc)) throw new Unreadable("no BPMN file");
  return doc;
}
export function processOf(doc: Document): Element | null { return [...doc.documentElement.children].find((one) => one.namespaceURI === BPMN && one.localName === "process") ?? null; }

/** The file as text again: the declaration as it came, everything else as it stands in the tree. */
export function print(doc: Document, before: string): string {
  const declared = /^\s*<\?xml[^>]*\?>\s*/.exec(before)?.[0] ?? "";
  return declared + new XMLSerializer().serializeToString(doc).replace(/^\s*<\?xml[^>]*\?>\s*/, "");
}

/** A node or a line, in the process or in one of its sub-processes. */
export function elementOf(doc: Document, id: string): Element | null {
  const all = processOf(doc)?.getElementsByTagNameNS(BPMN, "*") ?? [];
  for (const one of all) if (one.getAttribute("id") === id) return one;
  return null;
}
export function extensions(element: Element): Element | null { return [...element.children].find((one) => one.namespaceURI === BPMN && one.localName === "extensionElements") ?? null; }
export function ours(element: Element, name: string): Element[] { return [...(extensions(element)?.children ?? [])].filter((one) => one.namespaceURI === HELI && one.localName === name); }
function attributes(element: Element | undefined): Record<string, string> { return Object.fromEntries([...(element?.attributes ?? [])].filter((one) => !one.name.startsWith("xmlns")).map((one) => [one.name, one.value])); }
function rules(element: Element, name: string): Rule[] {
  return ours(element, name).map((one) => { const { rule = "", ...given } = attributes(one); return { rule, given }; });
}
function child(element: Element, name: string): Element | undefined { return [...element.children].find((one) => one.namespaceURI === BPMN && one.localName === name); }

function handoffOf(element: Element | undefined): Handoff | null {
  if (!element) return null;
  const said = attributes(element), codes = (text: string | undefined) => (text ?? "").split(/\s+/).filter(Boolean);
  const parts = (name: string) => [...element.children].filter((one) => one.namespaceURI === HELI && one.localName === name).map(attributes);
  return { from: said.from ?? "", fields: codes(said.fields), require: codes(said.require), criterion: parts("criterion"), file: parts("file"), note: parts("note") };
}

function tableOf(element: Element | undefined): Table | null {
  if (!element) return null;
  const all = (holder: Element, name: string) => [...holder.children].filter((one) => one.namespaceURI === HELI && one.localName === name);
  const texts = (holder: Element, name: string) => all(holder, name).map((one) => (one.textContent ?? "").trim());
  return {
    hit: element.getAttribute("hit") ?? "U", inputs: all(element, "input").map((one) => one.getAttribute("value") ?? ""), outputs: all(element, "output").map((one) => one.getAttribute("name") ?? ""),
    rules: all(element, "rule").map((one) => ({ when: texts(one, "when"), then: texts(one, "then") })),
  };
}
function callOf(element: Element): Task["call"] {
  if (element.localName !== "callActivity") return null;
  const said = ours(element, "call")[0];
  return {
    process: said?.getAttribute("process") || (element.getAttribute("calledElement") ?? "").split(":").pop() || "", record: said?.getAttribute("record") ?? "",
    takes: ours(element, "take").map((one) => ({ name: one.getAttribute("name") ?? "", from: one.getAttribute("from") ?? "" })),
  };
}
/** An expression without the brackets of other tools. */
function bare(text: string | null | undefined): string { return (text ?? "").trim().replace(/^\$\{([\s\S]*)\}$/, "$1"); }
export function loopOf(element: Element): Element | undefined { return child(element, "multiInstanceLoopCharacteristics"); }
function eachOf(element: Element): Each | null {
  const loop = loopOf(element);
  if (!loop) return null;
  const said = ours(loop, "each")[0];
  return { in: bare(said?.getAttribute("in")), times: said ? null : bare(child(loop, "loopCardinality")?.textContent), as: said?.getAttribute("as") || "item", sequential: loop.getAttribute("isSequential") === "true", enough: bare(child(loop, "completionCondition")?.textContent) };
}

/** The names of record events: `payment.create`. Programs call messages otherwise. */
const OF_RECORD = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;
function hearsOf(element: Element, triggers: Element[]): Hears | null {
  const said = attributes(ours(element, "on")[0]), definition = triggers[0], local = definition?.localName;
  if (said.event) return { what: OF_RECORD.test(said.event) ? "record" : "message", name: said.event, by: said.by ?? "" };
  const what = element.localName === "receiveTask" || local === "messageEventDefinition" ? "message" : local === "signalEventDefinition" ? "signal" : null;
  return what && { what, name: refersTo(element.localName === "receiveTask" ? element : definition, what), by: said.by ?? "" };
}
function startsOf(element: Element): Node["starts"] { const said = attributes(ours(element, "on")[0]); return { where: bare(said.where), initiator: said.initiator ?? "" }; }
function saysOf(element: Element, triggers: Element[]): Says | null {
  const said = attributes(ours(element, "to")[0]), definition = triggers[0], local = definition?.localName;
  if (!definition) return { what: "nothing", name: "", key: "" };
  const what = local === "messageEventDefinition" ? "message" : local === "signalEventDefinition" ? "signal" : null;
  return what && { what, name: said.event || refersTo(definition, what), key: bare(said.key) };
}
/** What the message or signal is called that this names. */
function refersTo(element: Element | undefined, what: "message" | "signal"): string {
  const ref = (element?.getAttribute(`${what}Ref`) ?? "").split(":").pop() ?? "";
  const named = [...(element?.ownerDocument.documentElement.children ?? [])].find((one) => one.namespaceURI === BPMN && one.localName === what && one.getAttribute("id") === ref);
  return named?.getAttribute("name") || ref;
}

const THROWING = new Set(["intermediateThrowEvent", "endEvent"]);
const CATCHING = new Set(["intermediateCatchEvent", "boundaryEvent", "startEvent"]);
function taskOf(element: Element): Task {
  const one = (name: string) => attributes(ours(element, name)[0]);
  const does = ours(element, "does")[0];
  return {
    assignees: rules(element, "assignee"), candidates: rules(element, "candidate"), accountable: rules(element, "accountable"), consulted: rules(element, "consulted"),
    informed: rules(element, "informed"), people: one("people"), rejection: one("rejection"), form: one("form"), sla: one("sla"), does: does ? attributes(does) : null, handoff: handoffOf(ours(element, "handoff")[0]),
    joins: one("joins").role ?? "",
    moves: (one("moves").allow ?? "").split(/\s+/).filter(Boolean), gives: ours(element, "give").map((give) => ({ name: give.getAttribute("name") ?? "", value: give.getAttribute("value") ?? "" })),
    call: callOf(element), table: tableOf(ours(element, "decision")[0]), each: eachOf(element),
  };
}

/** Where a node or a line stands: the process, or the sub-process that holds it. */
export function holderOf(model: Model, id: string): Model {
  if (model.nodes.has(id) || model.lines.has(id)) return model;
  for (const node of model.nodes.values()) if (node.inner) { const found = holderOf(node.inner, id); if (found.nodes.has(id) || found.lines.has(id)) return found; }
  return model;
}
/** All nodes, those of sub-processes among them. */
export function everyNode(model: Model): Node[] { return [...model.nodes.values()].flatMap((one) => [one, ...(one.inner ? everyNode(one.inner) : [])]); }

/** What the process holds, or one of its sub-processes. */
export function read(doc: Document, within?: Element): Model {
  const whole = processOf(doc);
  if (!whole) throw new Unreadable("no process");
  const process = within ?? whole;
  const nodes = new Map<string, Node>(), lines = new Map<string, Line>();
  for (const element of process.children) {
    if (element.namespaceURI !== BPMN) continue;
    const id = element.getAttribute("id") ?? "";
    if (!id) continue;
    if (element.localName === "sequenceFlow") {
      const condition = bare(child(element, "conditionExpression")?.textContent);
      lines.set(id, { id, source: element.getAttribute("sourceRef") ?? "", target: element.getAttribute("targetRef") ?? "", condition, name: element.getAttribute("name") ?? "" });
    } else if (FLOW.has(element.localName)) {
      const text = element.getAttribute("name") ?? "";
      const triggers = [...element.children].filter((one) => one.namespaceURI === BPMN && one.localName.endsWith("EventDefinition"));
      const timed = triggers.find((one) => one.localName === "timerEventDefinition")?.firstElementChild;
      const hears = element.localName === "receiveTask" || CATCHING.has(element.localName) ? hearsOf(element, triggers) : null;
      const says = THROWING.has(element.localName) ? saysOf(element, triggers) : null;
      const caught = element.localName === "intermediateThrowEvent" && !says ? "other" as const : element.localName !== "intermediateCatchEvent" ? null : hears ? (hears.what === "signal" ? "signal" as const : "message" as const) : timed ? null : triggers.length ? "other" as const : null;
      const kind = caught ?? (element.localName === "endEvent" && triggers.some((one) => one.localName === "terminateEventDefinition") ? "terminate" : element.getAttribute("triggeredByEvent") === "true" ? "other" : KINDS[element.localName] ?? "other");
      nodes.set(id, {
        id, tag: element.localName, kind, name: nameOf(text), text, incoming: [], outgoing: [], default: element.getAttribute("default") ?? "", host: element.getAttribute("attachedToRef") ?? "",
        interrupts: element.getAttribute("cancelActivity") !== "false", timer: timed ? { kind: timed.localName, text: (timed.textContent ?? "").trim() } : null, hears, starts: element.localName === "startEvent" ? startsOf(element) : null, says, boundaries: [], task: taskOf(element), inner: element.localName === "subProcess" && element.getAttribute("triggeredByEvent") !== "true" ? read(doc, element) : null,
      });
    }
  }
  for (const line of lines.values()) {
    nodes.get(line.source)?.outgoing.push(line.id);
    nodes.get(line.target)?.incoming.push(line.id);
  }
  for (const node of nodes.values()) if (node.host) nodes.get(node.host)?.boundaries.push(node.id);
  const subject = ours(whole, "subject")[0];
  return { id: process.getAttribute("id") ?? "", name: nameOf(process.getAttribute("name") ?? ""), nodes, lines, start: [...nodes.values()].find((one) => one.kind === "start")?.id ?? null, subject: subject ? attributes(subject) : null, about: [...process.children].find((one) => one.namespaceURI === BPMN && one.localName === "documentation")?.textContent ?? "" };
}
