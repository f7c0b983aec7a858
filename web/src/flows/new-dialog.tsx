/** A new process: what it is called and about; the drawing comes next. Or a file that is drawn on. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { freshKey, send } from "../api/client";
import { useI18n } from "../i18n";
import "../i18n/words-designer";
import type { Lang } from "../api/types";
import { ActDialog } from "../kit/dialog";
import { languages } from "./designer/names";
import { kitQuery, type Draft } from "./designer/types";

export default function NewDialog({ onClose }: { onClose: () => void }) {
  const { t, w, lang } = useI18n();
  const go = useNavigate();
  const kit = useQuery(kitQuery(""));
  const [name, setName] = useState<Record<Lang, string>>({ zh: "", en: "" });
  const [type, setType] = useState<string | null>(null);
  // one name will do, and serves both languages until the other is given
  const zh = name.zh.trim(), en = name.en.trim();
  const begin = async () => {
    const made = await send<Draft>("POST", "/flows/drafts", { name: zh || en, name_en: zh ? en : "", ...(type ? { type } : {}) }, { key: freshKey() });
    void go(`/flows/design/${made.id}`);
  };
  return (
    <ActDialog title={t("design.newTitle")} act={t("design.newAct")} disabled={(!zh && !en) || type === null} onClose={onClose} onAct={begin}>
      <p className="soft">{t("design.newText")}</p>
      {languages(lang).map((one, at) => <label key={one}><span className="field-label">{t(one === "zh" ? "design.name" : "design.nameEn")}</span><input className="box" data-autofocus={at === 0 || undefined} maxLength={100} placeholder={at === 0 ? undefined : name[languages(lang)[0] as Lang]} value={name[one]} onChange={(event) => setName({ ...name, [one]: event.target.value })} /></label>)}
      <p className="field-help">{t("design.newNames")}</p>
      <label><span className="field-label">{t("design.about")}</span><select className="box" value={type ?? "?"} onChange={(event) => setType(event.target.value)}>{type === null ? <option value="?" disabled>{t("design.choose")}</option> : null}{(kit.data?.types ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}<option value="">{t("design.aboutNone")}</option></select><span className="field-help">{t("design.aboutHelp")}</span></label>
    </ActDialog>
  );
}
