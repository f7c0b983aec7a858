/** Reviews as the server tells them. */
import type { components } from "../../api/schema";
import type { PersonRef, Words } from "../../api/types";

/** For what a review waits that nobody may judge yet. */
export type Wait = components["schemas"]["ReviewWait"];
export interface BatchHead { id: string; campaign: string; title: string; title_words: Words; number: number; of: number; size: number; decided: number; taken: number; minutes: number; due: string; days_left: number; done: boolean; held: boolean; waits: Wait | null }
/** All that one reviewer judges in a campaign. */
export interface Share { id: string; campaign: string; title: string; title_words: Words; kind: string; reviewer: PersonRef; due: string; days_left: number; held: boolean; waits: Wait | null; done: boolean; ended: Ended | null; batch: string | null; total: number; pending: number; unsubmitted: number; high: number; unanswered: number; states: Partial<Record<State, number>> }
export interface Progress { id: string; title: string; title_words: Words; kind: string; created_at: string; due: string; closed_at: string | null; ended: Ended | null; asked: Asked | null; states: Record<string, number>; total: number; unanswered: number; deadline: components["schemas"]["ReviewCampaign"]["deadline"]; reviewers: { person: PersonRef; total: number; pending: number }[] }
export type Unanswered = "sensitive" | "all" | "none";
/** Who ended a campaign before its deadline, why, and which unanswered rights ended with it. */
export interface Asked { at: string; by: PersonRef; reason: string; unanswered: Unanswered }
/** `asked_by`: who asked for it, where it took two people. */
export interface Ended extends Asked { asked_by: PersonRef | null }
/** `second`: it takes another administrator; `people`: others who lose something at once; `powerful`: of what they lose, rights to administer or to give rights. */
export interface Ending { over: boolean; final: number; asked: Asked | null; ways: { unanswered: Unanswered; ends: number; proposed: number; stays: number; own: number; people: number; powerful: number; second: boolean }[] }
export interface Month { day: string; n: number }
export interface Volume { name: Words; kind: string; key: string; months: Month[] }
/** Who or what came to hold more (of roles: all), and the year of one key. */
export interface Grown { key: string; name: Words; then: number; now: number; months: Month[] }
export interface Growth { kind: string; key: string; months: Month[]; grown: Grown[] }
export interface Overview { batches: BatchHead[]; campaigns: Progress[]; volume: Volume; may_start: boolean }
export type State = "pending" | "kept" | "narrowed" | "revoked" | "drafted" | "lapsed" | "gone" | "left";
export interface Item {
  id: string; person: PersonRef | null; where: Words | null; what: Words; origin: Words; via: string; bars: number[]; last: string | null; idle: number | null;
  outlier: { kind: "alarm" | "people" | "time" | "calm"; words: Words }; suggestion: { decision: "keep" | "narrow" | "revoke" | "shorten"; until: string | null; words: Words };
  risk: number; band: "low" | "middle" | "high"; secret: boolean; state: State; note: string; submitted: boolean; rolled: boolean; delegated_by: PersonRef | null; due: string;
  proposed: Words | null; unanswered: boolean; draft: { id: string; title: string; state: "open" | "returned" | "submitted" | "published" | "withdrawn"; answer: string } | null;
}
/** An item as who oversees the campaign sees it. */
export interface Result extends Item { reviewer: PersonRef | null; decided_by: PersonRef | null; decided_at: string | null }
export interface Batch { id: string; campaign: string; title: string; title_words: Words; number: number; due: string; days_left: number; draft: string | null; ended: Ended | null; held: boolean; waits: Wait | null; acceptable: number; unsubmitted: number; items: Item[] }
/** For whom a right that is not personal can be made less, and how. */
export interface Whom { code: "person" | "holders" | "role"; words: Words; people: number; options: Way[] }
export interface Ways { options: Way[]; whom: Whom[] }
export interface Way { code: string; words: Words }
