/** Changes of the file, each in its tree: only what is meant is touched, whatever else a file holds stays where it was. Pure but for the tree it is given. */
import { BPMN, elementOf, everyNode, extensions, GATEWAYS, HELI, loopOf, nameOf, ours, parse, print, processOf, read, type Each, type HandoffPart, type Model, type Name, type Node, type Rule, type Table } from "./file";
import { nodesIn, splitOf, tree, type Branch } from "./tree";
import type { Kit } from "./types";

/** A change that the drawing does not allow; the key of the words that say why. */
export class NotHere extends Error { readonly key: "last" | "start" | "begins" | "shape" | "branches" | "event"; constructor(key: NotHere["key"]) { super(key); this.key = key; } }

export type Insert = Plain | "choice" | "inclusive" | "parallel" | "first";
type Plain = "user" | "send" | "service" | "timer" | "message" | "throw" | "sub" | "call" | "rule";
export type Edit = (doc: Document) => string | void;

/** The file after a change, and what is to be chosen then. */
export function edited(source: string, change: Edit): { source: string; chosen: string | undefined } {
  const doc = parse(source);
  const chosen = change(doc) ?? undefined;
  return { source: print(doc, source), chosen };
}

// -- the tree ----------------------------------------------------------------------------------------------------------

function fresh(doc: Document, prefix: string): string {
  for (;;) {
    const id = `${prefix}_${[...crypto.getRandomValues(new Uint8Array(4))].map((one) => (one % 36).toString(36)).join("")}${Date.now().toString(36).slice(-3)}`;
    if (!doc.querySelector(`[id="${id}"]`)) return id;
  }
}
function make(doc: Document, name: string, attributes: Record<string, string> = {}): Element {
  const prefix = processOf(doc)?.prefix;
  const element = doc.createElementNS(BPMN, prefix ? `${prefix}:${name}` : name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
function makeOurs(doc: Document, name: string): Element {
  const root = doc.documentElement;
  const known = root.lookupPrefix(HELI);
  if (!known) root.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns:heli", HELI);
  return doc.createElementNS(HELI, `${known ?? "heli"}:${name}`);
}
/** How deep an element stands, as its file indents it. */
function indent(element: Element): string { const before = element.previousSibling; return before?.nodeType === 3 ? /\n[ \t]*$/.exec(before.textContent ?? "")?.[0] ?? "" : ""; }
function append(parent: Element, element: Element, after?: Element | null): void {
  const last = after ?? parent.lastElementChild;
  const space = last ? indent(last) : indent(parent) && `${indent(parent)}  `;
  const before = last ? last.nextSibling : parent.firstChild;
  if (space) parent.insertBefore(parent.ownerDocument.createTextNode(space), before);
  parent.insertBefore(element, before);
  if (!last && space && !parent.lastChild?.textContent?.includes("\n")) parent.append(parent.ownerDocument.createTextNode(indent(parent)));
}
function dispose(element: Element): void {
  const before = element.previousSibling;
  if (before?.nodeType === 3 && !(before.textContent ?? "").trim()) before.remove();
  element.remove();
}
function process(doc: Document): Element { const found = processOf(doc); if (!found) throw new NotHere("shape"); return found; }
function need(doc: Document, id: string): Element { const found = id === process(doc).getAttribute("id") ? process(doc) : elementOf(doc, id); if (!found) throw new NotHere("shape"); return found; }
/** What holds a node or a line: the process or a sub-process. */
function holder(doc: Document, id: string): Element { return elementOf(doc, id)?.parentElement ?? process(doc); }
/** What stands around a node or a line, read. */
function near(doc: Document, id: string): Model { return read(doc, holder(doc, id)); }
/** An element of the file goes, and with it what a diagram draws of it. */
function drop(doc: Document, id: string): void {
  const found = elementOf(doc, id);
  // what a sub-process holds goes with it
  const inside = [...(found?.getElementsByTagNameNS(BPMN, "*") ?? [])].flatMap((one) => one.getAttribute("id") ?? []);
  if (found) dispose(found);
  for (const one of inside) for (const drawn of [...doc.querySelectorAll(`[bpmnElement="${CSS.escape(one)}"]`)]) dispose(drawn);
  for (const drawn of [...doc.querySelectorAll(`[bpmnElement="${CSS.escape(id)}"]`)]) dispose(drawn);
}

// -- lines -------------------------------------------------------------------------------------------------------------

/** Some tools write the lines of a node inside it too: where a file does, it is kept true. */
function refer(doc: Document, node: string, name: "incoming" | "outgoing", line: string, there: boolean): void {
  const element = elementOf(doc, node);
  if (!element) return;
  const all = [...element.children].filter((one) => one.namespaceURI === BPMN && one.localName === name);
  const found = all.find((one) => one.textContent?.trim() === line);
  if (!there) { if (found) dispose(found); return; }
  if (found || !process(doc).getElementsByTagNameNS(BPMN, "incoming").length) return;
  const made = make(doc, name);
  made.textContent = line;
  const kin = [...element.children].filter((one) => one.namespaceURI === BPMN && ["documentation", "extensionElements", "incoming", ...(name === "outgoing" ? ["outgoing"] : [])].includes(one.localName));
  append(element, made, kin[kin.length - 1] ?? null);
}
function lead(doc: Document, line: string, ends: { source?: string; target?: string }): void {
  const element = need(doc, line);
  for (const drawn of [...doc.querySelectorAll(`[bpmnElement="${CSS.escape(line)}"]`)]) dispose(drawn);
  if (ends.source !== undefined) { refer(doc, element.getAttribute("sourceRef") ?? "", "outgoing", line, false); element.setAttribute("sourceRef", ends.source); refer(doc, ends.source, "outgoing", line, true); }
  if (ends.target !== undefined) { refer(doc, element.getAttribute("targetRef") ?? "", "incoming", line, false); element.setAttribute("targetRef", ends.target); refer(doc, ends.target, "incoming", line, true); }
}
function join(doc: Document, source: string, target: string, after?: Element | null): string {
  const id = fresh(doc, "f");
  append(holder(doc, source), make(doc, "sequenceFlow", { id, sourceRef: source, targetRef: target }), after?.parentElement === holder(doc, source) ? after : null);
  refer(doc, source, "outgoing", id, true);
  refer(doc, target, "incoming", id, true);
  return id;
}
function cut(doc: Document, line: string): void {
  const element = elementOf(doc, line);
  if (!element) return;
  refer(doc, element.getAttribute("sourceRef") ?? "", "outgoing", line, false);
  refer(doc, element.getAttribute("targetRef") ?? "", "incoming", line, false);
  const source = elementOf(doc, element.getAttribute("sourceRef") ?? "");
  if (source?.getAttribute("default") === line) source.removeAttribute("default");
  drop(doc, line);
}

// -- drawing -----------------------------------------------------------------------------------------------------------

export type Called = Record<Plain | "late" | "begins", string>;

function add(doc: Document, what: Plain, called: Called, after: Element | null): string {
  const tags = { user: "userTask", send: "sendTask", service: "serviceTask", timer: "intermediateCatchEvent", message: "intermediateCatchEvent", throw: "intermediateThrowEvent", sub: "subProcess", call: "callActivity", rule: "businessRuleTask" } as const;
  const id = fresh(doc, "n");
  append(after?.parentElement ?? process(doc), make(doc, tags[what], { id, name: called[what] }), after);
  if (what === "timer") { const event = make(doc, "timerEventDefinition"), span = make(doc, "timeDuration"); span.textContent = "P1D"; event.append(span); need(doc, id).append(event); }
  if (what === "message" || what === "throw") need(doc, id).append(make(doc, "messageEventDefinition"));
  if (what === "user") {
    setRules(doc, id, "assignee", [{ rule: "manager", given: {} }]);
    set(doc, id, "people", { mode: "any", empty: "administrator", self: "manager" });
    set(doc, id, "moves", { allow: "reject transfer delegate add_signer remove_signer take_back" });
    set(doc, id, "rejection", { to: "any", siblings: "kept", resubmit: "walk" });
  }
  if (what === "sub") {
    const inside = need(doc, id), start = make(doc, "startEvent", { id: fresh(doc, "n") }), end = make(doc, "endEvent", { id: fresh(doc, "n") });
    append(inside, start);
    append(inside, end, start);
    const first = add(doc, "user", called, start);
    join(doc, start.id, first, start);
    join(doc, first, end.id, need(doc, first));
  }
  if (what === "rule") setTable(doc, id, { hit: "F", inputs: [""], outputs: ["result"], rules: [{ when: ["-"], then: [""] }] });
  if (what === "send") { setRules(doc, id, "assignee", [{ rule: "initiator", given: {} }]); set(doc, id, "people", { empty: "skip" }); }
  return id;
}

/** Whether a process has no step yet: at most where it begins and where it ends. */
export function empty(model: Model): boolean { return [...model.nodes.values()].every((one) => one.kind === "start" || one.kind === "end" || one.kind === "terminate"); }
/** The first step of a process without any, with where it begins and ends, as far as these are not there. */
export function begin(doc: Document, called: Called & Record<"start" | "end", string>): string {
  const model = read(doc);
  if (!empty(model)) throw new NotHere("shape");
  const line = model.nodes.get(model.start ?? "")?.outgoing[0];
  if (line) return insert(doc, line, "user", called);
  const place = (tag: string, name: string, after: Element | null): string => { const id = fresh(doc, "n"); append(process(doc), make(doc, tag, { id, name }), after); return id; };
  const start = model.start ?? place("startEvent", called.start, null);
  const step = add(doc, "user", called, need(doc, start));
  join(doc, start, step, need(doc, start));
  const end = [...model.nodes.values()].find((one) => one.kind !== "start")?.id ?? place("endEvent", called.end, need(doc, step));
  join(doc, step, end, need(doc, step));
  return step;
}

/** Something new on a line. */
export function insert(doc: Document, line: string, what: Insert, called: Called): string {
  const event = eventAt(near(doc, line), line);
  if (event) return insert(doc, event, what, called);
  const element = need(doc, line);
  const target = element.getAttribute("targetRef") ?? "";
  if (what === "first") return first(doc, element, target, called);
  if (what !== "choice" && what !== "inclusive" && what !== "parallel") {
    const id = add(doc, what, called, element);
    lead(doc, line, { target: id });
    join(doc, id, target, need(doc, id));
    return id;
  }
  const tag = { choice: "exclusiveGateway", inclusive: "inclusiveGateway", parallel: "parallelGateway" }[what];
  const split = fresh(doc, "g"), meet = fresh(doc, "g");
  append(holder(doc, line), make(doc, tag, { id: split }), element);
  append(holder(doc, line), make(doc, tag, { id: meet }), need(doc, split));
  lead(doc, line, { target: split });
  const one = add(doc, "user", called, need(doc, split));
  join(doc, split, one, need(doc, split));
  join(doc, one, meet, need(doc, one));
  if (what !== "parallel") {
    const other = join(doc, split, meet, need(doc, one));
    need(doc, split).setAttribute("default", other);
  } else {
    const second = add(doc, "user", called, need(doc, meet).previousElementSibling);
    join(doc, split, second, need(doc, second).previousElementSibling);
    join(doc, second, meet, need(doc, second));
  }
  join(doc, meet, target, need(doc, meet));
  return one;
}

/** A start of which a file has none, with a line to the step that is the first. */
export function start(doc: Document, to: string): string {
  const id = fresh(doc, "s");
  append(holder(doc, to), make(doc, "startEvent", { id, name: "发起 / Start" }), need(doc, to));
  join(doc, id, to, need(doc, id));
  return id;
}
/** Behind a gateway at which the first event decides stands the event, and nothing before it: the line behind that, where this is the line to it. */
function eventAt(model: Model, line: string): string | null {
  const way = model.lines.get(line);
  return way && model.nodes.get(way.source)?.kind === "events" ? model.nodes.get(way.target)?.outgoing[0] ?? null : null;
}
/** Two things of which the first decides: something that happens, and time that is up. */
function first(doc: Document, line: Element, target: string, called: Called): string {
  const split = fresh(doc, "g"), meet = fresh(doc, "g");
  append(holder(doc, line.id), make(doc, "eventBasedGateway", { id: split }), line);
  append(holder(doc, line.id), make(doc, "exclusiveGateway", { id: meet }), need(doc, split));
  lead(doc, line.id, { target: split });
  const happens = add(doc, "message", called, need(doc, split)), late = add(doc, "timer", called, need(doc, happens));
  join(doc, split, late, need(doc, join(doc, split, happens, need(doc, split))));
  for (const one of [happens, late]) join(doc, one, meet, need(doc, one));
  join(doc, meet, target, need(doc, meet));
  return happens;
}

/** What is known of the fields of such records, as far as a form goes. */
export type Known = Pick<Kit, "fields" | "leading">;
/** What says which record it is and nothing about it: whoever sees no more decides by a name. */
function saysLittle(kit: Known | undefined, codes: readonly string[]): boolean { return codes.every((code) => code === kit?.leading[0] || kit?.fields.find((one) => one.code === code)?.kind === "auto_number"); }
/** All that a step shows its people. */
export function seen(node: Node): string[] { const { show = "", edit: filled = "", require = "" } = node.task.form; return [...new Set([...(node.task.handoff?.fields ?? []), ...`${show} ${filled} ${require}`.split(/\s+/).filter(Boolean)])]; }
/** Whether a step of people shows them no more than what the record is called. */
export function blind(node: Node, kit: Known): boolean { return node.kind === "user" && saysLittle(kit, seen(node)) && !(node.task.handoff?.file.length || node.task.handoff?.note.length); }

/** The nearest step before this one whose people see something of the record, and what: whoever decides later rarely needs less. */
export function seenBefore(model: Model, node: Node, kit?: Known): { node: Node; show: string } | null {
  const met = new Set([node.id]), next = [node];
  for (let one = next.shift(); one !== undefined; one = next.shift()) {
    // before what follows a time-out stands the step that takes too long
    for (const id of [...one.incoming.map((line) => model.lines.get(line)?.source ?? ""), one.host]) {
      const before = model.nodes.get(id);
      if (!before || met.has(id)) continue;
      const all = seen(before);
      if (all.length && !saysLittle(kit, all)) return { node: before, show: all.join(" ") };
      met.add(id);
      next.push(before);
    }
  }
  return null;
}
/** What such records are known by, of that what whoever draws reads: nothing sensitive, and nothing that only others know. */
export function usual(kit: Known): string { return kit.leading.filter((code) => kit.fields.some((one) => one.code === code && one.reads)).join(" "); }

/** What a change adds shows its people what the step before shows, else what such records are known by: blank, nobody would know what they
 * decide on. Nothing is filled in. */
export function shown(change: Edit, kit?: Known): Edit {
  return (doc) => {
    const before = new Set(everyNode(read(doc)).map((one) => one.id));
    const made = change(doc);
    if (!read(doc).subject) return made;
    for (const node of everyNode(read(doc))) {
      if (node.kind !== "user" || before.has(node.id)) continue;
      // the first step of a sub-process stands after what stands before that
      const around = near(doc, node.id), sub = elementOf(doc, around.id), outer = sub?.localName === "subProcess" ? near(doc, around.id) : null, own = outer?.nodes.get(around.id);
      const show = (seenBefore(around, node, kit) ?? (outer && own ? seenBefore(outer, own, kit) : null))?.show ?? (kit ? usual(kit) : "");
      if (show) set(doc, node.id, "form", { show });
    }
    return made;
  };
}

/** About another kind of records: what steps show and hand over of the old kind goes where the new one has no such field, and a step that
 * shows nothing then, or what nobody has chosen, begins as a new one does. */
export function about(doc: Document, type: string, kit?: Known, was?: Known): void {
  const id = process(doc).getAttribute("id") ?? "";
  if (type) set(doc, id, "subject", { type, right: "edit", begins: null, when: null, rejected: null, withdrawn: null, holds: null }); else unset(doc, id, "subject");
  const there = new Set(kit?.fields.map((one) => one.code)), kept = (text: string | undefined) => (text ?? "").split(/\s+/).filter((code) => there.has(code)).join(" ") || null;
  for (const { id: node, kind, task: { form, handoff } } of everyNode(read(doc))) {
    const unasked = was !== undefined && form.show === usual(was);
    set(doc, node, "form", { show: unasked ? null : kept(form.show), edit: kept(form.edit), require: kept(form.require) });
    if (handoff) set(doc, node, "handoff", { fields: kept(handoff.fields.join(" ")), require: kept(handoff.require.join(" ")) });
    const after = everyNode(read(doc)).find((one) => one.id === node);
    if (kind === "user" && kit && after && blind(after, kit) && usual(kit)) set(doc, node, "form", { show: usual(kit) });
  }
}

/** A way past a step, for what a condition is true of. Returns its line. */
export function pass(doc: Document, id: string, condition: string): string {
  const node = near(doc, id).nodes.get(id), out = node?.outgoing[0];
  if (!node || !out || node.outgoing.length !== 1 || node.incoming.length === 0) throw new NotHere("shape");
  const split = fresh(doc, "g"), meet = fresh(doc, "g");
  append(holder(doc, id), make(doc, "exclusiveGateway", { id: split }), need(doc, id).previousElementSibling);
  append(holder(doc, id), make(doc, "exclusiveGateway", { id: meet }), need(doc, id));
  const target = need(doc, out).getAttribute("targetRef") ?? "";
  for (const line of node.incoming) lead(doc, line, { target: split });
  lead(doc, out, { target: meet });
  join(doc, meet, target, need(doc, meet));
  const own = join(doc, split, id, need(doc, split)), past = join(doc, split, meet, need(doc, own));
  need(doc, split).setAttribute("default", own);
  setCondition(doc, past, condition);
  return past;
}

/** One more way out of a split, with a step on it. */
export function branch(doc: Document, split: string, called: Called): string {
  const model = near(doc, split), node = model.nodes.get(split);
  const found = splitOf(tree(model).items, split);
  if (!node || !found) throw new NotHere("shape");
  const last = node.outgoing.filter((line) => line !== node.default).pop() ?? node.outgoing[0] ?? "";
  const id = add(doc, node.kind === "events" ? "timer" : "user", called, need(doc, last));
  join(doc, split, id, need(doc, last));
  let meet = found.join;
  if (meet === null) { meet = fresh(doc, "n"); append(holder(doc, id), make(doc, "endEvent", { id: meet }), need(doc, id)); }
  join(doc, id, meet, need(doc, id));
  return id;
}

/** A time-out on a step: after so long somebody is told, and the work goes on. */
export function late(doc: Document, host: string, called: Called): string {
  const id = fresh(doc, "n"), end = fresh(doc, "n");
  append(holder(doc, host), make(doc, "boundaryEvent", { id, name: called.late, attachedToRef: host, cancelActivity: "false" }), need(doc, host));
  const event = make(doc, "timerEventDefinition"), span = make(doc, "timeDuration");
  span.textContent = "P2D";
  event.append(span);
  need(doc, id).append(event);
  const told = add(doc, "send", called, need(doc, id));
  append(holder(doc, host), make(doc, "endEvent", { id: end }), need(doc, told));
  join(doc, id, told, need(doc, id));
  join(doc, told, end, need(doc, told));
  return id;
}

/** Nodes go, with every line at them. */
function clear(doc: Document, ids: readonly string[]): void {
  const gone = new Set(ids), model = near(doc, ids[0] ?? "");
  for (const line of model.lines.values()) if (gone.has(line.source) || gone.has(line.target)) cut(doc, line.id);
  for (const id of ids) drop(doc, id);
}
function around(doc: Document, model: Model, id: string): string | null {
  const node = model.nodes.get(id), out = node?.outgoing[0];
  if (!node || node.outgoing.length !== 1 || !out) return null;
  const target = model.lines.get(out)?.target ?? "";
  for (const line of node.incoming) lead(doc, line, { target });
  return out;
}
function asidesOf(model: Model, id: string): Branch[] {
  const find = (items: ReturnType<typeof tree>["items"]): Branch[] | null => {
    for (const one of items) {
      if (one.kind === "jump") continue;
      if (one.id === id) return one.asides;
      for (const inside of [...one.asides, ...(one.kind === "split" ? one.branches : [])]) { const found = find(inside.items); if (found) return found; }
    }
    return null;
  };
  return find(tree(model).items) ?? [];
}

/** A node goes, and what stood on both its sides is joined. Of a split: its branches follow one another. */
export function remove(doc: Document, id: string): string | void {
  const model = near(doc, id), node = model.nodes.get(id);
  if (!node) throw new NotHere("shape");
  if (node.kind === "start") {
    const next = model.nodes.get(model.lines.get(node.outgoing[0] ?? "")?.target ?? "");
    if (![...model.nodes.values()].some((one) => one.kind === "start" && one.id !== id)) throw new NotHere("start");
    if (node.outgoing.length > 1 || (next && next.incoming.length < 2)) throw new NotHere("begins");
    clear(doc, [id]);
    if (next?.kind === "exclusive" && next.incoming.length === 2 && next.outgoing.length === 1) remove(doc, next.id);
    return;
  }
  if (node.host) { const aside = asidesOf(model, node.host).find((one) => one.line === id); clear(doc, [id, ...nodesIn(aside?.items ?? [])]); return node.host; }
  if (node.kind === "end" || node.kind === "terminate") {
    const free = node.incoming.every((line) => (model.nodes.get(model.lines.get(line)?.source ?? "")?.outgoing.length ?? 0) > 1);
    if (!free || [...model.nodes.values()].filter((one) => one.kind === "end" || one.kind === "terminate").length < 2) throw new NotHere("last");
    clear(doc, [id]);
    return;
  }
  if (node.incoming.some((line) => model.nodes.get(model.lines.get(line)?.source ?? "")?.kind === "events")) throw new NotHere("event");
  for (const aside of asidesOf(model, id)) clear(doc, [aside.line, ...nodesIn(aside.items)]);
  const before = model.lines.get(node.incoming[0] ?? "")?.source;
  if (node.outgoing.length > 1) { flatten(doc, model, id); return before; }
  if (node.outgoing.length === 0) throw new NotHere("last");
  if (node.kind === "parallel" && node.incoming.length > 1) throw new NotHere("branches");
  const out = around(doc, model, id);
  if (out) cut(doc, out);
  drop(doc, id);
  return before;
}

function flatten(doc: Document, model: Model, id: string): void {
  const found = splitOf(tree(model).items, id), node = model.nodes.get(id);
  if (!found || !node || found.join === null || !GATEWAYS.has(node.kind)) throw new NotHere("shape");
  const meet = found.join;
  const full = found.branches.filter((one) => one.items.length > 0 && nodesIn(one.items).length > 0);
  const starts = [...full.map((one) => model.lines.get(one.line)?.target ?? meet), meet];
  full.forEach((one, at) => {
    const inside = new Set(nodesIn(one.items));
    for (const line of model.lines.values()) if (line.target === meet && inside.has(line.source)) lead(doc, line.id, { target: starts[at + 1] as string });
  });
  for (const line of node.incoming) lead(doc, line, { target: starts[0] as string });
  for (const line of node.outgoing) cut(doc, line);
  drop(doc, id);
  const after = near(doc, meet), joined = after.nodes.get(meet);
  if (joined && GATEWAYS.has(joined.kind) && joined.incoming.length === 1 && joined.outgoing.length === 1) { const out = around(doc, after, meet); if (out) cut(doc, out); drop(doc, meet); }
}

/** A branch goes with all that stands on it; a split of which one branch is left is none any more. */
export function prune(doc: Document, split: string, line: string): string | void {
  const model = near(doc, split), found = splitOf(tree(model).items, split), node = model.nodes.get(split);
  const which = found?.branches.find((one) => one.line === line);
  if (!found || !which || !node) throw new NotHere("shape");
  clear(doc, nodesIn(which.items));
  cut(doc, line);
  const left = near(doc, split), still = left.nodes.get(split);
  if (!still) return;
  if (still.kind === "exclusive" && !still.default && still.outgoing.length > 1) {
    const bare = still.outgoing.filter((one) => !left.lines.get(one)?.condition);
    if (bare.length === 1) need(doc, split).setAttribute("default", bare[0] as string);
  }
  if (still.outgoing.length !== 1 || !GATEWAYS.has(still.kind)) return split;
  setCondition(doc, still.outgoing[0] as string, "");
  flattenOne(doc, split, found.join);
  return;
}
function flattenOne(doc: Document, split: string, meet: string | null): void {
  const model = near(doc, split);
  const out = around(doc, model, split);
  if (out) cut(doc, out);
  drop(doc, split);
  const after = near(doc, meet ?? ""), joined = after.nodes.get(meet ?? "");
  if (meet && joined && GATEWAYS.has(joined.kind) && joined.incoming.length === 1 && joined.outgoing.length === 1) { const last = around(doc, after, meet); if (last) cut(doc, last); drop(doc, meet); }
}

export function movable(model: Model, id: string): boolean {
  const node = model.nodes.get(id);
  return node !== undefined && !node.host && node.outgoing.length === 1 && node.incoming.length >= 1 && !GATEWAYS.has(node.kind) && !node.incoming.some((line) => model.nodes.get(model.lines.get(line)?.source ?? "")?.kind === "events");
}
/** A step to another line. */
export function move(doc: Document, id: string, line: string): string {
  const model = near(doc, id), node = model.nodes.get(id), to = model.lines.get(line);
  if (!node || !to || !movable(model, id)) throw new NotHere("shape");
  if (to.source === id || to.target === id) return id;
  const event = eventAt(model, line);
  if (event) return model.lines.get(event)?.target === id ? id : move(doc, id, event);
  const out = around(doc, model, id) as string;
  const target = need(doc, line).getAttribute("targetRef") ?? "";
  lead(doc, line, { target: id });
  lead(doc, out, { target });
  return id;
}

/** A decision table: columns and rules as they are given; what else stands in it stays. */
export function setTable(doc: Document, id: string, table: Table): void {
  const element = need(doc, id);
  let found = ours(element, "decision")[0];
  if (!found) { found = makeOurs(doc, "decision"); append(own(doc, element), found); }
  const decision = found, kin = (within: Element, name: string) => [...within.children].filter((one) => one.namespaceURI === HELI && one.localName === name);
  decision.setAttribute("hit", table.hit);
  fill(doc, kin(decision, "input"), "input", table.inputs.map((value) => ({ value })), () => decision);
  fill(doc, kin(decision, "output"), "output", table.outputs.map((name) => ({ name })), () => decision);
  fill(doc, kin(decision, "rule"), "rule", table.rules.map(() => ({})), () => decision);
  kin(decision, "rule").forEach((rule, at) => {
    for (const [name, texts] of [["when", table.rules[at]?.when ?? []], ["then", table.rules[at]?.then ?? []]] as const) {
      fill(doc, kin(rule, name), name, texts.map(() => ({})), () => rule);
      kin(rule, name).forEach((cell, place) => { cell.textContent = texts[place] ?? ""; });
    }
  });
}
/** What a call begins: a published process. An old name of ours for it goes. */
export function setCall(doc: Document, id: string, process: string): void {
  setAttribute(doc, id, "calledElement", process || null);
  if (ours(need(doc, id), "call")[0]) set(doc, id, "call", { process: null });
}
export function setTakes(doc: Document, id: string, takes: readonly { name: string; from: string }[]): void { listed(doc, id, "take", takes.map((one) => (one.from && one.from !== one.name ? { ...one } : { name: one.name }))); }
/** What stands before it in an activity, as BPMN orders it. */
const BEFORE_LOOP = new Set(["documentation", "extensionElements", "incoming", "outgoing", "ioSpecification", "property", "dataInputAssociation", "dataOutputAssociation", "performer", "humanPerformer", "potentialOwner", "resourceRole"]);
/** It is done once for each of a list, or so many times; null: once. */
export function setEach(doc: Document, id: string, each: Each | null): void {
  const element = need(doc, id);
  let loop = loopOf(element);
  if (!each) { if (loop) dispose(loop); if (![...element.childNodes].some((one) => one.nodeType !== 3 || (one.textContent ?? "").trim())) element.replaceChildren(); return; }
  if (!loop) {
    loop = make(doc, "multiInstanceLoopCharacteristics");
    const before = [...element.children].filter((one) => one.namespaceURI === BPMN && BEFORE_LOOP.has(one.localName)).pop(), first = element.firstElementChild;
    if (first && !before) { const space = indent(first); element.insertBefore(loop, first); if (space) element.insertBefore(doc.createTextNode(space), first); } else append(element, loop, before ?? null);
  }
  loop.setAttribute("isSequential", String(each.sequential));
  const said = ours(loop, "each")[0], listed = each.times === null;
  if (listed) {
    let made = said;
    if (!made) { made = makeOurs(doc, "each"); append(own(doc, loop), made); }
    made.setAttribute("in", each.in);
    made.setAttribute("as", each.as || "item");
  } else if (said) {
    dispose(said);
    const holder = extensions(loop);
    if (holder && holder.children.length === 0) dispose(holder);
  }
  textIn(doc, loop, "loopCardinality", each.times);
  textIn(doc, loop, "completionCondition", each.enough.trim() || null);
}
/** A child that says one expression; null: none. */
function textIn(doc: Document, element: Element, name: string, text: string | null): void {
  const found = [...element.children].find((one) => one.namespaceURI === BPMN && one.localName === name);
  if (text === null) { if (found) dispose(found); return; }
  if (found) { found.textContent = text; return; }
  const made = make(doc, name);
  made.textContent = text;
  append(element, made, name === "loopCardinality" ? [...element.children].filter((one) => ["documentation", "extensionElements"].includes(one.localName)).pop() ?? null : null);
}

// -- what nodes say ----------------------------------------------------------------------------------------------------

/** A name with one of its languages changed. One that the designer gave (`given`) and nobody has touched gives way in both: no translation is
 * made up, and one name serves both languages until the other is named too. */
export function renamed(before: Name, lang: "zh" | "en", value: string, given: readonly string[]): Name {
  const untouched = given.map(nameOf).some((one) => (before.zh === one.zh || !before.zh) && (before.en === one.en || !before.en));
  const next = value.trim() && untouched ? { zh: "", en: "" } : { ...before };
  next[lang] = value;
  return next;
}
export function rename(doc: Document, id: string, text: string): void { const element = need(doc, id); if (text) element.setAttribute("name", text); else element.removeAttribute("name"); }
/** What the process says of itself: the first thing in it, where BPMN has it. */
export function setAbout(doc: Document, text: string): void {
  const whole = process(doc);
  const found = [...whole.children].find((one) => one.namespaceURI === BPMN && one.localName === "documentation");
  if (!text.trim()) { if (found) dispose(found); return; }
  if (found) { found.textContent = text; return; }
  const made = make(doc, "documentation");
  made.textContent = text;
  const first = whole.firstElementChild;
  if (!first) { append(whole, made); return; }
  const space = indent(first);
  whole.insertBefore(made, first);
  if (space) whole.insertBefore(doc.createTextNode(space), first);
}

function own(doc: Document, element: Element): Element {
  const found = extensions(element);
  if (found) return found;
  const made = make(doc, "extensionElements");
  const documented = [...element.children].filter((one) => one.namespaceURI === BPMN && one.localName === "documentation").pop();
  if (element.firstElementChild && !documented) { const space = indent(element.firstElementChild); element.insertBefore(made, element.firstElementChild); if (space) element.insertBefore(doc.createTextNode(space), made.nextSibling); } else append(element, made, documented ?? null);
  return made;
}
/** Attributes of one element of ours: those named are set, or taken away where empty; others stay. */
export function set(doc: Document, id: string, name: string, attributes: Record<string, string | null>): void {
  const element = need(doc, id);
  let found = ours(element, name)[0];
  if (!found) {
    if (!Object.values(attributes).some(Boolean)) return;
    found = makeOurs(doc, name);
    append(own(doc, element), found);
  }
  for (const [key, value] of Object.entries(attributes)) if (value) found.setAttribute(key, value); else found.removeAttribute(key);
  if (found.attributes.length === 0) dispose(found);
}
export function unset(doc: Document, id: string, name: string): void { for (const one of ours(need(doc, id), name)) dispose(one); }

function listed(doc: Document, id: string, name: string, wanted: Record<string, string>[]): void {
  const element = need(doc, id);
  fill(doc, ours(element, name), name, wanted, () => own(doc, element));
}
function fill(doc: Document, there: Element[], name: string, wanted: Record<string, string>[], holder: () => Element): void {
  const kin = [...there];
  wanted.forEach((attributes, at) => {
    let one = there[at];
    if (!one) { one = makeOurs(doc, name); append(holder(), one, kin[kin.length - 1] ?? null); kin.push(one); }
    for (const old of [...one.attributes]) if (!(old.name in attributes) && !old.name.startsWith("xmlns")) one.removeAttribute(old.name);
    for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  });
  for (const one of there.slice(wanted.length)) dispose(one);
}
/** Files, notes or criteria of what is handed over to a step. */
export function setParts(doc: Document, id: string, name: string, parts: readonly HandoffPart[]): void {
  const handoff = ours(need(doc, id), "handoff")[0];
  if (!handoff) return;
  const there = [...handoff.children].filter((one) => one.namespaceURI === HELI && one.localName === name);
  fill(doc, there, name, parts.map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value))), () => handoff);
}
export function setRules(doc: Document, id: string, name: string, rules: readonly Rule[]): void { listed(doc, id, name, rules.map((one) => ({ rule: one.rule, ...Object.fromEntries(Object.entries(one.given).filter(([, value]) => value)) }))); }
export function setGives(doc: Document, id: string, gives: readonly { name: string; value: string }[]): void { listed(doc, id, "give", gives.map((one) => ({ ...one }))); }

export function setCondition(doc: Document, line: string, text: string): void {
  const element = need(doc, line);
  const found = [...element.children].find((one) => one.namespaceURI === BPMN && one.localName === "conditionExpression");
  if (!text.trim()) { if (found) dispose(found); return; }
  if (found) { found.textContent = text; return; }
  const made = make(doc, "conditionExpression");
  const root = doc.documentElement, XSI = "http://www.w3.org/2001/XMLSchema-instance";
  if (!root.lookupPrefix(XSI)) root.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns:xsi", XSI);
  const prefix = processOf(doc)?.prefix;
  made.setAttributeNS(XSI, `${root.lookupPrefix(XSI) ?? "xsi"}:type`, prefix ? `${prefix}:tFormalExpression` : "tFormalExpression");
  made.textContent = text;
  append(element, made);
}
export function setDefault(doc: Document, split: string, line: string): void { need(doc, split).setAttribute("default", line); setCondition(doc, line, ""); }
export function setTimer(doc: Document, id: string, text: string): void {
  const event = [...need(doc, id).children].find((one) => one.namespaceURI === BPMN && one.localName === "timerEventDefinition");
  if (!event) return;
  for (const one of [...event.children]) if (one.localName !== "timeDuration") dispose(one);
  let span = event.firstElementChild;
  if (!span) { span = make(doc, "timeDuration"); event.append(span); }
  span.textContent = text;
}
/** What a step waits for: a length of time, something that happens with records, a message or a signal of a name. */
export function setWait(doc: Document, id: string, wait: { what: "timer" | "record" | "message" | "signal"; name?: string; by?: string }): void {
  const element = need(doc, id), wanted = wait.what === "timer" ? "timerEventDefinition" : wait.what === "signal" ? "signalEventDefinition" : "messageEventDefinition";
  let event = [...element.children].find((one) => one.namespaceURI === BPMN && one.localName.endsWith("EventDefinition"));
  if (element.localName === "receiveTask") { element.removeAttribute("messageRef"); event = undefined; }
  else if (event?.localName !== wanted) {
    const made = make(doc, wanted);
    if (event) event.replaceWith(made); else append(element, made);
    event = made;
    if (wait.what === "timer") { const span = make(doc, "timeDuration"); span.textContent = "P1D"; event.append(span); }
  }
  event?.removeAttribute("messageRef");
  if (wait.what === "record" || wait.what === "message") set(doc, id, "on", { event: wait.name || null, by: wait.by || null }); else unset(doc, id, "on");
  const holder = extensions(element);
  if (holder && holder.children.length === 0) dispose(holder);
  if (wait.what === "signal" && event) named(doc, event, wait.name ?? "");
}
/** How cases begin here: by somebody, by what happens with records, by a message or a signal of a name, or by the clock (`cycle`, as ISO 8601 has it). */
export function setStart(doc: Document, id: string, begin: { what: "hand" | "record" | "message" | "signal" | "timer"; name?: string; by?: string; where?: string; initiator?: string; cycle?: string }): void {
  const element = need(doc, id), there = [...element.children].find((one) => one.namespaceURI === BPMN && one.localName.endsWith("EventDefinition"));
  const wanted = { hand: null, record: "messageEventDefinition", message: "messageEventDefinition", signal: "signalEventDefinition", timer: "timerEventDefinition" }[begin.what];
  let event = there;
  if (there?.localName !== wanted) {
    if (there) dispose(there);
    event = undefined;
    if (wanted) { event = make(doc, wanted); append(element, event); }
  }
  event?.removeAttribute("messageRef");
  if (begin.what === "signal" && event) named(doc, event, begin.name ?? "");
  if (begin.what === "timer" && event) { for (const one of [...event.children]) dispose(one); const cycle = make(doc, "timeCycle"); cycle.textContent = begin.cycle ?? "R/P1D"; event.append(cycle); }
  if (begin.what === "record" || begin.what === "message") set(doc, id, "on", { event: begin.name || null, by: begin.by || null, where: begin.where?.trim() || null, initiator: begin.initiator || null }); else unset(doc, id, "on");
  const holder = extensions(element);
  if (holder && holder.children.length === 0) dispose(holder);
}
/** Another way to begin. Both meet before what comes first: a step that is added there is done however it began. */
export function addStart(doc: Document, called: Called): string {
  const model = read(doc), first = model.start ? model.nodes.get(model.start) : undefined, line = model.lines.get(first?.outgoing[0] ?? "");
  if (!first || !line) throw new NotHere("shape");
  const target = model.nodes.get(line.target), meets = target?.kind === "exclusive" && target.outgoing.length === 1;
  const meet = meets ? line.target : fresh(doc, "g");
  if (!meets) {
    append(process(doc), make(doc, "exclusiveGateway", { id: meet }), need(doc, line.id));
    lead(doc, line.id, { target: meet });
    join(doc, meet, line.target, need(doc, meet));
  }
  const id = fresh(doc, "n");
  append(process(doc), make(doc, "startEvent", { id, name: called.begins }), need(doc, first.id));
  setStart(doc, id, { what: "record" });
  join(doc, id, meet, need(doc, id));
  return id;
}
/** What is told where this stands: a message, to the cases of which record, or a signal. */
export function setSay(doc: Document, id: string, say: { what: "nothing" | "message" | "signal"; name?: string; key?: string }): void {
  const element = need(doc, id), there = [...element.children].find((one) => one.namespaceURI === BPMN && one.localName.endsWith("EventDefinition"));
  if (say.what === "nothing") { if (there) dispose(there); } else {
    const wanted = `${say.what}EventDefinition`, event = there?.localName === wanted ? there : make(doc, wanted);
    if (!there) append(element, event); else if (there !== event) there.replaceWith(event);
    event.removeAttribute("messageRef");
    if (say.what === "signal") named(doc, event, say.name ?? "");
  }
  if (say.what === "message") set(doc, id, "to", { event: say.name || null, key: say.key || null }); else unset(doc, id, "to");
  const holder = extensions(element);
  if (holder && holder.children.length === 0) dispose(holder);
}
/** Name the signal that an event waits for or tells; the file lists them. */
function named(doc: Document, event: Element, name: string): void {
  event.removeAttribute("signalRef");
  if (!name) return;
  const root = doc.documentElement, known = [...root.children].find((one) => one.namespaceURI === BPMN && one.localName === "signal" && one.getAttribute("name") === name);
  const signal = known ?? make(doc, "signal", { id: fresh(doc, "s"), name });
  if (!known) { const whole = process(doc), space = indent(whole); root.insertBefore(signal, whole); if (space) root.insertBefore(doc.createTextNode(space), whole); }
  event.setAttribute("signalRef", signal.id);
  // signals that nothing waits for or tells any more, of which another name has been typed meanwhile
  for (const one of [...root.children]) if (one.localName === "signal" && one.namespaceURI === BPMN && /^s_/.test(one.id) && !doc.querySelector(`[signalRef="${CSS.escape(one.id)}"]`)) dispose(one);
}
export function setAttribute(doc: Document, id: string, name: string, value: string | null): void { const element = need(doc, id); if (value === null) element.removeAttribute(name); else element.setAttribute(name, value); }
