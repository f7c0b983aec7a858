/** The steps: done, current, to come; who has each, what they said, when it is due. */
import { Link } from "react-router";
import { FlowState } from "./flow-state";
import type { Case, Flow, Step, StepWork } from "./types";
import { useI18n, type Key } from "../i18n";
import { elapsed, fullMoment, moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { Who } from "../kit/parts";
import { Said } from "./flow-story";
import { Waited } from "./waited";
import { ahead, firstOf, isLate, MARKS, namesOf, standingOf, togetherAt, viewIn, worksAt, type Standing } from "./told";

const MOST = 6;
/** Kinds of step at which something is done; at others something is waited for. */
const WORKED = new Set(["user", "service", "send", "call", "rule"]);

export function Due({ due }: { due: string | null | undefined }) {
  const { t, lang } = useI18n();
  if (!due) return null;
  const late = isLate(due);
  return <span className={late ? "row tight warn" : "row tight soft"} title={fullMoment(due)}><Icon name={late ? "alert" : "clock"} small />{late ? t("flow.late", { time: elapsed(due, lang) }) : t("flow.due", { time: moment(due, lang) })}</span>;
}

function Hand({ flow, work, usual, takes, decides, onReassign }: { flow: Flow; work: StepWork; usual: number | null; takes: boolean; decides: boolean; onReassign?: (work: StepWork) => void }) {
  const { t, lang } = useI18n();
  const view = work.opinion && work.state === "done" ? flow.history.find((one) => one.at === work.done_at && one.person?.id === work.person?.id && viewIn(flow, one)) : undefined;
  const said: Key = view ? (view.what === "approve" ? "flow.w.for_it" : "flow.w.against") : takes && (work.outcome === "approved" || work.outcome === "rejected") ? `packet.w.${work.outcome}` : work.state === "done" && !decides && !work.opinion && work.outcome === "approved" ? "flow.w.finished" : work.state === "done" ? (`flow.w.${work.outcome || "approved"}` as Key) : work.left ? "flow.w.left" : (`flow.w.${work.state}` as Key);
  const notes = [work.deputies.length ? t("flow.w.deputies", { names: namesOf(work.deputies, lang) }) : "", work.acting_for ? t("flow.w.for", { name: work.acting_for.name }) : "", work.added_by ? t(work.opinion ? "flow.w.askedBy" : "flow.w.added", { name: work.added_by.name }) : "", work.opinion && work.state !== "done" ? t("flow.w.opinionOf") : ""].filter(Boolean);
  return (
    <li className="flow-hand">
      <div className="row wrap">
        {work.person ? <Who person={work.person} /> : null}
        <span className={work.outcome === "rejected" ? "bad" : "soft"}>{t(said)}</span>
        {notes.map((note) => <span key={note} className="dim">{note}</span>)}
        {work.done_at && !work.left ? <time className="dim end" dateTime={work.done_at} title={fullMoment(work.done_at)}>{moment(work.done_at, lang)}</time> : null}
        {work.state === "open" && work.opened_at ? <Waited className="dim end" since={work.opened_at} usual={usual} /> : null}
      </div>
      <Said text={work.text} />
      {work.reassign && onReassign && work.person ? <button className="link" aria-label={t("flow.reassignOf", { name: work.person.name })} onClick={() => onReassign(work)}>{t("flow.reassign")}</button> : null}
    </li>
  );
}

/** For what moments it waits, and what comes then. */
function Timers({ step }: { step: Step }) {
  const { t, w, lang } = useI18n();
  if (!step.timers.length) return null;
  return (
    <ul className="flow-hands">
      {step.timers.map((one) => (
        <li key={`${one.until}${one.name?.en ?? ""}`} className="row wrap soft">
          <Icon name="clock" small />
          {one.name ? <span>{w(one.name)}</span> : null}
          <time dateTime={one.until} title={fullMoment(one.until)}>{one.name ? ahead(one.until, lang) : t("flow.until", { time: ahead(one.until, lang) })}</time>
          {one.then.length ? <span>{t("flow.then", { then: one.then.map(w).join(lang === "zh" ? "、" : ", ") })}</span> : null}
          {one.name && one.ends ? <span>{t("flow.thenOver")}</span> : null}
        </li>
      ))}
    </ul>
  );
}

/** Cases that this step has begun, or the one that waits for this. */
function Cases({ cases }: { cases: readonly Case[] }) {
  const { t, w } = useI18n();
  if (!cases.length) return null;
  return (
    <ul className="flow-hands">
      {cases.slice(0, MOST).map((one) => <li key={one.id} className="row tight"><Link className="link" to={`/flows/${one.id}`}>{w(one.name)} #{one.id}</Link><FlowState one={{ state: one.state, halted: false }} /></li>)}
      {cases.length > MOST ? <li className="dim">{t("flow.casesMore", { n: cases.length - MOST })}</li> : null}
    </ul>
  );
}

function StepItem({ flow, step, onReassign }: { flow: Flow; step: Step; onReassign?: (work: StepWork) => void }) {
  const { t, w } = useI18n();
  const standing = standingOf(flow, step);
  // what was decided there before the case went back is told by its history: here it would say that it is decided
  const again = standing === "coming" && worksAt(flow, step).some((one) => one.state === "done");
  const works = again ? [] : worksAt(flow, step);
  const open = works.find((one) => one.state === "open");
  const several = works.length > 1 || standing === "coming";
  return (
    <li className={`flow-step ${standing}`} aria-current={standing === "current" ? "step" : undefined}>
      <span className="flow-mark"><Icon name={MARKS[standing]} small /></span>
      <div className="grow">
        <div className="row wrap">
          <b className="flow-step-name">{w(step.name)}</b>
          <span className="soft">{t(standing === "left" && !WORKED.has(step.kind) ? "flow.s.leftWaiting" : `flow.s.${standing}`)}</span>
          {step.mode && several && step.kind === "user" ? <span className="dim">{t(`flow.m.${step.mode}` as Key)}</span> : null}
          {again ? <span className="dim">{t("flow.againAhead")}</span> : null}
          {step.round > 1 && !again ? <span className="dim">{t("flow.round", { n: step.round })}</span> : null}
          {open ? <span className="end"><Due due={open.due_at} /></span> : null}
        </div>
        {works.length ? <ul className="flow-hands">{firstOf(works, MOST).map((one) => <Hand key={one.number} flow={flow} work={one} usual={step.usual} takes={step.handoff === "take"} decides={step.decides} onReassign={onReassign} />)}{works.length > MOST ? <li className="dim">+{works.length - MOST}</li> : null}</ul> : null}
        <Timers step={step} />
        <Cases cases={flow.cases.filter((one) => one.node === step.id)} />
      </div>
    </li>
  );
}

/** Several events of which the first decides: one place where the case waits, and what comes by each of them. */
function Either({ steps }: { steps: readonly Step[] }) {
  const { t, w, lang } = useI18n();
  return (
    <li className="flow-step current" aria-current="step">
      <span className="flow-mark"><Icon name={MARKS.current} small /></span>
      <div className="grow">
        <div className="row wrap"><b className="flow-step-name">{t("flow.either")}</b><span className="soft">{t("flow.s.waiting")}</span></div>
        <p className="soft">{t("flow.eitherText", { n: steps.length })}</p>
        <ul className="flow-hands">
          {steps.map((one) => (
            <li key={one.id} className="row wrap">
              <Icon name={one.timers.length ? "clock" : "inbox"} small /><span>{w(one.name)}</span>
              {one.timers.map((timer) => <time key={timer.until} className="soft" dateTime={timer.until} title={fullMoment(timer.until)}>{t("flow.until", { time: ahead(timer.until, lang) })}</time>)}
              {one.first?.then.length ? <span className="soft">{t("flow.next", { then: one.first.then.map(w).join(lang === "zh" ? "、" : ", ") })}</span> : null}
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}

export function FlowSteps({ flow, onReassign }: { flow: Flow; onReassign?: (work: StepWork) => void }) {
  const { t, w } = useI18n();
  const as = (...standings: Standing[]) => flow.nodes.filter((one) => standings.includes(standingOf(flow, one)));
  const now = togetherAt(as("done", "current", "halted", "stopped", "left", "back"));
  const coming = as("coming"), passed = as("passed_by");
  const open = flow.partly || flow.decides.length > 0;
  return (
    <section className="flow-steps-box" aria-label={t("flow.steps")}>
      <h2>{t("flow.steps")}</h2>
      {flow.above ? <p className="row wrap soft">{t(flow.state === "running" ? "flow.above" : "flow.aboveOver")} <Link className="link" to={`/flows/${flow.above.id}`}>{w(flow.above.name)} #{flow.above.id}</Link></p> : null}
      {now.length ? <ol className="flow-steps">{now.map(([one, ...others]) => (others.length ? <Either key={one.id} steps={[one, ...others]} /> : <StepItem key={one.id} flow={flow} step={one} onReassign={onReassign} />))}</ol> : null}
      {coming.length ? (
        <details className="flow-rest" open={coming.length <= 2}>
          <summary className="link">{t(open ? "flow.coming" : "flow.comingAll", { n: coming.length })}</summary>
          {flow.decides.length ? <p className="dim">{t(`flow.decides.${flow.decides.join("_")}` as Key)}</p> : null}
          <ol className="flow-steps">{coming.map((one) => <StepItem key={one.id} flow={flow} step={one} />)}</ol>
        </details>
      ) : null}
      {passed.length ? (
        <details className="flow-rest">
          <summary className="link">{t("flow.passedBy", { n: passed.length })}</summary>
          <ol className="flow-steps">{passed.map((one) => <StepItem key={one.id} flow={flow} step={one} />)}</ol>
        </details>
      ) : null}
      {flow.partly ? <p className="note row"><Icon name="info" small /><span>{t("flow.partly")}</span></p> : null}
    </section>
  );
}
