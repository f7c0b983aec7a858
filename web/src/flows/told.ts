/** How an instance is told: whose turn it is, what is late, which step looks how. Pure. */
import type { PersonRef } from "../api/types";
import type { IconName } from "../kit/icons";
import type { Flow, FlowWork, Step, StepWork } from "./types";

/** `stopped`: the process ended here, without having passed. */
export type Standing = Step["standing"] | "stopped";
export const MARKS: Record<Standing, IconName> = { done: "check", current: "clock", halted: "alert", coming: "minus", passed_by: "minus", stopped: "ban" };
export function standingOf(flow: Pick<Flow, "work">, step: Step): Standing {
  return step.standing === "passed_by" && flow.work.some((one) => one.node === step.id && one.state === "done") ? "stopped" : step.standing;
}

/** Due and past it. */
export function isLate(due: string | null | undefined, now = Date.now()): boolean { return due !== null && due !== undefined && new Date(due).getTime() < now; }

/** Who has it now, each once. */
export function holders(flow: Pick<Flow, "work">): PersonRef[] {
  const found = new Map<string, PersonRef>();
  for (const one of flow.work) if (one.state === "open" && one.person) found.set(one.person.id, one.person);
  return [...found.values()];
}

/** At most `most` names, and how many more there are. */
export function namesOf(people: readonly PersonRef[], lang: "zh" | "en", most = 3): string {
  const named = people.slice(0, most).map((one) => one.name).join(lang === "zh" ? "、" : ", ");
  const rest = people.length - most;
  return rest > 0 ? `${named} +${rest}` : named;
}

/** The work of a step in its last round: what was decided before has its place in the history. */
export function worksAt(flow: Pick<Flow, "work">, step: Pick<Step, "id" | "round">): StepWork[] {
  const works = flow.work.filter((one) => one.node === step.id && (one.round === step.round || one.state === "open"));
  const decided = works.some((one) => one.state === "done");
  return works.filter((one) => one.state !== "closed" || (!decided && one.text !== ""));
}

/** What follows a decided piece of work in the queue: the next that was behind it, else the first that waits. */
export function nextOf(queue: readonly FlowWork[], done: { id: string; opened: string | null | undefined }): FlowWork | undefined {
  const others = queue.filter((one) => one.id !== done.id);
  return others.find((one) => (one.opened_at ?? "") >= (done.opened ?? "")) ?? others[0];
}

/** Texts and values that were typed but not sent yet, by piece of work: they outlive a page that is drawn anew because rights have changed. */
export interface Draft { text: string; values: Record<string, import("../api/types").Json> }
const drafts = new Map<string, Draft>();
export function draftOf(key: string): Draft { return drafts.get(key) ?? { text: "", values: {} }; }
export function keepDraft(key: string, draft: Draft | null): void { if (draft) drafts.set(key, draft); else drafts.delete(key); }
