/** A condition: rows of field, comparison and value, or an expression where it is more than that. */
import { useId, useState } from "react";
import { useI18n, type Key } from "../../i18n";
import { Icon } from "../../kit/icons";
import { build, written, type Built, type Part } from "./told";
import type { Kit, KitField } from "./types";

const SIGNS: Record<string, string[]> = {
  money: [">", ">=", "<", "<=", "==", "!="], number: [">", ">=", "<", "<=", "==", "!="], percent: [">", ">=", "<", "<=", "==", "!="], date: [">", ">=", "<", "<=", "=="], datetime: [">", ">=", "<", "<="],
  choice: ["==", "!=", "in", "not in"], yes_no: ["=="], person: ["==", "!="], text: ["==", "!=", "in", "not in"],
};
const SAID: Record<string, string> = { "==": "=", "!=": "≠", ">=": "≥", "<=": "≤" };
/** Kinds that a row can compare; the others are for expressions. */
const KINDS = new Set(["money", "number", "percent", "date", "datetime", "choice", "yes_no", "text", "long_text", "auto_number", "department"]);

export function ConditionBox({ text, kit, locked, problem, onChange }: { text: string; kit: Kit | undefined; locked: boolean; problem?: string; onChange: (text: string) => void }) {
  const { t } = useI18n();
  const fields = (kit?.fields ?? []).filter((one) => KINDS.has(one.kind));
  const built = build(text);
  const rowsCan = built !== null && fields.length > 0;
  const [asText, setAsText] = useState(!rowsCan);
  const [rows, setRows] = useState<Built | null>(null);
  const id = useId();
  const shown = rows && written(rows, kindOf) === text.trim() ? rows : built ?? { all: true, parts: [] };
  function kindOf(code: string): string { return kit?.fields.find((one) => one.code === code)?.kind ?? ""; }
  const put = (next: Built) => { setRows(next); onChange(written({ ...next, parts: next.parts.filter((one) => one.value !== "") }, kindOf)); };
  const half = rows && rows.parts.some((one) => one.value === "") ? rows : null;
  // most ways part by an amount, and none by a name
  const first = ["money", "choice"].flatMap((kind) => fields.find((one) => one.kind === kind) ?? [])[0] ?? fields[0];
  const fresh = (field: KitField | undefined): Part => ({ field: field?.code ?? "", sign: SIGNS[field?.kind ?? ""]?.[0] ?? "==", value: "" });
  const drawn = half ?? (shown.parts.length ? shown : { all: true, parts: [fresh(first)] });
  return (
    <fieldset className="plain draw-condition" disabled={locked}>
      <legend className="field-label">{t("design.condition")}</legend>
      <span className="switch">
        <button type="button" aria-pressed={!asText && rowsCan} disabled={!rowsCan} onClick={() => setAsText(false)}>{t("design.builder")}</button>
        <button type="button" aria-pressed={asText || !rowsCan} onClick={() => setAsText(true)}>{t("design.text")}</button>
      </span>
      {asText || !rowsCan ? (
        <div>
          {built === null ? <p className="field-help">{t("design.complex")}</p> : null}
          <label className="field-label" htmlFor={id}>{t("design.expression")}</label>
          <textarea id={id} className="box draw-code" rows={3} maxLength={2000} spellCheck={false} value={text} aria-invalid={problem ? true : undefined} aria-describedby={`${id}h`} onChange={(event) => onChange(event.target.value)} />
          <p id={`${id}h`} className={problem ? "field-error" : "field-help"}>{problem ?? t("design.expressionHelp")}</p>
        </div>
      ) : (
        <>
          {drawn.parts.length > 1 ? <span className="switch">{[true, false].map((all) => <button key={String(all)} type="button" aria-pressed={drawn.all === all} onClick={() => put({ ...drawn, all })}>{t(all ? "design.allOf" : "design.anyOf")}</button>)}</span> : null}
          {drawn.parts.map((one, at) => <Row key={at} one={one} fields={fields} onChange={(next) => put({ ...drawn, parts: drawn.parts.map((other, place) => (place === at ? next : other)) })} onRemove={drawn.parts.length > 1 ? () => put({ ...drawn, parts: drawn.parts.filter((_, place) => place !== at) }) : undefined} />)}
          <button type="button" className="tool" onClick={() => setRows({ ...drawn, parts: [...drawn.parts, fresh(first)] })}><Icon name="plus" small />{t("design.addPart")}</button>
          {problem ? <p className="field-error">{problem}</p> : null}
        </>
      )}
    </fieldset>
  );
}

function Row({ one, fields, onChange, onRemove }: { one: Part; fields: KitField[]; onChange: (next: Part) => void; onRemove?: () => void }) {
  const { t, w } = useI18n();
  const field = fields.find((other) => other.code === one.field);
  const signs = SIGNS[field?.kind ?? ""] ?? SIGNS.text ?? [];
  const numeric = field?.kind === "money" || field?.kind === "number" || field?.kind === "percent";
  const many = one.sign === "in" || one.sign === "not in";
  const choose = (code: string) => { const next = fields.find((other) => other.code === code); onChange({ field: code, sign: SIGNS[next?.kind ?? ""]?.[0] ?? "==", value: "" }); };
  const options = field?.kind === "yes_no" ? [{ value: "true", name: { zh: t("design.yes"), en: t("design.yes") } }, { value: "false", name: { zh: t("design.no"), en: t("design.no") } }] : field?.options;
  return (
    <div className="draw-part">
      <select className="box" aria-label={t("design.field")} value={one.field} onChange={(event) => choose(event.target.value)}>{field ? null : <option value={one.field}>{one.field}</option>}{fields.map((other) => <option key={other.code} value={other.code}>{w(other.name)}</option>)}</select>
      <select className="box" aria-label={t("design.sign" as Key)} value={one.sign} onChange={(event) => onChange({ ...one, sign: event.target.value, value: many === (event.target.value === "in" || event.target.value === "not in") ? one.value : "" })}>{signs.map((sign) => <option key={sign} value={sign}>{sign === "in" ? t("design.sign.in") : sign === "not in" ? t("design.sign.notin") : SAID[sign] ?? sign}</option>)}</select>
      {options && !many ? <select className="box" aria-label={t("design.value")} value={one.value} onChange={(event) => onChange({ ...one, value: event.target.value })}><option value="">{t("design.choose")}</option>{options.map((option) => <option key={String(option.value)} value={String(option.value)}>{w(option.name)}</option>)}</select>
        : options ? <span className="draw-options">{options.map((option) => { const value = String(option.value), chosen = one.value.split(", ").filter(Boolean); return <label key={value} className="row tight"><input type="checkbox" checked={chosen.includes(value)} onChange={(event) => onChange({ ...one, value: (event.target.checked ? [...chosen, value] : chosen.filter((other) => other !== value)).join(", ") })} /><span>{w(option.name)}</span></label>; })}</span>
        : <input className="box" aria-label={t("design.value")} type={field?.kind === "date" || field?.kind === "datetime" ? "date" : "text"} inputMode={numeric ? "decimal" : undefined} value={one.value} onChange={(event) => onChange({ ...one, value: numeric ? event.target.value.replace(/[^0-9.-]/g, "") : event.target.value })} />}
      {onRemove ? <button type="button" className="ib" aria-label={t("design.removePart")} onClick={onRemove}><Icon name="x" small /></button> : null}
    </div>
  );
}
