/** Before a record is deleted: the cases that run for it, which stand still until it is restored. */
import { useQuery } from "@tanstack/react-query";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { recordFlowsQuery } from "./queries";
import "../i18n/words-flows";

export default function RunningNote({ type, id }: { type: string; id: string }) {
  const { t, w, lang } = useI18n();
  const running = useQuery(recordFlowsQuery(type, id)).data?.items.filter((one) => one.state === "running") ?? [];
  if (!running.length) return null;
  return <p className="note amber row"><Icon name="alert" small /><span>{t("flows.stopOnDelete", { names: running.map((one) => `${w(one.name)} #${one.id}`).join(lang === "zh" ? "、" : ", ") })}</span></p>;
}
