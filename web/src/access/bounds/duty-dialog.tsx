/** A separation of duties: who holds a role of the one side holds none of the other. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { useWorking } from "../draft/working";
import { dutiesQuery } from "../queries";
import { codeOf } from "./code";
import "../../i18n/words-configure";

interface Duty { name: string; name_en: string; first: string[]; second: string[] }

export function DutyDialog({ code, state, roles, onClose }: { code: string | null; state: Duty | null; roles: [string, string][]; onClose: () => void }) {
  const { t } = useI18n();
  const { id, mark, put } = useWorking();
  const taken = (useQuery(dutiesQuery(id)).data?.items ?? []).map((one) => one.code);
  const [since] = useState(() => (code ? mark("duty", code) : undefined));
  const [duty, setDuty] = useState<Duty>(state ?? { name: "", name_en: "", first: [], second: [] });
  const side = (which: "first" | "second") => (
    <fieldset className="choices">
      <legend className="field-label">{t(`bounds.${which}`)}</legend>
      {roles.map(([role, name]) => <label key={role} className="chip-choice"><input type="checkbox" checked={duty[which].includes(role)} disabled={duty[which === "first" ? "second" : "first"].includes(role)} onChange={(event) => setDuty((now) => ({ ...now, [which]: event.target.checked ? [...now[which], role] : now[which].filter((one) => one !== role) }))} />{name}</label>)}
    </fieldset>
  );
  return (
    <ActDialog title={t(code ? "bounds.duty" : "bounds.newDuty")} act={t("line.toDraft")} size={640} disabled={!duty.name.trim() || !duty.first.length || !duty.second.length} onClose={onClose} onAct={() => put("duty", code ?? codeOf("duty", duty.name_en || duty.name, taken), duty, since)}>
      <label><span className="field-label">{t("role.name")}</span><input className="box" value={duty.name} maxLength={200} data-autofocus onChange={(event) => setDuty({ ...duty, name: event.target.value })} /></label>
      <label><span className="field-label">{t("role.nameEn")}</span><input className="box" value={duty.name_en} maxLength={200} onChange={(event) => setDuty({ ...duty, name_en: event.target.value })} /></label>
      {side("first")}{side("second")}
    </ActDialog>
  );
}
