/** 导出: my exports with their progress, which can be withdrawn while they wait, and those that wait for my decision. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { asProblem, BASE, get, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { bytes, fullMoment, grouped, moment } from "../../kit/format";
import { Icon, type IconName } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { exportQuery, exportsQuery } from "./queries";
import type { ExportView } from "./types";
import "../../i18n/words-guard";
import "./guard.css";

const ICONS: Record<ExportView["state"], IconName> = { waiting: "clock", queued: "clock", running: "clock", ready: "check", refused: "ban", failed: "alert", expired: "clock", ended: "ban", withdrawn: "undo" };

function State({ one }: { one: ExportView }) {
  const { t } = useI18n();
  const busy = one.state === "running" || one.state === "queued";
  return (
    <span className={one.state === "failed" || one.state === "refused" ? "row red-ink" : "row"}><Icon name={ICONS[one.state]} small />{t(`export.state.${one.state}`, { done: one.done, rows: one.rows })}
      {busy ? <progress max={Math.max(1, one.rows)} value={one.done} aria-label={one.number} /> : null}</span>
  );
}

function Decide({ one, yes, onClose }: { one: ExportView; yes: boolean; onClose: () => void }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const act = async () => {
    // also where somebody was faster: what is shown is then old
    try { await send("POST", `/exports/${one.id}/${yes ? "approve" : "refuse"}`, { note: note.trim() || null }); }
    finally { for (const name of ["exports", "workbench"]) void client.invalidateQueries({ queryKey: [name] }); }
  };
  return (
    <ActDialog title={`${t(yes ? "export.approve" : "export.refuse")} · ${one.number}`} act={t(yes ? "export.approve" : "export.refuse")} danger={!yes} disabled={!yes && !note.trim()} onClose={onClose} onAct={act}>
      <p>{yes ? t("export.approveAsk", { name: one.person?.name ?? "", n: grouped(String(one.rows)), type: w(one.name) }) : t("export.refuseAsk")}</p>
      <label><span className="field-label">{t("guard.note")}{yes ? null : <i aria-hidden="true">*</i>}</span><textarea className="box" value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} /></label>
    </ActDialog>
  );
}

function Withdraw({ one, onClose }: { one: ExportView; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [note, setNote] = useState("");
  const act = async () => {
    try {
      await send("POST", `/exports/${one.id}/withdraw`, { note: note.trim() || null });
      say(t("export.withdrew", { number: one.number }));
    } finally { void client.invalidateQueries({ queryKey: ["exports"] }); }
  };
  return (
    <ActDialog title={`${t("export.withdraw")} · ${one.number}`} act={t("export.withdraw")} danger onClose={onClose} onAct={act}>
      <p>{t("export.withdrawAsk")}</p>
      <label><span className="field-label">{t("export.withdrawNote")}</span><textarea className="box" value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} /></label>
    </ActDialog>
  );
}

type Asking = { one: ExportView; what: "approve" | "refuse" | "withdraw" };

/** Exports, and the dialog about one of them: it stays with its answer when the export leaves the list meanwhile. */
function Exports({ items }: { items: ExportView[] }) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <ul className="exports">{items.map((one) => <One key={one.id} one={one} onAsk={(what) => setAsking({ one, what })} />)}</ul>
      {asking?.what === "withdraw" ? <Withdraw one={asking.one} onClose={close} /> : asking ? <Decide one={asking.one} yes={asking.what === "approve"} onClose={close} /> : null}
    </>
  );
}

function One({ one, onAsk }: { one: ExportView; onAsk: (what: Asking["what"]) => void }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { refuse } = useToasts();
  const download = async () => {
    try {
      // The server may answer that the file is being made again: so it is asked for, not merely linked.
      const answer = await fetch(`${BASE}/exports/${one.id}/file`, { credentials: "same-origin" });
      if (!answer.ok) await get(`/exports/${one.id}/file`);
      const url = URL.createObjectURL(await answer.blob());
      const link = document.createElement("a");
      link.href = url;
      link.download = `export-${one.number}.${one.format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
    } catch (cause) { refuse(cause); } finally { void client.invalidateQueries({ queryKey: ["exports"] }); }
  };
  return (
    <li className="sheet export">
      <div className="row wrap"><b>{w(one.name)}</b><span className="soft">{`${grouped(String(one.state === "ready" ? one.done : one.rows))} · ${one.format.toUpperCase()}`}</span><State one={one} />
        <span className="row end">
          {one.mine && one.state === "ready" ? <Button variant="filled" leftSection={<Icon name="download" />} onClick={() => void download()}>{t("export.download")}{one.size ? ` · ${bytes(one.size)}` : ""}</Button> : null}
          {one.may_withdraw ? <Button leftSection={<Icon name="undo" />} onClick={() => onAsk("withdraw")}>{t("export.withdraw")}</Button> : null}
          {one.may_decide ? <><Button color="bad" onClick={() => onAsk("refuse")}>{t("export.refuse")}</Button><Button variant="filled" onClick={() => onAsk("approve")}>{t("export.approve")}</Button></> : null}
        </span></div>
      <p className="soft export-line"><Link className="link-quiet mono" to={`/exports/${one.id}`}>{one.number}</Link><span>{one.person?.name}</span><time dateTime={one.made_at} title={fullMoment(one.made_at)}>{moment(one.made_at, lang)}</time>
        {one.state === "ready" || one.state === "waiting" ? <span>{t("export.until", { at: moment(one.expires_at, lang) })}</span> : null}{one.downloads ? <span>{t("export.downloads", { n: one.downloads })}</span> : null}</p>
      {one.reason ? <p><span className="dim">{t("export.reason")}</span> {one.reason}</p> : null}
      <p><span className="dim">{t("export.fields")}</span> {one.fields.map((field) => w(field)).join(t("oversight.comma"))}</p>
      {one.needs.length ? <p className="row wrap"><Icon name="shield" small />{t("export.needs", { why: one.needs.map((need) => w(need)).join(t("oversight.comma")) })}{one.state === "waiting" && one.asked_of.length ? <span className="soft">{t("export.askedOf", { names: one.asked_of.map((person) => person.name).join(t("oversight.comma")) })}</span> : null}</p> : null}
      {one.decided_by ? <p className="soft">{t("export.decidedBy", { name: one.decided_by.name, note: one.note || t(one.state === "refused" ? "export.state.refused" : "export.approve") })}</p> : null}
      {one.problem ? <p className="red-ink">{w(one.problem)}</p> : null}
      {one.state === "withdrawn" && one.note ? <p className="soft">{t("export.decidedBy", { name: one.person?.name ?? "", note: one.note })}</p> : null}
    </li>
  );
}

function Single({ id }: { id: string }) {
  const found = useQuery(exportQuery(id));
  if (found.isPending) return <Bones rows={3} height={40} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return <Exports items={[found.data]} />;
}

function List({ of }: { of: "mine" | "deciding" }) {
  const { t } = useI18n();
  const found = useQuery(exportsQuery(of));
  if (found.isPending) return <Bones rows={6} height={40} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  // one component in both cases: emptied by somebody else, a dialog that is open stays
  return <>{found.data.items.length ? null : <Blank icon="download" title={t(of === "mine" ? "export.none" : "export.noneWaiting")}>{of === "mine" ? t("export.noneText") : null}</Blank>}<Exports items={found.data.items} /></>;
}

export default function ExportsPage() {
  const { t } = useI18n();
  const { id } = useParams();
  const [search] = useSearchParams();
  const of = search.get("of") === "deciding" ? "deciding" : "mine";
  return (
    <main className="page" aria-label={t("export.title")}>
      <header className="page-head"><h1>{t("export.title")}</h1>
        <nav className="tabs" aria-label={t("export.title")}>
          <Link className="tab" to="/exports" aria-current={!id && of === "mine" ? "page" : undefined}>{t("export.mine")}</Link>
          <Link className="tab" to="/exports?of=deciding" aria-current={!id && of === "deciding" ? "page" : undefined}>{t("export.deciding")}</Link>
        </nav></header>
      <div className="guard-scroll" tabIndex={0} role="region" aria-label={t("export.title")}>{id ? <Single id={id} /> : <List of={of} />}</div>
    </main>
  );
}
