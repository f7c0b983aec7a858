/** Logs of other systems: uploaded, looked at in the same views, deleted. They are one's own alone. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, freshKey, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { bytes, fullMoment, moment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { logsQuery } from "./queries";
import type { OtherLog } from "./types";

const COLUMNS = ["case", "activity", "time", "start", "actor"] as const;

export function Logs() {
  const { t, lang } = useI18n();
  const client = useQueryClient();
  const found = useQuery(logsQuery);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<OtherLog | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ["flow-logs"] });
  return (
    <div className="see-page">
      <p className="soft">{t("see.logs.text")}</p>
      <div className="row"><Button variant="filled" leftSection={<Icon name="upload" small />} onClick={() => setAdding(true)}>{t("see.logs.add")}</Button></div>
      {found.isPending ? <Bones rows={3} height={36} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : found.data.items.length === 0 ? <Blank icon="file" title={t("see.logs.none")}>{null}</Blank> : (
        <ul className="see-log">
          {found.data.items.map((one) => (
            <li key={one.id} className="row wrap"><Icon name={one.state === "failed" ? "alert" : "file"} small />{one.state === "ready" ? <Link className="link" to={`/flows/live/log-${one.id}`}>{one.name}</Link> : <span>{one.name}</span>}<Standing one={one} /><time className="dim" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time><button className="ib end" aria-label={t("see.logs.removeOf", { name: one.name })} onClick={() => setRemoving(one)}><Icon name="trash" small /></button></li>
          ))}
        </ul>
      )}
      {adding ? <UploadDialog onClose={() => setAdding(false)} onMade={fresh} /> : null}
      {removing ? <ActDialog title={t("see.logs.removeOf", { name: removing.name })} act={t("see.logs.remove")} danger onClose={() => setRemoving(null)} onAct={async () => { await send("DELETE", `/flows/logs/${removing.id}`); await fresh(); }}><p>{t("see.logs.removeText")}</p></ActDialog> : null}
    </div>
  );
}

/** How much of it is read, what it holds, or why it could not be read. */
function Standing({ one }: { one: OtherLog }) {
  const { t, w } = useI18n();
  if (one.state === "ready") return <span className="soft">{t("see.logs.size", { cases: one.cases, events: one.events })}</span>;
  if (one.state === "failed") return <span className="see-unread bad" role="status">{t("see.logs.failed")}{one.problems.map((each) => w(each.message)).join(" ")}</span>;
  const said = one.state === "reading" ? t("see.logs.reading", { n: one.done }) : t(`see.logs.${one.state}`);
  return <span className="row tight soft" role="status"><progress className="see-reading" aria-label={t("see.logs.readingOf", { name: one.name })} max={100} value={one.state === "reading" && one.done ? one.done : undefined} />{said}</span>;
}

/** What the program takes at most (`api/body.py`). */
const LARGEST = 25 * 2 ** 20;

function UploadDialog({ onClose, onMade }: { onClose: () => void; onMade: () => Promise<void> }) {
  const { t } = useI18n();
  const [file, setFile] = useState<File | null>(null);
  const [columns, setColumns] = useState<Record<string, string>>({});
  const [open, setOpen] = useState(false);
  const act = async () => {
    const form = new FormData();
    if (file) form.append("file", file);
    for (const [name, value] of Object.entries(columns)) if (value.trim()) form.append(name, value.trim());
    await send<OtherLog>("POST", "/flows/logs", form, { key: freshKey() });
    await onMade();
  };
  const large = file !== null && file.size > LARGEST;
  return (
    <ActDialog title={t("see.logs.add")} act={t("see.logs.do")} disabled={!file || large} places={Object.fromEntries(COLUMNS.map((one) => [one, t(`see.logs.c.${one}`)]))} onClose={onClose} onAct={act} onProblem={(problem) => setOpen(problem.problems.some((one) => COLUMNS.some((column) => column === one.place)))}>
      <label className="see-field"><span className="field-label">{t("see.logs.file")}</span><input className="see-file" type="file" accept=".csv,.xes,.gz,.txt" data-autofocus onChange={(event) => setFile(event.target.files?.[0] ?? null)} />{large ? <span className="field-error" role="alert">{t("see.logs.tooLarge", { size: bytes(file.size) })}</span> : <span className="field-help">{t("see.logs.fileHelp")}</span>}</label>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}><summary className="link">{t("see.logs.columns")}</summary>
        <p className="field-help">{t("see.logs.columnsHelp")}</p>
        {COLUMNS.map((one) => <label key={one} className="see-field"><span className="field-label">{t(`see.logs.c.${one}`)}</span><input className="box" maxLength={300} value={columns[one] ?? ""} onChange={(event) => setColumns((now) => ({ ...now, [one]: event.target.value }))} /></label>)}
      </details>
    </ActDialog>
  );
}
