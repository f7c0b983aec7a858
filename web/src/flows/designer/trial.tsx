/** A trial run: the draft stepped through as the people concerned. Nothing is written; each step is asked of the server anew from the beginning. */
import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId, useMemo, useState, type ReactNode } from "react";
import { PersonPicker } from "../../access/leaving/person-picker";
import { asProblem, get, send } from "../../api/client";
import type { FieldMeta, Json, PersonRef } from "../../api/types";
import { asObject, isEmpty } from "../../fields/kind";
import { Picker, type Choice as CaseChoice } from "../../fields/picker";
import { Value as Cell } from "../../fields/value";
import { useI18n, type Key } from "../../i18n";
import { moment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones, Face } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { FormField } from "../../records/form-field";
import type { FlowHead } from "../types";
import { Canvas, type Beside, type Mark } from "./canvas";
import { everyNode, holderOf, type Model, type Node } from "./file";
import { build, hearsText, ICONS, nodeText, spanText } from "./told";
import type { Item } from "./tree";
import type { Kit, Trial } from "./types";

interface Move { [name: string]: string }
interface Asked { initiator: string; record?: string; case?: string; values: Record<string, Json>; moves: Move[] }
const NOTHING = () => undefined;
const NO_MARKS: ReadonlyMap<string, Mark> = new Map();

export function TrialPane({ source, drawn, kit, broken }: { source: string; /** What is to be mended first; null: nothing. */ drawn: { model: Model; items: Item[]; loose: Item[][] }; kit: Kit | undefined; broken: ReactNode }) {
  const { t, lang } = useI18n();
  const { me, types } = useSession();
  const { model } = drawn;
  const type = model.subject?.type ?? "";
  const [who, setWho] = useState<PersonRef>(me.person);
  const [record, setRecord] = useState<Json>(null);
  const [about, setAbout] = useState<CaseChoice | null>(null);
  const matter = type !== "" && !types.has(type);
  const [values, setValues] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState<Asked | null>(null);
  const found = useQuery({
    queryKey: ["flow-trial", source, asked], enabled: asked !== null && broken === null, retry: false, gcTime: 0, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => send<Trial>("POST", "/flows/trial", { source, ...asked }, { signal }),
  });
  const trial = found.data;
  const beside = useMemo(() => {
    const made = new Map<string, Beside>();
    for (const one of trial?.nodes ?? []) {
      const people = trial?.work.filter((work) => work.node === one.id && !work.waiting).map((work) => work.person?.name ?? "").filter(Boolean).join(lang === "zh" ? "、" : ", ") ?? "";
      if (one.standing === "current") made.set(one.id, { tone: "current", words: people || t("design.trialNow") });
      else if (one.standing === "halted") made.set(one.id, { tone: "halted", words: t("design.t.incident") });
      else if (one.standing === "done") made.set(one.id, { tone: "done", words: t("design.t.done") });
    }
    return made;
  }, [trial, t, lang]);
  if (broken !== null) return broken;
  // What conditions look at: these are worth making up.
  const named = [...new Set([...model.lines.values()].flatMap((line) => build(line.condition)?.parts.map((one) => one.field) ?? []))].filter(Boolean);
  const field: FieldMeta = { code: "record", kind: "link", target: type, data_class: "internal", readonly: false, required: false, operators: [], sortable: false, name: { zh: t("design.trialRecord"), en: t("design.trialRecord") } };
  const given = (): Record<string, Json> => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "").map(([code, value]) => { const kind = kit?.fields.find((one) => one.code === code)?.kind; return [code, kind === "money" || kind === "number" || kind === "percent" ? Number(value) : kind === "yes_no" ? value === "true" : value]; }));
  const begin = () => { const id = asObject(record)?.id; setAsked({ initiator: who.id, ...(id ? { record: String(id) } : {}), ...(matter && about ? { case: about.id } : {}), values: given(), moves: [] }); };
  const next = (move: Move) => setAsked((before) => (before ? { ...before, moves: [...before.moves, move] } : before));
  const waits = trial !== undefined && trial.ended === null && everyNode(model).some((node) => node.timer);
  return (
    <div className="draw-split">
      <div className="draw-scroll"><Canvas {...drawn} kit={kit} chosen={null} marks={NO_MARKS} beside={beside} locked onChoose={NOTHING} onBegin={NOTHING} onInsert={NOTHING} onBranch={NOTHING} onRemove={NOTHING} onPrune={NOTHING} onMove={NOTHING} /></div>
      <section className="draw-told" aria-label={t("design.tab.trial")}>
        <p className="soft">{t("design.trialText")}</p>
        <PersonPicker label={t("design.trialWho")} value={who} onPick={setWho} />
        {matter ? <CasePicker type={type} chosen={about} onChoose={setAbout} /> : type ? <FormField field={field} value={record} onChange={setRecord} /> : null}
        {named.length ? <fieldset className="plain stack"><legend className="field-label">{t("design.trialValues")}</legend><p className="field-help">{t("design.trialValuesText")}</p>{named.map((code) => <Value key={code} code={code} kit={kit} value={values[code] ?? ""} onChange={(value) => setValues({ ...values, [code]: value })} />)}</fieldset> : null}
        <div className="row"><Button variant={asked ? "default" : "filled"} onClick={begin}>{t(asked ? "design.trialAgain" : "design.trialStart")}</Button>{asked?.moves.length ? <Button leftSection={<Icon name="undo" small />} onClick={() => setAsked({ ...asked, moves: asked.moves.slice(0, -1) })}>{t("design.trialBack")}</Button> : null}</div>
        {asked === null ? null : found.isPending ? <Bones rows={3} height={32} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : trial ? <Stand trial={trial} model={model} kit={kit} waits={waits} sample={asked.record !== undefined} onMove={next} /> : null}
      </section>
    </div>
  );
}

/** A real case, by what it is about, its number or who began it: of those that I may follow, the newest first. */
function CasePicker({ type, chosen, onChoose }: { type: string; chosen: CaseChoice | null; onChoose: (one: CaseChoice | null) => void }) {
  const { t, w, lang } = useI18n();
  const id = useId();
  const find = async (text: string, signal: AbortSignal) => {
    const found = await get<{ items: FlowHead[] }>(`/flows/trial/cases?type=${type}${text.trim() ? `&q=${encodeURIComponent(text.trim())}` : ""}`, signal);
    return found.items.map((one) => ({ id: one.id, title: `#${one.id} ${w(one.title_words ?? one.title) || w(one.name)}`, hint: [moment(one.started_at, lang), t(one.halted ? "flow.halted" : `flow.${one.state}` as Key)].join(" · "), value: one.id }));
  };
  return <div className="draw-take"><label className="field-label" htmlFor={id}>{t("design.trialCase")}</label><Picker id={id} find={find} chosen={chosen} onChoose={onChoose} placeholder={t("design.trialCaseFind")} clearable /><span className="field-help">{t("design.trialCaseText")}</span></div>;
}

function Value({ code, kit, value, onChange }: { code: string; kit: Kit | undefined; value: string; onChange: (value: string) => void }) {
  const { t, w } = useI18n();
  const field = kit?.fields.find((one) => one.code === code);
  const options = field?.kind === "yes_no" ? [{ value: "true", name: { zh: t("design.yes"), en: t("design.yes") } }, { value: "false", name: { zh: t("design.no"), en: t("design.no") } }] : field?.options;
  const label = w(field?.name ?? null) || code;
  return <label className="draw-take"><span className="field-label">{label}</span>{options ? <select className="box" value={value} onChange={(event) => onChange(event.target.value)}><option value="">—</option>{options.map((one) => <option key={String(one.value)} value={String(one.value)}>{w(one.name)}</option>)}</select> : <input className="box" type={field?.kind === "date" ? "date" : "text"} value={value} onChange={(event) => onChange(event.target.value)} />}</label>;
}

function Stand({ trial, model, kit, waits, sample, onMove }: { trial: Trial; model: Model; kit: Kit | undefined; waits: boolean; sample: boolean; onMove: (move: Move) => void }) {
  const { t, w, lang } = useI18n();
  const nodeName = (id: string | null) => { const node = id ? holderOf(model, id).nodes.get(id) : undefined; return node ? nodeText(node, lang, t) : id ?? ""; };
  const fieldName = (code: string) => w(kit?.fields.find((one) => one.code === code.replace(/^record\./, ""))?.name ?? null) || code;
  const halted = trial.nodes.filter((one) => one.standing === "halted");
  return (
    <>
      {trial.missing.length ? <p className="note amber row"><Icon name="info" small /><span>{t("design.trialMissing", { fields: trial.missing.map(fieldName).join("、") })}</span></p> : null}
      {trial.stopped ? <p className="note red row" role="alert"><Icon name="ban" small /><span>{w(trial.stopped.message)}</span></p> : null}
      {trial.ended ? <p className={`note row ${trial.ended === "completed" ? "" : "amber"}`} role="status"><Icon name={trial.ended === "completed" ? "check" : "ban"} small />{t(`design.trialEnded.${trial.ended}` as Key)}</p> : null}
      {halted.map((one) => <p key={one.id} className="note red row"><Icon name="alert" small />{t("design.trialHalted", { name: nodeName(one.id) })}</p>)}
      {trial.work.length ? <h3>{t("design.trialNow")}</h3> : null}
      {trial.work.filter((one) => !one.waiting).map((one, at) => <Turn key={`${one.node}${one.person?.id}/${at}`} work={one} name={nodeName(one.node)} nodeName={nodeName} kit={kit} sample={sample} onMove={onMove} />)}
      {trial.ended ? null : <Awaited trial={trial} model={model} kit={kit} onMove={onMove} />}
      {waits && trial.work.length + trial.nodes.filter((one) => one.standing === "current").length > 0 ? <Button size="xs" leftSection={<Icon name="clock" small />} onClick={() => onMove({ wait: "P3D" })}>{t("design.trialWait", { n: 3 })}</Button> : null}
      <h3>{t("design.trialLog")}</h3>
      <ol className="draw-log">{trial.log.map((one, at) => {
        const people = one.people.map((who) => who.name).join(lang === "zh" ? "、" : ", ");
        const key = one.what === "closed" ? (one.outcome === "approved" || one.outcome === "approve" ? "design.t.approve" : one.outcome === "rejected" || one.outcome === "reject" ? "design.t.reject" : "design.t.closed") : one.what === "done_by_process" ? "design.t.process" : `design.t.${one.what}`;
        const known = ["opened", "closed", "done", "incident", "timer", "thrown", "finished", "done_by_process"].includes(one.what);
        if (!known || (one.what === "done" && !one.node)) return null;
        return <li key={at}>{one.node ? <b>{nodeName(one.node)}</b> : null} <span className="soft">{one.what === "finished" ? t(`design.trialEnded.${one.outcome}` as Key) : t(key as Key, { who: people || t("design.nobody") })}</span></li>;
      })}</ol>
    </>
  );
}

/** What the trial waits for and nobody does: it can be let happen. */
function Awaited({ trial, model, kit, onMove }: { trial: Trial; model: Model; kit: Kit | undefined; onMove: (move: Move) => void }) {
  const { t, w, lang } = useI18n();
  const standing = new Set(trial.nodes.filter((one) => one.standing === "current").map((one) => one.id));
  const groups = everyNode(model).filter((one) => standing.has(one.id)).flatMap((one): [Node, Node[]][] => {
    const within = holderOf(model, one.id), behind = one.outgoing.flatMap((line) => within.nodes.get(within.lines.get(line)?.target ?? "") ?? []);
    const beside = one.boundaries.flatMap((id) => within.nodes.get(id) ?? []).filter((event) => event.hears?.name);
    return one.kind === "events" ? [[one, behind]] : one.hears || (one.timer && !one.host) ? [[one, [one]]] : beside.length ? [[one, beside]] : [];
  });
  const happen = (node: Node) => { const { hears } = node; return hears?.name ? <Button size="xs" leftSection={<Icon name={ICONS[node.kind]} small />} onClick={() => onMove(hears.what === "signal" ? { signal: hears.name } : { message: hears.name })}>{t("design.trialHappens", { name: nodeText(node, lang, t) })}</Button> : null; };
  return groups.map(([node, events]) => (
    <article key={node.id} className="draw-turn">
      <div className="row"><Icon name={ICONS[node.kind]} small /><b>{t(node.kind === "events" ? "design.kind.events" : "design.trialWaits")}</b></div>
      <ul className="stack">{events.map((one) => <li key={one.id} className="row wrap"><span className="grow">{nodeText(one, lang, t)} <span className="soft">{one.timer ? spanText(one.timer.text, t, true) : hearsText(one, kit, t, w)}</span></span>{happen(one)}</li>)}</ul>
    </article>
  ));
}

function Turn({ work, name, nodeName, kit, sample, onMove }: { work: Trial["work"][number]; name: string; kit: Kit | undefined; sample: boolean; nodeName: (id: string | null) => string; onMove: (move: Move) => void }) {
  const { t, w } = useI18n();
  const [to, setTo] = useState("");
  const who = work.person?.name ?? "?", by = work.person?.id ?? "0";
  const ways = [...work.targets.map((one) => ({ to: one, said: nodeName(one) })), { to: "end", said: t("design.to.end") }];
  return (
    <article className="draw-turn">
      <div className="row"><Face name={who} /><b>{who}</b><span className="soft cut">{name}</span>{work.number === null ? null : <span className="chip end">{t("design.trialNumber", { n: work.number })}</span>}</div>
      {work.stands_in ? <p className="note amber row"><Icon name="info" small /><span>{w(work.stands_in)}</span></p> : null}
      {work.fields.length ? (
        <div><span className="field-label">{t("design.trialSees", { who })}</span>
          <dl className="draw-sees">{work.fields.map((one) => <div key={one.code}><dt>{w(one.name)}{one.require ? <i className="bad"> *</i> : null}</dt><dd>{one.level === "hidden" ? <span className="warn row tight"><Icon name="lock" small />{t("design.trialHidden")}</span> : one.level === "masked" ? <span className="warn">{t("design.trialMasked")}</span> : one.known ? <Seen field={kit?.fields.find((other) => other.code === one.code)} value={(one.value ?? null) as Json} /> : <span className="dim">{sample ? t("design.trialUnknown") : "—"}</span>}{one.edit ? <span className="chip"><Icon name="edit" small />{t(one.require ? "design.f.require" : "design.f.edit")}</span> : null}</dd></div>)}</dl>
        </div>
      ) : null}
      {work.verb ? <p className="soft row"><Icon name="check" small />{t("design.trialDoes", { verb: w(work.verb) })}</p> : null}
      <div className="row wrap">
        <Button size="xs" variant="light" leftSection={<Icon name="check" small />} onClick={() => onMove({ approve: work.node, by })}>{t("design.trialApprove", { who })}</Button>
        {work.moves.includes("reject") ? <><Button size="xs" leftSection={<Icon name="undo" small />} onClick={() => onMove({ reject: work.node, by, ...(to ? { to } : work.targets[0] ? { to: work.targets[0] } : {}) })}>{t("design.trialReject", { who })}</Button><select className="box draw-to" aria-label={t("design.trialRejectTo")} value={to || (work.targets[0] ?? "end")} onChange={(event) => setTo(event.target.value)}>{ways.map((one) => <option key={one.to} value={one.to}>{one.said}</option>)}</select></> : null}
      </div>
    </article>
  );
}
/** A value as records show it; a dash where there is none. */
function Seen({ field, value }: { field: FieldMeta | undefined; value: Json }) {
  if (isEmpty(value)) return <span>—</span>;
  if (field?.kind.endsWith("_text") && typeof value === "string") return <span>{value}</span>;
  return field ? <Cell field={field} value={value} inList /> : <span>{typeof value === "object" ? "…" : String(value)}</span>;
}
