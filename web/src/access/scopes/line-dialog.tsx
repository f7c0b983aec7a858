/** One permission line, changed through pickers: what it lets do, where, under which conditions, up to what. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, Problem } from "../../api/client";
import { bothOf, useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { useWorking } from "../draft/working";
import { roleNow, vocabularyQuery } from "../queries";
import type { RawLine, Vocabulary } from "../types";
import { Bound, reached, usePreview } from "./count";
import { clean, placeOf, SIGN, type Condition } from "./line";
import "../../i18n/words-configure";

interface Props { role: string; /** Its place among the role's lines; null: a new one. */ at: number | null; line: RawLine; draft: string | null; onClose: () => void }

export function LineDialog({ role, at, line: first, draft, onClose }: Props) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { put } = useWorking();
  const [line, setLine] = useState(first);
  const types = useQuery(vocabularyQuery(null));
  const vocabulary = useQuery(vocabularyQuery(line.type));
  const change = (part: Partial<RawLine>) => setLine((now) => ({ ...now, ...part }));
  /** Where the line stands by now: others may have put lines before it. One that is no longer as it was is not written over. */
  const placed = (lines: RawLine[]) => {
    if (at === null) return null;
    const place = placeOf(lines, first, at);
    if (place < 0) throw new Problem({ type: "about:blank", title: "Conflict", status: 409, code: "meanwhile", message: bothOf("line.meanwhile") });
    return place;
  };
  const act = async () => {
    await put("role", role, async () => {
      const state = await roleNow(client, role, draft);
      const place = placed(state.lines);
      return { ...state, lines: place === null ? [...state.lines, clean(line)] : state.lines.map((one, index) => (index === place ? clean(line) : one)) };
    });
  };
  const remove = async () => {
    await put("role", role, async () => {
      const state = await roleNow(client, role, draft);
      const place = placed(state.lines);
      return { ...state, lines: state.lines.filter((_, index) => index !== place) };
    }).then(onClose, () => undefined);
  };
  const limited = line.actions.some((one) => one === "approve" || one === "export");
  return (
    <ActDialog title={at === null ? t("line.new") : t("line.edit")} act={t("line.toDraft")} size={640} disabled={line.actions.length === 0 || line.scope.length === 0} onClose={onClose} onAct={act}>
      {at === null ? (
        <label><span className="field-label">{t("configure.object")}</span>
          <select className="box" value={line.type} onChange={(event) => setLine({ type: event.target.value, actions: ["read"], scope: ["own"] })}>{(types.data?.types ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select>
        </label>
      ) : null}
      {vocabulary.data ? (
        <>
          <Choices title={t("line.actions")} all={vocabulary.data.actions} chosen={line.actions} onChange={(actions) => change({ actions })} />
          <Choices title={t("line.scopes")} all={[...vocabulary.data.scopes, ...line.scope.filter((one) => !vocabulary.data.scopes.some((known) => known.code === one)).map((code) => ({ code, name: { zh: code, en: code } }))]} chosen={line.scope} onChange={(scope) => change({ scope })} />
          <Conditions fields={vocabulary.data.fields} where={line.where ?? []} onChange={(where) => change({ where })} />
        </>
      ) : null}
      {limited ? <label><span className="field-label">{line.actions.includes("export") ? t("line.rows") : t("line.amount")}</span><input className="box" inputMode="decimal" value={line.limit ?? ""} onChange={(event) => change({ limit: event.target.value.trim() || null })} /></label> : null}
      <Preview line={clean(line)} role={role} draft={draft} />
      {at === null ? null : <button type="button" className="link bad row" onClick={() => void remove()}><Icon name="trash" small />{t("line.remove")}</button>}
    </ActDialog>
  );
}

export function Choices({ title, all, chosen, onChange }: { title: string; all: { code: string; name: Vocabulary["scopes"][number]["name"]; fact?: Vocabulary["scopes"][number]["fact"] }[]; chosen: string[]; onChange: (next: string[]) => void }) {
  const { w } = useI18n();
  return (
    <fieldset className="choices">
      <legend className="field-label">{title}</legend>
      {all.map((one) => (
        <label key={one.code} className="chip-choice" title={one.fact ? w(one.fact) : undefined}>
          <input type="checkbox" checked={chosen.includes(one.code)} onChange={(event) => onChange(event.target.checked ? [...chosen, one.code] : chosen.filter((code) => code !== one.code))} />{w(one.name)}
        </label>
      ))}
    </fieldset>
  );
}

export function Conditions({ fields, where, onChange }: { fields: Vocabulary["fields"]; where: Condition[]; onChange: (next: Condition[]) => void }) {
  const { t, w } = useI18n();
  const usable = fields.filter((one) => one.operators.length > 0);
  const set = (at: number, next: Condition) => onChange(where.map((one, index) => (index === at ? next : one)));
  return (
    <fieldset className="choices conditions">
      <legend className="field-label">{t("line.conditions")}</legend>
      {where.map((one, index) => {
        const field = fields.find((found) => found.code === one[0]);
        const many = one[1] === "in";
        return (
          <div key={index} className="condition">
            <select className="box" aria-label={t("line.field")} value={one[0]} onChange={(event) => { const next = fields.find((found) => found.code === event.target.value); set(index, [event.target.value, next?.operators[0] ?? "empty", next?.options[0]?.value ?? ""]); }}>{usable.map((found) => <option key={found.code} value={found.code}>{w(found.name)}</option>)}</select>
            <select className="box" aria-label={t("line.sign")} value={one[1]} onChange={(event) => set(index, event.target.value === "empty" ? [one[0], "empty"] : [one[0], event.target.value, event.target.value === "in" ? [one[2]].flat().filter(Boolean) : Array.isArray(one[2]) ? one[2][0] ?? "" : one[2] ?? ""])}>{(field?.operators ?? []).map((op) => <option key={op} value={op}>{op === "in" ? t("line.in") : op === "empty" ? t("line.empty") : SIGN[op] ?? op}</option>)}</select>
            {one[1] === "empty" ? <span /> : field?.options.length ? (
              many ? <span className="row wrap">{field.options.map((option) => <label key={option.value} className="chip-choice"><input type="checkbox" checked={Array.isArray(one[2]) && one[2].includes(option.value)} onChange={(event) => { const now = Array.isArray(one[2]) ? (one[2] as string[]) : []; set(index, [one[0], "in", event.target.checked ? [...now, option.value] : now.filter((value) => value !== option.value)]); }} />{w(option.name)}</label>)}</span>
                : <select className="box" aria-label={t("line.value")} value={String(one[2] ?? "")} onChange={(event) => set(index, [one[0], one[1], event.target.value])}>{field.options.map((option) => <option key={option.value} value={option.value}>{w(option.name)}</option>)}</select>
            ) : <input className="box" aria-label={t("line.value")} value={Array.isArray(one[2]) ? one[2].join(", ") : String(one[2] ?? "")} onChange={(event) => set(index, [one[0], one[1], many ? event.target.value.split(/[,，]\s*/).filter(Boolean) : event.target.value])} />}
            <button type="button" className="ib" aria-label={t("line.dropCondition")} onClick={() => onChange(where.filter((_, found) => found !== index))}><Icon name="x" small /></button>
          </div>
        );
      })}
      {usable[0] && where.length < 20 ? <button type="button" className="link row" onClick={() => onChange([...where, [usable[0]?.code ?? "", usable[0]?.operators[0] ?? "empty", usable[0]?.options[0]?.value ?? ""]])}><Icon name="plus" small />{where.length ? t("line.and") : t("line.addCondition")}</button> : null}
    </fieldset>
  );
}

function Preview({ line, role, draft }: { line: RawLine; role: string; draft: string | null }) {
  const { t, w } = useI18n();
  // what is still being written is not asked about
  const whole = !(line.where ?? []).some((one) => one[2] === "" && !String(one[1]).includes("empty"));
  const found = usePreview(line, role, null, whole && line.actions.length > 0 && line.scope.length > 0 && !line.type.includes(":"), draft);
  if (!whole) return null;
  if (found.isError) {
    const problem = asProblem(found.error);
    return <p className="row warn" role="alert"><Icon name="alert" small />{w(problem.problems[0]?.message ?? problem.words)}</p>;
  }
  if (!found.data) return null;
  return (
    <div className="note" aria-live="polite">
      <p>{w(found.data.sentence)}</p>
      <p className="soft"><b className="n">{reached(found.data)}</b> {t("count.now")} · {w(found.data.whose)}</p>
      <Bound unread={found.data.unread} exact={found.data.exact} none={found.data.count === 0} />
      {found.data.warning ? <p className="row warn"><Icon name="alert" small />{w(found.data.warning)}</p> : null}
    </div>
  );
}
