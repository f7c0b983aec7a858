/** A separation of duties: who holds a role, or a right that is named, of the one side holds none of the other. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { useWorking } from "../draft/working";
import { dutiesQuery, vocabularyQuery } from "../queries";
import { codeOf } from "./code";
import "../../i18n/words-configure";

interface Duty { name: string; name_en: string; first: string[]; second: string[]; first_rights?: string[]; second_rights?: string[] }
type Side = "first" | "second";
type Right = { code: string; words: Words };

export function DutyDialog({ code, state, roles, rights, onClose }: { code: string | null; state: Duty | null; roles: [string, string][]; rights?: Record<Side, Right[]>; onClose: () => void }) {
  const { t, w } = useI18n();
  const { id, mark, put } = useWorking();
  const taken = (useQuery(dutiesQuery(id)).data?.items ?? []).map((one) => one.code);
  const [since] = useState(() => (code ? mark("duty", code) : undefined));
  const [duty, setDuty] = useState<Duty>(state ?? { name: "", name_en: "", first: [], second: [] });
  const [named, setNamed] = useState<Record<string, Words>>(() => Object.fromEntries([...(rights?.first ?? []), ...(rights?.second ?? [])].map((one) => [one.code, one.words])));
  const rightsOf = (which: Side) => duty[`${which}_rights`] ?? [];
  const setRights = (which: Side, some: string[]) => setDuty((now) => ({ ...now, [`${which}_rights`]: some }));
  const empty = (which: Side) => !duty[which].length && !rightsOf(which).length;
  const side = (which: Side) => (
    <fieldset className="choices">
      <legend className="field-label">{t(`bounds.${which}`)}</legend>
      {roles.map(([role, name]) => <label key={role} className="chip-choice"><input type="checkbox" checked={duty[which].includes(role)} disabled={duty[which === "first" ? "second" : "first"].includes(role)} onChange={(event) => setDuty((now) => ({ ...now, [which]: event.target.checked ? [...now[which], role] : now[which].filter((one) => one !== role) }))} />{name}</label>)}
      {rightsOf(which).map((one) => <span key={one} className="chip">{named[one] ? w(named[one]) : one}<button type="button" className="ib tiny" aria-label={t("bounds.rightGone", { right: named[one] ? w(named[one]) : one })} onClick={() => setRights(which, rightsOf(which).filter((some) => some !== one))}><Icon name="x" small /></button></span>)}
      <AddRight onAdd={(one) => { setNamed((now) => ({ ...now, [one.code]: one.words })); if (!rightsOf(which).includes(one.code)) setRights(which, [...rightsOf(which), one.code]); }} />
    </fieldset>
  );
  return (
    <ActDialog title={t(code ? "bounds.duty" : "bounds.newDuty")} act={t("line.toDraft")} size={640} disabled={!duty.name.trim() || empty("first") || empty("second")} onClose={onClose} onAct={() => put("duty", code ?? codeOf("duty", duty.name_en || duty.name, taken), duty, since)}>
      <label><span className="field-label">{t("role.name")}</span><input className="box" value={duty.name} maxLength={200} data-autofocus onChange={(event) => setDuty({ ...duty, name: event.target.value })} /></label>
      <label><span className="field-label">{t("role.nameEn")}</span><input className="box" value={duty.name_en} maxLength={200} onChange={(event) => setDuty({ ...duty, name_en: event.target.value })} /></label>
      {side("first")}{side("second")}
      <p className="soft small">{t("bounds.rightsHint")}</p>
    </ActDialog>
  );
}

/** Choosing one right: an object, then what is done with it. */
function AddRight({ onAdd }: { onAdd: (right: Right) => void }) {
  const { t, w } = useI18n();
  const [type, setType] = useState("");
  const all = useQuery(vocabularyQuery(null));
  const some = useQuery({ ...vocabularyQuery(type), enabled: type !== "" });
  const kind = all.data?.types.find((one) => one.code === type);
  const add = (action: string) => {
    const done = some.data?.actions.find((one) => one.code === action);
    if (!kind || !done) return;
    onAdd({ code: `${type}.${action}`, words: { zh: done.name.zh + kind.name.zh, en: `${done.name.en} ${kind.name.en}` } });
    setType("");
  };
  return (
    <span className="row">
      <select className="box" aria-label={t("bounds.addRight")} value={type} onChange={(event) => setType(event.target.value)}><option value="">{t("bounds.addRight")}</option>{(all.data?.types ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select>
      {type ? <select className="box" aria-label={t("bounds.action")} value="" onChange={(event) => add(event.target.value)}><option value="">{t("bounds.action")}</option>{(some.data?.actions ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select> : null}
    </span>
  );
}
