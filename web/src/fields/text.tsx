/** Text in one line and in many; phone, e-mail, web and postal addresses; codes and automatic numbers. */
import { useI18n } from "../i18n";
import type { EditorProps, FieldKind } from "./kind";

const INPUT: Record<string, { type: string; mode?: "tel" | "email" | "url" }> = {
  phone: { type: "tel", mode: "tel" }, email: { type: "email", mode: "email" }, url: { type: "url", mode: "url" },
};

function LineEditor({ field, value, onChange, onCommit, id, label, autoFocus, invalid, describedBy }: EditorProps) {
  const input = INPUT[field.kind] ?? { type: "text" };
  return (
    <input
      className="box" id={id} aria-label={label} type={input.type} inputMode={input.mode} autoFocus={autoFocus} data-autofocus={autoFocus || undefined} aria-invalid={invalid || undefined}
      aria-describedby={describedBy} maxLength={field.maximum_length ?? undefined} value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && onCommit && !event.nativeEvent.isComposing) { event.preventDefault(); onCommit(event.currentTarget.value); }
      }}
    />
  );
}

function BlockEditor({ field, value, onChange, onCommit, id, label, autoFocus, invalid, describedBy }: EditorProps) {
  return (
    <textarea
      className="box" id={id} aria-label={label} rows={4} autoFocus={autoFocus} data-autofocus={autoFocus || undefined} aria-invalid={invalid || undefined} aria-describedby={describedBy}
      maxLength={field.maximum_length ?? undefined} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && onCommit) { event.preventDefault(); onCommit(event.currentTarget.value); }
      }}
    />
  );
}

function Website({ value, inList }: { value: unknown; inList?: boolean }) {
  const address = String(value);
  const safe = /^https?:\/\//i.test(address);
  return safe && !inList ? <a className="link cut" href={address} target="_blank" rel="noreferrer noopener">{address}</a> : <span className="cut">{address}</span>;
}

function LongText({ value, inList }: { value: unknown; inList?: boolean }) {
  const { t } = useI18n();
  if (inList) return <span className="cut">{String(value)}</span>;
  return <span className="long-text" aria-label={t("field.text")}>{String(value)}</span>;
}

const plain = (_field: unknown, value: unknown) => (value === null || value === undefined ? "" : String(value));

export const text: FieldKind = { text: plain, Edit: LineEditor, width: 200 };
export const longText: FieldKind = { text: plain, Edit: BlockEditor, Show: LongText, width: 260 };
export const contact: FieldKind = { text: plain, Edit: LineEditor, width: 150 };
export const website: FieldKind = { text: plain, Edit: LineEditor, Show: Website, width: 180 };
export const code: FieldKind = { text: plain, Edit: LineEditor, width: 150 };
