/** Before a record is deleted: the cases that run for it, which stand still until it is restored. */
import { useQuery } from "@tanstack/react-query";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { grouped as digits } from "../kit/format";
import { flowsOfMany, recordFlowsQuery, runningCountQuery } from "./queries";
import "../i18n/words-flows";

const MOST_LOOKED = 50;

/** The same of several records: of more than one looks at one by one it is said of how many. */
export function RunningNotes({ type, ids }: { type: string; ids: readonly string[] }) {
  const { t, w, lang } = useI18n();
  const few = ids.length <= MOST_LOOKED;
  const many = useQuery({ ...runningCountQuery(type, ids), enabled: !few }).data;
  const found = useQuery({ ...flowsOfMany(type, ids), enabled: few && ids.length > 0 }).data ?? [];
  const running = found.filter((one) => one.state === "running");
  if (few ? !running.length : !many?.records) return null;
  const names = running.slice(0, 5).map((one) => `${w(one.name)} #${one.id}`).join(lang === "zh" ? "、" : ", ") + (running.length > 5 ? ` +${running.length - 5}` : "");
  return <p className="note amber row"><Icon name="alert" small /><span>{few ? t("flows.stopOnDelete", { names }) : t("flows.manyStopOnDelete", { n: digits(String(many?.records ?? 0)), all: digits(String(ids.length)), cases: digits(String(many?.cases ?? 0)) })}</span></p>;
}

/** `but`: the case by which it is deleted. */
export default function RunningNote({ type, id, but }: { type: string; id: string; but?: string }) {
  const { t, w, lang } = useI18n();
  const running = useQuery(recordFlowsQuery(type, id)).data?.items.filter((one) => one.state === "running" && one.id !== but) ?? [];
  if (!running.length) return null;
  return <p className="note amber row"><Icon name="alert" small /><span>{t("flows.stopOnDelete", { names: running.map((one) => `${w(one.name)} #${one.id}`).join(lang === "zh" ? "、" : ", ") })}</span></p>;
}
