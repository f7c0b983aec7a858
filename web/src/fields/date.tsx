/** Dates and moments, with the browser's own pickers: they know the person's calendar and keyboard. */
import { fullMoment, moment } from "../kit/format";
import { useI18n } from "../i18n";
import type { Json } from "../api/types";
import type { EditorProps, FieldKind } from "./kind";

function DateEditor({ value, onChange, onCommit, id, label, autoFocus, invalid, describedBy }: EditorProps) {
  return (
    <input
      className="box" type="date" id={id} aria-label={label} autoFocus={autoFocus} data-autofocus={autoFocus || undefined} aria-invalid={invalid || undefined} aria-describedby={describedBy}
      max="9999-12-31" value={typeof value === "string" ? value.slice(0, 10) : ""} onChange={(event) => onChange(event.target.value || null)}
      onKeyDown={(event) => { if (event.key === "Enter" && onCommit) { event.preventDefault(); onCommit(event.currentTarget.value || null); } }}
    />
  );
}

function localOf(iso: string): string {
  const full = fullMoment(iso);
  return full.replace(" ", "T");
}
function utcOf(local: string): Json {
  if (!local) return null;
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(/\.\d{3}Z$/, "Z");
}

function MomentEditor({ value, onChange, onCommit, id, label, autoFocus, invalid, describedBy }: EditorProps) {
  return (
    <input
      className="box" type="datetime-local" id={id} aria-label={label} autoFocus={autoFocus} data-autofocus={autoFocus || undefined} aria-invalid={invalid || undefined} aria-describedby={describedBy}
      defaultValue={typeof value === "string" && value ? localOf(value) : ""} onChange={(event) => onChange(utcOf(event.target.value))}
      onKeyDown={(event) => { if (event.key === "Enter" && onCommit) { event.preventDefault(); onCommit(utcOf(event.currentTarget.value)); } }}
    />
  );
}

function Moment({ value }: { value: Json }) {
  const { lang } = useI18n();
  return <time dateTime={String(value)} title={fullMoment(String(value))}>{moment(String(value), lang)}</time>;
}

export const date: FieldKind = { text: (_field, value) => String(value ?? ""), Edit: DateEditor, width: 116 };
export const datetime: FieldKind = { text: (_field, value) => (value ? fullMoment(String(value)) : ""), Edit: MomentEditor, Show: Moment, width: 140 };
