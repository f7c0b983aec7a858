/** What one step, one branch or the whole process says, to be changed. What fails there stands first. */
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useI18n, type Key } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useToasts } from "../../kit/toast";
import { ConditionBox } from "./condition";
import * as edit from "./edit";
import { GATEWAYS, nameText, type Hears, type Line, type Model, type Node, type Says } from "./file";
import { CallParts, TableParts } from "./calls";
import { EACH, EachParts } from "./each";
import { FormFields, HoldFields } from "./fields";
import { HandoffPanel } from "./handoff";
import { NameFields, names } from "./names";
import { Choice, Rules } from "./rules";
import type { Place } from "./suggested";
import { kindOf, knownOf, nodeText, spanOf, stepName, toSpan } from "./told";
import { kitQuery, type Kit, type KitHears, type Noted } from "./types";

export interface PanelProps {
  /** What holds it, and the process with all that it holds. */
  model: Model; whole: Model; kit: Kit; id: string; noted: readonly Noted[]; locked: boolean;
  /** It leaves the keyboard where it is when it opens. */
  quiet: boolean;
  /** Makes a change; what is to be chosen then. */ onEdit: (change: edit.Edit) => string | undefined; onRemove: (id: string) => void; onPrune: (split: string, line: string) => void; onClose: () => void; onChoose: (id: string) => void;
}
const PEOPLE = ["any", "all", "sequence", "vote", "claim"] as const;
const MOVES = ["reject", "transfer", "delegate", "add_signer", "remove_signer", "take_back"] as const;

export function Panel(props: PanelProps) {
  const { t, w, lang } = useI18n();
  const { model, id, noted, onClose, quiet } = props;
  const box = useRef<HTMLElement>(null);
  useEffect(() => { if (!quiet && !box.current?.contains(document.activeElement)) box.current?.focus(); }, [id]);
  const node = model.nodes.get(id), line = model.lines.get(id);
  const split = line ? model.nodes.get(line.source) : undefined;
  const title = node ? nodeText(node, lang, t) : split && line ? t("design.branchOf", { name: nodeText(split, lang, t), n: split.outgoing.indexOf(id) + 1 }) : t("design.processPanel");
  const own = noted.filter((one) => one.place === id);
  return (
    <aside ref={box} className={node?.kind === "rule" ? "draw-panel wide" : "draw-panel"} aria-label={title} tabIndex={-1} onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); onClose(); } }}>
      <header className="row draw-panel-head"><h2 className="cut">{title}</h2>{node && t(`design.kind.${kindOf(node)}` as Key) !== title ? <span className="dim">{t(`design.kind.${kindOf(node)}` as Key)}</span> : null}<button className="ib end" aria-label={t("design.close")} onClick={onClose}><Icon name="x" small /></button></header>
      <div className="draw-panel-body" key={id}>
        {own.length ? <ul className="draw-noted" aria-label={t("design.problemsHere")}>{own.map((one, at) => <li key={at} className={`note row ${one.level === undefined ? "red" : one.level === "warning" ? "amber" : ""}`}><Icon name={one.level === undefined ? "ban" : one.level === "warning" ? "alert" : "info"} small /><span>{w(one.message)}</span></li>)}</ul> : null}
        {node ? <StepParts {...props} node={node} /> : line && split ? <BranchParts {...props} line={line} split={split} /> : <ProcessParts {...props} />}
      </div>
    </aside>
  );
}

function Section({ title, open, place, children }: { title: string; open?: boolean; place?: Place; children: ReactNode }) {
  return <details className="draw-section" open={open} data-place={place}><summary>{title}</summary><div className="stack">{children}</div></details>;
}
function Text({ label, value, onChange, disabled, help }: { label: string; value: string; onChange: (value: string) => void; disabled: boolean; help?: string }) {
  const id = useId();
  return <div><label className="field-label" htmlFor={id}>{label}</label><input id={id} className="box" value={value} maxLength={200} disabled={disabled} onChange={(event) => onChange(event.target.value)} />{help ? <p className="field-help">{help}</p> : null}</div>;
}

function Named({ id, name, locked, onEdit }: { id: string; name: { zh: string; en: string }; locked: boolean; onEdit: PanelProps["onEdit"] }) {
  return <NameFields text={nameText(name.zh, name.en)} locked={locked} onChange={(text) => onEdit((doc) => edit.rename(doc, id, text))} />;
}

const OUTCOMES = ["", "approve", "reject"] as const;

function Span({ label, text, locked, none, onChange }: { label: string; text: string; locked: boolean; none?: string; onChange: (text: string) => void }) {
  const { t } = useI18n();
  const id = useId();
  const found = spanOf(text);
  const unit = found?.unit ?? "D";
  if (text && !found) return <Text label={label} value={text} disabled={locked} onChange={onChange} />;
  return (
    <div><label className="field-label" htmlFor={id}>{label}</label>
      <div className="row"><input id={id} className="box draw-n" type="number" min={1} max={999} disabled={locked} placeholder={none ?? ""} value={found ? found.n : ""} onChange={(event) => { const n = Math.floor(Number(event.target.value)); onChange(n > 0 && n < 1000 ? toSpan(n, unit) : ""); }} />
        <select className="box draw-unit" aria-label={`${label} · ${t("design.unit.D")}/${t("design.unit.H")}`} disabled={locked || !found} value={unit} onChange={(event) => { if (found) onChange(toSpan(found.n, event.target.value as "D" | "H" | "M")); }}>{(["D", "H", "M"] as const).map((one) => <option key={one} value={one}>{t(`design.unit.${one}`)}</option>)}</select></div>
    </div>
  );
}

/** One of a few values of an attribute of ours. */
function Of({ label, name, of, value, options, prefix, locked, id, onEdit }: { label: string; name: string; of: string; value: string; options: readonly string[]; prefix: string; locked: boolean; id: string; onEdit: PanelProps["onEdit"] }) {
  const { t } = useI18n();
  return <Choice label={label} disabled={locked} value={value} options={options.map((one) => ({ code: one, name: { zh: t(`design.${prefix}.${one}` as Key), en: t(`design.${prefix}.${one}` as Key) } }))} onChange={(next) => onEdit((doc) => edit.set(doc, id, of, { [name]: next }))} />;
}

function StepParts({ node, model, whole, kit, locked, onEdit, onRemove, onChoose }: PanelProps & { node: Node }) {
  const { t, w, lang } = useI18n();
  const { task, id } = node;
  const people = node.kind === "user" || node.kind === "send";
  const acts = node.kind === "user" || node.kind === "service";
  const one = { locked, id, onEdit };
  const earlier = [...model.nodes.values()].filter((other) => other.kind === "user" && other.id !== id);
  const [sorted, sort] = useState(0), fields = model.subject !== null && kit.fields.length > 0;
  const seen = edit.seen(node), withheld = kit.fields.filter((one) => kit.withheld.includes(one.code) && one.reads && !seen.includes(one.code));
  const little = edit.blind(node, kit), alike = little ? edit.seenBefore(model, node, kit) : null, leading = kit.leading.join(" ");
  const gateway = GATEWAYS.has(node.kind);
  return (
    <>
      <Named id={id} name={node.name} locked={locked} onEdit={onEdit} />
      {people ? <div data-place="who"><Rules label={t(node.kind === "send" ? "design.whoTold" : "design.who")} rules={task.assignees} kit={kit} locked={locked} onChange={(rules) => onEdit((doc) => edit.setRules(doc, id, "assignee", rules))} /></div> : null}
      {node.kind === "user" ? (
        <>
          <Of label={t("design.mode")} of="people" name="mode" value={task.people.mode ?? "any"} options={PEOPLE} prefix="mode" {...one} />
          {task.people.mode === "vote" ? <Text label={t("design.share2")} value={task.people.share ?? ""} disabled={locked} onChange={(share) => onEdit((doc) => edit.set(doc, id, "people", { share }))} /> : null}
          <Section title={t("design.form")} place="form" open>
            <p className="field-help">{t(!model.subject ? "design.noSubject" : fields ? "design.formText" : "design.noFields")}</p>
            {fields && !locked ? <p className="field-help">{t("design.formBegins")}</p> : null}
            {model.subject && !locked && little && (alike || kit.leading.length > 1) ? <div><button type="button" className="tool" onClick={() => { onEdit((doc) => edit.set(doc, id, "form", { show: alike?.show ?? leading })); sort((n) => n + 1); }}><Icon name="eye" small />{alike ? t("design.formAlike", { name: nodeText(alike.node, lang, t) }) : t("design.formUsual")}</button></div> : null}
            {withheld.length && !locked ? <div className="row wrap"><span className="field-help">{t("design.formWithheld")}</span>{withheld.map((one) => <button key={one.code} type="button" className="tool" onClick={() => { onEdit((doc) => edit.set(doc, id, "form", { show: `${task.form.show ?? ""} ${one.code}`.trim() })); sort((n) => n + 1); }}><Icon name="plus" small />{w(one.name)}</button>)}</div> : null}
            {fields ? <FormFields key={sorted} form={task.form} kit={kit} locked={locked} onChange={(form) => onEdit((doc) => edit.set(doc, id, "form", form))} /> : null}
          </Section>
          <Section title={t("design.handoff")} open={task.handoff !== null}><HandoffPanel node={node} model={model} kit={kit} locked={locked} onEdit={onEdit} /></Section>
          <Section title={t("design.sla")} place="sla" open={Boolean(task.sla.within)}>
            {kit.verbs.some((verb) => verb.dated && verb.code === task.does?.verb) ? <p className="field-help">{t("design.slaDated")}</p> : null}
            <Span label={t("design.sla")} text={task.sla.within ?? ""} none={t("design.slaNone")} locked={locked} onChange={(within) => onEdit((doc) => edit.set(doc, id, "sla", within ? { within } : { within: null, remind: null, escalate: null, outcome: null, after: null }))} />
            {task.sla.within ? <div className="halves"><Span label={t("design.remind")} text={task.sla.remind ?? ""} none={t("design.slaNone")} locked={locked} onChange={(remind) => onEdit((doc) => edit.set(doc, id, "sla", { remind: remind || null }))} /><Span label={t("design.escalate")} text={task.sla.escalate ?? ""} none={t("design.slaNone")} locked={locked} onChange={(escalate) => onEdit((doc) => edit.set(doc, id, "sla", { escalate: escalate || null }))} /></div> : null}
            {task.sla.within ? <Choice label={t("design.outcome")} disabled={locked} value={task.sla.outcome ?? ""} options={OUTCOMES.map((code) => ({ code, name: { zh: t(`design.outcome.${code || "none"}`), en: t(`design.outcome.${code || "none"}`) } }))} onChange={(outcome) => onEdit((doc) => edit.set(doc, id, "sla", outcome ? { outcome } : { outcome: null, after: null }))} /> : null}
            {task.sla.within && task.sla.outcome ? <Span label={t("design.after")} text={task.sla.after ?? ""} none={t("design.afterNone")} locked={locked} onChange={(after) => onEdit((doc) => edit.set(doc, id, "sla", { after: after || null }))} /> : null}
            {node.boundaries.length === 0 && !locked ? <div><button type="button" className="tool" onClick={() => { onEdit((doc) => edit.late(doc, id, names())); }}><Icon name="clock" small />{t("design.addLate")}</button><p className="field-help">{t("design.lateText")}</p></div> : node.boundaries.map((other) => <button key={other} className="link" onClick={() => onChoose(other)}>{nodeText(model.nodes.get(other) as Node, lang, t)}</button>)}
          </Section>
          <Section title={t("design.corner")}>
            <Of label={t("design.empty")} of="people" name="empty" value={task.people.empty ?? "administrator"} options={["skip", "manager", "administrator", "stop"]} prefix="empty" {...one} />
            <Of label={t("design.self")} of="people" name="self" value={task.people.self ?? "allow"} options={["allow", "skip", "manager"]} prefix="self" {...one} />
            <Of label={t("design.same")} of="people" name="same" value={task.people.same ?? "ask"} options={["ask", "dedupe"]} prefix="same" {...one} />
          </Section>
          <Section title={t("design.moves")}>
            <div className="draw-options">{MOVES.filter((move) => move !== "reject" || !task.handoff).map((move) => <label key={move} className="row tight"><input type="checkbox" disabled={locked} checked={task.moves.includes(move)} onChange={(event) => { const next = MOVES.filter((other) => (other === move ? event.target.checked : task.moves.includes(other))); onEdit((doc) => edit.set(doc, id, "moves", { allow: next.join(" ") || null })); }} /><span>{t(`design.m.${move}`)}</span></label>)}</div>
            {task.handoff ? <p className="field-help">{t("design.handoffBack")}</p> : null}
            {task.moves.includes("reject") && !task.handoff ? (
              <>
                <Choice label={t("design.rejectTo")} disabled={locked} value={task.rejection.to ?? "any"} options={[...(["any", "previous", "start", "end"] as const).map((to) => ({ code: to, name: { zh: t(`design.to.${to}`), en: t(`design.to.${to}`) } })), ...earlier.map((other) => ({ code: other.id, name: { zh: nodeText(other, "zh", t), en: nodeText(other, "en", t) } }))]} onChange={(to) => onEdit((doc) => edit.set(doc, id, "rejection", { to }))} />
                <Of label={t("design.siblings")} of="rejection" name="siblings" value={task.rejection.siblings ?? "kept"} options={["kept", "redone"]} prefix="siblings" {...one} />
                <Of label={t("design.resubmit")} of="rejection" name="resubmit" value={task.rejection.resubmit ?? "walk"} options={["walk", "back"]} prefix="resubmit" {...one} />
              </>
            ) : null}
            <Rules label={t("design.candidates")} rules={task.candidates} kit={kit} locked={locked} onChange={(rules) => onEdit((doc) => edit.setRules(doc, id, "candidate", rules))} />
            <p className="field-help">{t("design.candidatesText")}</p>
          </Section>
        </>
      ) : null}
      {node.kind === "send" && model.subject ? (
        <Section title={t("design.copyForm")} place="form" open={Boolean(task.form.show)}>
          <p className="field-help">{t(fields ? "design.copyText" : "design.noFields")}</p>
          {fields ? <FormFields key={sorted} form={task.form} kit={kit} locked={locked} only onChange={(form) => onEdit((doc) => edit.set(doc, id, "form", form.show ? form : { ...form, lasts: null }))} /> : null}
          {task.form.show ? <Span label={t("design.copyLasts")} text={task.form.lasts ?? ""} none={t("design.copyUsual")} locked={locked} onChange={(lasts) => onEdit((doc) => edit.set(doc, id, "form", { lasts: lasts || null }))} /> : null}
        </Section>
      ) : null}
      {acts && model.subject ? <Section title={t(node.kind === "service" ? "design.serviceDoes" : "design.does")} place="does" open={node.kind === "service" || task.does !== null}><Does node={node} kit={kit} locked={locked} onEdit={onEdit} /></Section> : null}
      {node.kind === "user" && model.subject ? <Section title={t("design.joins")} open={Boolean(task.joins)}><Joins node={node} locked={locked} onEdit={onEdit} /></Section> : null}
      {node.kind === "user" ? (
        <Section title={t("design.raciTitle")} open={task.accountable.length + task.consulted.length + task.informed.length > 0}>
          <p className="field-help">{t("design.raciText")}</p>
          <Rules label={t("design.raciA")} rules={task.accountable} kit={kit} locked={locked} most={1} onChange={(rules) => onEdit((doc) => edit.setRules(doc, id, "accountable", rules))} />
          <Rules label={t("design.raciC")} rules={task.consulted} kit={kit} locked={locked} onChange={(rules) => onEdit((doc) => edit.setRules(doc, id, "consulted", rules))} />
          <Rules label={t("design.raciI")} rules={task.informed} kit={kit} locked={locked} onChange={(rules) => onEdit((doc) => edit.setRules(doc, id, "informed", rules))} />
        </Section>
      ) : null}
      {WAITS.has(node.kind) || (node.host && (node.hears || node.timer)) ? <WaitParts node={node} kit={kit} locked={locked} onEdit={onEdit} /> : null}
      {node.kind === "start" && model === whole ? <StartParts node={node} model={model} kit={kit} locked={locked} onEdit={onEdit} onChoose={onChoose} /> : null}
      {node.says ? <SayParts node={node} model={model} kit={kit} locked={locked} onEdit={onEdit} /> : null}
      {node.timer && node.kind !== "start" ? <div><Span label={t("design.waitFor")} text={node.timer.text} locked={locked} onChange={(text) => { if (text) onEdit((doc) => edit.setTimer(doc, id, text)); }} /><p className="field-help">{t("design.waitDays")}</p></div> : null}
      {node.kind === "events" ? <p className="field-help">{t("design.firstText")}</p> : null}
      {node.host ? <label className="row tight"><input type="checkbox" disabled={locked} checked={node.interrupts} onChange={(event) => onEdit((doc) => edit.setAttribute(doc, id, "cancelActivity", event.target.checked ? null : "false"))} /><span>{t(node.hears ? "design.interruptsEvent" : "design.interrupts")}</span></label> : null}
      {gateway && node.outgoing.length > 1 ? <ul className="stack">{node.outgoing.map((line, at) => <li key={line}><button className="link" onClick={() => onChoose(line)}>{t("design.branch", { n: at + 1 })}{node.kind === "events" ? t("kit.colon") + stepName(model, model.lines.get(line)?.target ?? "", lang, t) : ""}{line === node.default ? ` · ${t("design.else")}` : ""}</button></li>)}</ul> : null}
      {node.kind === "sub" ? <p className="field-help">{t("design.subText")}</p> : null}
      {node.kind === "call" ? <CallParts node={node} model={model} kit={kit} locked={locked} onEdit={onEdit} /> : null}
      {node.kind === "rule" ? <TableParts node={node} kit={kit} locked={locked} onEdit={onEdit} /> : null}
      {EACH.has(node.kind) ? <Section title={t("design.each")} place="each" open={task.each !== null}><EachParts node={node} whole={whole} kit={kit} locked={locked} onEdit={onEdit} /></Section> : null}
      {node.kind === "other" ? <p className="note">{node.tag}{t("kit.colon")}{t("design.expertOnly")}</p> : null}
      {!locked && (node.kind !== "start" || [...model.nodes.values()].filter((one) => one.kind === "start").length > 1) ? <div><Button size="xs" color="bad" leftSection={<Icon name="trash" small />} onClick={() => onRemove(id)}>{t("design.remove")}</Button></div> : null}
    </>
  );
}
const PARTS = ["member", "lead", "viewer"];

/** As what whoever approves the step takes part in the project. */
function Joins({ node, locked, onEdit }: { node: Node; locked: boolean; onEdit: PanelProps["onEdit"] }) {
  const { t } = useI18n();
  const { task: { joins }, id } = node;
  const part = (code: string) => (PARTS.includes(code) ? t(`design.part.${code}` as Key) : code);
  const options = ["", ...new Set([...PARTS, ...(joins ? [joins] : [])])].map((code) => ({ code, name: { zh: code ? part(code) : t("design.joinsNot"), en: code ? part(code) : t("design.joinsNot") } }));
  return (
    <>
      <Choice label={t("design.joinsAs")} disabled={locked} value={joins} options={options} onChange={(role) => onEdit((doc) => { if (role) edit.set(doc, id, "joins", { role }); else edit.unset(doc, id, "joins"); })} />
      <p className="field-help">{t("design.joinsText")}</p>
    </>
  );
}

const WAITS: ReadonlySet<Node["kind"]> = new Set(["timer", "message", "signal"]);
const WAYS = ["timer", "record", "message", "signal"] as const;
/** What it waits for: time, something that happens with records, or what a program tells. */
function WaitParts({ node, kit, locked, onEdit }: { node: Node; kit: Kit; locked: boolean; onEdit: PanelProps["onEdit"] }) {
  const { t } = useI18n();
  const { hears, id } = node;
  const said = node.timer ? "timer" : hears?.what === "message" && !hears.name && kit.hears.length ? "record" : hears?.what ?? "timer";
  // a name that nobody has typed yet says nothing of what it is
  const [way, choose] = useState<(typeof WAYS)[number]>(said);
  const shown = hears && !hears.name && !node.timer ? way : said;
  const ways = WAYS.filter((one) => one === shown || ((one !== "timer" || node.tag !== "receiveTask") && (one !== "signal" || node.tag !== "receiveTask") && (one !== "record" || kit.hears.length > 0)));
  return (
    <>
      <Choice label={t("design.waits")} disabled={locked} value={shown} options={ways.map((one) => ({ code: one, name: { zh: t(`design.waits.${one}`), en: t(`design.waits.${one}`) } }))} onChange={(next) => { const what = next as (typeof WAYS)[number]; choose(what); onEdit((doc) => edit.setWait(doc, id, { what })); }} />
      {shown === "record" ? <Event hears={hears} events={kit.hears} locked={locked} onChange={(name, by) => onEdit((doc) => edit.setWait(doc, id, { what: "record", name, by }))} /> : null}
      {shown === "message" || shown === "signal" ? <Text label={t("design.waitsName")} value={hears?.name ?? ""} disabled={locked} help={t(`design.waitsHelp.${shown}`)} onChange={(name) => onEdit((doc) => edit.setWait(doc, id, { what: shown, name: name.trim() }))} /> : null}
    </>
  );
}
/** One of what happens with records. */
function Event({ hears, events, locked, onChange }: { hears: Hears | null; events: readonly KitHears[]; locked: boolean; onChange: (name: string, by: string) => void }) {
  const { t } = useI18n();
  const key = (one: { event: string; by: string }) => `${one.event} ${one.by}`, known = hears ? knownOf(hears, events) : undefined;
  return <Choice label={t("design.waitsRecord")} disabled={locked} empty value={known ? key(known) : hears?.name ? `${hears.name} ${hears.by}` : ""} options={events.map((one) => ({ code: key(one), name: one.through ? { zh: `${one.name.zh}（${one.through.zh}）`, en: `${one.name.en} (${one.through.en})` } : one.name }))} onChange={(code) => { const [name = "", by = ""] = code.split(" "); onChange(name, by); }} />;
}
const STARTS = ["hand", "record", "message", "signal", "timer"] as const;
/** How cases begin here: by somebody, or by themselves. */
function StartParts({ node, model, kit, locked, onEdit, onChoose }: { node: Node; model: Model; kit: Kit; locked: boolean; onEdit: PanelProps["onEdit"]; onChoose: PanelProps["onChoose"] }) {
  const { t } = useI18n();
  const { hears, id, timer } = node, { where = "", initiator = "" } = node.starts ?? {};
  const said = timer ? "timer" : !hears ? "hand" : hears.what === "message" && !hears.name && model.subject ? "record" : hears.what;
  // a name that nobody has typed yet says nothing of what it is
  const [way, choose] = useState<(typeof STARTS)[number]>(said);
  const shown = hears && !hears.name && !timer ? way : said;
  const ways = STARTS.filter((one) => one === shown || (model.subject ? one !== "signal" && one !== "timer" : one !== "record"));
  const events = [...kit.begins, ...kit.hears], every = /^R\/(P.+)$/.exec(timer?.text ?? "")?.[1];
  const put = (change: Parameters<typeof edit.setStart>[2]) => onEdit((doc) => edit.setStart(doc, id, change));
  const all = { name: hears?.name ?? "", by: hears?.by ?? "", where, initiator };
  const people = [{ code: "", name: { zh: t("design.startOwner"), en: t("design.startOwner") } }, ...kit.fields.filter((one) => one.person && one.code !== "owner")];
  return (
    <>
      <Choice label={t("design.startHow")} disabled={locked} value={shown} options={ways.map((one) => ({ code: one, name: { zh: t(`design.start.${one}`), en: t(`design.start.${one}`) } }))} onChange={(next) => { const what = next as (typeof STARTS)[number]; choose(what); put({ what }); }} />
      {shown === "record" ? <Event hears={hears} events={events} locked={locked} onChange={(name, by) => put({ ...all, what: "record", name, by })} /> : null}
      {shown === "record" && hears?.name ? <Section title={t("design.startWhere")} open={Boolean(where)}><p className="field-help">{t("design.startWhereHelp")}</p><ConditionBox text={where} kit={kit} locked={locked} onChange={(text) => put({ ...all, what: "record", where: text })} />{where && !locked ? <div><button type="button" className="link" onClick={() => put({ ...all, what: "record", where: "" })}>{t("design.whenNever")}</button></div> : null}</Section> : null}
      {shown === "message" || shown === "signal" ? <Text label={t("design.waitsName")} value={hears?.name ?? ""} disabled={locked} help={t(`design.startHelp.${shown}`)} onChange={(name) => put({ ...all, what: shown, name: name.trim() })} /> : null}
      {model.subject && (shown === "record" || shown === "message") && hears?.name ? <Choice label={t("design.startWho")} disabled={locked} value={initiator === "owner" ? "" : initiator} options={people} onChange={(who) => put({ ...all, what: shown, initiator: who })} /> : null}
      {shown === "timer" ? <div>{every ? <Span label={t("design.startEvery")} text={every} locked={locked} onChange={(text) => { if (text) put({ what: "timer", cycle: `R/${text}` }); }} /> : <Text label={t("design.startEvery")} value={timer?.text ?? ""} disabled={locked} onChange={(cycle) => put({ what: "timer", cycle })} />}<p className="field-help">{t("design.startEveryHelp")}</p></div> : null}
      {locked ? null : <div><button type="button" className="tool" onClick={() => { const made = onEdit((doc) => edit.addStart(doc, names())); if (made) onChoose(made); }}><Icon name="plus" small />{t("design.startAdd")}</button><p className="field-help">{t("design.startAddHelp")}</p></div>}
    </>
  );
}
/** What others are told when a case comes here. */
function SayParts({ node, model, kit, locked, onEdit }: { node: Node; model: Model; kit: Kit; locked: boolean; onEdit: PanelProps["onEdit"] }) {
  const { t } = useI18n();
  const { id, says } = node;
  if (!says) return null;
  const both = (text: Key) => ({ zh: t(text), en: t(text) });
  const ways = (["nothing", "message", "signal"] as const).filter((one) => one !== "nothing" || node.tag === "endEvent" || says.what === one);
  const known = [{ code: "", name: both(model.subject ? "design.sayThis" : "design.sayCase") }, ...kit.fields.filter((one) => one.kind === "link").map((one) => ({ code: `record.${one.code}`, name: one.name }))];
  const keys = known.some((one) => one.code === says.key) ? known : [...known, { code: says.key, name: { zh: says.key, en: says.key } }];
  const put = (change: Partial<Says>) => onEdit((doc) => edit.setSay(doc, id, { ...says, ...change }));
  return (
    <>
      <Choice label={t(node.tag === "endEvent" ? "design.saysEnd" : "design.says")} disabled={locked} value={says.what} options={ways.map((one) => ({ code: one, name: both(`design.say.${one}`) }))} onChange={(what) => put({ what: what as Says["what"] })} />
      {says.what === "nothing" ? null : <Text label={t("design.waitsName")} value={says.name} disabled={locked} help={t(`design.sayHelp.${says.what}`)} onChange={(name) => put({ name: name.trim() })} />}
      {says.what === "message" ? <Choice label={t("design.sayTo")} disabled={locked} value={says.key} options={keys} onChange={(key) => put({ key })} /> : null}
    </>
  );
}
function Does({ node, kit, locked, onEdit }: { node: Node; kit: Kit; locked: boolean; onEdit: PanelProps["onEdit"] }) {
  const { t, w } = useI18n();
  const { task, id } = node;
  const verb = kit.verbs.find((one) => one.code === task.does?.verb);
  const put = (code: string) => onEdit((doc) => { if (code) edit.set(doc, id, "does", { verb: code }); else { edit.unset(doc, id, "does"); edit.setGives(doc, id, []); } });
  return (
    <>
      <Choice label={t("design.serviceDoes")} disabled={locked} value={task.does?.verb ?? ""} options={[{ code: "", name: { zh: t("design.nothing"), en: t("design.nothing") } }, ...kit.verbs]} onChange={put} />
      {task.does && node.kind === "user" ? <Text label={t("design.limit")} value={task.does.limit ?? ""} disabled={locked} onChange={(limit) => onEdit((doc) => edit.set(doc, id, "does", { limit: limit.replace(/[^0-9.]/g, "") || null }))} /> : null}
      {verb?.params.map((param) => { const known = task.gives.find((one) => one.name === param.code); return <Text key={param.code} label={t("design.give", { name: w(param.name) })} value={known?.value ?? ""} disabled={locked} onChange={(value) => onEdit((doc) => edit.setGives(doc, id, [...task.gives.filter((one) => one.name !== param.code), ...(value ? [{ name: param.code, value }] : [])]))} />; })}
    </>
  );
}

function BranchParts({ line, split, kit, noted, locked, onEdit, onPrune }: PanelProps & { line: Line; split: Node }) {
  const { t, w } = useI18n();
  const isDefault = split.default === line.id;
  const problem = noted.find((one) => one.place === line.id && one.code === "condition");
  return (
    <>
      {split.kind === "parallel" ? null : split.kind === "events" ? <p className="note">{t("design.firstBranch")}</p> : isDefault ? <p className="note">{t("design.isDefault")}</p> : (
        <>
          <ConditionBox text={line.condition} kit={kit} locked={locked} problem={problem ? w(problem.message) : undefined} onChange={(text) => onEdit((doc) => edit.setCondition(doc, line.id, text))} />
          {locked ? null : <button className="tool" onClick={() => onEdit((doc) => edit.setDefault(doc, split.id, line.id))}><Icon name="check" small />{t("design.makeDefault")}</button>}
        </>
      )}
      {locked ? null : <div><Button size="xs" color="bad" leftSection={<Icon name="trash" small />} onClick={() => onPrune(split.id, line.id)}>{t("design.removeBranch")}</Button></div>}
    </>
  );
}

function ProcessParts({ model, kit, locked, onEdit }: PanelProps) {
  const { t } = useI18n();
  const client = useQueryClient(), { refuse } = useToasts();
  const id = model.id, { subject } = model;
  const none = { code: "", name: { zh: t("design.nothing"), en: t("design.nothing") } };
  const put = (name: string, value: string) => onEdit((doc) => edit.set(doc, id, "subject", { [name]: value || null }));
  const turn = async (type: string) => { try { const known = type ? await client.fetchQuery(kitQuery(type)) : undefined; onEdit((doc) => edit.about(doc, type, known, kit)); } catch (cause) { refuse(cause); } };
  const rights = [{ code: "edit", name: { zh: t("design.edit"), en: t("design.edit") } }, ...kit.verbs.map((one) => ({ code: one.right, name: one.name }))].filter((one, at, all) => all.findIndex((other) => other.code === one.code) === at);
  return (
    <>
      <Named id={id} name={model.name} locked={locked} onEdit={onEdit} />
      <label><span className="field-label">{t("design.purpose")}</span><textarea className="box" rows={2} maxLength={2000} disabled={locked} value={model.about} onChange={(event) => onEdit((doc) => edit.setAbout(doc, event.target.value))} /><span className="field-help">{t("design.purposeHelp")}</span></label>
      <Choice label={t("design.about")} disabled={locked} value={subject?.type ?? ""} options={[{ code: "", name: { zh: t("design.aboutNone"), en: t("design.aboutNone") } }, ...kit.types]} onChange={(type) => void turn(type)} />
      {subject ? (
        <>
          <Choice label={t("design.right")} disabled={locked} value={subject.right ?? "edit"} options={rights} onChange={(value) => put("right", value)} />
          <Section title={t("design.when")} open={Boolean(subject.when)}><p className="field-help">{t("design.whenHelp")}</p><ConditionBox text={subject.when ?? ""} kit={kit} locked={locked} onChange={(text) => put("when", text)} />{subject.when && !locked ? <div><button type="button" className="link" onClick={() => put("when", "")}>{t("design.whenNever")}</button></div> : null}</Section>
          <Section title={t("design.ends")} open={Boolean(subject.begins ?? subject.rejected ?? subject.withdrawn)}>
            {(["begins", "rejected", "withdrawn"] as const).map((one) => <Choice key={one} label={t(`design.${one}`)} disabled={locked} value={subject[one] ?? ""} options={[none, ...kit.verbs]} onChange={(value) => put(one, value)} />)}
          </Section>
          <Section title={t("design.holds")} open={Boolean(subject.holds)}><HoldFields holds={(subject.holds ?? "").split(/\s+/).filter(Boolean)} kit={kit} locked={locked} onChange={(holds) => put("holds", holds.join(" "))} /></Section>
        </>
      ) : null}
      <p className="field-help">{t("design.code")}{t("kit.colon")}<code>{id}</code></p>
    </>
  );
}
