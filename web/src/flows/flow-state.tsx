/** How an instance stands: an icon and a word. */
import { useI18n } from "../i18n";
import { Icon, type IconName } from "../kit/icons";
import type { FlowHead } from "./types";
import "../i18n/words-flows";

const STATES: Record<FlowHead["state"], IconName> = { running: "clock", completed: "check", rejected: "ban", withdrawn: "undo" };

export function FlowState({ one }: { one: Pick<FlowHead, "state" | "halted"> }) {
  const { t } = useI18n();
  const halted = one.halted && one.state === "running";
  return <span className={halted ? "row tight warn nowrap" : "row tight soft nowrap"}><Icon name={halted ? "alert" : STATES[one.state]} small />{t(halted ? "flow.halted" : `flow.${one.state}`)}</span>;
}
