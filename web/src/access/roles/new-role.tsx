/** A new role: from a template, from another role, or renamed. All of it goes into the draft. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { useWorking } from "../draft/working";
import { roleNow, rolesQuery } from "../queries";
import type { RoleList, RoleState, RoleView } from "../types";
import "../../i18n/words-configure";

const CODE = /^[a-z][a-z0-9_]{1,60}$/;

interface NameProps { title: string; act: string; first: RoleState; code: string | null; taken: string[]; onClose: () => void; onMade?: (code: string) => void; children?: React.ReactNode }

function NameDialog({ title, act, first, code, taken, onClose, onMade, children }: NameProps) {
  const { t } = useI18n();
  const { id, put } = useWorking();
  const client = useQueryClient();
  const [name, setName] = useState(first.name);
  const [nameEn, setNameEn] = useState(first.name_en);
  const [description, setDescription] = useState(first.description);
  const [own, setOwn] = useState("");
  const wrong = code === null && own !== "" && (!CODE.test(own) || taken.includes(own));
  return (
    <ActDialog title={title} act={act} disabled={!name.trim() || (code === null && (own === "" || wrong))} onClose={onClose}
      onAct={async () => { const key = code ?? own; const named = { name: name.trim(), name_en: nameEn.trim(), description }; await put("role", key, code === null ? { ...first, ...named } : async () => ({ ...(await roleNow(client, code, id)), ...named })); onMade?.(key); }}>
      {children}
      <label><span className="field-label">{t("role.name")}</span><input className="box" value={name} maxLength={100} data-autofocus onChange={(event) => setName(event.target.value)} /></label>
      <label><span className="field-label">{t("role.nameEn")}</span><input className="box" value={nameEn} maxLength={100} onChange={(event) => setNameEn(event.target.value)} /></label>
      {code === null ? <label><span className="field-label">{t("role.code")}</span><input className="box" value={own} aria-invalid={wrong || undefined} onChange={(event) => setOwn(event.target.value.trim())} />{wrong ? <span className="field-error">{t(taken.includes(own) ? "role.taken" : "role.badCode")}</span> : <span className="field-help">{t("role.codeHint")}</span>}</label> : null}
      <label><span className="field-label">{t("role.description")}</span><textarea className="box" value={description} maxLength={2000} onChange={(event) => setDescription(event.target.value)} /></label>
    </ActDialog>
  );
}

export function NewRole({ list, onClose, onMade }: { list: RoleList; onClose: () => void; onMade: (code: string) => void }) {
  const { t, w } = useI18n();
  const [from, setFrom] = useState(list.templates[0]?.code ?? "");
  const template = list.templates.find((one) => one.code === from);
  const state = (template?.state ?? { name: "", name_en: "", description: "", template: "", template_version: 0, lines: [] }) as unknown as RoleState;
  return (
    <NameDialog key={from} title={t("role.new")} act={t("line.toDraft")} first={state} code={null} taken={list.items.map((one) => one.code)} onClose={onClose} onMade={onMade}>
      <label><span className="field-label">{t("role.template")}</span>
        <select className="box" value={from} onChange={(event) => setFrom(event.target.value)}>{list.templates.map((one) => <option key={one.code} value={one.code}>{w(one.name)} v{one.version}</option>)}<option value="">{t("role.empty")}</option></select>
        {template ? <span className="field-help">{w(template.sees)}</span> : null}
      </label>
    </NameDialog>
  );
}

export function CopyRole({ role, onClose, onMade }: { role: RoleView; onClose: () => void; onMade: (code: string) => void }) {
  const { t } = useI18n();
  const { id } = useWorking();
  const state = role.state as unknown as RoleState;
  const taken = (useQuery(rolesQuery(id)).data?.items ?? []).map((one) => one.code);
  return <NameDialog title={t("role.copy")} act={t("line.toDraft")} first={{ ...state, name: `${state.name}（${t("role.copyOf")}）`, name_en: "" }} code={null} taken={[role.code, ...taken]} onClose={onClose} onMade={onMade} />;
}

export function RenameRole({ role, onClose }: { role: RoleView; onClose: () => void }) {
  const { t } = useI18n();
  return <NameDialog title={t("role.rename")} act={t("line.toDraft")} first={role.state as unknown as RoleState} code={role.code} taken={[]} onClose={onClose} />;
}
