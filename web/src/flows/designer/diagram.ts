/** The picture of a file: laid out where it has none, and what was changed on it taken back into the file, which keeps what the diagram's tool does not know. Pure. */
import { BPMN, everyNode, extensions, HELI, parse, print, processOf, read, type Model, type Node } from "./file";
import { tree, type Item } from "./tree";

const DI = "http://www.omg.org/spec/BPMN/20100524/DI", DC = "http://www.omg.org/spec/DD/20100524/DC", DD = "http://www.omg.org/spec/DD/20100524/DI";
interface Box { x: number; y: number; w: number; h: number }
const GAP = 44, ASIDE = 40;

function size(node: Node): { w: number; h: number } { return node.tag.endsWith("Gateway") ? { w: 50, h: 50 } : node.tag.endsWith("Event") ? { w: 36, h: 36 } : { w: 140, h: 80 }; }

/** Where each node stands: one column, branches side by side. */
export function layout(model: Model): Map<string, Box> {
  const found = new Map<string, Box>();
  const width = (items: readonly Item[]): number => Math.max(160, ...items.map((one) => one.kind === "jump" ? 0 : own(one) + one.asides.reduce((sum, aside) => sum + ASIDE + width(aside.items), 0)));
  const own = (one: Exclude<Item, { kind: "jump" }>): number => one.kind === "node" ? 160 : one.branches.reduce((sum, branch) => sum + width(branch.items) + ASIDE, -ASIDE);
  const place = (items: readonly Item[], centre: number, top: number): number => {
    let y = top;
    for (const one of items) {
      if (one.kind === "jump") continue;
      const node = model.nodes.get(one.id) as Node, { w, h } = size(node);
      found.set(one.id, { x: Math.round(centre - w / 2), y, w, h });
      let right = centre + own(one) / 2 + ASIDE;
      let low = y + h;
      for (const aside of one.asides) {
        const side = width(aside.items);
        found.set(aside.line, { x: Math.round(centre + w / 2 - 18), y: Math.round(y + h / 2 - 18), w: 36, h: 36 });
        low = Math.max(low, place(aside.items, right + side / 2, y) - GAP);
        right += side + ASIDE;
      }
      y += h + GAP;
      if (one.kind === "split") {
        let left = centre - own(one) / 2, deepest = y;
        for (const branch of one.branches) { const side = width(branch.items); deepest = Math.max(deepest, place(branch.items, left + side / 2, y)); left += side + ASIDE; }
        y = deepest;
      }
      y = Math.max(y, low + GAP);
    }
    return y;
  };
  const { items, loose } = tree(model);
  let left = 100 + width(items) / 2;
  place(items, left, 80);
  for (const some of loose) { left += width(some) + 80; place(some, left, 80); }
  return found;
}

/** The name of a gateway or an event stands beside it: below runs its line. */
function labelOf(node: Node | undefined, box: Box): Box | null {
  if (!node || !node.text || box.w > 50) return null;
  const h = 14 * Math.min(4, Math.ceil([...node.text].reduce((sum, one) => sum + (one > "\u2e80" ? 11 : 6), 0) / LABEL));
  return { x: box.x + box.w + 6, y: Math.round(box.y + (box.h - h) / 2), w: LABEL, h };
}
const LABEL = 90;

function way(a: Box, b: Box): [number, number][] {
  const ax = a.x + a.w / 2, bx = b.x + b.w / 2, bottom = a.y + a.h;
  if (b.y >= bottom) { const half = Math.round(bottom + (b.y - bottom) / 2); return ax === bx ? [[ax, bottom], [bx, b.y]] : [[ax, bottom], [ax, half], [bx, half], [bx, b.y]]; }
  if (b.x >= a.x + a.w) { const half = Math.round((a.x + a.w + b.x) / 2), ay = a.y + a.h / 2, by = b.y + b.h / 2; return ay === by ? [[a.x + a.w, ay], [b.x, by]] : [[a.x + a.w, ay], [half, ay], [half, by], [b.x, by]]; }
  const side = Math.max(a.x + a.w, b.x + b.w) + 24; // back up, round the side
  return [[a.x + a.w, a.y + a.h / 2], [side, a.y + a.h / 2], [side, b.y + b.h / 2], [b.x + b.w, b.y + b.h / 2]];
}

/** The file with a picture of every node and line: its own where it has one, else one that is laid out. */
export function pictured(source: string): string {
  const doc = parse(source), model = read(doc), root = doc.documentElement;
  const local = (text: string | null) => (text ?? "").split(":").pop() ?? "";
  const drawn = new Map([...root.getElementsByTagNameNS(DI, "BPMNShape"), ...root.getElementsByTagNameNS(DI, "BPMNEdge")].map((one) => [local(one.getAttribute("bpmnElement")), one]));
  const whole = [...model.nodes.keys()].every((id) => drawn.has(id));
  const within = everyNode(model).flatMap((one) => one.inner ?? []);
  // drawn already, and still there: a picture that is laid out anew takes those of sub-processes with it
  const shown = (one: Model) => whole && [...one.nodes.keys(), ...one.lines.keys()].every((id) => drawn.has(id));
  if (shown(model) && within.every(shown)) return source;
  let boxes: Map<string, Box>;
  let plane: Element;
  const prefixes: [string, string][] = [["bpmndi", DI], ["dc", DC], ["di", DD]];
  for (const [prefix, uri] of prefixes) if (!root.lookupPrefix(uri)) root.setAttributeNS("http://www.w3.org/2000/xmlns/", `xmlns:${prefix}`, uri);
  const make = (uri: string, name: string, attributes: Record<string, string | number>) => { const one = doc.createElementNS(uri, `${root.lookupPrefix(uri) ?? "bpmndi"}:${name}`); for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, String(value)); return one; };
  if (whole) {
    boxes = new Map([...model.nodes.keys()].map((id) => { const at = drawn.get(id)?.getElementsByTagNameNS(DC, "Bounds")[0]; const n = (name: string) => Number(at?.getAttribute(name) ?? 0); return [id, { x: n("x"), y: n("y"), w: n("width"), h: n("height") }]; }));
    plane = root.getElementsByTagNameNS(DI, "BPMNPlane")[0] as Element;
  } else {
    // what stood inside is laid out anew too
    for (const old of [...root.getElementsByTagNameNS(DI, "BPMNDiagram")]) old.remove();
    boxes = layout(model);
    plane = sheet(model, boxes, "heli");
  }
  lines(model, boxes, plane, whole);
  for (const inner of within) {
    if (shown(inner)) continue;
    const own = [...root.getElementsByTagNameNS(DI, "BPMNPlane")].find((one) => local(one.getAttribute("bpmnElement")) === inner.id);
    if (!own && whole && [...inner.nodes.keys()].some((id) => drawn.has(id))) continue; // drawn open, among what stands around it
    own?.parentElement?.remove();
    const laid = layout(inner);
    lines(inner, laid, sheet(inner, laid, `heli_${inner.id}`), false);
  }
  return print(doc, source);

  function sheet(one: Model, at: Map<string, Box>, name: string): Element {
    const diagram = make(DI, "BPMNDiagram", { id: `${name}_diagram` }), made = make(DI, "BPMNPlane", { id: `${name}_plane`, bpmnElement: one.id });
    diagram.append(made);
    root.append(diagram);
    for (const [id, box] of at) { const shape = make(DI, "BPMNShape", { id: `${id}_di`, bpmnElement: id }); shape.append(make(DC, "Bounds", { x: box.x, y: box.y, width: box.w, height: box.h })); const label = labelOf(one.nodes.get(id), box); if (label) { const said = make(DI, "BPMNLabel", {}); said.append(make(DC, "Bounds", { x: label.x, y: label.y, width: label.w, height: label.h })); shape.append(said); } made.append(shape); }
    return made;
  }
  function lines(one: Model, at: Map<string, Box>, on: Element, some: boolean): void {
    for (const line of one.lines.values()) {
      const a = at.get(line.source), b = at.get(line.target);
      if (!a || !b || (some && drawn.has(line.id))) continue;
      const edge = make(DI, "BPMNEdge", { id: `${line.id}_di`, bpmnElement: line.id });
      for (const [x, y] of way(a, b)) edge.append(make(DD, "waypoint", { x, y }));
      on.append(edge);
    }
  }
}

const OWN_LINES = new Set(["incoming", "outgoing", "extensionElements"]);
function bare(element: Element): Element[] { return [...element.children].filter((one) => one.namespaceURI === BPMN && !OWN_LINES.has(one.localName)); }
function text(element: Element): string { return [element.localName, ...[...element.attributes].filter((one) => one.localName !== "id" && !one.name.startsWith("xmlns")).map((one) => `${one.localName}=${one.value.split(":").pop()}`).sort(), element.children.length ? [...element.children].map(text).join() : (element.textContent ?? "").trim()].join("|"); }

/** The elements that a file has, by their ids. */
export function drawnIn(source: string): ReadonlySet<string> { return new Set([...(processOf(parse(source))?.children ?? [])].map((one) => one.getAttribute("id") ?? "")); }

/** What was changed on the diagram (of what its tool `held` before), in the file as it was: elements that the tool left out stay, and so does all that is ours. */
export function taken(ours: string, theirs: string, held?: ReadonlySet<string>): string {
  const doc = parse(ours), other = parse(theirs);
  const mine = processOf(doc) as Element, yours = processOf(other) as Element;
  const ids = (process: Element) => new Map([...process.children].filter((one) => one.namespaceURI === BPMN && one.getAttribute("id")).map((one) => [one.getAttribute("id") as string, one]));
  const had = ids(mine), has = ids(yours);
  const adopt = (element: Element): Element => { const made = doc.importNode(element, true) as Element; return made; };
  for (const [id, element] of has) {
    const old = had.get(id);
    if (!old || old.localName !== element.localName) {
      const made = adopt(element);
      if (old) { const kept = extensions(old); if (kept && !extensions(made)) made.prepend(kept); old.replaceWith(made); } else mine.append(doc.createTextNode("  "), made, doc.createTextNode("\n  "));
      continue;
    }
    for (const one of [...element.attributes]) if (!one.name.startsWith("xmlns") && !one.namespaceURI && old.getAttribute(one.name) !== one.value) old.setAttribute(one.name, one.value);
    for (const one of [...old.attributes]) if (!one.namespaceURI && !one.name.startsWith("xmlns") && !element.hasAttribute(one.name)) old.removeAttribute(one.name);
    if (bare(old).map(text).join("\n") !== bare(element).map(text).join("\n")) {
      const said = new Map([...old.getElementsByTagNameNS(BPMN, "*")].flatMap((one) => { const id = one.getAttribute("id"), own = extensions(one); return id && own ? [[id, own] as const] : []; }));
      for (const one of bare(old)) one.remove();
      for (const one of bare(element)) old.append(adopt(one));
      // what is ours of the steps of a sub-process stays, as of those around it
      for (const one of old.getElementsByTagNameNS(BPMN, "*")) { const own = said.get(one.getAttribute("id") ?? ""); if (own) { extensions(one)?.remove(); one.prepend(own); } }
    }
    if (old.getElementsByTagNameNS(BPMN, "incoming").length + old.getElementsByTagNameNS(BPMN, "outgoing").length) {
      for (const one of [...old.children].filter((child) => child.namespaceURI === BPMN && (child.localName === "incoming" || child.localName === "outgoing"))) one.remove();
      const after = [...old.children].filter((child) => child.namespaceURI === BPMN && (child.localName === "documentation" || child.localName === "extensionElements")).pop();
      const lines = [...element.children].filter((child) => child.namespaceURI === BPMN && (child.localName === "incoming" || child.localName === "outgoing")).map(adopt);
      if (after) after.after(...lines); else old.prepend(...lines);
    }
  }
  for (const [id, element] of had) if (!has.has(id) && (!held || held.has(id))) element.remove();
  const name = yours.getAttribute("name");
  if (name !== null) mine.setAttribute("name", name);
  for (const old of [...doc.documentElement.getElementsByTagNameNS(DI, "BPMNDiagram")]) old.remove();
  for (const one of [...other.documentElement.getElementsByTagNameNS(DI, "BPMNDiagram")]) doc.documentElement.append(adopt(one));
  if (!doc.documentElement.lookupPrefix(HELI)) doc.documentElement.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns:heli", HELI);
  return print(doc, ours);
}
