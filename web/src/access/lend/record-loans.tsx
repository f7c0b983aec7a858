/** On a record: what I borrow of it or have lent of it, with what is left of that; and once it is gone, why. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useSession } from "../../kit/session";
import { Countdown } from "./countdown";
import { at, few, names, recordLoansQuery, type AccessLoan } from "./data";
import { Renew, useLoanActs } from "./loans";
import "./record-loans.css";
import "../../i18n/words-lend";

function Line({ loan, onRenew }: { loan: AccessLoan; onRenew: () => void }) {
  const { t, w, lang } = useI18n();
  const { me } = useSession();
  const { end } = useLoanActs();
  const to = loan.borrower?.name ?? t("lend.project", { name: loan.project ?? "—" });
  const lent = loan.lender?.id === me.person.id;
  const who = lent ? t("lend.r.lent", { name: to }) : loan.emergency ? t("lend.emergency", { number: loan.number }) : t(loan.project ? "lend.r.project" : "lend.r.borrowed", { name: loan.lender?.name ?? "—", project: to });
  return (
    <div className="record-loan">
      <Link className="link-quiet strong nowrap" to="/access/loans" title={loan.reason}>{who}</Link>
      <span className="cut soft grow" title={names(loan.fields, w, lang)}>{w(loan.action_name)} · {few(loan.fields, w, lang, t)}</span>
      <Countdown starts={loan.starts} ends={loan.ends} whole />
      {loan.may.includes("renew") && !lent ? <button className="link nowrap" onClick={onRenew}>{t("lend.renew")}</button> : null}
      {loan.may.includes("return") ? <button className="link nowrap" onClick={() => void end(loan)}>{t("lend.return")}</button> : null}
      {lent && loan.may.includes("end") ? <button className="link bad nowrap" onClick={() => void end(loan)}>{t("lend.end")}</button> : null}
    </div>
  );
}

export default function RecordLoans({ id }: { id: string }) {
  const { t } = useI18n();
  const [renewing, setRenewing] = useState<AccessLoan | null>(null);
  const running = useQuery(recordLoansQuery(id)).data?.items.filter((one) => !one.ended) ?? [];
  if (running.length === 0) return null;
  return (
    <section className="record-loans" aria-label={t("lend.running")}>
      <Icon name="clock" small />
      <div className="record-loan-lines">{running.map((loan) => <Line key={loan.id} loan={loan} onRenew={() => setRenewing(loan)} />)}</div>
      {renewing ? <Renew loan={renewing} onClose={() => setRenewing(null)} /> : null}
    </section>
  );
}

/** Why a record that was borrowed is there no longer. */
export function LoanGone({ id }: { id: string }) {
  const { t } = useI18n();
  const { me } = useSession();
  const gone = useQuery(recordLoansQuery(id)).data?.items.filter((one) => one.ended && one.lender?.id !== me.person.id) ?? [];
  const last = gone.sort((a, b) => (b.ended_at ?? "").localeCompare(a.ended_at ?? ""))[0];
  if (!last) return null;
  const how = t(`lend.e.${last.ended}` as "lend.e.expired");
  return (
    <p className="note amber loan-gone" role="status">
      <span className="row tight"><Icon name="clock" />{t(last.lender ? "lend.r.gone" : "lend.r.goneEmergency", { name: last.lender?.name ?? "", time: last.ended_at ? at(last.ended_at) : "", how })}</span>
      <Link className="link" to="/access/loans">{t("lend.r.all")}</Link>
    </p>
  );
}
