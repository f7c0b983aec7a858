/** How an instance is told: whose turn it is, what is late, which step looks how. Pure. */
import type { PersonRef } from "../api/types";
import type { Key } from "../i18n";
import type { IconName } from "../kit/icons";
import type { Json, Words } from "../api/types";
import { isEmpty } from "../fields/kind";
import { fullMoment, isoDate } from "../kit/format";
import type { Coming, Flow, FlowHead, FlowWork, Happening, Mine, Need, Step, StepWork } from "./types";

/** Whether its record was deleted while it ran: nothing is decided until that is restored. */
export function recordless(flow: Flow): boolean {
  return flow.state === "running" && (flow.record_deleted || (flow.halted && flow.history.findLast((one) => one.what === "incident")?.outcome === "record_deleted"));
}
/** `stopped`: somebody's no ended the process here; `back`: it was done before the process went back, and not again until that ended. */
export type Standing = Step["standing"] | "stopped" | "back";
export const MARKS: Record<Standing, IconName> = { done: "check", current: "clock", halted: "alert", coming: "minus", left: "clock", passed_by: "minus", stopped: "ban", back: "undo" };
export function standingOf(flow: Pick<Flow, "work">, step: Step): Standing {
  if (step.standing !== "passed_by" && step.standing !== "left") return step.standing;
  const decided = flow.work.filter((one) => one.node === step.id && one.state === "done" && !one.opinion);
  if (decided.some((one) => one.outcome === "rejected" && one.round === step.round)) return "stopped";
  return step.standing === "passed_by" && decided.length ? "back" : step.standing;
}

/** What a case is about: a record by its title, a matter in the language of the page. */
export function titleOf(one: Pick<FlowHead, "title" | "title_words">, w: (words: Words) => string): string | null { return one.title_words ? w(one.title_words) : (one.title ?? null); }

/** A suggestion by its name in the language of the page, where its steps are known here; else as it was noted. */
export function suggestionTitle(one: { code: string; node: string; other: string; title: string }, name: (id: string) => string | null, t: (key: Key, values?: Record<string, string>) => string): string {
  const node = name(one.node), other = one.other ? name(one.other) : "";
  return SUGGESTED.has(one.code) && node !== null && other !== null && (one.other || one.code !== "complete") ? t(`see.s.${one.code}` as Key, { node, other }) : one.title;
}
const SUGGESTED = new Set(["automate", "oftener", "staff", "deputy", "in_turn", "remind", "complete"]);

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

/** What a no is called here: a view, a vote that others may outvote, the way back, or the end. */
export function noWord(flow: Pick<Flow, "nodes">, mine: Mine | null): "flow.disagree" | "flow.voteNo" | "flow.reject" | "flow.refuse" {
  if (mine?.opinion) return "flow.disagree";
  if (mine && flow.nodes.some((one) => one.id === mine.node && one.mode === "vote")) return "flow.voteNo";
  return mine?.targets.length ? "flow.reject" : "flow.refuse";
}

/** The work of a step in its last round: what was decided before has its place in the history. */
export function worksAt(flow: Pick<Flow, "work">, step: Pick<Step, "id" | "round">): StepWork[] {
  const works = flow.work.filter((one) => one.node === step.id && (one.round === step.round || one.state === "open"));
  const decided = works.some((one) => one.state === "done");
  const again = new Set(works.flatMap((one) => (one.state === "open" && !one.opinion && one.person ? [one.person.id] : []))); // who took theirs back
  return works.filter((one) => (one.state === "done" && !one.opinion ? !one.person || !again.has(one.person.id) : one.state !== "closed" || one.left || (!decided && one.text !== "")));
}

/** What follows a decided piece of work in the queue: the next that was behind it, else the first that waits. */
export function nextOf(queue: readonly FlowWork[], done: { id: string; opened: string | null | undefined }): FlowWork | undefined {
  const others = queue.filter((one) => one.id !== done.id);
  return others.find((one) => (one.opened_at ?? "") >= (done.opened ?? "")) ?? others[0];
}

/** Those of which the same is told, together; the most first. */
export function alike<T>(all: readonly T[], told: (one: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(told(one), [...(found.get(told(one)) ?? []), one]);
  return [...found.values()].sort((a, b) => b.length - a.length);
}

/** A time limit of one unit, as `PT8H` or `P2D`. */
export function limitOf(within: string | null | undefined): { n: number; unit: "D" | "H" | "M" } | null {
  const found = /^P(?:(\d+)D|T(\d+)([HM]))$/.exec(within ?? "");
  return found ? { n: Number(found[1] ?? found[2]), unit: found[1] ? "D" : (found[3] as "H" | "M") } : null;
}

/** Texts and values that were typed but not sent yet, by piece of work: they outlive a page that is drawn anew because rights have changed. */
export interface Draft { text: string; values: Record<string, Json>; notes?: Record<string, Notes> }
/** What was answered, by the code of the note. */
export type Notes = Record<string, string>;

/** What is still missing before it can be approved: what the server finds so, counting what is typed and not sent. Whether a criterion is
 * so then is seen when it is sent. What hangs on the unread is not known here. Pure. */
export function missingOf(needs: readonly Need[], values: Record<string, Json>, notes: Record<string, Notes> | undefined): Need[] {
  const unsent = Object.keys(values).length > 0;
  return needs.filter((one) => {
    const [what = "", node = "", part, code = ""] = one.place.split("/");
    const field = what === "values" ? node : part === "fields" ? code : null;
    if (field !== null && field in values) return isEmpty(values[field]);
    const typed = part === "notes" ? notes?.[node]?.[code] : undefined;
    if (typed !== undefined) return !typed.trim();
    return one.lacking === true && !(part === "criteria" && unsent);
  });
}
/** Of these what keeps this very decision from being made, each field once: who signs before others hands nothing over yet. Pure. */
export function keptBack(missing: readonly Need[], passes: boolean): Need[] {
  const asked = new Set(missing.map((one) => one.place));
  return missing.filter((one) => {
    const [what, , part, code] = one.place.split("/");
    return what === "values" || (passes && !(part === "fields" && asked.has(`values/${code ?? ""}`)));
  });
}
/** What of a draft stays after a move: all but what went with it, unless the work is decided or somebody else's now. Pure. */
export function keptAfter(draft: Draft, sent: { over?: boolean; text?: boolean }): Draft {
  return sent.over ? { text: "", values: {} } : { ...draft, text: sent.text ? "" : draft.text };
}

const HANDED = new Set(["transfer", "delegate", "add_signer"]);
/** What who has a step now should read first: why it came back or who asked them, else what who began it said. Pure. */
export function spokenTo(flow: Pick<Flow, "history">, node: string, person: string | undefined): Happening | null {
  const found = flow.history.findLast((one) => (one.what === "reject" && one.outcome === node) || (HANDED.has(one.what) && one.node === node && one.other?.id === person));
  return found ?? (saidAtFirst(flow) ? flow.history.find((one) => one.what === "begun") ?? null : null);
}

/** What who began it said then; nothing of what the program says. Pure. */
export function saidAtFirst(flow: Pick<Flow, "history"> | undefined): string {
  const begun = flow?.history.find((one) => one.what === "begun");
  return begun && !begun.words ? begun.text : "";
}
/** Which versions a case went over between, of what its history keeps of it ("1 → 2"); null for anything else. Pure. */
export function wentOver(what: string, text: string): [number, number] | null {
  const found = what === "migrated" ? /^(\d+) → (\d+)$/.exec(text) : null;
  return found ? [Number(found[1]), Number(found[2])] : null;
}

/** Whether what happened was a view for somebody else to decide by: then it is no decision. Pure. */
export function viewIn(flow: Pick<Flow, "work">, one: Happening): boolean {
  return (one.what === "approve" || one.what === "reject") && flow.work.some((work) => work.opinion && work.state === "done" && work.node === one.node && work.person?.id === one.person?.id && work.done_at === one.at);
}

/** What is said of a step at which nothing was decided: it is done, sent, or its time has come. Pure. */
export function saidPlainly(step: Pick<Step, "kind" | "decides">, what: string): Key | null {
  if (what === "approve") return step.kind === "user" && !step.decides ? "flow.h.finish" : null;
  return what !== "done" ? null : step.kind === "send" ? "flow.h.sent" : step.kind === "timer" ? "flow.h.rang" : null;
}

/** The first few of those who have a step, me among them. Pure. */
export function firstOf(works: readonly StepWork[], most: number): StepWork[] {
  const first = works.slice(0, most);
  const mine = works.find((one) => one.mine && one.state === "open");
  return mine && !first.includes(mine) ? [mine, ...first.slice(0, most - 1)] : first;
}
/** Steps as they are listed: each by itself, events of which the first decides together, where the first of them stands. Pure. */
export function togetherAt<One extends Pick<Step, "id" | "first">>(steps: readonly One[]): [One, ...One[]][] {
  const found: [One, ...One[]][] = [];
  const known = new Map<string, [One, ...One[]]>();
  for (const one of steps) {
    const there = one.first ? known.get(one.first.of) : undefined;
    if (there) { there.push(one); continue; }
    const made: [One, ...One[]] = [one];
    found.push(made);
    if (one.first) known.set(one.first.of, made);
  }
  return found;
}

/** Steps to come, those with one number together. Pure. */
export function groupsOf(steps: readonly Coming[]): Coming[][] {
  const found = new Map<number, Coming[]>();
  for (const one of steps) found.set(one.number, [...(found.get(one.number) ?? []), one]);
  return [...found.entries()].sort(([one], [other]) => one - other).map(([, some]) => some);
}
const drafts = new Map<string, Draft>();
export function draftOf(key: string): Draft { return drafts.get(key) ?? { text: "", values: {} }; }
export function keepDraft(key: string, draft: Draft | null): void { if (draft) drafts.set(key, draft); else drafts.delete(key); }

/** Whether work has waited longer than nine in ten did. */
export function longerThanUsual(since: string, usual: number | null | undefined, now = new Date()): boolean {
  return Boolean(usual) && now.getTime() - new Date(since).getTime() > (usual ?? 0) * 1000;
}

/** A moment to come: the time of today or tomorrow, else the day with it. */
export function ahead(iso: string, lang: "zh" | "en", now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const [day = "", time = ""] = fullMoment(iso).split(" ");
  if (day === isoDate(now)) return (lang === "zh" ? "今天 " : "today ") + time;
  if (day === isoDate(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1))) return (lang === "zh" ? "明天 " : "tomorrow ") + time;
  return date.getFullYear() === now.getFullYear() ? `${day.slice(5)} ${time}` : `${day} ${time}`;
}
