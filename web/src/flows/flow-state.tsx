/** How an instance stands: an icon and a word. */
import { useI18n, type Key } from "../i18n";
import { Icon, type IconName } from "../kit/icons";
import type { FlowHead } from "./types";
import "../i18n/words-flows";

const STATES: Record<FlowHead["state"], IconName> = { running: "clock", completed: "check", rejected: "ban", withdrawn: "undo" };

/** What a state is called: nobody takes a review back, it is over when nothing is left to be judged. */
export function stateKey(type: string | undefined, state: FlowHead["state"]): Key { return type === "access_review" && state === "withdrawn" ? "flow.over" : `flow.${state}`; }

export function FlowState({ one }: { one: Pick<FlowHead, "state" | "halted"> & { type?: string } }) {
  const { t } = useI18n();
  const halted = one.halted && one.state === "running";
  return <span className={halted ? "row tight warn nowrap" : "row tight soft nowrap"}><Icon name={halted ? "alert" : STATES[one.state]} small />{t(halted ? "flow.halted" : stateKey(one.type, one.state))}</span>;
}
