/** A person's details and posts: each change one dialog and one request. */
import { useQuery } from "@tanstack/react-query";
import { freshKey, get, send } from "../api/client";
import type { Named } from "../api/types";
import { asObject } from "../fields/kind";
import { useI18n, type Key } from "../i18n";
import { isoDate } from "../kit/format";
import { ActDialog } from "../kit/dialog";
import { filled, ref, useDone, useForm } from "./form";
import type { Assignment, DeputyView, Paged, PersonView, Position } from "./types";
import "../i18n/words-org";

const KINDS = ["employee", "contractor", "service"] as const;
const plain = (value: string, name: string) => ({ value, name: { zh: name, en: name } });
const titleOf = (one: Assignment) => [one.department.name, one.position?.name].filter(Boolean).join(" · ");

export const positionsQuery = (closed: boolean) => ({
  queryKey: ["positions", closed], queryFn: ({ signal }: { signal: AbortSignal }) => get<Paged<Position>>(`/organisation/positions${closed ? "?closed=true" : ""}`, signal),
});

function usePositions() {
  const positions = useQuery(positionsQuery(false));
  return (positions.data?.items ?? []).map((one) => ({ value: one.id, name: { zh: one.name, en: one.name_en || one.name } }));
}

export function PersonDialog({ person, department, onClose }: { person?: PersonView; department: Named | null; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const positions = usePositions();
  const kinds = KINDS.map((value) => plain(value, t(`organisation.kind.${value}`)));
  const form = useForm({ name: person?.name ?? "", username: "", email: person?.email ?? "", phone: person?.phone ?? "", kind: "employee", department: ref(department), position: null });
  const service = (person?.kind ?? form.values.kind) === "service";
  const act = async () => {
    if (person) await send("PATCH", `/organisation/people/${person.id}`, form.body({ name: "text", email: "email", phone: "phone" }));
    else {
      const kept: Record<string, string> = service ? {} : { email: "email", phone: "phone" };
      await send("POST", "/organisation/people", filled(form.body({ name: "text", username: "text", kind: "text", department: "department", position: "text", ...kept })), { key: freshKey() });
    }
    await done();
  };
  return (
    <ActDialog title={t(person ? "organisation.editPerson" : "organisation.addPerson")} act={t("kit.save")} disabled={!form.text("name") || (!person && !form.text("username"))} places={form.places} onClose={onClose} onAct={act}>
      <div className="form-two">
        {form.input("name", service ? "org.name" : "organisation.name", "text", { required: true, focus: true })}
        {person ? null : form.input("username", "organisation.username", "text", { required: true })}
        {person ? null : form.input("kind", "organisation.kind", "choice", { required: true, options: kinds })}
        {service ? null : form.input("email", "organisation.email", "email")}
        {service ? null : form.input("phone", "org.phone", "phone")}
        {person ? null : form.input("department", "organisation.department", "department")}
        {person ? null : form.input("position", "organisation.position", "choice", { options: positions })}
      </div>
      {person || service ? null : <p className="soft">{t("org.firstPassword")}</p>}
    </ActDialog>
  );
}

export function AssignDialog({ person, move, onClose }: { person: PersonView; move: boolean; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const positions = usePositions();
  const posts = person.assignments ?? [];
  const main = posts.find((one) => one.primary) ?? posts[0];
  const form = useForm({ assignment: main?.id ?? null, department: null, position: null, from: isoDate(new Date()), until: null });
  const act = async () => {
    const kinds: Record<string, string> = { department: "department", position: "text", from: "date", ...(move ? { assignment: "text" } : { until: "date" }) };
    await send("POST", `/organisation/people/${person.id}/${move ? "move" : "assign"}`, filled(form.body(kinds)));
    await done();
  };
  return (
    <ActDialog title={`${t(move ? "organisation.move" : "organisation.assign")} · ${person.name}`} act={t("kit.save")} disabled={!asObject(form.values.department)} places={form.places} onClose={onClose} onAct={act}>
      {move && posts.length > 1 ? form.input("assignment", "organisation.assignments", "choice", { required: true, options: posts.map((one) => plain(one.id, titleOf(one))) }) : null}
      <div className="form-two">
        {form.input("department", "organisation.department", "department", { required: true })}
        {form.input("position", "organisation.position", "choice", { options: positions })}
        {form.input("from", "org.firstDay", "date", { help: "org.todayHelp" })}
        {move ? null : form.input("until", "org.lastDay", "date", { help: "org.openHelp" })}
      </div>
    </ActDialog>
  );
}

export function EndDialog({ person, assignment, onClose }: { person: PersonView; assignment: Assignment; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const others = (person.assignments ?? []).filter((one) => one.id !== assignment.id);
  const heir = assignment.primary && others.length > 0;
  const form = useForm({ until: null, new_primary: others[0]?.id ?? null });
  const act = async () => {
    const body = { assignment: assignment.id, ...form.body({ until: "date" }), ...(heir ? form.body({ new_primary: "text" }) : {}) };
    await send("POST", `/organisation/people/${person.id}/end`, filled(body));
    await done();
  };
  return (
    <ActDialog title={`${t("organisation.end")} · ${titleOf(assignment)}`} act={t("organisation.end")} danger places={form.places} onClose={onClose} onAct={act}>
      <p>{t("organisation.endAsk", { name: person.name })}</p>
      {heir ? <p className="soft">{t("org.newPrimaryAsk")}</p> : null}
      <div className="form-two">
        {heir ? form.input("new_primary", "org.newPrimary", "choice", { required: true, options: others.map((one) => plain(one.id, titleOf(one))) }) : null}
        {person.may.includes("assign") ? form.input("until", "org.lastDay", "date", { help: "org.lastDayHelp" }) : null}
      </div>
    </ActDialog>
  );
}

export function ManagerDialog({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ manager: ref(person.reports_to) });
  return (
    <ActDialog title={`${t("org.setManager")} · ${person.name}`} act={t("kit.save")} places={form.places} onClose={onClose}
      onAct={async () => { await send("POST", `/organisation/people/${person.id}/manager`, form.body({ manager: "person" })); await done(); }}>
      {form.input("manager", "org.manager", "person", { help: "org.managerHelp" })}
    </ActDialog>
  );
}

export function DeputyDialog({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ deputy: null, from: isoDate(new Date()), until: null });
  return (
    <ActDialog title={`${t("organisation.deputy")} · ${person.name}`} act={t("kit.save")} disabled={!asObject(form.values.deputy) || !form.values.until} places={form.places} onClose={onClose}
      onAct={async () => { await send("POST", `/organisation/people/${person.id}/deputy`, form.body({ deputy: "person", from: "date", until: "date" })); await done(); }}>
      {form.input("deputy", "organisation.deputies", "person", { required: true })}
      <div className="form-two">{form.input("from", "org.firstDay", "date", { help: "org.todayHelp" })}{form.input("until", "org.lastDay", "date", { required: true })}</div>
    </ActDialog>
  );
}

/** A change that only asks: what will be, in a sentence, and one request. */
export function AskDialog({ title, text, act, danger, onClose, onAct }: { title: string; text: string; act: string; danger?: boolean; onClose: () => void; onAct: () => Promise<unknown> }) {
  const done = useDone();
  return <ActDialog title={title} act={act} danger={danger} places={{}} onClose={onClose} onAct={async () => { await onAct(); await done(); }}><p>{text}</p></ActDialog>;
}

type Turn = "away" | "back" | "rehire";
const TURNS: Record<Turn, [Key, Key]> = { away: ["org.away", "org.awayAsk"], back: ["org.back", "org.backAsk"], rehire: ["org.rehire", "org.rehireAsk"] };

export function TurnDialog({ person, turn, onClose }: { person: PersonView; turn: Turn; onClose: () => void }) {
  const { t } = useI18n();
  const [name, text] = TURNS[turn];
  return <AskDialog title={`${t(name)} · ${person.name}`} text={t(text, { name: person.name })} act={t(name)} onClose={onClose} onAct={() => send("POST", `/organisation/people/${person.id}/${turn}`, {})} />;
}

export function PrimaryDialog({ person, assignment, onClose }: { person: PersonView; assignment: Assignment; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <AskDialog title={`${t("org.makePrimary")} · ${titleOf(assignment)}`} text={t("org.makePrimaryAsk", { name: person.name })} act={t("org.makePrimary")} onClose={onClose}
      onAct={() => send("POST", `/organisation/people/${person.id}/primary`, { assignment: assignment.id })} />
  );
}

export function EndDeputyDialog({ person, deputy, onClose }: { person: PersonView; deputy: DeputyView; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <AskDialog title={`${t("organisation.end")} · ${deputy.person.name}`} text={t("org.endDeputyAsk", { name: deputy.person.name })} act={t("organisation.end")} danger onClose={onClose}
      onAct={() => send("DELETE", `/organisation/people/${person.id}/deputies/${deputy.id}`)} />
  );
}
