/** The fields of a record by group; what may not be seen has no line at all. */
import type { FieldMeta, RecordView, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { onlyLevel } from "../levels";
import type { Save } from "../use-change";
import { FieldLine } from "./field-line";
import "../../i18n/words-entry";

/** Groups in their declared order; fields of a group nobody declared come last. Pure. */
export function grouped(type: TypeMeta, record: RecordView): { code: string; name: string | null; fields: FieldMeta[] }[] {
  const present = type.fields.filter((field) => (field.code in record.values || onlyLevel(record.access[field.code]) !== null) && field.code !== "id");
  const codes = [...new Set([...type.groups.map((group) => group.code), ...present.map((field) => field.group ?? "basic")])];
  return codes.map((code) => ({ code, name: null, fields: present.filter((field) => (field.group ?? "basic") === code) })).filter((group) => group.fields.length > 0);
}

export function Fields({ type, record, save }: { type: TypeMeta; record: RecordView; save: Save }) {
  const { t, w } = useI18n();
  const groups = grouped(type, record);
  const first = groups.flatMap((group) => group.fields).find((field) => record.access[field.code] === "edit" && !field.readonly && !field.flow)?.code;
  return (
    <>
      {groups.map((group) => (
        <section key={group.code} className="group" aria-label={w(type.groups.find((one) => one.code === group.code)?.name) || t("record.fields")}>
          <h2>{w(type.groups.find((one) => one.code === group.code)?.name) || t("record.fields")}</h2>
          <dl>{group.fields.map((field) => <FieldLine key={field.code} type={type} record={record} field={field} save={save} firstEditable={field.code === first} />)}</dl>
        </section>
      ))}
    </>
  );
}
