/** Links to records, people and departments: shown by name, chosen by typing, sent as ids. */
import { lazy, Suspense, type ComponentProps } from "react";
import { Link as RouterLink } from "react-router";
import type { Json } from "../api/types";
import { useI18n } from "../i18n";
import { Dept, Who } from "../kit/parts";
import { asObject, type EditorProps, type FieldKind } from "./kind";
import type { Choice, Picker as Choosing } from "./picker";
import { findDepartments, findPeople, findRecords, said } from "./find";

const Chooser = lazy(async () => ({ default: (await import("./picker")).Picker }));

/** What is chosen by typing is fetched when the page is idle (`app.tsx`), and does not stand in the way of the first look: what is
 * chosen already is there from the start. */
function Picker(props: ComponentProps<typeof Choosing>) {
  return <Suspense fallback={<input id={props.id} className="box" aria-label={props.label} value={props.chosen?.title ?? ""} disabled readOnly />}><Chooser {...props} /></Suspense>;
}

function titleOf(value: Json): string {
  const found = asObject(value);
  return found ? String(found.title ?? (said(found as { name?: string; name_en?: string }) || "")) : value === null ? "" : String(value);
}

function LinkShow({ value, inList }: { value: Json; inList?: boolean }) {
  const { t } = useI18n();
  const found = asObject(value);
  if (!found) return <span className="cut">{String(value)}</span>;
  if (!found.title) return <span className="dim cut">{t("field.unnamed")}</span>;
  if (inList || !found.type) return <span className="cut">{String(found.title)}</span>;
  return <RouterLink className="link cut" to={`/records/${String(found.type)}/${String(found.id)}`}>{String(found.title)}</RouterLink>;
}

function LinksShow({ value, inList }: { value: Json; inList?: boolean }) {
  const { t } = useI18n();
  const all = Array.isArray(value) ? value : [];
  if (inList) return <span className="cut">{all.map(titleOf).filter(Boolean).join(t("oversight.comma"))}</span>;
  return <span className="row wrap">{all.map((one) => <LinkShow key={String(asObject(one)?.id ?? one)} value={one} />)}</span>;
}

function PersonShow({ value, inList }: { value: Json; inList?: boolean }) {
  const found = asObject(value);
  return found ? <Who person={{ id: String(found.id), name: String(found.name ?? found.username ?? "") }} inList={inList} /> : <span>{String(value)}</span>;
}

function DepartmentShow({ value, inList }: { value: Json; inList?: boolean }) {
  const found = asObject(value);
  return found ? <Dept name={String(found.name)} en={found.name_en as string | undefined} inList={inList} /> : <span>{String(value)}</span>;
}

function chosenOf(value: Json): Choice | null {
  const found = asObject(value);
  return found ? { id: String(found.id), title: titleOf(value), value } : null;
}

function editorWith(find: (field: EditorProps["field"], text: string, signal: AbortSignal) => Promise<Choice[]>) {
  return function RefEditor({ field, value, onChange, onCommit, id, label, autoFocus, invalid }: EditorProps) {
    return (
      <Picker
        id={id} label={label} autoFocus={autoFocus} invalid={invalid} clearable={!field.required} chosen={chosenOf(value)} find={(text, signal) => find(field, text, signal)}
        onChoose={(choice) => { const next = choice ? choice.value : null; onChange(next); onCommit?.(next); }}
      />
    );
  };
}

function LinksEditor({ field, value, onChange, id, label, autoFocus }: EditorProps) {
  const { t } = useI18n();
  const all = Array.isArray(value) ? value : [];
  return (
    <div className="stack tight">
      <div className="row wrap">
        {all.map((one) => (
          <span key={String(asObject(one)?.id)} className="chip">{titleOf(one)}
            <button type="button" aria-label={t("kit.remove", { name: titleOf(one) })} onClick={() => onChange(all.filter((other) => other !== one))}>×</button>
          </span>
        ))}
      </div>
      <Picker id={id} label={label} autoFocus={autoFocus} chosen={null} find={(text, signal) => findRecords(field.target ?? "", text, signal)}
        onChoose={(choice) => { if (choice && !all.some((one) => asObject(one)?.id === choice.id)) onChange([...all, choice.value]); }} />
    </div>
  );
}

const idOf = (value: Json): Json => { const found = asObject(value); return found ? (found.id ?? null) : value; };

export const link: FieldKind = { text: (_field, value) => titleOf(value), Show: LinkShow, Edit: editorWith((field, text, signal) => findRecords(field.target ?? "", text, signal)), width: 190, send: idOf };
export const links: FieldKind = {
  text: (_field, value, { lang }) => (Array.isArray(value) ? value.map(titleOf).join(lang === "zh" ? "、" : ", ") : ""), Show: LinksShow, Edit: LinksEditor, width: 190,
  send: (value) => (Array.isArray(value) ? value.map(idOf) : value),
};
export const person: FieldKind = { text: (_field, value) => titleOf(value), Show: PersonShow, Edit: editorWith((_field, text, signal) => findPeople(text, signal)), width: 120, send: idOf };
export const department: FieldKind = { text: (_field, value) => titleOf(value), Show: DepartmentShow, Edit: editorWith((_field, text, signal) => findDepartments(text, signal)), width: 130, send: idOf };
