/** Begin a process about a record: which one, what is proposed to change, whom it goes to, and what its first people should know. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { freshKey, send, type Problem } from "../api/client";
import { pulseNow } from "../api/pulse";
import type { FieldMeta, Json, PersonRef, RecordView, TypeMeta } from "../api/types";
import { isEmpty } from "../fields/kind";
import { kindOf } from "../fields/registry";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { Icon } from "../kit/icons";
import { fieldOf } from "../kit/session";
import { useToasts } from "../kit/toast";
import { FormField } from "../records/form-field";
import { isMasked } from "../records/levels";
import { personField } from "./flow-dialogs";
import { Outlook } from "./outlook";
import { afterMove, beginningsQuery } from "./queries";
import { holders, namesOf, saidAtFirst } from "./told";
import type { Flow, FlowProcess } from "./types";
import "../i18n/words-flows";
import "./flows.css";

/** `before`: the case that is begun once more. */
interface Props { type: TypeMeta; record: RecordView; processes: FlowProcess[]; field?: string; before?: Flow; onClose: () => void }

export default function BeginDialog({ type, record, processes: offered, field, before, onClose }: Props) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const key = useRef(freshKey());
  const [shown, setShown] = useState<string[]>(field ? [field] : (before?.difference.map((one) => one.field) ?? []));
  const [processes] = useState(offered); // one that begins elsewhere meanwhile stays, greyed: nothing moves under who reads
  const looked = useQuery(beginningsQuery(type.code, record.id, shown));
  const beginnings = looked.data?.items;
  const refusalOf = (code: string) => beginnings?.find((one) => one.process === code)?.refusal ?? null;
  // Only the first is chosen beforehand, and none in its stead where it is refused: that could be one that deletes the record.
  const [code, setCode] = useState(processes[0]?.code ?? "");
  const refusal = refusalOf(code);
  const nowhere = beginnings !== undefined && processes.every((one) => refusalOf(one.code));
  const [text, setText] = useState(() => saidAtFirst(before));
  const [change, setChange] = useState<Record<string, Json>>(() => Object.fromEntries(before?.difference.map((one) => [one.field, one.after as Json]) ?? []));
  const [chosen, setChosen] = useState<Record<string, Json>>(() => Object.fromEntries(before?.nodes.flatMap((one) => (one.chosen[0] ? [[one.id, one.chosen[0] as unknown as Json]] : [])) ?? []));
  const [problem, setProblem] = useState<Problem | null>(null);
  const process = processes.find((one) => one.code === code);
  const proposable = (process?.proposes ?? []).flatMap((one) => { const found = fieldOf(type, one); return found && one in record.values ? [found] : []; });
  const open = proposable.filter((one) => shown.includes(one.code));
  const beside = (place: string) => { const found = problem?.problems.find((one) => one.place === place); return found ? w(found.message) : undefined; };
  const now = (one: FieldMeta): Json => (one.code in change ? change[one.code] : isMasked(record.access[one.code]) ? null : record.values[one.code]) ?? null;
  const lacking = (process?.chosen ?? []).some((one) => isEmpty(chosen[one.node])) || (proposable.length > 0 && !open.some((one) => one.code in change));

  const begin = async () => {
    const body: Record<string, unknown> = { process: code, record: record.id, text: text.trim() };
    if (proposable.length) body.change = Object.fromEntries(open.flatMap((one) => (one.code in change ? [[one.code, kindOf(one).send?.(change[one.code] ?? null) ?? change[one.code] ?? null]] : [])));
    if (process?.chosen.length) body.chosen = Object.fromEntries(process.chosen.map((one) => [one.node, [String((chosen[one.node] as unknown as PersonRef).id)]]));
    const made = await send<Flow>("POST", "/flows/instances", body, { key: key.current });
    const with_ = holders(made);
    say(with_.length ? t("flows.begunNext", { name: w(made.name), names: namesOf(with_, lang) }) : t("flows.begun", { name: w(made.name) }));
    pulseNow();
    await afterMove(client, made, made);
  };
  const places = { ...Object.fromEntries(type.fields.flatMap((one) => [[one.code, w(one.name)], [`change/${one.code}`, w(one.name)]])), text: t("flows.beginText"), record: w(type.name) };
  return (
    <ActDialog title={`${processes.length === 1 && process ? w(process.name) : t("flows.begin")} · ${record.title}`} act={t("flows.beginDo")} disabled={!code || lacking || refusal !== null || looked.isPending} onClose={onClose} onAct={begin} onProblem={(found) => { key.current = freshKey(); setProblem(found); }} places={places}>
      {processes.length > 1 ? (
        <fieldset className="plain flow-ways"><legend className="field-label">{t("flows.beginWhich")}</legend>
          {processes.map((one, index) => {
            const why = refusalOf(one.code);
            return (
              <label key={one.code} className={why ? "flow-way refused" : "flow-way"}>
                <input type="radio" name="flow-process" data-autofocus={index === 0 || undefined} disabled={why !== null} checked={code === one.code && !why} onChange={() => { setCode(one.code); setProblem(null); }} />
                <span className={why ? "dim grow" : "grow"}>{w(one.name)} <span className="dim">{t("flow.version", { n: one.version ?? 0 })}</span>{why ? <span className="begin-about">{w(why.words)}</span> : one.about ? <span className="begin-about soft">{w(one.about)}</span> : null}</span>
              </label>
            );
          })}
        </fieldset>
      ) : process?.about ? <p className="soft">{w(process.about)}</p> : null}
      {refusal && processes.length === 1 ? <p className="note row"><Icon name="ban" small /><span>{w(refusal.words)}</span></p> : null}
      {refusal && processes.length > 1 ? <p className="soft">{t(nowhere ? "begin.nowhere" : "begin.another")}</p> : null}
      {refusal ? null : <Outlook found={beginnings?.find((one) => one.process === code)} chosen={chosen} />}
      {proposable.length ? (
        <fieldset className="plain flow-ways"><legend className="field-label">{t("flows.proposed")}</legend>
          <div className="row wrap">{proposable.map((one) => <button type="button" key={one.code} className={shown.includes(one.code) ? "chip brand" : "chip"} aria-pressed={shown.includes(one.code)} onClick={() => setShown((was) => (was.includes(one.code) ? was.filter((code) => code !== one.code) : [...was, one.code]))}>{w(one.name)}</button>)}</div>
          {open.map((one) => <FormField key={one.code} field={one} value={now(one)} problem={beside(`change/${one.code}`)} autoFocus={one.code === field} onChange={(value) => setChange((was) => ({ ...was, [one.code]: value }))} />)}
        </fieldset>
      ) : null}
      {(process?.chosen ?? []).map((one) => <FormField key={one.node} field={{ ...personField("", ""), name: { zh: `${one.name.zh}：交给谁`, en: `${one.name.en}: to whom` } }} value={chosen[one.node] ?? null} onChange={(value) => setChosen((was) => ({ ...was, [one.node]: value }))} />)}
      {refusal ? null : <label className="flow-say-field"><span className="field-label">{t("flows.beginText")}</span><textarea className="box" data-autofocus={processes.length === 1 && !field ? true : undefined} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} /></label>}
    </ActDialog>
  );
}
