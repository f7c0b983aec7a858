/** A new process: what it is called and about; the drawing comes next. Or a file that is drawn on. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { freshKey, send } from "../api/client";
import { useI18n } from "../i18n";
import "../i18n/words-designer";
import { ActDialog } from "../kit/dialog";
import { kitQuery, type Draft } from "./designer/types";

export default function NewDialog({ onClose }: { onClose: () => void }) {
  const { t, w } = useI18n();
  const go = useNavigate();
  const kit = useQuery(kitQuery(""));
  const [name, setName] = useState("");
  const [nameEn, setNameEn] = useState("");
  const [type, setType] = useState("");
  const begin = async () => {
    const made = await send<Draft>("POST", "/flows/drafts", { name: name.trim(), name_en: nameEn.trim(), ...(type ? { type } : {}) }, { key: freshKey() });
    void go(`/flows/design/${made.id}`);
  };
  return (
    <ActDialog title={t("design.newTitle")} act={t("design.newAct")} disabled={!name.trim()} onClose={onClose} onAct={begin}>
      <p className="soft">{t("design.newText")}</p>
      <label><span className="field-label">{t("design.name")}<i>*</i></span><input className="box" data-autofocus maxLength={100} value={name} onChange={(event) => setName(event.target.value)} /></label>
      <label><span className="field-label">{t("design.nameEn")}</span><input className="box" maxLength={100} value={nameEn} onChange={(event) => setNameEn(event.target.value)} /></label>
      <label><span className="field-label">{t("design.about")}</span><select className="box" value={type} onChange={(event) => setType(event.target.value)}><option value="">{t("design.aboutNone")}</option>{(kit.data?.types ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
    </ActDialog>
  );
}
