/** Asking for a list as a file: what it will hold, what it takes, and who decides. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, send } from "../../api/client";
import type { Json, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { grouped } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import type { ExportPreview, ExportView } from "./types";
import "../../i18n/words-guard";

interface Props { type: TypeMeta; filter: string | null; sort: string | null; fields: string[]; ids?: string[]; onClose: () => void }

export default function ExportDialog({ type, filter, sort, fields, ids, onClose }: Props) {
  const { t, w } = useI18n();
  const { say } = useToasts();
  const go = useNavigate();
  const [format, setFormat] = useState<"xlsx" | "csv">("xlsx");
  const [reason, setReason] = useState("");
  const wish = { type: type.code, sort, fields, ...(ids ? { ids } : { filter: filter ? (JSON.parse(filter) as Json) : null }) };
  const preview = useQuery({ queryKey: ["exports", "preview", wish], queryFn: () => send<ExportPreview>("POST", "/exports/preview", wish), staleTime: 0, retry: false });
  const found = preview.data;
  const act = async () => {
    const made = await send<ExportView>("POST", "/exports", { ...wish, format, reason: reason.trim() || null });
    say(t(made.state === "waiting" ? "export.waitsFor" : "export.asked"));
    void go(`/exports/${made.id}`);
  };
  return (
    <ActDialog title={t("export.dialog", { type: w(type.plural) })} act={t("export.act")} disabled={!found || (found.reason && reason.trim().length < 4)} onClose={onClose} onAct={act} places={{ reason: t("export.reason"), rows: w(type.plural) }}>
      <p className="soft">{ids ? t("export.selected", { n: ids.length }) : t("export.filtered")}</p>
      {preview.isPending ? <><p role="status" className="dim">{t("export.counting")}</p><Bones rows={2} height={20} /></> : preview.isError ? <Refused problem={asProblem(preview.error)} places={{}} /> : (
        <>
          <p>{t("export.rows", { n: grouped(String(preview.data.rows)) })}{preview.data.left_out ? ` ${t("export.leftOut", { n: grouped(String(preview.data.left_out)) })}` : ""}</p>
          {preview.data.needs.length ? (
            <p className="row wrap note amber"><Icon name="shield" small /><span>{t("export.needs", { why: preview.data.needs.map((one) => w(one)).join(t("oversight.comma")) })}</span>
              <span className="soft">{t("export.askedOf", { names: preview.data.asked_of.map((one) => one.name).join(t("oversight.comma")) })}</span></p>
          ) : null}
        </>
      )}
      <div role="radiogroup" aria-label={t("export.format")} className="row">
        {(["xlsx", "csv"] as const).map((one) => <label key={one} className="row tight"><input type="radio" name="format" checked={format === one} onChange={() => setFormat(one)} />{one.toUpperCase()}</label>)}
      </div>
      <label><span className="field-label">{t("export.reason")}{found?.reason ? <i aria-hidden="true">*</i> : null}</span>
        <textarea className="box" value={reason} maxLength={1000} required={found?.reason ?? false} onChange={(event) => setReason(event.target.value)} /></label>
      <p className="field-help">{t("export.reasonHelp")} · {t("export.mark", { n: found?.hours ?? 24 })}</p>
    </ActDialog>
  );
}
