/** Asking for one act on many: its values, and before it is done, on how many it will be possible and why not on the others. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { asProblem } from "../../api/client";
import type { FieldMeta, Json, Row, TypeMeta, VerbMeta } from "../../api/types";
import { isEmpty } from "../../fields/kind";
import { kindOf } from "../../fields/registry";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { grouped as digits } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Refused } from "../../kit/refused";
import type { FlowProcess } from "../../flows/types";
import { fieldOf } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { refreshType } from "../cache";
import { FormField } from "../form-field";
import { doneOf, grouped, perform, refusedOf, wayBack, type Act, type BulkAnswer } from "./bulk";
import "../../i18n/words-bulk";

const RunningNotes = lazy(() => import("../../flows/running-note").then((one) => ({ default: one.RunningNotes })));

interface Props {
  type: TypeMeta; act: string; verb: VerbMeta | null; ids: readonly string[]; rows: Row[]; fields: { field: string; may: number }[];
  /** What can be begun about many of them, and to begin one about some. */
  processes?: FlowProcess[]; onBegin?: (process: string, ids: readonly string[]) => void;
  onClose: () => void; onDone: (name: string, answer: BulkAnswer) => void;
}
const TRY_AFTER = 350;

export function BulkDialog({ type, act, verb, ids, rows, fields, processes = [], onBegin, onClose, onDone }: Props) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const editable = useMemo(() => fields.flatMap(({ field: code, may }) => { const field = fieldOf(type, code); return field ? [{ field, may }] : []; }), [fields, type]);
  // Many records rarely get one name: a choice that most of them may take comes first.
  const first = useMemo(() => [...editable].sort((a, b) => Number(b.field.kind === "choice") - Number(a.field.kind === "choice") || Number(a.field.code === type.title) - Number(b.field.code === type.title) || b.may - a.may)[0], [editable, type.title]);
  const [chosen, setChosen] = useState<string[]>(() => (first ? [first.field.code] : []));
  const [values, setValues] = useState<Record<string, Json>>(() => Object.fromEntries((verb?.params ?? []).flatMap((one) => (one.default !== undefined && one.default !== null ? [[one.code, one.default]] : []))));
  const shown: FieldMeta[] = act === "edit" ? chosen.flatMap((code) => { const field = fieldOf(type, code); return field ? [field] : []; }) : (verb?.params ?? []);
  const name = act === "edit" ? t("bulk.edit") : verb ? w(verb.name) : t("kit.delete");
  // An edit may empty a field; a verb's empty parameter is left out.
  const sent = Object.fromEntries(shown.flatMap((field) => {
    const value = values[field.code] ?? null;
    return act !== "edit" && isEmpty(value) ? [] : [[field.code, kindOf(field).send?.(value) ?? value]];
  }));
  const touched = act !== "edit" || shown.some((field) => field.code in values);
  const ready = touched && (act !== "edit" || shown.length > 0) && shown.every((field) => !field.required || field.kind === "yes_no" || !isEmpty(values[field.code] ?? null));
  const wish = JSON.stringify({ act, values: sent });
  const [tried, setTried] = useState(wish);
  useEffect(() => { const timer = setTimeout(() => setTried(wish), TRY_AFTER); return () => clearTimeout(timer); }, [wish]);
  const preview = useQuery({
    queryKey: ["try", type.code, tried, ids], enabled: ready && tried === wish, staleTime: 0, gcTime: 0, retry: false,
    queryFn: ({ signal }) => perform(type.code, JSON.parse(tried) as Act, ids, true, signal),
  });
  const found = ready && tried === wish ? preview.data : undefined;

  const go = async () => {
    const answer = await perform(type.code, { act, values: sent }, ids);
    for (const one of doneOf(answer)) client.removeQueries({ queryKey: ["record", type.code, one] });
    void client.invalidateQueries({ queryKey: ["offers", type.code] });
    refreshType(client, type.code);
    if (answer.done) say(t("bulk.done", { act: name, n: digits(String(answer.done)) }), undo(answer));
    onDone(name, answer);
  };
  const undo = (answer: BulkAnswer): (() => void) | undefined => {
    const ids = doneOf(answer);
    const ways = act === "delete" ? [{ act: { act: "restore", values: {} }, ids }] : act === "edit" ? wayBack(shown, rows, ids) : null;
    if (!Array.isArray(ways)) return undefined;
    return () => {
      void Promise.all(ways.map((way) => perform(type.code, way.act, way.ids))).then((all) => {
        refreshType(client, type.code);
        const back = all.reduce((sum, one) => sum + one.done, 0);
        say(t("bulk.undone", { n: digits(String(back)) }));
        const first = all.flatMap(refusedOf)[0]?.problem;
        if (first) refuse(new Error(w(first.message)));
      }, refuse);
    };
  };

  // Said before it is done: afterwards there would be no telling why the way back is missing.
  const back = act === "edit" && ready ? wayBack(shown, rows, ids) : null;
  const noWay = back === null || Array.isArray(back) ? null : back.unseen ? t("bulk.noWayUnseen", { fields: back.unseen.map((field) => w(field.name)).join(t("oversight.comma")) }) : t("bulk.noWayMany");
  const left = editable.filter(({ field }) => !chosen.includes(field.code));
  const swap = (index: number, code: string) => { setChosen((now) => now.map((one, at) => (at === index ? code : one))); };
  const count = found?.done ?? ids.length;
  // What a process alone does is asked for by beginning it: the refusal says so, and here it is done.
  const instead = processes.find((one) => one.only.includes(act));
  const barred = instead && found ? refusedOf(found).filter((one) => one.problem?.code === "by_process").map((one) => one.id) : [];
  return (
    <ActDialog title={t("bulk.dialog", { act: name, n: digits(String(ids.length)), type: w(type.plural) })} act={t("bulk.go", { act: act === "edit" ? t("bulk.change") : name, n: digits(String(count)) })} danger={act === "delete" || verb?.danger} disabled={!ready || !found || found.done === 0} onClose={onClose} onDone={() => {}} onAct={go}>
      {act === "edit" ? shown.map((field, index) => (
        <div key={field.code} className="bulk-field">
          <div className="row">
            <select className="box" aria-label={t("bulk.field")} value={field.code} onChange={(event) => swap(index, event.target.value)}>
              {[field, ...left.map((one) => one.field)].map((one) => { const may = editable.find((two) => two.field.code === one.code)?.may ?? 0; return <option key={one.code} value={one.code}>{w(one.name)}{may < ids.length ? ` (${may}/${ids.length})` : ""}</option>; })}
            </select>
            {shown.length > 1 ? <button type="button" className="ib" aria-label={t("kit.remove", { name: w(field.name) })} onClick={() => setChosen((now) => now.filter((one) => one !== field.code))}><Icon name="x" small /></button> : null}
          </div>
          <FormField field={field} value={values[field.code] ?? null} onChange={(value) => setValues((now) => ({ ...now, [field.code]: value }))} />
        </div>
      )) : shown.map((field, index) => <FormField key={field.code} field={field} value={values[field.code] ?? null} autoFocus={index === 0} onChange={(value) => setValues((now) => ({ ...now, [field.code]: value }))} />)}
      {act === "edit" && left[0] ? <button type="button" className="tool bulk-more" onClick={() => { const next = left[0]?.field.code; if (next) setChosen((now) => [...now, next]); }}><Icon name="plus" small />{t("bulk.another")}</button> : null}
      {noWay ? <p className="soft">{noWay}</p> : null}
      {act === "delete" ? <p className="soft">{t("bulk.deleteAsk")}</p> : null}
      {act === "delete" && found ? <Suspense fallback={null}><RunningNotes type={type.code} ids={doneOf(found)} /></Suspense> : null}
      <div className="bulk-try" role="status" aria-live="polite">
        {!ready ? <span className="dim">{t("bulk.fill")}</span>
          : preview.isError && tried === wish ? <Refused problem={asProblem(preview.error)} />
            : !found ? <span className="dim">{t("bulk.trying")}</span> : (
              <>
                <div className="row"><span className={found.done ? "bulk-ok" : "bad"}><Icon name={found.done ? "check" : "ban"} /></span><b>{found.refused ? t("bulk.preview", { done: digits(String(found.done)), n: digits(String(ids.length)), refused: digits(String(found.refused)) }) : t("bulk.previewAll", { n: digits(String(found.done)) })}</b></div>
                {grouped(refusedOf(found), (one) => w(one.problem?.message)).slice(0, 3).map((one) => <div key={one.words} className="soft bulk-why">{one.words} <span className="dim">× {one.items.length}</span></div>)}
                {instead && onBegin && barred.length ? <button type="button" className="link row tight bulk-why" onClick={() => onBegin(instead.code, barred)}><Icon name="swap" small />{t("bulk.instead", { name: w(instead.name), n: digits(String(barred.length)) })}</button> : null}
              </>
            )}
      </div>
    </ActDialog>
  );
}
