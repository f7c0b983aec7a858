/** The administrators' changes to the organisation, each one dialog and one request. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { freshKey, get, send } from "../api/client";
import type { Department, FieldMeta, Json, Named } from "../api/types";
import { asObject } from "../fields/kind";
import { kindOf } from "../fields/registry";
import { useI18n, type Key } from "../i18n";
import { isoDate } from "../kit/format";
import { ActDialog } from "../kit/dialog";
import { useToasts } from "../kit/toast";
import { FormField } from "../records/form-field";
import type { Assignment, Paged, PersonView, Position } from "./types";

type Values = Record<string, Json>;
const blank = { data_class: "internal", readonly: false, operators: [], sortable: false };

/** A small form of our own fields; what it sends is made of ids and plain values. */
function useForm(first: Values) {
  const { t } = useI18n();
  const [values, setValues] = useState<Values>(first);
  const input = (code: string, word: Key, kind: string, required = false, options?: FieldMeta["options"]) => {
    const field: FieldMeta = { ...blank, code, kind, required, name: { zh: t(word), en: t(word) }, options };
    return <FormField key={code} field={field} value={values[code] ?? null} onChange={(value) => setValues((now) => ({ ...now, [code]: value }))} />;
  };
  const body = (kinds: Record<string, string>) => Object.fromEntries(Object.entries(kinds).map(([code, kind]) => {
    const value = values[code] ?? null;
    return [code, kindOf({ ...blank, code, kind, required: false, name: { zh: "", en: "" } }).send?.(value) ?? value];
  }));
  return { values, input, body };
}

function useDone() {
  const client = useQueryClient();
  const { t } = useI18n();
  const { say } = useToasts();
  return async () => {
    for (const name of ["people", "person", "departments", "projects"]) await client.invalidateQueries({ queryKey: [name] });
    say(t("organisation.saved"));
  };
}

const ref = (one: { id: string; name: string } | null | undefined): Json => (one ? { id: one.id, name: one.name } : null);

export function DepartmentDialog({ department, parent, onClose }: { department?: Department; parent: Department | null; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ name: department?.name ?? "", parent: ref(parent), head: ref(department?.head), overseer: ref(department?.overseer) });
  const act = async () => {
    const body = form.body({ name: "text", parent: "department", head: "person", overseer: "person" });
    await (department ? send("PATCH", `/organisation/departments/${department.id}`, body) : send("POST", "/organisation/departments", body, { key: freshKey() }));
    await done();
  };
  return (
    <ActDialog title={t(department ? "organisation.editDepartment" : "organisation.addDepartment")} act={t("kit.save")} disabled={!String(form.values.name ?? "").trim()} onClose={onClose} onAct={act}>
      {form.input("name", "organisation.name", "text", true)}{form.input("parent", "organisation.parent", "department")}{form.input("head", "organisation.head", "person")}{form.input("overseer", "organisation.overseer", "person")}
    </ActDialog>
  );
}

function usePositions() {
  return useQuery({ queryKey: ["positions"], queryFn: ({ signal }) => get<Paged<Position>>("/organisation/positions", signal) });
}

export function PersonDialog({ person, department, onClose }: { person?: PersonView; department: Named | null; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const positions = usePositions();
  const options = (positions.data?.items ?? []).map((one) => ({ value: one.id, name: { zh: one.name, en: one.name } }));
  const kinds = (["employee", "contractor", "service"] as const).map((value) => ({ value, name: { zh: t(`organisation.kind.${value}`), en: t(`organisation.kind.${value}`) } }));
  const form = useForm({ name: person?.name ?? "", username: person?.username ?? "", email: person?.email ?? "", kind: person?.kind ?? "employee", department: ref(department), position: null, password: "" });
  const act = async () => {
    if (person) await send("PATCH", `/organisation/people/${person.id}`, form.body({ name: "text", email: "email" }));
    else {
      const body = form.body({ name: "text", username: "text", email: "email", kind: "text", department: "department", position: "text", password: "text" });
      await send("POST", "/organisation/people", Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== "")), { key: freshKey() });
    }
    await done();
  };
  return (
    <ActDialog title={t(person ? "organisation.editPerson" : "organisation.addPerson")} act={t("kit.save")} disabled={!String(form.values.name ?? "").trim()} onClose={onClose} onAct={act}>
      {form.input("name", "organisation.name", "text", true)}
      {person ? null : form.input("username", "organisation.username", "text", true)}
      {form.input("email", "organisation.email", "email")}
      {person ? null : <>{form.input("kind", "organisation.kind", "choice", true, kinds)}{form.input("department", "organisation.department", "department", true)}{form.input("position", "organisation.position", "choice", true, options)}{form.input("password", "organisation.password", "text")}</>}
    </ActDialog>
  );
}

export function AssignDialog({ person, move, onClose }: { person: PersonView; move: boolean; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const positions = usePositions();
  const options = (positions.data?.items ?? []).map((one) => ({ value: one.id, name: { zh: one.name, en: one.name } }));
  const form = useForm({ department: null, position: null, from: isoDate(new Date()), until: null });
  const act = async () => {
    const kinds: Record<string, string> = move ? { department: "department", position: "text" } : { department: "department", position: "text", until: "date" };
    const body = Object.fromEntries(Object.entries(form.body(kinds)).filter(([, value]) => value !== null));
    await send("POST", `/organisation/people/${person.id}/${move ? "move" : "assign"}`, body);
    await done();
  };
  return (
    <ActDialog title={`${t(move ? "organisation.move" : "organisation.assign")} · ${person.name}`} act={t("kit.save")} disabled={!asObject(form.values.department) || !form.values.position} onClose={onClose} onAct={act}>
      {form.input("department", "organisation.department", "department", true)}{form.input("position", "organisation.position", "choice", true, options)}{move ? null : form.input("until", "organisation.until", "date")}
    </ActDialog>
  );
}

export function EndDialog({ person, assignment, onClose }: { person: PersonView; assignment: Assignment; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  return (
    <ActDialog title={t("organisation.end")} act={t("organisation.end")} danger onClose={onClose} onAct={async () => { await send("POST", `/organisation/people/${person.id}/end`, { assignment: assignment.id }); await done(); }}>
      <p>{t("organisation.endAsk", { name: person.name })}</p>
    </ActDialog>
  );
}

export function LeaveDialog({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  return (
    <ActDialog title={`${t("organisation.leave")} · ${person.name}`} act={t("organisation.leave")} danger onClose={onClose} onAct={async () => { await send("POST", `/organisation/people/${person.id}/leave`, {}); await done(); }}>
      <p>{t("organisation.leaveAsk", { name: person.name })}</p>
    </ActDialog>
  );
}

export function DeputyDialog({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ deputy: null, from: isoDate(new Date()), until: null });
  return (
    <ActDialog title={`${t("organisation.deputy")} · ${person.name}`} act={t("kit.save")} disabled={!asObject(form.values.deputy) || !form.values.until} onClose={onClose}
      onAct={async () => { await send("POST", `/organisation/people/${person.id}/deputy`, form.body({ deputy: "person", from: "date", until: "date" })); await done(); }}>
      {form.input("deputy", "organisation.deputies", "person", true)}{form.input("from", "organisation.from", "date")}{form.input("until", "organisation.until", "date", true)}
    </ActDialog>
  );
}
