/** Before a record is deleted: the cases that run for it, which stand still until it is restored. */
import { useQuery } from "@tanstack/react-query";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { flowsOfMany, recordFlowsQuery } from "./queries";
import "../i18n/words-flows";

const MOST_LOOKED = 50;

/** The same of several records: of more than one looks at one by one it is only said what would come of it. */
export function RunningNotes({ type, ids }: { type: string; ids: readonly string[] }) {
  const { t, w, lang } = useI18n();
  const few = ids.length <= MOST_LOOKED;
  const found = useQuery({ ...flowsOfMany(type, ids), enabled: few && ids.length > 0 }).data ?? [];
  const running = found.filter((one) => one.state === "running");
  if (few && !running.length) return null;
  const names = running.slice(0, 5).map((one) => `${w(one.name)} #${one.id}`).join(lang === "zh" ? "、" : ", ") + (running.length > 5 ? ` +${running.length - 5}` : "");
  return <p className="note amber row"><Icon name="alert" small /><span>{few ? t("flows.stopOnDelete", { names }) : t("flows.mayStopOnDelete")}</span></p>;
}

/** `but`: the case by which it is deleted. */
export default function RunningNote({ type, id, but }: { type: string; id: string; but?: string }) {
  const { t, w, lang } = useI18n();
  const running = useQuery(recordFlowsQuery(type, id)).data?.items.filter((one) => one.state === "running" && one.id !== but) ?? [];
  if (!running.length) return null;
  return <p className="note amber row"><Icon name="alert" small /><span>{t("flows.stopOnDelete", { names: running.map((one) => `${w(one.name)} #${one.id}`).join(lang === "zh" ? "、" : ", ") })}</span></p>;
}
