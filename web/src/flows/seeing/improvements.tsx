/** The improvement log: what was noted, the version that brought it, and what it changed. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem, freshKey, send, type Problem } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { fullMoment, moment } from "../../kit/format";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { suggestionTitle } from "../told";
import { besideQuery, improvementsQuery, type Asked } from "./queries";
import { span } from "./told";
import type { Draft } from "../designer/types";
import type { Figures, Improvement, Suggestion } from "./types";

export function Improvements({ figures, code, asked }: { figures: Figures; code: string; asked: Asked }) {
  const { t, w, lang } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const found = useQuery(improvementsQuery(code));
  const [noting, setNoting] = useState<string | null>(null);
  const [closing, setClosing] = useState<Improvement | null>(null);
  const administers = me.administers?.includes("process") === true;
  if (found.isPending) return <div className="see-page"><Bones rows={6} height={44} /></div>;
  if (found.isError) return <div className="see-page"><Refused problem={asProblem(found.error)} /></div>;
  const fresh = () => client.invalidateQueries({ queryKey: ["flow-improvements", code] });
  const known = (id: string) => { const node = figures.nodes.find((step) => step.id === id); return node ? w(node.name) : null; };
  const name = (id: string) => { const one = figures.nodes.find((node) => node.id === id); return one ? w(one.name) : id; };
  return (
    <div className="see-page">
      {administers ? <div className="row"><Button variant="filled" onClick={() => setNoting("")}>{t("see.log.add")}</Button></div> : null}
      {found.data.items.length === 0 ? <Blank icon="bulb" title={t("see.log.none")}>{t("see.log.noneText")}</Blank> : (
        <ol className="see-log">
          {found.data.items.map((one) => (
            <li key={one.id}>
              <div className="row wrap"><b>{suggestionTitle(one, known, t)}</b>{one.node ? <span className="chip">{name(one.node)}</span> : null}<span className={one.state === "open" ? "chip amber" : one.state === "done" ? "chip brand" : "chip"}>{one.state === "done" && one.after ? t("see.log.doneBy", { n: one.after }) : t(`see.log.${one.state}`)}</span>
                {one.by ? <Who person={one.by} /> : null}<time className="dim" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time>
                {one.state === "open" && one.draft && one.draft.state !== "discarded" ? <Link className="link" to={`/flows/design/${one.draft.id}`}>{t("see.log.drawn")}</Link> : null}
                {administers && one.state === "open" ? <Button className="end" size="xs" onClick={() => setClosing(one)}>{t("see.log.close")}</Button> : null}</div>
              {one.note ? <p className="soft">{one.note}</p> : null}
              {one.state === "done" && one.before && one.after && one.before !== one.after ? <Effect code={code} one={one.before} other={one.after} asked={asked} /> : null}
            </li>
          ))}
        </ol>
      )}
      {noting !== null ? <NoteDialog code={code} onClose={() => setNoting(null)} onMade={fresh} /> : null}
      {closing ? <CloseDialog one={closing} versions={figures.versions} onClose={() => setClosing(null)} onMade={fresh} /> : null}
    </div>
  );
}

function Effect({ code, one, other, asked }: { code: string; one: number; other: number; asked: Asked }) {
  const { t, lang } = useI18n();
  const found = useQuery(besideQuery(code, one, other, { ...asked, department: "" })).data?.difference;
  if (!found) return <p className="dim">{t("see.tooFew")}</p>;
  const said = (seconds: number | null) => `${(seconds ?? 0) > 0 ? "+" : "−"}${span(Math.abs(seconds ?? 0), lang)}`;
  return <p className={found.certain ? "see-effect" : "see-effect soft"}>{t("see.difference")}: <b>{said(found.p50)}</b> · {t("see.interval", { low: said(found.low), high: said(found.high) })} · n = {found.n.join(" / ")} · {t(found.certain ? "see.certain" : "see.uncertain")}</p>;
}

function NoteDialog({ code, onClose, onMade }: { code: string; onClose: () => void; onMade: () => Promise<void> }) {
  const { t } = useI18n();
  const [title, setTitle] = useState("");
  const [note, setNote] = useState("");
  const [key] = useState(freshKey);
  const act = async () => { await send("POST", `/flows/processes/${code}/improvements`, { title, note }, { key }); await onMade(); };
  return (
    <ActDialog title={t("see.log.add")} act={t("see.note")} disabled={!title.trim()} onClose={onClose} onAct={act}>
      <label className="see-field"><span className="field-label">{t("see.log.what")}<i aria-hidden="true">*</i></span><input className="box" data-autofocus maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} /></label>
      <label className="see-field"><span className="field-label">{t("see.log.why")}</span><textarea className="box" maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} /></label>
    </ActDialog>
  );
}

function CloseDialog({ one, versions, onClose, onMade }: { one: Improvement; versions: number[]; onClose: () => void; onMade: () => Promise<void> }) {
  const { t } = useI18n();
  const [version, setVersion] = useState(versions[0] ? String(versions[0]) : "");
  const [text, setText] = useState("");
  const act = async () => { await send("POST", `/flows/improvements/${one.id}/close`, { ...(version ? { version: Number(version) } : {}), text }); await onMade(); };
  return (
    <ActDialog title={one.title} act={t(version ? "see.log.closeDone" : "see.log.closeDrop")} danger={!version} onClose={onClose} onAct={act}>
      <label className="see-field"><span className="field-label">{t("see.log.by")}</span><select className="box" data-autofocus value={version} onChange={(event) => setVersion(event.target.value)}>{versions.map((n) => <option key={n} value={n}>{t("flow.version", { n })}</option>)}<option value="">{t("see.log.dropped")}</option></select></label>
      <label className="see-field"><span className="field-label">{t("see.log.why")}</span><textarea className="box" maxLength={2000} value={text} onChange={(event) => setText(event.target.value)} /></label>
    </ActDialog>
  );
}

/** Take a suggestion into the log, with the figures that spoke for it. */
export function NoteButton({ code, title, text, of, figures }: { code: string; title: string; text: string; of: { code: string; node: string; other: string | null }; figures: Record<string, number> }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [state, setState] = useState<"" | "busy" | "done" | "failed">("");
  const [key] = useState(freshKey);
  const act = async () => {
    setState("busy");
    try { await send("POST", `/flows/processes/${code}/improvements`, { title, note: text, code: of.code, node: of.node, other: of.other ?? "", evidence: figures }, { key }); setState("done"); await client.invalidateQueries({ queryKey: ["flow-improvements", code] }); } catch { setState("failed"); }
  };
  if (state === "done") return <span className="soft" role="status">{t("see.noted")}</span>;
  return <><Button size="xs" loading={state === "busy"} onClick={() => void act()}>{t("see.note")}</Button>{state === "failed" ? <span className="bad" role="alert">{t("see.noteFailed")}</span> : null}</>;
}

/** Open what a suggestion means as a draft of the process, where it can be tried and published: nothing is changed by itself. */
export function DrawButton({ code, title, text, of, first }: { code: string; title: string; text: string; of: Suggestion; first: boolean }) {
  const { t } = useI18n();
  const go = useNavigate();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [key] = useState(freshKey);
  const act = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const made = await send<Draft>("POST", "/flows/drafts", { process: code, suggestion: { title, note: text, code: of.code, node: of.node, other: of.other ?? "", evidence: of.figures } }, { key });
      const mine = made.suggestions.findLast((one) => one.code === of.code && one.node === of.node && one.other === (of.other ?? ""));
      void client.invalidateQueries({ queryKey: ["flow-improvements", code] });
      void client.invalidateQueries({ queryKey: ["flow-drafts"] });
      void go(`/flows/design/${made.id}?suggestion=${mine?.id ?? ""}`);
    } catch (cause) { setProblem(asProblem(cause)); setBusy(false); }
  };
  return <><Button size="xs" variant={first ? "filled" : "default"} loading={busy} title={t("see.drawHelp")} onClick={() => void act()}>{t("see.draw")}</Button>{problem ? <Refused problem={problem} /> : null}</>;
}
