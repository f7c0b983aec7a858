/** Numbers, money and percentages: exact decimals as text, never a float. */
import { grouped, money as moneyText, percent as percentText } from "../kit/format";
import type { FieldMeta, Json } from "../api/types";
import type { EditorProps, FieldKind } from "./kind";

/** What a person typed as the decimal the server takes: full-width digits, grouping and ¥ are understood. */
export function decimalOf(typed: string): string {
  return typed.normalize("NFKC").replace(/[,\s¥$€£%]/g, "").replace(/−/g, "-");
}

function valueOf(field: FieldMeta, typed: string): Json {
  const decimal = decimalOf(typed);
  if (decimal === "") return null;
  const whole = field.kind === "number" && !field.places;
  return whole && /^-?\d{1,15}$/.test(decimal) ? Number(decimal) : decimal;
}

function NumberEditor({ field, value, onChange, onCommit, id, label, autoFocus, invalid, describedBy }: EditorProps) {
  return (
    <input
      className="box n" id={id} aria-label={label} inputMode="decimal" autoComplete="off" autoFocus={autoFocus} data-autofocus={autoFocus || undefined} aria-invalid={invalid || undefined}
      aria-describedby={describedBy} defaultValue={value === null ? "" : String(value)}
      onChange={(event) => onChange(valueOf(field, event.target.value))}
      onFocus={(event) => event.target.select()}
      onKeyDown={(event) => {
        if (event.key === "Enter" && onCommit) { event.preventDefault(); onCommit(valueOf(field, event.currentTarget.value)); }
      }}
    />
  );
}

const show = (value: Json, format: (decimal: string) => string) => (value === null ? "" : /^-?\d/.test(String(value)) ? format(String(value)) : String(value));

/** A number that never passes 9999 (a year) reads better without grouping. */
const small = (field: FieldMeta) => field.maximum !== null && field.maximum !== undefined && Number(field.maximum) <= 9999;

export const number: FieldKind = { text: (field, value) => show(value, (one) => (small(field) ? one : grouped(one))), Edit: NumberEditor, number: true, width: 100 };
export const money: FieldKind = { text: (_field, value, { currency }) => show(value, (one) => moneyText(one, currency)), Edit: NumberEditor, number: true, width: 130 };
export const percent: FieldKind = { text: (_field, value) => show(value, percentText), Edit: NumberEditor, number: true, width: 90 };
