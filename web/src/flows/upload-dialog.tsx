/** A BPMN file: checked first, element by element; published when nothing keeps it from it. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, freshKey, send, type Problem } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { Icon } from "../kit/icons";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { checked, opened, unreadable } from "./opening";
import type { Checked, FlowVersion } from "./types";
import "../i18n/words-processes";

export default function UploadDialog({ publishes, onClose, onMade }: { /** Else the file is only drawn on. */ publishes: boolean; onClose: () => void; onMade: (code: string) => void }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const go = useNavigate();
  const [file, setFile] = useState<{ name: string; source: string } | null>(null);
  const [found, setFound] = useState<Checked | null>(null);
  const [problem, setProblem] = useState<Problem | string | null>(null);
  const [busy, setBusy] = useState(false);
  const [note, setNote] = useState("");
  const named = (text: string) => { const [zh = "", en = ""] = text.split(" / "); return lang === "zh" ? zh : en || zh; };
  const nameOf = (place: string) => { const one = found?.elements.find((other) => other.id === place); return one ? `${named(one.name) || one.id}` : place; };

  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    setFound(null);
    setProblem(null);
    setFile(null);
    setBusy(true);
    try {
      const read = await opened(chosen, t);
      if ("wrong" in read) { setProblem(read.wrong); return; }
      setFile({ name: chosen.name, source: read.source });
      setFound(await checked(read.source));
    } catch (cause) { setProblem(unreadable(asProblem(cause), t, w)); } finally { setBusy(false); }
  };
  const draw = async () => { const made = await send<{ id: string }>("POST", "/flows/drafts", { source: file?.source ?? "" }, { key: freshKey() }); void go(`/flows/design/${made.id}`); };
  const publish = async () => {
    if (!file || !found) return;
    const made = await send<FlowVersion>("POST", "/flows/processes", { source: file.source, note: note.trim() });
    say(t(made.state === "waiting" ? "process.submitted" : "process.published", { n: made.number }));
    await Promise.all(["processes", "process-versions"].map((name) => client.invalidateQueries({ queryKey: [name] })));
    onMade(found.process);
  };
  const skipped = found?.elements.filter((one) => !one.executed) ?? [];
  return (
    <ActDialog title={t("process.upload")} act={t(publishes ? "process.publish" : "process.draw")} size={640} disabled={busy || !found || (publishes && !found.publishable)} onClose={onClose} onAct={publishes ? publish : draw}>
      <label className="process-pick"><Icon name="upload" small /><span className="grow cut">{file?.name ?? t("process.choose")}</span><input className="unseen" type="file" aria-label={t("process.file")} accept=".bpmn,.xml,application/xml,text/xml" data-autofocus onChange={(event) => { const chosen = event.target.files?.[0]; event.target.value = ""; void take(chosen); }} /></label>
      {busy ? <p className="soft" role="status">{t("process.checking")}</p> : null}
      {typeof problem === "string" ? <p className="note red" role="alert">{problem}</p> : problem ? <Refused problem={problem} /> : null}
      {found ? (
        <>
          {found.publishable ? <p className="note row" role="status"><span className="brand-ink"><Icon name="check" small /></span><span>{t(publishes ? "process.ok" : "process.okDraft", { name: named(found.name) || found.process })}</span></p> : (
            <section className="note red" role="alert" aria-label={t("process.problems")}>
              <div className="row"><Icon name="ban" small /><b>{t("process.bad", { n: found.problems.length })}</b></div>
              <ul className="process-problems">{found.problems.map((one, index) => <li key={`${one.place}${one.code}${index}`}>{w(one.message).startsWith(`“${nameOf(one.place)}”`) ? null : <><b>{nameOf(one.place)}</b>{t("kit.colon")}</>}{w(one.message)}</li>)}</ul>
            </section>
          )}
          <details>
            <summary className="link">{t("process.elements", { n: found.elements.length, m: found.elements.length - skipped.length })}</summary>
            <ul className="process-elements">
              {found.elements.map((one, index) => (
                <li key={`${one.id}${index}`}><span className={one.executed ? "brand-ink" : "dim"}><Icon name={one.executed ? "check" : "minus"} small /></span><span className="grow">{named(one.name) || one.id} <span className="dim">{one.element}</span>{one.executed ? null : <span className="soft"> · {t("process.notExecuted")}{one.why ? t("kit.colon") + w(one.why) : ""}</span>}</span></li>
              ))}
            </ul>
          </details>
          {publishes ? <button type="button" className="link process-drawn" onClick={() => void draw().catch(refuse)}>{t("process.draw")}</button> : null}
          {publishes ? <label className="flow-say-field"><span className="field-label">{t("process.note")}</span><textarea className="box" maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} /></label> : null}
        </>
      ) : null}
    </ActDialog>
  );
}
