/** The BPMN file as the designer reads it. The file itself is the model: it is read anew after every change, and what is not ours is never touched. Pure. */
export const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
export const HELI = "urn:heli:flow";

export type Kind = "start" | "end" | "terminate" | "user" | "service" | "send" | "exclusive" | "parallel" | "inclusive" | "timer" | "boundary" | "other";
const KINDS: Record<string, Kind> = {
  startEvent: "start", endEvent: "end", userTask: "user", manualTask: "user", task: "user", serviceTask: "service", sendTask: "send",
  exclusiveGateway: "exclusive", parallelGateway: "parallel", inclusiveGateway: "inclusive", intermediateCatchEvent: "timer", boundaryEvent: "boundary",
};
const FLOW = new Set([...Object.keys(KINDS), "subProcess", "callActivity", "receiveTask", "businessRuleTask", "eventBasedGateway", "intermediateThrowEvent", "scriptTask", "complexGateway", "transaction", "adHocSubProcess"]);
export const GATEWAYS: ReadonlySet<Kind> = new Set(["exclusive", "parallel", "inclusive"]);

export interface Name { zh: string; en: string }
/** Names as files give them: `中文 / English`, or one for both. */
export function nameOf(text: string): Name { const [zh = "", ...rest] = text.split(" / "); const en = rest.join(" / "); return { zh, en: en || zh }; }
export function nameText(zh: string, en: string): string { return en.trim() && en.trim() !== zh.trim() ? `${zh.trim()} / ${en.trim()}` : zh.trim(); }

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
  moves: string[]; gives: { name: string; value: string }[];
}
export interface Node {
  id: string; tag: string; kind: Kind; name: Name; text: string; incoming: string[]; outgoing: string[]; default: string; host: string; interrupts: boolean;
  timer: { kind: string; text: string } | null; boundaries: string[]; task: Task;
}
export interface Line { id: string; source: string; target: string; condition: string; name: string }
export interface Model { id: string; name: Name; nodes: Map<string, Node>; lines: Map<string, Line>; start: string | null; subject: Record<string, string> | null }

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

export function elementOf(doc: Document, id: string): Element | null { return [...(processOf(doc)?.children ?? [])].find((one) => one.namespaceURI === BPMN && one.getAttribute("id") === id) ?? null; }
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

function taskOf(element: Element): Task {
  const one = (name: string) => attributes(ours(element, name)[0]);
  const does = ours(element, "does")[0];
  return {
    assignees: rules(element, "assignee"), candidates: rules(element, "candidate"), accountable: rules(element, "accountable"), consulted: rules(element, "consulted"),
    informed: rules(element, "informed"), people: one("people"), rejection: one("rejection"), form: one("form"), sla: one("sla"), does: does ? attributes(does) : null, handoff: handoffOf(ours(element, "handoff")[0]),
    moves: (one("moves").allow ?? "").split(/\s+/).filter(Boolean), gives: ours(element, "give").map((give) => ({ name: give.getAttribute("name") ?? "", value: give.getAttribute("value") ?? "" })),
  };
}

export function read(doc: Document): Model {
  const process = processOf(doc);
  if (!process) throw new Unreadable("no process");
  const nodes = new Map<string, Node>(), lines = new Map<string, Line>();
  for (const element of process.children) {
    if (element.namespaceURI !== BPMN) continue;
    const id = element.getAttribute("id") ?? "";
    if (!id) continue;
    if (element.localName === "sequenceFlow") {
      const condition = (child(element, "conditionExpression")?.textContent ?? "").trim().replace(/^\$\{([\s\S]*)\}$/, "$1");
      lines.set(id, { id, source: element.getAttribute("sourceRef") ?? "", target: element.getAttribute("targetRef") ?? "", condition, name: element.getAttribute("name") ?? "" });
    } else if (FLOW.has(element.localName)) {
      const text = element.getAttribute("name") ?? "";
      const triggers = [...element.children].filter((one) => one.namespaceURI === BPMN && one.localName.endsWith("EventDefinition"));
      const timed = triggers.find((one) => one.localName === "timerEventDefinition")?.firstElementChild;
      const kind = element.localName === "endEvent" && triggers.some((one) => one.localName === "terminateEventDefinition") ? "terminate" : KINDS[element.localName] ?? "other";
      nodes.set(id, {
        id, tag: element.localName, kind, name: nameOf(text), text, incoming: [], outgoing: [], default: element.getAttribute("default") ?? "", host: element.getAttribute("attachedToRef") ?? "",
        interrupts: element.getAttribute("cancelActivity") !== "false", timer: timed ? { kind: timed.localName, text: (timed.textContent ?? "").trim() } : null, boundaries: [], task: taskOf(element),
      });
    }
  }
  for (const line of lines.values()) {
    nodes.get(line.source)?.outgoing.push(line.id);
    nodes.get(line.target)?.incoming.push(line.id);
  }
  for (const node of nodes.values()) if (node.host) nodes.get(node.host)?.boundaries.push(node.id);
  const subject = ours(process, "subject")[0];
  return { id: process.getAttribute("id") ?? "", name: nameOf(process.getAttribute("name") ?? ""), nodes, lines, start: [...nodes.values()].find((one) => one.kind === "start")?.id ?? null, subject: subject ? attributes(subject) : null };
}
