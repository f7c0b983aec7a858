/** A new record: required fields first, the rest on request; problems appear at their fields. */
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { freshKey, send, type Problem } from "../api/client";
import type { FieldMeta, Json, RecordView, TypeMeta } from "../api/types";
import { isEmpty } from "../fields/kind";
import { kindOf } from "../fields/registry";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { inLine } from "../kit/refused";
import { fieldOf, useSession } from "../kit/session";
import { useToasts } from "../kit/toast";
import { refreshType } from "./cache";
import { FormField } from "./form-field";
import "../i18n/words-entry";

export default function CreateDialog({ type, given, onClose, onClosed }: { type: TypeMeta; given?: Record<string, Json>; onClose: () => void; onClosed?: () => void }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const go = useNavigate();
  const { say } = useToasts();
  const key = useRef(freshKey());
  const made = useRef<string | null>(null);
  const [values, setValues] = useState<Record<string, Json>>(() => ({ ...defaults(type), ...(given ?? {}) }));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [all, setAll] = useState(false);
  const writable = new Set(type.can.writable);
  const open = type.fields.filter((field) => (writable.has(field.code) || writable.has("*")) && !field.readonly && !field.flow && field.code !== "owner" && field.code !== "department");
  const first = open.filter((field) => field.required || field.code === type.title || type.columns.includes(field.code) || field.code in (given ?? {}) || field.kind === "lines");
  const shown = all || first.length < 2 ? open : first;
  const rest = open.length - shown.length;
  const lacking = open.filter((field) => field.required && field.kind !== "yes_no" && isEmpty(values[field.code]));
  const problemOf = (field: FieldMeta) => { const found = problem?.problems.find((one) => one.place === field.code || one.place.startsWith(`${field.code}/`)); const at = found ? inLine(found.place, t) : ""; return found ? (at ? `${at}${t("kit.colon")}` : "") + w(found.message) : undefined; };

  const create = async () => {
    const body: Record<string, Json> = {};
    for (const field of open) {
      const value = values[field.code];
      if (value !== undefined && !isEmpty(value)) body[field.code] = kindOf(field).send?.(value) ?? value;
    }
    const record = await send<RecordView>("POST", `/records/${type.code}`, body, { key: key.current });
    client.setQueryData(["record", type.code, record.id], record);
    refreshType(client, type.code);
    say(t("record.created", { type: w(type.name), name: record.title }));
    made.current = record.id;
  };

  return (
    <ActDialog title={t("record.create", { type: w(type.name) })} act={t("record.createDo")} size={640} places={Object.fromEntries(type.fields.map((field) => [field.code, w(field.name)]))} disabled={lacking.length > 0} onClose={onClose} onDone={() => { onClosed?.(); if (made.current) void go(`/records/${type.code}/${made.current}`); }} onProblem={(found) => { key.current = freshKey(); setProblem(found); if (found.problems.some((one) => !shown.some((field) => one.place.startsWith(field.code)))) setAll(true); }} onAct={create}>
      <div className="form-grid">
        {shown.map((field, index) => <FormField key={field.code} field={field} value={values[field.code] ?? null} autoFocus={index === 0} problem={problemOf(field)} onChange={(value) => setValues((now) => ({ ...now, [field.code]: value }))} />)}
      </div>
      <p className="dim">{t("record.ownerIs", { name: me.person.name })}{lacking.length ? ` · ${t("record.lacking", { fields: lacking.map((field) => w(field.name)).join(t("oversight.comma")) })}` : ""}</p>
      {rest > 0 ? <button type="button" className="link" onClick={() => setAll(true)}>{t("record.moreFields", { n: rest })}</button> : null}
    </ActDialog>
  );
}

function defaults(type: TypeMeta): Record<string, Json> {
  const found: Record<string, Json> = {};
  for (const code of type.can.writable) {
    const field = fieldOf(type, code);
    if (field?.default !== undefined && field.default !== null) found[code] = field.default;
  }
  return found;
}
