/** Giving a role in the draft: to a person, a position, a department, a part in projects, or everybody; from and until when. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PersonRef } from "../../api/types";
import { useRoleName } from "../../admin/words";
import { findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { useWorking } from "../draft/working";
import { departmentsQuery, positionsQuery } from "../simulate/queries";
import type { RoleView } from "../types";
import "../../i18n/words-configure";

const ROLES = ["lead", "member", "viewer"];
const KINDS = ["position", "department", "person", "project_role", "everyone"] as const;
type Kind = (typeof KINDS)[number];

/** The moment at which a day begins, or (`after`) at which it has ended, where this browser is. */
export function moment(day: string, after = false): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return null;
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + (after ? 1 : 0)).toISOString();
}

export function GiveRole({ role, onClose }: { role: RoleView; onClose: () => void }) {
  const { t, w } = useI18n();
  const { put } = useWorking();
  const roleName = useRoleName();
  const [kind, setKind] = useState<Kind>("position");
  const [code, setCode] = useState("");
  const [who, setWho] = useState<Choice | null>(null);
  const [below, setBelow] = useState(true);
  const [days, setDays] = useState({ from: "", until: "" });
  const departments = useQuery({ ...departmentsQuery, enabled: kind === "department" });
  const positions = useQuery({ ...positionsQuery, enabled: kind === "position" });
  const name = kind === "person" ? (who?.value as PersonRef | undefined)?.username ?? "" : code;
  const backwards = days.from !== "" && days.until !== "" && days.until < days.from;
  const act = () => put("grant", `new-${role.code}-${Date.now().toString(36)}`, {
    role: role.code, subject: kind === "everyone" ? kind : `${kind}:${name}`, below: kind === "department" && below, starts: moment(days.from), ends: moment(days.until, true),
  });
  const choices = kind === "position" ? (positions.data?.items ?? []).map((one) => ({ value: one.code, label: w(one) }))
    : kind === "department" ? (departments.data?.items ?? []).map((one) => ({ value: one.code, label: w(one) }))
      : ROLES.map((one) => ({ value: one, label: roleName(one) }));
  return (
    <ActDialog title={`${t("give.title")} · ${w(role.name)}`} act={t("line.toDraft")} disabled={backwards || (kind !== "everyone" && !name)} onClose={onClose} onAct={act}>
      <label><span className="field-label">{t("give.to")}</span>
        <select className="box" value={kind} onChange={(event) => { setKind(event.target.value as Kind); setCode(""); }}>{KINDS.map((one) => <option key={one} value={one}>{t(`give.${one}`)}</option>)}</select>
      </label>
      {kind === "person" ? <div><span className="field-label">{t("give.person")}</span><Picker label={t("give.person")} chosen={who} onChoose={setWho} find={findPeople} /></div> : null}
      {kind === "position" || kind === "department" || kind === "project_role" ? (
        <label><span className="field-label">{t(`give.${kind}`)}</span>
          <select className="box" value={code} onChange={(event) => setCode(event.target.value)}><option value="">{t("give.choose")}</option>{choices.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}</select>
        </label>
      ) : null}
      {kind === "department" ? <label className="row"><input type="checkbox" checked={below} onChange={(event) => setBelow(event.target.checked)} />{t("give.below")}</label> : null}
      <div className="form-two">
        <label><span className="field-label">{t("give.from")}</span><input className="box" type="date" value={days.from} onChange={(event) => setDays((now) => ({ ...now, from: event.target.value }))} /><span className="field-help">{t("give.fromHelp")}</span></label>
        <label><span className="field-label">{t("give.until")}</span><input className="box" type="date" value={days.until} aria-invalid={backwards || undefined} onChange={(event) => setDays((now) => ({ ...now, until: event.target.value }))} /><span className={backwards ? "field-error" : "field-help"}>{t(backwards ? "give.backwards" : "give.untilHelp")}</span></label>
      </div>
    </ActDialog>
  );
}
