/** What a person holds and who takes it over, as the server tells it. */
import type { Named, PersonRef, Words } from "../../api/types";

export interface Owned { type: string; name: Words; count: number; departments: { id: string | null; name: Words; count: number }[] }
export interface GrantHeld { id: string; what: Words; secret: boolean; ends: string | null; loan: boolean }
export interface Running { id: string; kind: string; state: "running" | "done" | "stuck"; total: number; done: number; refused: number; why: Words | null }
export interface Seen { days: number; exports: number; refused: number; types: { type: string; name: Words; opened: number; lists: number; revealed: number; changed: number }[] }
export type OpenKind = "asked" | "approving" | "borrowed" | "lent" | "keeping" | "emergencies" | "declared" | "deputies" | "drafts" | "testing" | "reviews";
export interface OpenThing { kind: OpenKind; id: string; what: Words; other: PersonRef | null; until: string | null }
export interface Fate extends OpenThing { outcome: "stays" | "ends" | "goes" | "week" | "nobody" | "withdrawn"; to: PersonRef | null }
/** Kinds that another can take over. */
export const PASSED: ReadonlySet<OpenKind> = new Set(["approving", "lent", "keeping", "drafts", "testing", "reviews"]);
/** Who takes over which kind, and what ends. */
export interface Chosen { takers: Partial<Record<OpenKind, PersonRef>>; ends: { kind: OpenKind; id: string }[] }
export const NOTHING_CHOSEN: Chosen = { takers: {}, ends: [] };
export const takersOf = ({ takers }: Chosen) => Object.entries(takers).flatMap(([kind, to]) => (to ? [{ kind, to: to.id }] : []));
export interface Holdings {
  person: PersonRef; status: string; needs_successor: boolean; own: boolean; records: Owned[]; departments: { id: string; name: string }[]; reports: PersonRef[];
  assignments: { department: Named; position: Named | null; words: Words }[]; projects: Named[]; deputies: { person: PersonRef; deputy: PersonRef }[]; tokens: number; sessions: number;
  grants: GrantHeld[]; waiting: { reviews: number; drafts: number; teams: number }; standing: OpenThing[]; seen: Seen[]; handover: Running | null; leaving: LeavingPlan | null;
}
export interface Preview { types: { type: string; name: Words; total: number; left: number; to: { person: PersonRef; count: number }[] }[]; total: number; left: number; standing: Fate[]; work: { person: PersonRef | null; count: number }[]; named: { code: string; process: Words; node: Words; signs: boolean }[] }
export interface Leaver { person: PersonRef; status: "leaving" | "left"; day: string | null; department: Words | null; records: number; grants: number }
export interface Right { what: Words; type: string; role: Words; via: Words }
export interface MovingTold { ends: Right[]; begins: Right[]; stays: number; grants: GrantHeld[]; records: Owned[] }
export interface LeavingPlan {
  id: string; person: PersonRef; last_day: string; days: number; state: "noticed" | "planned" | "left" | "stayed"; case: string | null; planned_by: PersonRef | null; planned_at: string | null; note: string;
  successor: PersonRef | null; rules: { type: string; department: string | null; to: PersonRef }[]; takers: { kind: OpenKind; to: PersonRef }[];
}
export interface Leaving extends LeavingPlan { records: Owned[]; departments: { id: string; name: Words }[]; reports: PersonRef[]; standing: OpenThing[]; may_plan: boolean; may_leave: boolean }
/** A rule as the form holds it. */
export interface RuleDraft { key: number; type: string; department: string | null; to: PersonRef | null }
export const sendable = (rules: RuleDraft[]) => rules.filter((one) => one.to).map((one) => ({ type: one.type, department: one.department, to: one.to?.id }));
/** A plan as the form holds it; one rule for everything where there is none. */
export const draftsOf = (rules: LeavingPlan["rules"]): RuleDraft[] => (rules.length ? rules.map((one, key) => ({ key, ...one })) : [{ key: 0, type: "*", department: null, to: null }]);
export const chosenOf = (takers: LeavingPlan["takers"]): Chosen => ({ takers: Object.fromEntries(takers.map((one) => [one.kind, one.to])), ends: [] });
