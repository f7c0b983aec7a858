/** Begin a process about a record: which one, and what its first people should know. */
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { freshKey, send } from "../api/client";
import { pulseNow } from "../api/pulse";
import type { RecordView, TypeMeta } from "../api/types";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { useToasts } from "../kit/toast";
import { afterMove } from "./queries";
import { holders, namesOf } from "./told";
import type { Flow, FlowProcess } from "./types";
import "../i18n/words-flows";
import "./flows.css";

export default function BeginDialog({ type, record, processes, onClose }: { type: TypeMeta; record: RecordView; processes: FlowProcess[]; onClose: () => void }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const key = useRef(freshKey());
  const [code, setCode] = useState(processes[0]?.code ?? "");
  const [text, setText] = useState("");
  const begin = async () => {
    const made = await send<Flow>("POST", "/flows/instances", { process: code, record: record.id, text: text.trim() }, { key: key.current });
    const with_ = holders(made);
    say(with_.length ? t("flows.begunNext", { name: w(made.name), names: namesOf(with_, lang) }) : t("flows.begun", { name: w(made.name) }));
    pulseNow();
    await afterMove(client, made, made);
  };
  return (
    <ActDialog title={`${t("flows.begin")} · ${record.title}`} act={t("flows.beginDo")} disabled={!code} onClose={onClose} onAct={begin} onProblem={() => { key.current = freshKey(); }} places={{ ...Object.fromEntries(type.fields.map((one) => [one.code, w(one.name)])), text: t("flows.beginText"), record: w(type.name) }}>
      <fieldset className="plain flow-ways"><legend className="field-label">{t("flows.beginWhich")}</legend>
        {processes.map((one, index) => <label key={one.code} className="flow-way"><input type="radio" name="flow-process" data-autofocus={index === 0 || undefined} checked={code === one.code} onChange={() => setCode(one.code)} /><span>{w(one.name)} <span className="dim">{t("flow.version", { n: one.version ?? 0 })}</span></span></label>)}
      </fieldset>
      <label className="flow-say-field"><span className="field-label">{t("flows.beginText")}</span><textarea className="box" maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} /></label>
    </ActDialog>
  );
}
