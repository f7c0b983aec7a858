/** The process as one column of cards with branches in it. Everything is reached by arrow keys: cards, branches and the places where something can be added. */
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createContext, Fragment, use, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useI18n, type Key } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Key as Keycap } from "../../kit/parts";
import { processesQuery } from "../queries";
import { empty, movable, type Insert } from "./edit";
import { GATEWAYS, holderOf, type Model, type Node } from "./file";
import { conditionText, eachText, hearsText, ICONS, kindOf, saysText, nodeText, rulesText, spanText, startText } from "./told";
import { tree, type Branch, type Item } from "./tree";
import type { Kit } from "./types";

export type Mark = "error" | "warning" | "note";
/** What stands beside a card, by node: how a trial or a comparison sees it. */
export interface Beside { tone: "current" | "done" | "added" | "changed" | "halted"; words: string }
export interface Drawing {
  model: Model; kit: Kit | undefined; chosen: string | null; marks: ReadonlyMap<string, Mark>; beside?: ReadonlyMap<string, Beside>; locked: boolean;
  onChoose: (id: string | null, open?: boolean) => void;
  /** The first step of a process without any. */
  onBegin: () => void;
  onInsert: (line: string, what: Insert) => void; onBranch: (split: string) => void; onRemove: (id: string) => void; onPrune: (split: string, line: string) => void; /** Let it begin with this step. */ onStart?: (first: string) => void; onMove: (id: string, line: string) => void;
}
const Context = createContext<Drawing | null>(null);
function useDrawing(): Drawing { const found = use(Context); if (!found) throw new Error("no drawing"); return found; }
const INSERTS: readonly Insert[] = ["user", "parallel", "choice", "inclusive", "send", "service", "timer", "message", "first", "throw", "sub", "call", "rule"];
export const DRAGGED = "application/x-heli-step";

export function Canvas({ items, loose, ...drawing }: Drawing & { items: Item[]; loose: Item[][] }) {
  const { t } = useI18n();
  const box = useRef<HTMLDivElement>(null);
  // where the drawing is wider than there is room, it begins in sight
  useEffect(() => { box.current?.querySelector("[data-stop]")?.scrollIntoView({ block: "nearest", inline: "center" }); }, []);
  const bare = empty(drawing.model);
  const keys = (event: KeyboardEvent<HTMLDivElement>) => {
    const arrows: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    const way = arrows[event.key];
    const here = (event.target as HTMLElement).closest<HTMLElement>("[data-stop]");
    if (!here || !box.current) return;
    const id = here.dataset.stop ?? "", kind = here.dataset.kind;
    const line = here.dataset.line ?? "";
    if (way && event.altKey && kind === "node") { event.preventDefault(); shift(id, way[1]); return; }
    if (way && !event.altKey && !event.ctrlKey && !event.metaKey) { event.preventDefault(); nearest(box.current, here, way)?.focus(); return; }
    if (drawing.locked || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); if (kind === "branch") drawing.onPrune(here.dataset.split ?? "", id); else if (kind === "node") drawing.onRemove(id); return; }
    if (bare && (key === "a" || key === "insert")) { event.preventDefault(); drawing.onBegin(); return; }
    const added: Record<string, Insert> = { a: "user", insert: "user", p: "parallel", c: "choice" };
    const what = added[key];
    if (what && line) { event.preventDefault(); drawing.onInsert(line, what); } else if (what === "user" && kind === "node" && GATEWAYS.has(holderOf(drawing.model, id).nodes.get(id)?.kind ?? "other")) { event.preventDefault(); drawing.onBranch(id); }
  };
  /** One step up or down the line that it stands on. */
  const shift = (id: string, by: number) => {
    const model = holderOf(drawing.model, id), node = model.nodes.get(id);
    if (!node || drawing.locked || !movable(model, id)) return;
    const other = by < 0 ? model.lines.get(node.incoming[0] ?? "")?.source : model.lines.get(node.outgoing[0] ?? "")?.target;
    const next = model.nodes.get(other ?? "");
    const line = by < 0 ? next?.incoming[0] : next?.outgoing[0];
    if (next && line && next.kind !== "start" && next.kind !== "end") drawing.onMove(id, line);
  };
  // A process that begins in several ways has other starts; what nothing leads to is lost.
  const begins = (some: Item[]) => some[0] !== undefined && some[0].kind !== "jump" && drawing.model.nodes.get(some[0].id)?.kind === "start";
  const others = loose.filter(begins), lost = loose.filter((some) => !begins(some));
  // A file without a start, which is said to need one: here it gets it.
  const firstOf = (some: Item[]) => (drawing.onStart && drawing.model.start === null && !drawing.locked && some[0] && some[0].kind !== "jump" && drawing.model.nodes.get(some[0].id)?.kind !== "end" ? some[0].id : null);
  return (
    <Context value={drawing}>
      <div ref={box} className="draw" role="group" aria-label={t("design.canvas")} onKeyDown={keys} onClick={(event) => { if (event.target === event.currentTarget) drawing.onChoose(null); }}>
        {bare ? <First /> : null}
        {others.map((some, at) => <section key={`s${at}`} className="draw-start" aria-label={t("design.otherStart")}><h3 className="dim">{t("design.otherStart")}</h3><Column items={some} /></section>)}
        {items.length ? <Column items={items} /> : null}
        {lost.length ? <section className="draw-loose" aria-label={t("design.loose")}><h3 className="warn row"><Icon name="alert" small />{t("design.loose")}</h3>{lost.map((some, at) => { const first = firstOf(some); return <Fragment key={at}>{first ? <button type="button" className="tool framed" onClick={() => drawing.onStart?.(first)}><Icon name="flag" small />{t("design.startHere")}</button> : null}<Column items={some} /></Fragment>; })}</section> : null}
      </div>
    </Context>
  );
}

/** What to do first where nothing is drawn yet. */
function First() {
  const { locked, onBegin } = useDrawing();
  const { t } = useI18n();
  return (
    <section className="draw-first" aria-label={t("design.noneTitle")}>
      <h3>{t("design.noneTitle")}</h3>
      {locked ? null : <><p className="soft">{t("design.noneText")}</p><Button variant="filled" data-stop="first" data-kind="first" leftSection={<Icon name="plus" small />} rightSection={<Keycap>A</Keycap>} onClick={onBegin}>{t("design.noneAdd")}</Button></>}
    </section>
  );
}

/** The next thing in that direction: what lies most nearly straight ahead. */
function nearest(box: HTMLElement, from: HTMLElement, [dx, dy]: [number, number]): HTMLElement | null {
  const a = from.getBoundingClientRect(), ax = a.left + a.width / 2, ay = a.top + a.height / 2;
  let best: HTMLElement | null = null, least = Infinity;
  for (const one of box.querySelectorAll<HTMLElement>("[data-stop]")) {
    if (one === from) continue;
    const b = one.getBoundingClientRect(), x = b.left + b.width / 2 - ax, y = b.top + b.height / 2 - ay;
    const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead <= 2) continue;
    const far = ahead + aside * 2.5;
    if (far < least) { least = far; best = one; }
  }
  return best;
}

function Column({ items }: { items: Item[] }) {
  return <ol className="draw-column">{items.map((one, at) => <li key={one.kind === "jump" ? `j${one.line}` : one.id}><One item={one} last={at === items.length - 1} /></li>)}</ol>;
}

function One({ item, last }: { item: Item; last: boolean }) {
  const { model, onBranch, locked } = useDrawing();
  const { t } = useI18n();
  if (item.kind === "jump") return <Jump to={item.to} />;
  const node = model.nodes.get(item.id);
  if (!node) return null;
  if (item.kind === "node") {
    const quiet = GATEWAYS.has(node.kind) && !node.text;
    const card = quiet ? <Dot node={node} line={item.line} /> : GATEWAYS.has(node.kind) ? <Pill node={node} line={item.line} /> : node.inner ? <Sub node={node} inner={node.inner} line={item.line} /> : <Card node={node} line={item.line} />;
    return (
      <>
        {item.asides.length ? <div className="draw-beside"><div className="draw-beside-own">{card}</div>{item.asides.map((one) => <Aside key={one.line} branch={one} />)}</div> : card}
        {item.line ? <Plus line={item.line} end={last} /> : null}
      </>
    );
  }
  return (
    <>
      {GATEWAYS.has(node.kind) ? <Pill node={node} line={null} /> : <Card node={node} line={null} />}
      {locked ? <i className="draw-wire" /> : <div className="draw-plus"><button className="draw-add wide" data-stop={`b:${node.id}`} data-kind="add-branch" tabIndex={-1} onClick={() => onBranch(node.id)}><Icon name="plus" small />{t("design.addBranch")}</button></div>}
      <div className="draw-fork" role="group" aria-label={t(`design.kind.${node.kind}` as Key)}>
        {item.branches.map((one, at) => <Way key={one.line} branch={one} split={node} number={at + 1} />)}
      </div>
    </>
  );
}

/** A sub-process, opened in its place: a column of its own, drawn and changed as the process is. */
function Sub({ node, inner, line }: { node: Node; inner: Model; line: string | null }) {
  const drawing = useDrawing();
  const { t, lang } = useI18n();
  const [open, setOpen] = useState(true);
  const { items, loose } = tree(inner);
  return (
    <section className="draw-sub" aria-label={nodeText(node, lang, t)}>
      <div className="draw-sub-head"><Card node={node} line={line} /><button className="ib" aria-expanded={open} aria-label={t(open ? "design.foldSub" : "design.openSub")} title={t(open ? "design.foldSub" : "design.openSub")} onClick={() => setOpen(!open)}><Icon name={open ? "down" : "right"} small /></button></div>
      {open ? <Context value={{ ...drawing, model: inner }}><div className="draw-inner"><Column items={items} />{loose.map((some, at) => <Column key={at} items={some} />)}</div></Context> : null}
    </section>
  );
}

function Way({ branch, split, number }: { branch: Branch; split: Node; number: number }) {
  const { model, kit, chosen, onChoose, marks } = useDrawing();
  const { t, w, lang } = useI18n();
  const line = model.lines.get(branch.line);
  const events = split.kind === "events", plain = split.kind === "parallel" || events;
  const isDefault = split.default === branch.line;
  const text = events ? t("design.whenFirst") : plain ? t("design.branch", { n: number }) : line?.condition ? conditionText(line.condition, kit, t, w) : isDefault ? t("design.else") : t("design.always");
  const mark = marks.get(branch.line);
  const bare = !plain && !line?.condition && !isDefault;
  return (
    <div className="draw-way">
      <i className="draw-wire" />
      <button
        className={`draw-label${bare ? " bare" : ""}`} data-stop={branch.line} data-kind="branch" data-split={split.id} data-line={branch.line} tabIndex={-1} aria-pressed={chosen === branch.line}
        aria-label={t("design.branchOf", { name: nodeText(split, lang, t), n: number }) + t("kit.colon") + text} onClick={() => onChoose(branch.line, true)}
      >{bare || mark ? <span className="warn"><Icon name="alert" small /></span> : null}<span className="cut">{text}</span></button>
      {events ? <i className="draw-wire" /> : <Plus line={branch.line} />}
      <Column items={branch.items} />
      <i className="draw-wire grow" />
    </div>
  );
}

function Aside({ branch }: { branch: Branch }) {
  const { model } = useDrawing();
  const event = model.nodes.get(branch.line);
  const line = event?.outgoing[0];
  if (!event) return null;
  return <div className="draw-aside"><Card node={event} line={line ?? null} small />{line ? <Plus line={line} /> : null}<Column items={branch.items} /></div>;
}

/** Where ways only meet has no name: what stands behind it says where a way leads. */
function saying(model: Model, node: Node): Node {
  const next = GATEWAYS.has(node.kind) && !node.text && node.outgoing.length === 1 ? model.nodes.get(model.lines.get(node.outgoing[0] ?? "")?.target ?? "") : undefined;
  return next && !GATEWAYS.has(next.kind) ? next : node;
}
function Jump({ to }: { to: string }) {
  const { model, onChoose } = useDrawing();
  const { t, lang } = useI18n();
  const node = model.nodes.get(to);
  return <div className="draw-jump"><i className="draw-wire" /><button className="chip" data-stop={`j:${to}`} data-kind="jump" tabIndex={-1} onClick={() => onChoose(to)}><Icon name="undo" small />{t("design.jump", { name: node ? nodeText(saying(model, node), lang, t) : to })}</button></div>;
}

function useStop(node: Node, line: string | null) {
  const { chosen, onChoose, locked, model } = useDrawing();
  const moves = !locked && movable(model, node.id);
  return {
    "data-stop": node.id, "data-kind": "node", "data-line": line ?? "", id: `step-${node.id}`, tabIndex: chosen === node.id || (chosen === null && node.kind === "start") ? 0 : -1, "aria-pressed": chosen === node.id,
    onClick: () => onChoose(node.id, true), draggable: moves,
    onDragStart: (event: React.DragEvent) => { event.dataTransfer.setData(DRAGGED, node.id); event.dataTransfer.effectAllowed = "move"; document.documentElement.classList.add("drawing-drags"); },
    onDragEnd: () => document.documentElement.classList.remove("drawing-drags"),
  } as const;
}

function Pill({ node, line }: { node: Node; line: string | null }) {
  const { marks, beside } = useDrawing();
  const { t, lang } = useI18n();
  const extra = beside?.get(node.id);
  return <button className={`draw-pill${extra ? ` is-${extra.tone}` : ""}`} {...useStop(node, line)}>{marks.get(node.id) ? <MarkOf mark={marks.get(node.id)} /> : <Icon name={ICONS[node.kind]} small />}<span className="cut">{nodeText(node, lang, t)}</span>{extra ? <span className="draw-extra" title={extra.words}>{extra.words}</span> : null}</button>;
}
/** Where branches meet: nothing to say, but a place to stand on. */
function Dot({ node, line }: { node: Node; line: string | null }) {
  const { t } = useI18n();
  const { marks } = useDrawing();
  return <button className="draw-dot" {...useStop(node, line)} aria-label={t(`design.kind.${node.kind}` as Key)}>{marks.get(node.id) ? <MarkOf mark={marks.get(node.id)} /> : null}</button>;
}
function MarkOf({ mark }: { mark: Mark | undefined }) {
  const { t } = useI18n();
  if (!mark) return null;
  return <span className={mark === "error" ? "bad draw-mark" : mark === "warning" ? "warn draw-mark" : "dim draw-mark"} title={t(mark === "error" ? "design.problemsHere" : "design.checks")}><Icon name={mark === "error" ? "ban" : mark === "warning" ? "alert" : "info"} small /><span className="unseen">{t("design.problemsHere")}</span></span>;
}

function Chip({ letter, text }: { letter: string; text: string }) { return <span className="chip draw-raci"><b>{letter}</b><span className="cut">{text}</span></span>; }

function Card({ node, line, small }: { node: Node; line: string | null; small?: boolean }) {
  const { kit, marks, beside } = useDrawing();
  const calls = useQuery({ ...processesQuery, enabled: node.kind === "call" }).data?.items;
  const { t, w, lang } = useI18n();
  const stop = useStop(node, line);
  const { task } = node;
  const mark = marks.get(node.id), extra = beside?.get(node.id);
  const people = task.assignees.length ? rulesText(task.assignees, kit, t, w, lang) : "";
  const mode = task.people.mode && task.people.mode !== "any" ? t(`design.mode.${task.people.mode}` as Key).split(/[：:]/)[0] : "";
  const verb = task.does ? w(kit?.verbs.find((one) => one.code === task.does?.verb)?.name ?? null) || task.does.verb : "";
  const said = node.kind === "start" ? startText(node, kit, t, w) : node.hears ? hearsText(node, kit, t, w) : node.says ? saysText(node, t) : node.kind === "call" ? w(calls?.find((one) => one.code === task.call?.process)?.name ?? null) || task.call?.process || t("design.choose") : task.table ? t("design.tableCard", { n: task.table.rules.length, m: task.table.outputs.join(", ") }) : "";
  const lasts = node.kind === "start" ? "" : node.timer?.text;
  const counted = (task.form.edit ?? "").split(/\s+/).filter(Boolean).length;
  return (
    <button className={`draw-card${small ? " small" : ""}${mark === "error" ? " wrong" : ""}${extra ? ` is-${extra.tone}` : ""}`} {...stop}>
      <span className="row"><span className="draw-icon"><Icon name={ICONS[kindOf(node)]} small /></span><span className="cut draw-name">{nodeText(node, lang, t)}</span>{mark ? <span className="end"><MarkOf mark={mark} /></span> : null}{extra ? <span className="chip end draw-extra" title={extra.words}>{extra.words}</span> : null}</span>
      {node.kind === "user" || node.kind === "send" ? <span className="draw-line"><Chip letter={node.kind === "send" ? "I" : task.accountable.length ? "R" : "R/A"} text={people || t("design.choose")} />{mode ? <span className="soft">{mode}</span> : null}</span> : null}
      {task.accountable.length || task.consulted.length || task.informed.length ? <span className="draw-line">{task.accountable.length ? <Chip letter="A" text={rulesText(task.accountable, kit, t, w, lang)} /> : null}{task.consulted.length ? <Chip letter="C" text={rulesText(task.consulted, kit, t, w, lang)} /> : null}{task.informed.length ? <Chip letter="I" text={rulesText(task.informed, kit, t, w, lang)} /> : null}</span> : null}
      {said ? <span className="draw-line soft"><span className="cut">{said}</span></span> : null}
      {task.each ? <span className="draw-line soft"><span className="row tight"><Icon name="columns" small />{eachText(task.each, kit, t, w)}</span></span> : null}
      {task.handoff ? <span className="draw-line soft"><span className="row tight"><Icon name="swap" small />{t("design.handoffCard", { n: task.handoff.fields.length + task.handoff.file.length + task.handoff.note.length, m: task.handoff.criterion.length })}</span></span> : null}
      {task.sla.within || lasts || verb || counted ? <span className="draw-line soft">{task.sla.within ? <span className="row tight"><Icon name="clock" small />{spanText(task.sla.within, t)}</span> : null}{lasts ? <span>{spanText(lasts, t, true)}</span> : null}{verb ? <span className="row tight"><Icon name="check" small />{verb}</span> : null}{counted ? <span className="row tight"><Icon name="edit" small />{counted}</span> : null}</span> : null}
    </button>
  );
}

function Plus({ line, end }: { line: string; end?: boolean }) {
  const { onInsert, onMove, locked } = useDrawing();
  const { t } = useI18n();
  const [over, setOver] = useState(false);
  if (locked) return <i className={`draw-wire${end ? " last" : ""}`} />;
  return (
    <div className={`draw-plus${over ? " over" : ""}`} onDragOver={(event) => { if (event.dataTransfer.types.includes(DRAGGED)) { event.preventDefault(); setOver(true); } }} onDragLeave={() => setOver(false)} onDrop={(event) => { event.preventDefault(); setOver(false); document.documentElement.classList.remove("drawing-drags"); const id = event.dataTransfer.getData(DRAGGED); if (id) onMove(id, line); }}>
      <Menu position="right-start" width={220}>
        <Menu.Target><button className="draw-add" data-stop={`+${line}`} data-kind="plus" data-line={line} tabIndex={-1} aria-label={t("design.add")}><Icon name="plus" small /></button></Menu.Target>
        <Menu.Dropdown aria-label={t("design.addMenu")}>{INSERTS.map((one) => <Menu.Item key={one} leftSection={<Icon name={one === "parallel" ? "columns" : one === "choice" ? "swap" : one === "first" ? ICONS.events : ICONS[one]} small />} onClick={() => onInsert(line, one)}>{t(`design.add.${one}`)}</Menu.Item>)}</Menu.Dropdown>
      </Menu>
    </div>
  );
}

export function Legend({ children }: { children: ReactNode }) { return <p className="draw-keys hide-phone">{children}</p>; }
