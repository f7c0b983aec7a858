/** Asking for a role, for oneself or for somebody who reports to me: security administrators answer. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, freshKey, send } from "../../api/client";
import { findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { AFTER, askableRolesQuery, span, type AccessRequest } from "./data";
import "../../i18n/words-lend";
import "./lend.css";

const DAY = 86400;
const SPANS: (number | null)[] = [7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY, null];

export default function RoleDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [key] = useState(freshKey);
  const [role, setRole] = useState("");
  const [other, setOther] = useState(false);
  const [person, setPerson] = useState<Choice | null>(null);
  const [seconds, setSeconds] = useState<number | null>(30 * DAY);
  const [reason, setReason] = useState("");
  const found = useQuery(askableRolesQuery);
  const chosen = found.data?.items.find((one) => one.code === role);
  const act = async () => {
    await send<AccessRequest>("POST", "/access/requests/role", { role, person: other ? (person?.id ?? null) : null, seconds, reason: reason.trim() }, { key });
    await Promise.all(AFTER.map((name) => client.invalidateQueries({ queryKey: [name] })));
    say(t("lend.role.sent"));
  };
  return (
    <ActDialog title={t("lend.role.ask")} act={t("lend.send")} size={600} disabled={!role || !reason.trim() || (other && !person)} onClose={onClose} onDone={onDone} onAct={act}
      places={{ role: t("lend.role.which"), person: t("lend.forWhom"), reason: t("lend.why"), seconds: t("lend.long") }}>
      {found.isPending ? <Bones rows={3} height={32} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : (
        <div><label className="field-label" htmlFor="role-which">{t("lend.role.which")}</label>
          <select id="role-which" className="box" data-autofocus value={role} onChange={(event) => setRole(event.target.value)}><option value="">{t("lend.role.choose")}</option>{found.data.items.map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select>
          {chosen ? <p className="field-help">{[chosen.description, t(chosen.needs > 1 ? "lend.role.two" : "lend.role.one")].filter(Boolean).join(" · ")}</p> : null}</div>
      )}
      <div><span className="field-label">{t("lend.forWhom")}</span>
        <div className="picks" role="group" aria-label={t("lend.forWhom")}>
          <button type="button" className="pick" aria-pressed={!other} onClick={() => { setOther(false); setPerson(null); }}>{t("lend.forMe")}</button>
          <button type="button" className="pick" aria-pressed={other} onClick={() => setOther(true)}>{t("lend.role.report")}</button>
          {other ? <span className="grow"><Picker label={t("lend.forWhom")} chosen={person} onChoose={setPerson} find={findPeople} /></span> : null}
        </div></div>
      <div><span className="field-label">{t("lend.long")}</span>
        <div className="segs" role="group" aria-label={t("lend.long")}>{SPANS.map((one) => <button type="button" key={one ?? 0} className="seg" aria-pressed={seconds === one} onClick={() => setSeconds(one)}>{span(one, t)}</button>)}</div></div>
      <div><label className="field-label" htmlFor="role-why">{t("lend.why")}</label>
        <textarea id="role-why" className="box" maxLength={500} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} /><p className="field-help">{t("lend.whyHelp")}</p></div>
    </ActDialog>
  );
}
