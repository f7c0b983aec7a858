/** The record as this step shows it: what may be read is read, what is to be filled in stands open in its place. */
import { useWhy } from "../access/why-context";
import { Only } from "../access/modes/only";
import type { FieldMeta, Json, RecordView, TypeMeta } from "../api/types";
import { isEmpty } from "../fields/kind";
import { kindOf } from "../fields/registry";
import { BrokenCell, Value } from "../fields/value";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { fieldOf } from "../kit/session";
import { FormField } from "../records/form-field";
import { isBroken, isMasked, onlyLevel } from "../records/levels";
import type { Mine } from "./types";

export type Values = Record<string, Json>;

/** The fields that a step shows, in the form's order; who has no work in it sees what a record is summed up by, after what a copy of the
 * case shows them (`copied`). Pure. */
export function shownFields(type: TypeMeta, record: RecordView, mine: Mine | null, copied: readonly string[] = []): FieldMeta[] {
  const codes = mine ? [...new Set([...mine.show, ...mine.edit])] : [...new Set([...copied, ...type.summary, ...type.columns])];
  const fills = new Set(mine?.edit ?? []);
  return codes.flatMap((code) => {
    const field = fieldOf(type, code);
    const here = field && code !== type.title && (code in record.values || onlyLevel(record.access[code]) !== null || fills.has(code));
    return here ? [field] : [];
  });
}

/** The values that are sent: only what was changed. Pure. */
export function sentValues(type: TypeMeta, values: Values): Values {
  return Object.fromEntries(Object.entries(values).flatMap(([code, value]) => {
    const field = fieldOf(type, code);
    return field ? [[code, kindOf(field).send?.(value) ?? value]] : [];
  }));
}

interface Props { type: TypeMeta; record: RecordView; mine: Mine | null; copied?: readonly string[]; values: Values; onChange: (values: Values) => void; problems: Record<string, string>; /** Fields that are still missing. */ missing: ReadonlySet<string> }

export function FlowForm({ type, record, mine, copied, values, onChange, problems, missing }: Props) {
  const { t, w } = useI18n();
  const fields = shownFields(type, record, mine, copied);
  const fills = new Set((mine?.edit ?? []).filter((code) => { const level = record.access[code]; return level === undefined || level.endsWith("edit") || record.kept?.[code] !== undefined; }));
  const required = new Set(mine?.require ?? []);
  const read = fields.filter((field) => !fills.has(field.code));
  const open = fields.filter((field) => fills.has(field.code));
  const isWide = (field: FieldMeta) => (field.kind === "lines" || field.kind.endsWith("_text")) && !isEmpty(record.values[field.code]);
  const narrow = read.filter((field) => !isWide(field));
  const odd = narrow.length % 2 === 1 ? narrow.at(-1) : undefined;
  return (
    <section className="flow-form" aria-label={t("flow.form")}>
      {read.length ? (
        <dl className="flow-facts">
          {[...narrow, ...read.filter(isWide)].map((field) => <Fact key={field.code} type={type} record={record} field={field} wide={field === odd || isWide(field)} missing={missing.has(field.code)} />)}
        </dl>
      ) : open.length ? null : <p className="soft">{t("flow.formNothing")}</p>}
      {open.length ? (
        <div className="flow-fill">
          <h2>{t("flow.formFill")}</h2>
          <div className="form-grid">
            {open.map((field) => {
              const masked = isMasked(record.access[field.code]) && !(field.code in values);
              // what a step fills in is written by the process: also what nobody chooses by hand
              const shown = { ...field, required: required.has(field.code), options: field.options?.map((one) => ({ ...one, acted: false })) };
              if (masked) {
                return (
                  <div key={field.code} className="form-field" data-place={`values/${field.code}`}>
                    <span className="field-label">{w(field.name)}</span>
                    <div className="row"><Value field={field} value={record.values[field.code]} masked /><button className="chip" onClick={() => onChange({ ...values, [field.code]: null })}><Icon name="edit" small />{t("flow.rewrite")}</button></div>
                  </div>
                );
              }
              return <FormField key={field.code} place={`values/${field.code}`} field={shown} value={(field.code in values ? values[field.code] : record.values[field.code]) ?? null} problem={problems[field.code]} missing={missing.has(field.code) ? t("flow.missingHere") : undefined} onChange={(value) => onChange({ ...values, [field.code]: value })} />;
            })}
          </div>
        </div>
      ) : null}
    </section>
  );
}

function Fact({ type, record, field, wide, missing }: { type: TypeMeta; record: RecordView; field: FieldMeta; wide: boolean; missing: boolean }) {
  const { t, w } = useI18n();
  const { ask } = useWhy();
  const level = record.access[field.code];
  const only = onlyLevel(level);
  const value = record.values[field.code];
  const hidden = level === "masked";
  const title = hidden ? t("why.hidden", { field: w(field.name) }) : t("flow.why", { field: w(field.name) });
  return (
    <div className={`flow-fact${wide ? " wide" : ""}${field.kind === "lines" && !isEmpty(value) ? " flow-table" : ""}`} data-place={`values/${field.code}`} tabIndex={-1}>
      <dt>{w(field.name)}{missing ? <span className="warn"> · {t("flow.missingHere")}</span> : null}</dt>
      <dd>
        <span className="flow-value">{only ? <Only level={only} /> : isBroken(level) ? <BrokenCell /> : <Value field={field} value={value} masked={isMasked(level)} />}</span>
        <button className={hidden ? "ib flow-why told" : "ib flow-why"} aria-label={title} title={title} onClick={(event) => ask({ anchor: event.currentTarget, title, action: "read", type: type.code, id: record.id, field: field.code })}><Icon name={hidden ? "lock" : "shield"} small /></button>
      </dd>
    </div>
  );
}
