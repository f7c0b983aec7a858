/** One of several, several of several, yes or no. */
import { useState } from "react";
import type { Json, Option } from "../api/types";
import { useI18n } from "../i18n";
import { Status } from "../kit/parts";
import type { EditorProps, FieldKind } from "./kind";

function ChoiceEditor({ field, value, onChange, onCommit, id, label, autoFocus, invalid, describedBy }: EditorProps) {
  const { t, w } = useI18n();
  const [before] = useState(value);
  return (
    <select
      className="box" id={id} aria-label={label} autoFocus={autoFocus} data-autofocus={autoFocus || undefined} aria-invalid={invalid || undefined} aria-describedby={describedBy}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => { const next = event.target.value || null; onChange(next); onCommit?.(next); }}
    >
      {field.required && value ? null : <option value="">{t("field.none")}</option>}
      {(field.options ?? []).filter((option) => !option.acted || option.value === before || option.value === value).map((option) => <option key={option.value} value={option.value}>{w(option.name)}</option>)}
    </select>
  );
}

function ChoicesEditor({ field, value, onChange, id, label, autoFocus }: EditorProps) {
  const { w } = useI18n();
  const chosen = Array.isArray(value) ? value : [];
  const toggle = (option: Option) => onChange(chosen.includes(option.value) ? chosen.filter((one) => one !== option.value) : [...chosen, option.value]);
  return (
    <div role="group" aria-label={label} id={id} className="row wrap">
      {(field.options ?? []).map((option, index) => (
        <label key={option.value} className="row tight">
          <input type="checkbox" autoFocus={autoFocus && index === 0} checked={chosen.includes(option.value)} onChange={() => toggle(option)} />
          <span>{w(option.name)}</span>
        </label>
      ))}
    </div>
  );
}

function YesNoEditor({ value, onChange, onCommit, id, label, autoFocus }: EditorProps) {
  const { t } = useI18n();
  return (
    <select className="box" id={id} aria-label={label} autoFocus={autoFocus} data-autofocus={autoFocus || undefined} value={value === true ? "yes" : "no"}
      onChange={(event) => { const next = event.target.value === "yes"; onChange(next); onCommit?.(next); }}>
      <option value="yes">{t("field.yes")}</option>
      <option value="no">{t("field.no")}</option>
    </select>
  );
}

function Choices({ field, value }: { field: EditorProps["field"]; value: Json }) {
  const { w, lang } = useI18n();
  const chosen = Array.isArray(value) ? value : [];
  const name = (one: Json) => { const option = field.options?.find((candidate) => candidate.value === one); return option ? w(option.name) : String(one); };
  return <span className="cut">{chosen.map(name).join(lang === "zh" ? "、" : ", ")}</span>;
}

const nameOf = (field: EditorProps["field"], value: Json, lang: "zh" | "en") => field.options?.find((one) => one.value === value)?.name[lang] ?? String(value ?? "");

export const choice: FieldKind = { text: (field, value, { lang }) => (value === null ? "" : nameOf(field, value, lang)), Show: Status, Edit: ChoiceEditor, width: 116 };
export const choices: FieldKind = {
  text: (field, value, { lang }) => (Array.isArray(value) ? value.map((one) => nameOf(field, one, lang)).join(lang === "zh" ? "、" : ", ") : ""), Show: Choices, Edit: ChoicesEditor, width: 160,
};
export const yesNo: FieldKind = { text: (_field, value, { lang }) => (value === true ? (lang === "zh" ? "是" : "Yes") : value === false ? (lang === "zh" ? "否" : "No") : ""), Edit: YesNoEditor, width: 80 };
