/** One field of a form: label, editor, help, and the problem found at its place. */
import { useId } from "react";
import type { FieldMeta, Json } from "../api/types";
import { kindOf } from "../fields/registry";
import { useI18n } from "../i18n";
import "./form.css";

export function FormField({ field, value, onChange, problem, missing, place, autoFocus }: { field: FieldMeta; value: Json; onChange: (value: Json) => void; problem?: string; /** That it has to be filled in yet, in words. */ missing?: string; place?: string; autoFocus?: boolean }) {
  const { w } = useI18n();
  const id = useId();
  const kind = kindOf(field);
  const wide = field.kind === "lines" || field.kind.endsWith("_text");
  return (
    <div className={wide ? "form-field wide" : "form-field"} data-place={place}>
      <label className="field-label" htmlFor={id}>{w(field.name)}{field.required ? <i aria-hidden="true">*</i> : null}</label>
      <kind.Edit id={id} field={field} value={value} onChange={onChange} label={w(field.name)} autoFocus={autoFocus} invalid={problem !== undefined} describedBy={problem || missing ? `${id}-e` : undefined} />
      {problem ? <div className="field-error" id={`${id}-e`}>{problem}</div> : missing ? <div className="field-lack warn" id={`${id}-e`}>{missing}</div> : field.help ? <div className="field-help">{w(field.help)}</div> : null}
    </div>
  );
}
