/** Begin a process about each of the chosen records; what cannot be begun is said, with its reason. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, Problem, send } from "../api/client";
import { pulseNow } from "../api/pulse";
import type { Row, TypeMeta } from "../api/types";
import { translate, useI18n, type Key } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { useToasts } from "../kit/toast";
import { processesQuery } from "./queries";
import type { Flow } from "./types";
import "../i18n/words-flows";
import "../i18n/words-bulk";
import "./flows.css";
import "./outlook.css";

const MOST_BEGUN = 50;
const both = (key: Key, n: number) => ({ zh: translate("zh", key, { n }), en: translate("en", key, { n }) });

export default function BeginMany({ type, ids, rows, onClose, onDone }: { type: TypeMeta; ids: readonly string[]; rows: Row[]; onClose: () => void; onDone: (left: string[]) => void }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [code, setCode] = useState("");
  const [text, setText] = useState("");
  const [refused, setRefused] = useState<{ id: string; why: string }[]>([]);
  const found = useQuery(processesQuery).data?.items ?? [];
  // what asks for values or people is begun one by one
  const processes = found.filter((one) => one.type === type.code && one.version !== null && one.proposes.length === 0 && one.chosen.length === 0);
  const chosen = processes.find((one) => one.code === code) ?? processes[0];
  const nameOf = (id: string) => { const row = rows.find((one) => one.id === id); return String((row && (row[type.title] ?? (type.key ? row[type.key] : null))) ?? id); };
  const begin = async () => {
    if (!chosen) return;
    const left: { id: string; why: string }[] = [];
    for (const id of ids.slice(0, MOST_BEGUN)) {
      try { await send<Flow>("POST", "/flows/instances", { process: chosen.code, record: id, text: text.trim() }); } catch (cause) { left.push({ id, why: w(asProblem(cause).words) }); }
    }
    const done = Math.min(ids.length, MOST_BEGUN) - left.length;
    if (done) say(t("flows.begunMany", { n: done, name: w(chosen.name) }));
    pulseNow();
    await Promise.all(["workbench", "flows", "flows-of"].map((name) => client.invalidateQueries({ queryKey: [name] })));
    if (left.length) { setRefused(left); throw new Problem({ status: 409, code: "refused", message: both("flows.refusedMany", left.length), problems: [] }); }
    onDone([]);
  };
  return (
    <ActDialog title={`${t("flows.begin")} · ${t("bulk.selected", { n: String(ids.length) })}`} act={t("flows.beginDo")} disabled={!chosen || refused.length > 0 || ids.length > MOST_BEGUN} onClose={() => (refused.length ? onDone(refused.map((one) => one.id)) : onClose())} onAct={begin}>
      {processes.length === 0 ? <p className="note">{t("flows.noneMany")}</p> : null}
      {ids.length > MOST_BEGUN ? <p className="note">{t("flows.mostMany", { n: MOST_BEGUN })}</p> : null}
      <fieldset className="plain flow-ways"><legend className="field-label">{t("flows.beginWhich")}</legend>
        {processes.map((one) => <label key={one.code} className="flow-way"><input type="radio" name="flow-process" checked={chosen?.code === one.code} onChange={() => setCode(one.code)} /><span className="grow">{w(one.name)}{one.about ? <span className="begin-about soft">{w(one.about)}</span> : null}</span></label>)}
      </fieldset>
      <label className="flow-say-field"><span className="field-label">{t("flows.beginText")}</span><textarea className="box" maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} /></label>
      {refused.length ? <ul className="plain">{refused.map((one) => <li key={one.id}><b>{nameOf(one.id)}</b> <span className="dim">{one.why}</span></li>)}</ul> : null}
    </ActDialog>
  );
}
