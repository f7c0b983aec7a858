/** Choosing a person by name, with the field that records use. */
import type { FieldMeta, PersonRef } from "../../api/types";
import { asObject } from "../../fields/kind";
import { FormField } from "../../records/form-field";

export function PersonPicker({ label, value, onPick }: { label: string; value?: PersonRef | null; onPick: (person: PersonRef) => void }) {
  const field: FieldMeta = { code: "person", kind: "person", data_class: "internal", readonly: false, required: false, operators: [], sortable: false, name: { zh: label, en: label } };
  return <FormField field={field} value={value ? { id: value.id, name: value.name } : null} onChange={(next) => { const one = asObject(next); if (one) onPick({ id: String(one.id), name: String(one.name), username: String(one.username ?? "") }); }} />;
}
