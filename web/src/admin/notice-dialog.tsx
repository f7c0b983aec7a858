/** Writing down somebody's last day: rights stay, what guards data turns stricter. */
import { send } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { useDone, useForm } from "./form";
import type { PersonView } from "./types";
import "../i18n/words-guard";

export function NoticeDialog({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ on: person.leaving_on ?? null });
  const act = async () => { await send("POST", `/organisation/people/${person.id}/notice`, form.body({ on: "date" })); await done(); };
  return (
    <ActDialog title={`${t("guard.notice")} · ${person.name}`} act={t("guard.notice")} places={form.places} onClose={onClose} onAct={act}>
      <p>{t("guard.noticeAsk", { name: person.name })}</p>
      {form.input("on", "guard.noticeDay", "date")}
    </ActDialog>
  );
}
