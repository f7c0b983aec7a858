/** Leaving: what ends and what is handed over is told before it is done. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { asProblem, get, send } from "../api/client";
import { asObject } from "../fields/kind";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { Icon } from "../kit/icons";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useDone, useForm } from "./form";
import type { Handover, PersonView } from "./types";
import "../i18n/words-review";
import "../i18n/words-org";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

export function LeaveDialog({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ successor: null });
  const told = useQuery({ queryKey: ["handover", person.id], queryFn: ({ signal }) => get<Handover>(`/organisation/people/${person.id}/handover`, signal), staleTime: 0 });
  const need = told.data?.needs_successor ?? false;
  const wise = (told.data?.reports.length ?? 0) > 0;
  const act = async () => { await send("POST", `/organisation/people/${person.id}/leave`, form.body({ successor: "person" })); await done(); };
  return (
    <ActDialog title={`${t("organisation.leave")} · ${person.name}`} act={t("organisation.leave")} danger places={form.places} onClose={onClose} onAct={act}
      disabled={!told.data || (need && !asObject(form.values.successor))}>
      <p>{t("organisation.leaveAsk", { name: person.name })}</p>
      <p><Link className="link row tight" to={`/access/leaving?person=${person.id}`}><Icon name="swap" small />{t("leaving.link")}</Link></p>
      {told.isPending ? <Bones rows={4} height={28} /> : told.isError ? <Refused problem={asProblem(told.error)} /> : <Told told={told.data} />}
      {need || wise ? form.input("successor", "org.successor", "person", { required: need, help: need ? "org.successorNeeded" : "org.successorWise" }) : null}
    </ActDialog>
  );
}

function Told({ told }: { told: Handover }) {
  const { t, w } = useI18n();
  const names = (all: { name: string }[]) => all.map((one) => one.name).join(t("oversight.comma"));
  const heads = told.departments.filter((one) => one.head);
  const oversees = told.departments.filter((one) => one.overseer);
  return (
    <section className="note" aria-label={t("org.leaveNow")}>
      <dl className="chain wide-chain told">
        {heads.length ? <Fact name={t("org.leaveHeads")}>{names(heads)}</Fact> : null}
        {oversees.length ? <Fact name={t("org.leaveOversees")}>{names(oversees)}</Fact> : null}
        {told.reports.length ? <Fact name={t("org.leaveReports")}>{names(told.reports)}</Fact> : null}
        <Fact name={t("org.leavePosts")}>{told.assignments.map((one) => w(one.words)).join(t("oversight.comma")) || t("organisation.none")}</Fact>
        {told.projects.length ? <Fact name={t("org.leaveProjects")}>{names(told.projects)}</Fact> : null}
        {told.deputies.length ? <Fact name={t("org.leaveDeputies")}>{told.deputies.map((one) => `${one.person.name} → ${one.deputy.name}`).join(t("oversight.comma"))}</Fact> : null}
        {told.tokens ? <Fact name={t("org.leaveTokens")}>{told.tokens}</Fact> : null}
        {told.records.length ? <Fact name={t("org.leaveRecords")}>{told.records.map((one) => `${w(one.name)} ${one.count}`).join(t("oversight.comma"))}</Fact> : null}
      </dl>
      <p className="dim">{t("org.leaveRecordsNote")}</p>
    </section>
  );
}
