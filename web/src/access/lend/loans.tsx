/** Running loans by time left, and what each side can do with them. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, freshKey, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { elapsed, fullMoment } from "../../kit/format";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { Countdown } from "./countdown";
import { Verdict } from "./emergencies";
import { AFTER, at, loansQuery, few, names, span, type AccessLoan, type LoanTab } from "./data";
import "../../i18n/words-lend";
import "../../i18n/words-centre";

const TABS: LoanTab[] = ["lent", "borrowed", "today", "asks", "ended"];
const SPANS = [1, 8, 24, 72, 168, 336].map((hours) => hours * 3600);

/** Why somebody is asked whether a loan goes on. */
const ASKS: Record<string, "lend.askTransferred" | "lend.askLost" | "lend.askLosing" | "lend.askLeft"> = { transferred: "lend.askTransferred", lost: "lend.askLost", losing: "lend.askLosing", left: "lend.askLeft" };

/** What can be done with a loan, each with the words of what it did; calling back can be taken back for 8 seconds. */
export function useLoanActs() {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const after = () => Promise.all(AFTER.map((name) => client.invalidateQueries({ queryKey: [name] })));
  const restore = (id: string) => { void send("POST", `/access/loans/${id}/restore`, {}).then(() => { say(t("lend.restored")); return after(); }, refuse); };
  const end = (loan: AccessLoan) => send("POST", `/access/loans/${loan.id}/end`, {}).then(() => {
    if (loan.may.includes("return")) say(t("lend.returned")); else say(t("lend.recalled"), () => restore(loan.id));
    return after();
  }, refuse);
  const keep = (loan: AccessLoan, on: boolean) => send("POST", `/access/loans/${loan.id}/keep`, { go_on: on }).then(() => { say(t(on ? "lend.kept" : "lend.done")); return after(); }, refuse);
  return { end, keep, after };
}

export function Loans() {
  const { t } = useI18n();
  const [chosen, setTab] = useState<LoanTab | null>(null);
  const lent = useQuery(loansQuery("lent"));
  // Who lends nothing looks for what they borrowed.
  const tab = chosen ?? (lent.data?.items.length === 0 ? "borrowed" : "lent");
  const found = useQuery(loansQuery(tab));
  return (
    <section className="lend-loans" aria-label={t("lend.running")}>
      <header className="row wrap lend-loans-head">
        <h2>{t("lend.running")}</h2>
        <div className="tabs" role="tablist" aria-label={t("lend.running")}>{TABS.map((code) => <button key={code} role="tab" className="tab" aria-selected={tab === code} onClick={() => setTab(code)}>{t(`lend.tab.${code}`)}{tab === code && found.data?.items.length ? <span className="dim"> {found.data.items.length}</span> : null}</button>)}</div>
        <span className="dim end hide-phone">{tab === "ended" ? "" : t("lend.sorted")}</span>
      </header>
      {found.isPending ? <div className="bench-pad"><Bones rows={5} height={36} /></div> : found.isError ? <div className="bench-pad"><Refused problem={asProblem(found.error)} /></div>
        : found.data.items.length === 0 ? <Blank icon="clock" title={t(`lend.none.${tab}`)} /> : <Table items={found.data.items} />}
    </section>
  );
}

function Table({ items }: { items: AccessLoan[] }) {
  const { t } = useI18n();
  const [renewing, setRenewing] = useState<AccessLoan | null>(null);
  return (
    <div className="lend-table" role="table" aria-label={t("lend.running")}>
      <div role="row" className="lend-tr head">{(["to", "what", "fields", "source", "used", "left"] as const).map((name) => <span role="columnheader" key={name}>{t(`lend.c.${name}`)}</span>)}<span role="columnheader"><span className="unseen">{t("lend.do")}</span></span></div>
      {items.map((loan) => <LoanRow key={loan.id} loan={loan} onRenew={() => setRenewing(loan)} />)}
      {renewing ? <Renew loan={renewing} onClose={() => setRenewing(null)} /> : null}
    </div>
  );
}

function LoanRow({ loan, onRenew }: { loan: AccessLoan; onRenew: () => void }) {
  const { t, w, lang } = useI18n();
  const { end, keep } = useLoanActs();
  const what = loan.title ?? t("lend.recordOf", { type: w(loan.type_name) });
  const ago = (iso: string) => (Date.now() - new Date(iso).getTime() < 60_000 ? t("lend.justNow") : t("lend.ago", { time: elapsed(iso, lang) }));
  const source = loan.emergency ? t("lend.emergency", { number: loan.number }) : t("lend.lentBy", { number: loan.number, name: loan.lender?.name ?? "—" });
  return (
    <div role="row" className="lend-tr">
      <span role="cell">{loan.borrower ? <Who person={loan.borrower} /> : loan.project ? t("lend.project", { name: loan.project }) : "—"}</span>
      <span role="cell" className="cut">{loan.title || loan.may.includes("return") ? <Link className="link-quiet" to={`/records/${loan.type}/${loan.record}`}>{what}</Link> : what}</span>
      <span role="cell" className="cut" title={names(loan.fields, w, lang)}>{w(loan.action_name)} · {names(loan.fields, w, lang)}</span>
      <span role="cell" className="soft cut">{source}</span>
      <span role="cell" className="soft cut">{loan.used ? t("lend.usedTimes", { n: loan.used, time: loan.used_at ? ago(loan.used_at) : "" }) : t("lend.never")}</span>
      <span role="cell">{loan.ended ? <span className="soft" title={loan.ended_at ? fullMoment(loan.ended_at) : undefined}>{t(`lend.e.${loan.ended}` as "lend.e.expired")} · {loan.ended_at ? at(loan.ended_at) : ""}</span> : <Countdown starts={loan.starts} ends={loan.ends} />}</span>
      <span role="cell" className="row lend-tr-acts">
        {loan.may.includes("keep") ? <><button className="link" onClick={() => void keep(loan, true)}>{t("lend.keep")}</button><button className="link" onClick={() => void keep(loan, false)}>{t("lend.drop")}</button></> : null}
        {loan.may.includes("renew") ? <button className="link" onClick={onRenew}>{t("lend.renew")}</button> : null}
        {loan.may.includes("return") ? <button className="link" onClick={() => void end(loan)}>{t("lend.return")}</button> : null}
        {loan.may.includes("end") ? <button className="link bad" onClick={() => void end(loan)}>{t("lend.end")}</button> : null}
      </span>
    </div>
  );
}

export function Renew({ loan, onClose }: { loan: AccessLoan; onClose: () => void }) {
  const { t } = useI18n();
  const { after } = useLoanActs();
  const { say } = useToasts();
  const [key] = useState(freshKey);
  const [seconds, setSeconds] = useState(3 * 86400);
  const [reason, setReason] = useState("");
  const act = async () => { await send("POST", `/access/loans/${loan.id}/renew`, { seconds, reason: reason.trim() }, { key }); say(t("lend.sent")); await after(); };
  return (
    <ActDialog title={t("lend.renewTitle", { number: loan.number })} act={t("lend.send")} disabled={!reason.trim()} onClose={onClose} onAct={act}>
      <div className="segs" role="group" aria-label={t("lend.long")}>{SPANS.map((one) => <button type="button" key={one} className="seg" aria-pressed={seconds === one} onClick={() => setSeconds(one)}>{span(one, t)}</button>)}</div>
      <label className="field-label" htmlFor="renew-why">{t("lend.why")}</label>
      <textarea id="renew-why" className="box" data-autofocus maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
    </ActDialog>
  );
}

/** A loan in the workbench: it ends soon, or somebody has to say whether it goes on. */
export function LoanNote({ loan }: { loan: AccessLoan }) {
  const { t, w, lang } = useI18n();
  const { end, keep, after } = useLoanActs();
  const [renewing, setRenewing] = useState(false);
  const what = [loan.title ?? t("lend.recordOf", { type: w(loan.type_name) }), few(loan.fields, w, lang, t)].filter(Boolean).join(" · ");
  const who = loan.borrower?.name ?? (loan.project ? t("lend.project", { name: loan.project }) : "—");
  return (
    <article className="lend-pane">
      <h2 className="lend-title">{what}</h2>
      {loan.emergency && !loan.may.includes("return") ? <p className="warn">{t(loan.may.includes("review") ? "lend.em.review" : "lend.em.opened", { who })}</p> : null}
      {loan.asks ? <p>{t(ASKS[loan.asks] ?? "lend.askLeft", { who, what, time: at(loan.ends) })}</p> : null}
      <div className="row wrap"><span className="chip">{loan.number}</span>{loan.ended ? null : <Countdown starts={loan.starts} ends={loan.ends} />}<span className="soft">{loan.reason}</span></div>
      <div className="row wrap lend-acts">
        {loan.may.includes("keep") ? <><Button variant="filled" onClick={() => void keep(loan, true)}>{t("lend.keep")}</Button><Button onClick={() => void keep(loan, false)}>{t("lend.drop")}</Button></> : null}
        {loan.may.includes("review") ? <Verdict loan={loan} onDone={after} /> : null}
        {loan.may.includes("renew") ? <Button variant="filled" onClick={() => setRenewing(true)}>{t("lend.renew")}</Button> : null}
        {loan.may.includes("return") ? <Button onClick={() => void end(loan)}>{t("lend.return")}</Button> : null}
        {loan.may.includes("end") && !loan.may.includes("keep") ? <Button color="bad" onClick={() => void end(loan)}>{t("lend.end")}</Button> : null}
        {loan.title || loan.may.includes("return") ? <Button component={Link} to={`/records/${loan.type}/${loan.record}`}>{t("record.open")}</Button> : null}
      </div>
      {renewing ? <Renew loan={loan} onClose={() => setRenewing(false)} /> : null}
    </article>
  );
}
