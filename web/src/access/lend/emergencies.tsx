/** Declared emergencies: a loud strip for whom they name, opening a record at once, declaring and closing for security. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { freshKey, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { AFTER, at, emergenciesQuery, span, type AccessLoan, type Bar, type Emergency } from "./data";
import "../../i18n/words-lend";

const HOURS = [1, 2, 4].map((hours) => hours * 3600);
const DeclareDialog = lazy(() => import("./declare-dialog"));

export function Emergencies() {
  const { t } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const [search, setSearch] = useSearchParams();
  const [chosen, setUsing] = useState<Emergency | null>(null);
  const [lifting, setLifting] = useState<{ one: Emergency; bar: Bar } | null>(null);
  const [declaring, setDeclaring] = useState(false);
  const found = useQuery(emergenciesQuery);
  const open = (found.data?.items ?? []).filter((one) => one.open);
  // Who pressed the strip over another page comes here to open a record, not to look for the button again.
  const using = chosen ?? open.find((one) => one.id === search.get("use") && one.mine) ?? null;
  // Not once the record is on its way: the address of this page would be set over its own.
  const used = (gone: boolean) => { setUsing(null); if (!gone) setSearch((now) => { now.delete("use"); return now; }, { replace: true }); };
  const governs = me.administers?.includes("policy") === true;
  const after = () => Promise.all([...AFTER, "emergencies"].map((name) => client.invalidateQueries({ queryKey: [name] })));
  const close = (one: Emergency) => send("POST", `/access/emergencies/${one.id}/close`, {}).then(() => { say(t("lend.em.closed")); return after(); }, refuse);
  return (
    <>
      {open.map((one) => (
        <section key={one.id} className="emergency row wrap" role="alert" aria-label={one.title}>
          <Icon name="alert" /><b>{t("lend.em.strip", { title: one.title, time: at(one.ends) })}</b><span className="grow">{one.reason}</span>
          {one.mine && !one.barred.some((bar) => bar.person?.id === me.person.id) ? <Button variant="filled" color="bad" size="xs" onClick={() => setUsing(one)}>{t("lend.em.use")}</Button> : null}
          {one.may_close ? <Button size="xs" onClick={() => void close(one)}>{t("lend.em.close")}</Button> : null}
          {one.barred.map((bar) => (
            <p key={bar.person?.id} className="emergency-bar row"><Icon name="ban" small />
              <span className="grow">{bar.person?.id === me.person.id ? t("lend.em.barredMe", { by: bar.by?.name ?? "—", time: bar.at ? at(bar.at) : "", text: bar.text }) : t("lend.em.barred", { who: bar.person?.name ?? "—", by: bar.by?.name ?? "—", time: bar.at ? at(bar.at) : "", text: bar.text })}</span>
              {bar.may_lift ? <Button size="xs" onClick={() => setLifting({ one, bar })}>{t("lend.em.lift")}</Button> : null}</p>
          ))}
        </section>
      ))}
      {governs ? <div className="lend-declare"><button className="link" onClick={() => setDeclaring(true)}>{t("lend.em.declare")}</button></div> : null}
      {using ? <Use key={using.id} one={using} onClose={used} onDone={after} /> : null}
      {declaring ? <Suspense fallback={null}><DeclareDialog onClose={() => setDeclaring(false)} onDone={after} /></Suspense> : null}
      {lifting ? <Lift one={lifting.one} bar={lifting.bar} onClose={() => setLifting(null)} onDone={after} /> : null}
    </>
  );
}

/** A record of which one may see nothing is found by its address, or by the number that a colleague reads out. */
function named(text: string): string { return /[0-9a-f]{32}/.exec(text)?.[0] ?? text.trim(); }

function Use({ one, onClose, onDone }: { one: Emergency; onClose: (gone: boolean) => void; onDone: () => Promise<unknown> }) {
  const { t, w } = useI18n();
  const go = useNavigate();
  const gone = useRef(false);
  const [key] = useState(freshKey);
  const [type, setType] = useState(one.types[0]?.code ?? "");
  const [action, setAction] = useState(one.actions[0]?.code ?? "read");
  const [text, setText] = useState("");
  const [seconds, setSeconds] = useState(HOURS[0] ?? 3600);
  const [reason, setReason] = useState("");
  const act = async () => {
    const made = await send<AccessLoan>("POST", `/access/emergencies/${one.id}/uses`, { type, record: named(text), action, seconds, reason: reason.trim() }, { key });
    await onDone();
    gone.current = true;
    void go(`/records/${made.type}/${made.record}`);
  };
  return (
    <ActDialog title={`${t("lend.em.use")} · ${one.title}`} act={t("lend.em.use")} danger places={{ record: t("lend.em.record") }} disabled={!named(text) || !reason.trim()} onClose={() => onClose(gone.current)} onAct={act}>
      <p className="note amber">{t("lend.em.loud")}</p>
      <div><label className="field-label" htmlFor="em-type">{t("lend.kind")}</label>
        <select id="em-type" className="box" value={type} onChange={(event) => setType(event.target.value)}>{one.types.map((kind) => <option key={kind.code} value={kind.code}>{w(kind.name)}</option>)}</select></div>
      <div><label className="field-label" htmlFor="em-record">{t("lend.em.record")}</label>
        <input id="em-record" className="box" data-autofocus maxLength={400} value={text} onChange={(event) => setText(event.target.value)} /></div>
      <div><span className="field-label">{t("lend.do")}</span><div className="segs" role="group" aria-label={t("lend.do")}>{one.actions.map((kind) => <button type="button" key={kind.code} className="seg" aria-pressed={action === kind.code} onClick={() => setAction(kind.code)}>{w(kind.name)}</button>)}</div></div>
      <div><span className="field-label">{t("lend.long")}</span><div className="segs" role="group" aria-label={t("lend.long")}>{HOURS.map((long) => <button type="button" key={long} className="seg" aria-pressed={seconds === long} onClick={() => setSeconds(long)}>{span(long, t)}</button>)}</div></div>
      <div><label className="field-label" htmlFor="em-why">{t("lend.why")}</label>
        <textarea id="em-why" className="box" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} /></div>
    </ActDialog>
  );
}

/** Letting somebody use it again whose use was judged unjustified: by name, with the reason. */
function Lift({ one, bar, onClose, onDone }: { one: Emergency; bar: Bar; onClose: () => void; onDone: () => Promise<unknown> }) {
  const { t } = useI18n();
  const { say } = useToasts();
  const [text, setText] = useState("");
  return (
    <ActDialog title={t("lend.em.liftFor", { who: bar.person?.name ?? "—" })} act={t("lend.em.lift")} disabled={!text.trim()} onClose={onClose} onAct={async () => { await send("POST", `/access/emergencies/${one.id}/lift`, { person: bar.person?.id, text: text.trim() }); say(t("lend.done")); await onDone(); }}>
      <p className="note">{t("lend.em.liftHelp")}</p>
      <label className="field-label" htmlFor="em-lift">{t("lend.em.because")}</label>
      <textarea id="em-lift" className="box" data-autofocus maxLength={500} value={text} onChange={(event) => setText(event.target.value)} />
    </ActDialog>
  );
}

/** The verdict on one use; it has to be given. */
export function Verdict({ loan, onDone }: { loan: AccessLoan; onDone: () => Promise<unknown> }) {
  const { t } = useI18n();
  const { say } = useToasts();
  const [verdict, setVerdict] = useState<"justified" | "unjustified" | null>(null);
  const [text, setText] = useState("");
  return (
    <>
      <Button variant="filled" onClick={() => setVerdict("justified")}>{t("lend.em.justified")}</Button>
      <Button color="bad" onClick={() => setVerdict("unjustified")}>{t("lend.em.unjustified")}</Button>
      {verdict ? (
        <ActDialog title={t(`lend.em.${verdict}`)} act={t(`lend.em.${verdict}`)} danger={verdict === "unjustified"} disabled={!text.trim()} onClose={() => setVerdict(null)} onAct={async () => { await send("POST", `/access/loans/${loan.id}/review`, { verdict, text: text.trim() }); say(t("lend.done")); await onDone(); }}>
          <label className="field-label" htmlFor="em-verdict">{t("lend.em.because")}</label>
          <textarea id="em-verdict" className="box" data-autofocus maxLength={500} value={text} onChange={(event) => setText(event.target.value)} />
        </ActDialog>
      ) : null}
    </>
  );
}
