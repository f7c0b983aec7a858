/** Somebody's leaving in its case: who plans says who takes over; who lets them leave goes on from there. */
import { Button } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, get, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { fullMoment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones, Face } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { Goes } from "./goes";
import { Fates, OpenThings, Working } from "./open-things";
import { PersonPicker } from "./person-picker";
import { Rules } from "./rules";
import { draftsOf, chosenOf, sendable, takersOf, type Leaving, type Preview } from "./types";
import "../../i18n/words-review";
import "../review/review.css";
import "./leaving.css";

const MOST_NOTE = 2000;

export default function PlanPane({ id, onDone }: { id: string; onDone?: () => void }) {
  const found = useQuery({ queryKey: ["leaving", id], queryFn: ({ signal }) => get<Leaving>(`/access/leavings/${id}`, signal) });
  if (found.isPending) return <Bones rows={6} height={34} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return <Shown key={found.data.planned_at ?? ""} one={found.data} onDone={onDone} />;
}

function Shown({ one, onDone }: { one: Leaving; onDone?: () => void }) {
  const { t } = useI18n();
  const [again, setAgain] = useState(false);
  const plans = one.may_plan && (one.state === "noticed" || again);
  return (
    <section className="leaving-plan stack" aria-label={t("leaving.plan")}>
      <Facts one={one} />
      {plans ? <Plan one={one} onDone={() => { setAgain(false); onDone?.(); }} /> : one.planned_at ? <Planned one={one} /> : <p className="note row"><Icon name="clock" small /><span>{t(one.state === "noticed" ? "leaving.notPlanned" : "leaving.neverPlanned")}</span></p>}
      {one.may_plan && !plans ? <button type="button" className="tool" onClick={() => setAgain(true)}><Icon name="edit" small />{t("leaving.planAgain")}</button> : null}
      {one.may_leave ? <div className="row wrap"><span className="soft grow">{t("leaving.goOn")}</span><Button variant="filled" component={Link} to={`/access/leaving?person=${one.person.id}`} leftSection={<Icon name="leave" small />}>{t("leaving.toPage")}</Button></div> : null}
    </section>
  );
}

function Facts({ one }: { one: Leaving }) {
  const { t, w } = useI18n();
  const open = one.state === "noticed" || one.state === "planned";
  return (
    <dl className="leaving-facts">
      <div className="held-fact"><dt>{t("leaving.person")}</dt><dd className="row"><Face name={one.person.name} /><b>{one.person.name}</b></dd></div>
      <div className="held-fact"><dt>{t("leaving.lastDay")}</dt><dd>{one.last_day}{open ? <span className={one.days < 3 ? "warn" : "soft"}> · {t(one.days > 0 ? "leaving.inDays" : one.days === 0 ? "leaving.todayIs" : "leaving.passed", { n: Math.abs(one.days) })}</span> : <span className="soft"> · {t(one.state === "left" ? "leaving.hasLeft" : "leaving.hasStayed")}</span>}</dd></div>
      {open ? <div className="held-fact"><dt>{t("leaving.records")}</dt><dd>{one.records.length ? one.records.map((kind) => `${w(kind.name)} ${kind.count}`).join(" · ") : <span className="dim">{t("leaving.noRecords")}</span>}</dd></div> : null}
      {one.departments.length ? <div className="held-fact"><dt>{t("leaving.heads")}</dt><dd>{one.departments.map((each) => w(each.name)).join("、")}</dd></div> : null}
      {one.reports.length ? <div className="held-fact"><dt>{t("leaving.reports")}</dt><dd>{one.reports.map((each) => each.name).join("、")}</dd></div> : null}
    </dl>
  );
}

function Planned({ one }: { one: Leaving }) {
  const { t, w } = useI18n();
  const nameOf = (type: string) => { const found = one.records.find((each) => each.type === type); return found ? w(found.name) : type === "*" ? t("leaving.any") : type; };
  return (
    <div className="stack tight">
      <p className="soft">{t("leaving.plannedBy", { name: one.planned_by?.name ?? "?", at: fullMoment(one.planned_at ?? "") })}</p>
      <ul className="told-list">
        {one.rules.map((rule, at) => <li key={at} className="row"><span className="brand-ink"><Icon name="arrow" small /></span>{t("leaving.ruleTold", { type: nameOf(rule.type), name: rule.to.name })}</li>)}
        {one.takers.map((taker) => <li key={taker.kind} className="row"><span className="brand-ink"><Icon name="arrow" small /></span>{t("leaving.ruleTold", { type: t(`leaving.kind.${taker.kind}`), name: taker.to.name })}</li>)}
        {one.successor ? <li className="row"><span className="brand-ink"><Icon name="arrow" small /></span>{t("leaving.ruleTold", { type: t("leaving.successor"), name: one.successor.name })}</li> : null}
        {!one.rules.length && !one.takers.length && !one.successor ? <li className="dim">{t("leaving.nobodyTakes")}</li> : null}
      </ul>
      {one.note ? <p className="flow-said">{one.note}</p> : null}
    </div>
  );
}

function Plan({ one, onDone }: { one: Leaving; onDone: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [rules, setRules] = useState(() => draftsOf(one.rules));
  const [successor, setSuccessor] = useState(one.successor);
  const [chosen, setChosen] = useState(() => chosenOf(one.takers));
  const [note, setNote] = useState(one.note);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const sent = sendable(rules);
  const takers = takersOf(chosen);
  const preview = useQuery({
    queryKey: ["leaving-preview", one.id, sent, takers], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => send<Preview>("POST", `/access/leavings/${one.id}/preview`, { rules: sent, takers }, { signal }),
  });
  const leads = one.departments.length > 0 || one.reports.length > 0;
  const left = preview.data?.left ?? 0;
  const act = async () => {
    setBusy(true);
    try {
      await send("POST", `/access/leavings/${one.id}/plan`, { rules: sent, takers, note, ...(successor ? { successor: successor.id } : {}) });
      say(t("leaving.planned"));
      await Promise.all([["leaving", one.id], ["flow"], ["workbench"], ["flows"]].map((queryKey) => client.invalidateQueries({ queryKey })));
      onDone();
    } catch (cause) { setProblem(cause); } finally { setBusy(false); }
  };
  return (
    <div className="stack">
      {leads ? <PersonPicker label={t("leaving.successor")} value={successor} onPick={setSuccessor} /> : null}
      {one.records.length ? <Rules rules={rules} records={one.records} onChange={setRules} /> : null}
      {one.standing.length ? <OpenThings things={one.standing} chosen={chosen} moving={false} onChange={setChosen} /> : null}
      <label className="stack tight"><span className="field-label">{t("leaving.note")}</span><textarea className="box" rows={2} maxLength={MOST_NOTE} value={note} onChange={(event) => setNote(event.target.value)} /></label>
      {preview.isError ? <Refused problem={asProblem(preview.error)} /> : preview.data ? (
        <ul className="told-list" aria-label={t("leaving.preview")}>
          <Goes types={preview.data.types} />
          {left ? <li className="row warn"><Icon name="alert" small />{t("leaving.leftOver", { n: left })}</li> : null}
          <Fates fates={preview.data.standing} moving={false} />
          <Working work={preview.data.work} named={preview.data.named} />
        </ul>
      ) : null}
      {problem ? <Refused problem={asProblem(problem)} /> : null}
      <div className="row"><Button className="end" variant="filled" loading={busy} disabled={preview.isError} onClick={() => void act()}>{t("leaving.handOn")}</Button></div>
    </div>
  );
}
