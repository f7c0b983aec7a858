/** Asking for a role or a position, for oneself or for somebody who reports to me: security administrators answer. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, freshKey, send } from "../../api/client";
import { findDepartments, findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { AFTER, askablePositionsQuery, askableRolesQuery, span, type AccessRequest } from "./data";
import "../../i18n/words-lend";
import "./lend.css";

const DAY = 86400;
const SPANS: (number | null)[] = [7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY, null];

export default function RoleDialog({ role, onClose, onDone }: { /** The one that a refusal named. */ role: string; onClose: () => void; onDone: () => void }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [key] = useState(freshKey);
  const [post, setPost] = useState(false);
  const [chosen, setChosen] = useState(role);
  const [department, setDepartment] = useState<Choice | null>(null);
  const [other, setOther] = useState(false);
  const [person, setPerson] = useState<Choice | null>(null);
  const [seconds, setSeconds] = useState<number | null>(30 * DAY);
  const [reason, setReason] = useState("");
  const roles = useQuery(askableRolesQuery);
  const positions = useQuery({ ...askablePositionsQuery, enabled: post });
  const found = post ? positions : roles;
  const offered = post ? positions.data?.items.map((one) => ({ code: one.id, name: one.name, description: "", needs: one.needs })) : roles.data?.items;
  const one = offered?.find((item) => item.code === chosen);
  const turn = (to: boolean) => { setPost(to); setChosen(""); };
  const act = async () => {
    const whom = { person: other ? (person?.id ?? null) : null, seconds, reason: reason.trim() };
    if (post) await send<AccessRequest>("POST", "/access/requests/position", { position: chosen, department: department?.id ?? null, ...whom }, { key });
    else await send<AccessRequest>("POST", "/access/requests/role", { role: chosen, ...whom }, { key });
    await Promise.all(AFTER.map((name) => client.invalidateQueries({ queryKey: [name] })));
    say(t("lend.role.sent"));
  };
  const which = t(post ? "lend.role.whichPost" : "lend.role.which");
  return (
    <ActDialog title={t("lend.role.ask")} act={t("lend.send")} size={600} disabled={!one || !reason.trim() || (other && !person)} onClose={onClose} onDone={onDone} onAct={act}
      places={{ role: which, position: which, department: t("lend.role.where"), person: t("lend.role.whom"), reason: t("lend.why"), seconds: t("lend.long") }}>
      <div className="segs" role="group" aria-label={t("lend.role.kind")}>{[false, true].map((to) => <button type="button" key={String(to)} className="seg" aria-pressed={post === to} onClick={() => turn(to)}>{t(to ? "lend.role.post" : "lend.role.role")}</button>)}</div>
      {found.isPending ? <Bones rows={3} height={32} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : offered?.length ? (
        <div><label className="field-label" htmlFor="role-which">{which}</label>
          <select id="role-which" className="box" data-autofocus value={chosen} onChange={(event) => setChosen(event.target.value)}><option value="">{t("lend.role.choose")}</option>{offered.map((item) => <option key={item.code} value={item.code}>{w(item.name)}</option>)}</select>
          {one ? <p className="field-help">{[one.description, t(one.needs > 1 ? "lend.role.two" : "lend.role.one")].filter(Boolean).join(" · ")}</p> : null}</div>
      ) : <p className="note">{t("lend.role.none")}</p>}
      {post ? <div><span className="field-label">{t("lend.role.where")}</span><Picker label={t("lend.role.where")} chosen={department} onChoose={setDepartment} find={findDepartments} clearable /><p className="field-help">{t("lend.role.whereHelp")}</p></div> : null}
      <div><span className="field-label">{t("lend.role.whom")}</span>
        <div className="picks" role="group" aria-label={t("lend.role.whom")}>
          <button type="button" className="pick" aria-pressed={!other} onClick={() => { setOther(false); setPerson(null); }}>{t("lend.forMe")}</button>
          <button type="button" className="pick" aria-pressed={other} onClick={() => setOther(true)}>{t("lend.role.report")}</button>
          {other ? <span className="grow"><Picker label={t("lend.role.whom")} chosen={person} onChoose={setPerson} find={findPeople} /></span> : null}
        </div></div>
      <div><span className="field-label">{t("lend.long")}</span>
        <div className="segs" role="group" aria-label={t("lend.long")}>{SPANS.map((one) => <button type="button" key={one ?? 0} className="seg" aria-pressed={seconds === one} onClick={() => setSeconds(one)}>{span(one, t)}</button>)}</div></div>
      <div><label className="field-label" htmlFor="role-why">{t("lend.why")}</label>
        <textarea id="role-why" className="box" maxLength={500} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} /><p className="field-help">{t("lend.whyHelp")}</p></div>
    </ActDialog>
  );
}
