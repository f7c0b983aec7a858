/** One instance to decide on or to follow: what it is about, how it stands, what happened, and the bar. The page and the workbench show the same. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { confidentialIn, useConfidential } from "../access/guard/watermark";
import { useWhy } from "../access/why-context";
import { asProblem, Problem, send } from "../api/client";
import { pulseNow } from "../api/pulse";
import { recordQuery } from "../api/queries";
import type { FieldMeta, Json, TypeMeta, Words } from "../api/types";
import { isEmpty } from "../fields/kind";
import { Value } from "../fields/value";
import { translate, useI18n, type Key } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { fullMoment } from "../kit/format";
import { Icon } from "../kit/icons";
import { useKeys } from "../kit/keys";
import { Bones, Face, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { fieldOf, useSession, useType } from "../kit/session";
import { useToasts } from "../kit/toast";
import { FlowBar, type Ask } from "./flow-bar";
import { ApproveDialog, asked, besideFields, besideParts, CopyDialog, HandDialog, placesOf, RejectDialog, RemoveDialog, WithdrawDialog } from "./flow-dialogs";
import { FlowForm, sentValues, type Values } from "./flow-form";
import { stateKey } from "./flow-state";
import { Due, FlowSteps } from "./flow-steps";
import { FlowStory, Said, useSentence } from "./flow-story";
import type { Named } from "../records/record/mention";
import { Matter } from "./matter";
import { afterMove, flowQuery, move } from "./queries";
import { gathered, Giving, Packets } from "./packet";
import { stillNamed } from "./say";
import { draftOf, holders, keepDraft, keptAfter, keptBack, missingOf, namesOf, noWord, recordless, spokenTo, titleOf } from "./told";
import type { CaseFile, Flow, StepWork } from "./types";
import { Waited } from "./waited";
import "../i18n/words-flows";
import "../records/records.css";
import "../records/record/record.css";
import "./flows.css";

const Later = lazy(() => import("../workbench/later"));
const RunningNote = lazy(() => import("./running-note"));
const Again = lazy(() => import("./again"));
const Tend = lazy(() => import("./tend"));
const SEEN_AFTER = 700;
/** Moves that take along what stands in the comment. */
const SPEAKING = new Set(["delegate", "add-signer", "reassign"]);
const both = (key: Key): Words => ({ zh: translate("zh", key), en: translate("en", key) });

/** Pressing through the queue is not looking: only what stays on the page for a moment was seen. */
function useSeen(flow: Flow): void {
  const { me } = useSession();
  const work = flow.mine ? flow.work.find((one) => one.number === flow.mine?.number) : undefined;
  const number = work && !work.seen_at && !flow.mine?.acting_for && !me.mode ? work.number : null;
  useEffect(() => {
    if (number === null) return undefined;
    // nobody waits for this answer: what fails now is noted at the next look
    const timer = setTimeout(() => { send("POST", `/flows/instances/${flow.id}/work/${number}/seen`).catch(() => undefined); }, SEEN_AFTER);
    return () => clearTimeout(timer);
  }, [flow.id, number]);
}

/** What is said after a move: whose turn it is now. */
function useOutcome() {
  const { t, w, lang } = useI18n();
  return (act: string, before: Flow, answer: Flow | null): string => {
    if (!answer || answer.state === "withdrawn") return t("flow.did", { act });
    if (answer.state !== "running") return t("flow.didEnd", { act, how: t(`flow.how.${answer.state}` as Key) });
    const was = new Set(before.work.filter((one) => one.state === "open").map((one) => one.number));
    const next = answer.work.filter((one) => one.state === "open" && !was.has(one.number));
    const nodes = answer.nodes.filter((one) => next.some((work) => work.node === one.id));
    const told = nodes.map((node) => t("flow.nextAt", { node: w(node.name), names: namesOf(holders({ work: next.filter((one) => one.node === node.id) }), lang) }));
    if (told.length) return t("flow.didNext", { act, next: told.join(lang === "zh" ? "；" : "; ") });
    if (answer.mine) return t("flow.didMine", { act });
    const still = holders(answer);
    if (still.length) return t("flow.didSame", { act, names: namesOf(still, lang) });
    const now = answer.nodes.find((one) => one.standing === "current"); // what the process does by itself
    const together = now?.first ? answer.nodes.filter((one) => one.standing === "current" && one.first?.of === now.first?.of) : [];
    if (together.length > 1) return t("flow.didFirst", { act, nodes: together.map((one) => w(one.name)).join(lang === "zh" ? "、" : ", ") });
    return now ? t("flow.didNode", { act, node: w(now.name) }) : t("flow.did", { act });
  };
}

/** What is proposed, old beside new: the first thing to read before deciding. */
function Difference({ type, flow }: { type: TypeMeta; flow: Flow }) {
  const { t, w } = useI18n();
  const shown = flow.difference.flatMap((one) => { const field = fieldOf(type, one.field); return field ? [{ ...one, field }] : []; });
  if (!shown.length) return null;
  const said = (field: FieldMeta, value: Json) => (isEmpty(value) ? <span className="dim">{t("flow.empty")}</span> : <Value field={field} value={value} />);
  return (
    <section className="flow-difference" aria-label={t("flow.difference")}>
      <h2>{t(flow.state === "running" ? "flow.difference" : "flow.differenceDone")}</h2>
      <dl>{shown.map((one) => <div key={one.field.code}><dt>{w(one.field.name)}</dt><dd><del>{said(one.field, one.before as Json)}</del><Icon name="right" small /><ins>{said(one.field, one.after as Json)}</ins></dd></div>)}</dl>
    </section>
  );
}

/** Whom who began it has chosen for steps that are still to come: who decides before them decides about that too. */
function Chosen({ flow }: { flow: Flow }) {
  const { t, w } = useI18n();
  const shown = flow.nodes.filter((one) => one.chosen.length && one.standing === "coming");
  if (!shown.length || flow.state !== "running") return null;
  return (
    <section className="flow-difference" aria-label={t("flow.chosen")}>
      <h2>{t("flow.chosen")}</h2>
      <dl>{shown.map((one) => <div key={one.id}><dt>{w(one.name)}</dt><dd>{one.chosen.map((who) => <Who key={who.id} person={who} />)}</dd></div>)}</dl>
    </section>
  );
}

/** Why this came to me, in the words of who sent it: the first thing to read. */
function Spoken({ flow }: { flow: Flow }) {
  const sentence = useSentence(flow);
  const { me } = useSession();
  const { mine } = flow;
  const one = mine ? spokenTo(flow, mine.node, mine.acting_for?.id ?? me.person.id) : null;
  if (!one?.person || (one.what === "reject" && mine?.gives.length)) return null; // a returned packet says so itself
  return <div className="note row flow-spoken"><Icon name="comment" small /><div className="grow"><b>{one.person.name}</b> <span className="soft">{sentence(one)}</span><Said text={one.text} /></div></div>;
}

export function FlowView({ id, pane, onDone }: { id: string; pane?: boolean; onDone?: (flow: Flow) => Promise<void> }) {
  const found = useQuery(flowQuery(id));
  if (found.isPending) return <div className="flow-bones"><Bones rows={9} height={34} /></div>;
  if (found.isError) return <div className="flow-bones"><Refused problem={asProblem(found.error)} /></div>;
  return <Loaded key={`${id}/${found.data.mine?.number ?? ""}`} flow={found.data} pane={pane} onDone={onDone} />;
}

/** What a copy shows whom it was sent to, and until when. */
function Copied({ flow: { copied }, type }: { flow: Flow; type: TypeMeta }) {
  const { t, w, lang } = useI18n();
  if (!copied?.until) return null;
  const fields = copied.show.map((code) => type.fields.find((one) => one.code === code)).filter((one) => one !== undefined).map((one) => w(one.name));
  return <p className="note row"><Icon name="users" small /><span>{t("flow.copiedShows", { node: copied.node ? w(copied.node.name) : "", fields: fields.join(lang === "zh" ? "、" : ", "), until: fullMoment(copied.until) })}</span></p>;
}

function Loaded({ flow, pane, onDone }: { flow: Flow; pane?: boolean; onDone?: (flow: Flow) => Promise<void> }) {
  const { t, w, lang } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const { ask: askWhy } = useWhy();
  const type = useType(flow.type);
  const sees = type !== undefined && flow.record !== "" && flow.sees_record;
  const kept = useQuery({ ...recordQuery(flow.type, flow.record), enabled: sees });
  // What my work let me see has ended with it: it is neither asked for again nor shown.
  const record = { data: sees ? kept.data : undefined, isPending: sees && kept.isPending };
  useConfidential(type !== undefined && confidentialIn(type, record.data));
  useSeen(flow);
  const outcome = useOutcome();
  const halted = flow.history.findLast((one) => one.what === "incident");
  // while its record is deleted nothing is decided, handed on or filled in: what would be asked for is not there
  const gone = recordless(flow);
  const mine = gone ? null : flow.mine;
  const key = `${flow.id}/${flow.mine?.number ?? ""}`;
  const [draft, setDraft] = useState(() => draftOf(key));
  const [dialog, setDialog] = useState<Ask | "approve" | "blind" | "danger" | { reassign: StepWork } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [named, setNamed] = useState<Named[]>([]);
  const [files, setFiles] = useState<CaseFile[]>([]);
  const box = useRef<HTMLDivElement>(null);
  const keep = (next: typeof draft) => { setDraft(next); keepDraft(key, next); };
  const onText = (text: string) => keep({ ...draft, text });
  const onValues = (values: Values) => keep({ ...draft, values });
  const { verb, params } = mine && !mine.opinion ? asked(mine) : { verb: undefined, params: [] };
  const approveLabel = mine?.opinion ? t("flow.agree") : verb ? w(verb.name) : t(mine?.takes ? "packet.accept" : mine?.gives.length ? "packet.give" : mine && !mine.moves.includes("reject") ? "flow.finish" : "flow.approve");
  const no = noWord(flow, mine), rejectLabel = t(no);
  /** Who was handed work outside of those whom the step names decides on what they do not see: never by one key. */
  const blind = flow.record !== "" && !flow.matter && !flow.sees_record;
  const missing = missingOf(mine?.needs ?? [], draft.values, draft.notes);
  const lacking = keptBack(missing, mine?.passes ?? false);
  /** Whether the button was pressed while something was missing: what still is stands beside its place as what is wrong. */
  const [tried, setTried] = useState(false);
  const told = tried && lacking.length ? new Problem({ status: 422, code: "required", message: both("flow.required"), problems: lacking }) : problem;
  /** To the place that something is missing at, ready to be filled in. */
  const goTo = (place: string) => {
    const at = box.current?.querySelector<HTMLElement>(`[data-place="${CSS.escape(place)}"]`) ?? box.current?.parentElement?.querySelector<HTMLElement>('[data-place="missing"]');
    at?.scrollIntoView({ block: "center" });
    (at?.matches('[tabindex="-1"]') ? at : at?.querySelector<HTMLElement>("input:not([hidden]), textarea, select, button"))?.focus({ preventScroll: true });
  };
  const missingFields = new Set(missing.flatMap((one) => (one.place.startsWith("values/") ? [one.place.slice("values/".length)] : [])));
  const close = () => setDialog(null);

  /** After any move: say whose turn it is, and go on when this is no longer mine. */
  const settle = async (act: string, answer: Flow | null, sent: { over?: boolean; text?: boolean }, node?: string) => {
    setDraft(keptAfter(draftOf(key), sent));
    keepDraft(key, sent.over ? null : keptAfter(draftOf(key), sent));
    setProblem(null);
    const undo = node && answer?.may.take_back.some((one) => one.id === node) ? () => { void back(node); } : undefined;
    say(outcome(act, flow, answer), undo);
    const leaving = mine !== null && !answer?.mine;
    await afterMove(client, flow, answer, leaving);
    if (leaving) await onDone?.(flow);
    pulseNow(); // what the work let me see has ended with it: the page draws itself anew now, not amid the next thing
  };
  const back = (node: string) => move(flow.id, "take-back", { node }).then((answer) => { say(t("flow.tookBack")); return afterMove(client, flow, answer); }, refuse);
  const decide = async (approve: boolean, more: { to?: string | null; given?: Record<string, Json> }) => {
    if (!mine) return;
    await gathered();
    const values = approve && type ? sentValues(type, draft.values) : {};
    const packets = Object.fromEntries(mine.gives.map((one) => [one.node.id, { notes: draft.notes?.[one.node.id] ?? {} }]));
    const body = { approve, text: draft.text.trim(), ...(approve ? { values, given: more.given ?? {}, ...(mine.gives.length ? { packets } : {}) } : { to: more.to ?? null }) };
    await settle(approve ? approveLabel : rejectLabel, await move(flow.id, "decide", body, mine.number), { over: true }, mine.node);
  };
  const approve = () => {
    if (!mine || busy) return;
    const first = lacking[0];
    if (first) {
      // said here before it is asked: the server would say the same
      setProblem(null);
      setTried(true);
      goTo(first.place);
      return;
    }
    if (blind && dialog !== "blind") { setDialog("blind"); return; }
    if (params.length) { setDialog("approve"); return; }
    if (verb?.danger && dialog !== "blind") { setDialog("danger"); return; }
    setBusy(true);
    decide(true, {}).catch((cause: unknown) => { setProblem(asProblem(cause)); void client.invalidateQueries({ queryKey: ["flow", flow.id] }); }).finally(() => setBusy(false));
  };
  const plain = (what: string, act: string, body: unknown, number?: number) => move(flow.id, what, body, number).then((answer) => settle(act, answer, { over: what === "transfer" || what === "withdraw", text: SPEAKING.has(what) }));
  const quick = (what: string, act: string, body: unknown, number?: number) => { plain(what, act, body, number).catch(refuse); };
  const comment = () => {
    if (!draft.text.trim() && !files.length) return;
    const people = stillNamed(draft.text, named);
    move(flow.id, "comment", { text: draft.text.trim(), ...(people.length ? { people } : {}), ...(files.length ? { files: files.map((one) => one.id) } : {}) }).then((answer) => { setFiles([]); say(people.length ? t("flow.saidTo", { n: people.length }) : t("flow.said")); onText(""); setNamed([]); return afterMove(client, flow, answer); }, refuse);
  };
  const over = stateKey(flow.type, flow.state) === "flow.over";
  const may = (what: string) => mine?.moves.includes(what) === true;
  const decides = mine !== null && !mine.step;
  useKeys({
    // what is decided where its matter is shown has these keys there
    ...(decides ? { a: approve, r: () => { if (may("reject")) setDialog("reject"); } } : {}),
    t: () => { if (may("transfer")) setDialog("transfer"); },
    m: () => document.getElementById("flow-say")?.focus(),
  });
  // what is wrong with a field is shown at the field: bring it into sight
  useEffect(() => { if (problem) box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(); }, [problem]);

  const own = mine ? flow.work.find((one) => one.number === mine.number) : undefined;
  const node = mine ? flow.nodes.find((one) => one.id === mine.node) : undefined;
  const title = titleOf(flow, w) ?? t("flow.name", { name: w(flow.name), id: flow.id });
  const asks = own?.added_by && mine?.opinion ? own.added_by.name : null;
  const H = pane ? "h2" : "h1";
  return (
    <>
      <div className="flow-scroll" ref={box}>
        <header className="flow-head">
          <div className="row wrap soft">
            <Icon name="swap" small /><span>{t("flow.name", { name: w(flow.name), id: flow.id })}</span><span className="dim">{t("flow.version", { n: flow.version })}</span>
            <span className={flow.halted ? "chip amber" : flow.state === "running" ? "chip" : flow.state === "completed" ? "chip brand" : over ? "chip" : "chip red"}><Icon name={flow.halted ? "alert" : flow.state === "running" ? "clock" : flow.state === "completed" || over ? "check" : "ban"} small />{t(flow.halted && flow.state === "running" ? "flow.halted" : stateKey(flow.type, flow.state))}</span>
            {own ? <span className="end"><Due due={own.due_at} /></span> : null}
          </div>
          <H className="flow-title">{pane ? <Link className="link-quiet" to={`/flows/${flow.id}`}>{title}</Link> : title}</H>
          <div className="row wrap soft">
            {flow.initiator ? <span className="row tight"><Face name={flow.initiator.name} /><span>{t("flow.byAt", { name: flow.initiator.name })}</span></span> : null}
            <time dateTime={flow.started_at}>{fullMoment(flow.started_at)}</time>
            {own?.opened_at ? <Waited since={own.opened_at} usual={node?.usual} /> : null}
            {type && flow.title !== null && !flow.record_deleted ? <Link className="link" to={`/records/${flow.type}/${flow.record}`}>{t("flow.openRecord", { type: w(type.name) })}</Link> : null}
            {type && record.data && !me.mode && (flow.state === "rejected" || flow.state === "withdrawn") && flow.initiator?.id === me.person.id ? <Suspense fallback={null}><Again flow={flow} type={type} record={record.data} /></Suspense> : null}
          </div>
          <Spoken flow={flow} />
          {mine?.acting_for ? <p className="note row"><Icon name="users" small /><span>{t("flow.actingFor", { name: mine.acting_for.name })}</span></p> : null}
          {asks ? <p className="note row"><Icon name="comment" small /><span>{t("flow.opinionAsked", { name: asks })}</span></p> : null}
          {flow.halted && flow.state === "running" ? <p className="note amber row"><Icon name="alert" small /><span>{gone ? t("flow.haltedDeleted") : t("flow.haltedText", { why: (halted?.words ? w(halted.words) : "") || t(halted?.outcome === "nobody" ? `flow.i.${halted.outcome}` : "flow.i.other") })}</span></p> : null}
        </header>
        <div className="flow-parts">
          <div className="flow-part-form">
            {mine?.gives.map((one) => <Giving key={one.node.id} flow={flow} gives={one} number={mine.number} type={type} notes={draft.notes?.[one.node.id] ?? {}} onNotes={(notes) => { if (problem) setProblem(null); keep({ ...draft, notes: { ...draft.notes, [one.node.id]: notes } }); }} problems={besideParts(told, w)} unsent={draft.values} missing={missing} />)}
            {mine?.takes ? <Packets flow={flow} type={type} /> : null}
            {flow.matter ? <Matter flow={flow} onDone={() => void onDone?.(flow)} /> : !flow.record ? null : record.isPending && type ? <Bones rows={6} height={34} /> : record.data && type ? (
              <>
                {flow.copied && !mine ? <Copied flow={flow} type={type} /> : null}
                <Difference type={type} flow={flow} />
                <Chosen flow={flow} />
                <FlowForm type={type} record={record.data} mine={mine} copied={flow.copied?.show} values={draft.values} onChange={onValues} problems={besideFields(told, w)} missing={missingFields} />
                <button className="flow-why-record" onClick={(event) => askWhy({ anchor: event.currentTarget, title: t("flow.whyRecord"), action: "read", type: flow.type, id: flow.record })}><span className="brand-ink"><Icon name="shield" small /></span><span className="grow">{node ? t("flow.whyNode", { node: w(node.name) }) : t("flow.whyRecord")}{node ? <span className="dim flow-way-text">{t("flow.whyRecordText")}</span> : null}</span><Icon name="right" small /></button>
              </>
            ) : flow.record_deleted ? <p className="note row"><Icon name="trash" small /><span>{t("flow.recordDeletedText")}</span></p> : <p className="note row"><Icon name="lock" small /><span className="grow">{t("flow.noRecord")}{flow.copied && !mine ? `${lang === "zh" ? "" : " "}${t(flow.initiator ? "flow.copiedAsk" : "flow.copiedAskWhy", { name: flow.initiator?.name ?? "" })}` : ""}</span><button className="link" onClick={(event) => askWhy({ anchor: event.currentTarget, title: t("flow.noRecordWhy"), action: "read", type: flow.type, id: flow.record })}>{t("flow.noRecordWhy")}</button></p>}
            {mine?.takes ? null : <Packets flow={flow} type={type} />}
          </div>
          <div className="flow-part-steps"><FlowSteps flow={flow} onReassign={flow.may.reassign && flow.state === "running" ? (work) => setDialog({ reassign: work }) : undefined} />{flow.may.tend ? <Suspense fallback={null}><Tend flow={flow} /></Suspense> : null}</div>
          {flow.history.length ? <div className="flow-part-story"><FlowStory flow={flow} /></div> : null}
        </div>
      </div>
      <div className="flow-foot">
        {problem ? <Refused problem={problem} places={placesOf(type, problem, w)} /> : null}
        <FlowBar flow={flow} still={gone} approveLabel={approveLabel} busy={busy} text={draft.text} onText={onText} named={named} onNamed={setNamed} files={files} onFiles={setFiles} missing={lacking} onGo={goTo} onApprove={approve} onAsk={setDialog} onClaim={() => quick("claim", t("flow.claim"), {}, mine?.number)} onComment={comment} onUrge={() => quick("urge", t("flow.urge"), {})} onTakeBack={(node) => void back(node)} onRetry={(node) => quick("retry", t("flow.retried"), { node })} />
      </div>
      {dialog === "blind" ? <ActDialog title={t("flow.blindTitle", { act: approveLabel, title })} act={approveLabel} disabled={!draft.text.trim()} onClose={close} onAct={() => decide(true, {})}>
        <p>{t("flow.blindText")}</p>
        <label className="block"><span className="field-label">{t("flow.blindWhy")}<i aria-hidden="true">*</i></span><textarea className="box" data-autofocus maxLength={4000} required value={draft.text} onChange={(event) => onText(event.target.value)} /></label>
      </ActDialog> : null}
      {dialog === "danger" ? <ActDialog title={t("flow.approveTitle", { act: approveLabel, title })} act={approveLabel} danger onClose={close} onAct={() => decide(true, {})}>
        <p>{mine?.verb === "delete" ? t("flow.deleteText", { title }) : t("flow.dangerText", { act: approveLabel, title })}</p>
        {mine?.verb === "delete" && sees ? <Suspense fallback={null}><RunningNote type={flow.type} id={flow.record} but={flow.id} /></Suspense> : null}
        <label className="block"><span className="field-label">{t("flow.comment2")}</span><textarea className="box" data-autofocus maxLength={4000} value={draft.text} onChange={(event) => onText(event.target.value)} /></label>
      </ActDialog> : null}
      {dialog === "approve" && type ? <ApproveDialog title={t("flow.approveTitle", { act: approveLabel, title })} act={approveLabel} type={type} record={record.data} params={params} text={draft.text} onText={onText} onClose={close} onProblem={setProblem} onAct={(given) => decide(true, { given })} /> : null}
      {dialog === "reject" && mine ? <RejectDialog mine={mine} word={no} text={draft.text} onText={onText} onClose={close} onAct={(to) => decide(false, { to })} /> : null}
      {dialog === "transfer" || dialog === "delegate" || dialog === "add_signer" ? <HandDialog what={dialog} title={t(`flow.${dialog}`)} text={draft.text} onText={onText} onClose={close} onAct={(body) => plain(dialog.replace("_", "-"), t(`flow.${dialog}`), body, mine?.number)} /> : null}
      {dialog === "remove" && mine ? <RemoveDialog mine={mine} onClose={close} onAct={(other) => plain("remove-signer", t("flow.remove_signer"), { other }, mine.number)} /> : null}
      {dialog === "later" && flow.mine ? <Suspense fallback={null}><Later item={{ entry: flow.mine.entry, title }} onClose={close} onDone={() => { close(); void onDone?.(flow); }} /></Suspense> : null}
      {dialog === "copy" ? <CopyDialog onClose={close} onAct={(people) => plain("copy", t("flow.copy"), { people })} /> : null}
      {dialog === "withdraw" ? <WithdrawDialog flow={flow} onClose={close} onAct={(text) => plain("withdraw", t("flow.withdraw"), { text })} /> : null}
      {dialog !== null && typeof dialog === "object" ? <HandDialog what="reassign" title={t("flow.reassignOf", { name: dialog.reassign.person?.name ?? "" })} text={draft.text} onText={onText} onClose={close} onAct={(body) => plain("reassign", t("flow.reassign"), body, dialog.reassign.number)} /> : null}
    </>
  );
}
