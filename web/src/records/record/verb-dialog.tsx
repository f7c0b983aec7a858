/** Asks for what a verb needs. A stage to go to is offered only where the record may go; the others say why not. */
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { send } from "../../api/client";
import { movesQuery } from "../../api/queries";
import type { FieldMeta, Json, LaneVerdict, Option, RecordView, TypeMeta, VerbMeta } from "../../api/types";
import { isEmpty } from "../../fields/kind";
import { kindOf } from "../../fields/registry";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { isFillable } from "../board/lanes";
import { FormField } from "../form-field";
import "../../i18n/words-entry";
import "./record.css";

type Verdicts = Record<string, LaneVerdict>;
const open = (verdict: LaneVerdict | undefined): boolean => verdict !== undefined && (verdict.allowed || isFillable(verdict));

function withStages(param: FieldMeta, verdicts: Verdicts | undefined): FieldMeta {
  return verdicts ? { ...param, options: (param.options ?? []).filter((one) => open(verdicts[one.value])) } : param;
}

function Closed({ options, verdicts }: { options: Option[]; verdicts: Verdicts }) {
  const { t, w } = useI18n();
  const closed = options.filter((one) => !open(verdicts[one.value]) && verdicts[one.value]?.rule);
  if (closed.length === 0) return null;
  return (
    <details className="closed-stages">
      <summary className="link">{t("record.closedStages", { n: closed.length })}</summary>
      <ul>{closed.map((one) => <li key={one.value}><Icon name="lock" small /> <b>{w(one.name)}</b> <span className="soft">{w(verdicts[one.value]?.words)}</span></li>)}</ul>
    </details>
  );
}

export function VerbDialog({ type, record, verb, onClose, onDone }: { type: TypeMeta; record: RecordView; verb: VerbMeta; onClose: () => void; onDone: (record: RecordView | null) => void }) {
  const { t, w } = useI18n();
  const [values, setValues] = useState<Record<string, Json>>(() => Object.fromEntries(verb.params.flatMap((param) => {
    const known = record.values[param.code];
    return param.default !== undefined && param.default !== null ? [[param.code, param.default]] : known !== undefined && record.access[param.code] !== "masked" && param.code !== "owner" && !param.options?.length ? [[param.code, known]] : [];
  })));
  const etag = useRef(record.etag);
  const stage = verb.params.find((param) => param.code === type.kanban);
  const moves = useQuery({ ...movesQuery(type.code, record.id), staleTime: 0, enabled: stage !== undefined });
  const verdicts = stage ? moves.data?.lanes : undefined;
  const chosen = stage ? verdicts?.[String(values[stage.code] ?? "")] : undefined;
  const lacking = (chosen?.allowed ? [] : (chosen?.missing ?? [])).flatMap((code) => type.fields.filter((one) => one.code === code && record.access[code] === "edit").map((one) => ({ ...one, required: true })));
  const params = verb.params.map((param) => (param === stage ? withStages(param, verdicts) : param));
  const nowhere = stage !== undefined && verdicts !== undefined && params.find((one) => one.code === stage.code)?.options?.length === 0;
  const sent = (fields: FieldMeta[]) => Object.fromEntries(fields.flatMap((one) => { const value = values[one.code]; return value === undefined || isEmpty(value) ? [] : [[one.code, kindOf(one).send?.(value) ?? value]]; }));
  const act = async () => {
    // What was filled in stays when the act itself is then refused: the next try goes on from there.
    if (lacking.length) etag.current = (await send<RecordView>("PATCH", `/records/${type.code}/${record.id}`, sent(lacking), { etag: etag.current })).etag;
    onDone(await send<RecordView>("POST", `/records/${type.code}/${record.id}/actions/${verb.code}`, sent(verb.params), { etag: etag.current }));
  };
  const asked = [...params, ...lacking];
  return (
    <ActDialog title={`${w(verb.name)} · ${record.title}`} act={w(verb.name)} danger={verb.danger} disabled={nowhere || asked.some((one) => one.required && one.kind !== "yes_no" && isEmpty(values[one.code]))} onClose={onClose} onAct={act}>
      {verb.params.length === 0 ? <p>{t("record.verbAsk", { verb: w(verb.name), name: record.title })}</p> : null}
      {asked.map((param, index) => <FormField key={param.code} field={param} value={values[param.code] ?? null} autoFocus={index === 0} onChange={(value) => setValues((now) => ({ ...now, [param.code]: value }))} />)}
      {stage && verdicts ? <Closed options={stage.options ?? []} verdicts={verdicts} /> : null}
    </ActDialog>
  );
}
