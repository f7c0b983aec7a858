/** Alerts with what each rests on, the latest first. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, send } from "../../api/client";
import { useI18n, type Key } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { fullMoment, grouped, moment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { alertsQuery } from "./queries";
import type { AlertView, Evidence } from "./types";
import "../../i18n/words-guard";

function Rests({ on }: { on: Evidence }) {
  const { t, w } = useI18n();
  if (on.kind && on.window) {
    const n = (value: number | undefined) => grouped(String(value ?? 0));
    return <span>{t("guard.evidence.budget", { window: t(`guard.${on.window}`), used: n(on.used), kind: t(`guard.${on.kind}`), limit: n(on.limit), own: n(on.own), peers: n(on.peers) })}{on.leaving ? <b> · {t("guard.evidence.leaving")}</b> : null}</span>;
  }
  if (!on.channel) return null;
  return <span>{t("guard.evidence.canary", { channel: t(`guard.channel.${on.channel}` as Key), rows: on.rows ?? 0, type: w(on.type_name) || (on.type ?? ""), n: on.records?.length ?? 0 })}</span>;
}

function Close({ one, onClose }: { one: AlertView; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const act = async () => {
    await send("POST", `/access/guard/alerts/${one.id}/close`, { note: note.trim() });
    await Promise.all(["guard", "workbench"].map((name) => client.invalidateQueries({ queryKey: [name] })));
  };
  return (
    <ActDialog title={t("guard.close")} act={t("guard.close")} disabled={note.trim().length < 2} onClose={onClose} onAct={act}>
      <p>{t("guard.closeAsk")}</p>
      <label><span className="field-label">{t("guard.note")}<i aria-hidden="true">*</i></span><textarea className="box" value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} /></label>
    </ActDialog>
  );
}

export function AlertList() {
  const { t, w, lang } = useI18n();
  const [state, setState] = useState<"open" | "all">("open");
  const [closing, setClosing] = useState<AlertView | null>(null);
  const found = useQuery(alertsQuery(state));
  return (
    <>
      <span className="tabs" role="group" aria-label={t("guard.state")}>{(["open", "all"] as const).map((one) => <button key={one} className="tab" aria-pressed={state === one} onClick={() => setState(one)}>{t(`guard.${one}`)}</button>)}</span>
      {found.isPending ? <Bones rows={5} height={56} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : found.data.items.length === 0 ? <Blank icon="shield" title={t("guard.noAlerts")}>{t("guard.noAlertsText")}</Blank> : (
        <ul className="alerts">{found.data.items.map((one) => (
          <li key={one.id} className="sheet">
            <div className="row wrap"><span className={one.closed_at ? "row soft" : "row red-ink"}><Icon name={one.kind === "frozen" ? "lock" : "alert"} small /><span className="alert-kind">{w(one.words)}</span></span>
              {one.person ? <Link className="link-quiet strong" to={`/organisation/people/${one.person.id}`}>{one.person.name}</Link> : null}
              <time className="dim" dateTime={one.last_at} title={fullMoment(one.last_at)}>{moment(one.last_at, lang)}</time>{one.times > 1 ? <span className="chip">{t("guard.times", { n: one.times })}</span> : null}
              {one.may_close ? <span className="row wrap end">{one.person && one.evidence.kind ? <Link className="link" to="/access/guard?part=people">{t("guard.toPeople")}</Link> : null}<Button size="xs" onClick={() => setClosing(one)}>{t("guard.close")}</Button></span> : null}</div>
            <p><Rests on={one.evidence} /></p>
            {one.evidence.before?.length ? <details><summary className="soft">{t("guard.before")} ({one.evidence.before.length})</summary><ul>{one.evidence.before.map((old, at) => <li key={at} className="soft">{old.at ? fullMoment(old.at) : ""} <Rests on={old} /></li>)}</ul></details> : null}
            {one.closed_by ? <p className="soft">{t("guard.closedBy", { name: one.closed_by.name, note: one.note })}</p> : null}
          </li>
        ))}</ul>
      )}
      {closing ? <Close one={closing} onClose={() => setClosing(null)} /> : null}
    </>
  );
}
