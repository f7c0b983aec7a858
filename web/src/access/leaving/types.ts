/** What a person holds and who takes it over, as the server tells it. */
import type { Named, PersonRef, Words } from "../../api/types";

export interface Owned { type: string; name: Words; count: number; departments: { id: string | null; name: Words; count: number }[] }
export interface GrantHeld { id: string; what: Words; secret: boolean; ends: string | null; loan: boolean }
export interface Running { id: string; kind: string; state: "running" | "done" | "stuck"; total: number; done: number; refused: number; why: Words | null }
export interface Seen { days: number; exports: number; refused: number; types: { type: string; name: Words; opened: number; lists: number; revealed: number; changed: number }[] }
export interface Holdings {
  person: PersonRef; status: string; needs_successor: boolean; own: boolean; records: Owned[]; departments: { id: string; name: string }[]; reports: PersonRef[];
  assignments: { department: Named; position: Named | null }[]; projects: Named[]; deputies: { person: PersonRef; deputy: PersonRef }[]; tokens: number; sessions: number;
  grants: GrantHeld[]; waiting: { reviews: number; drafts: number; teams: number }; seen: Seen[]; handover: Running | null;
}
export interface Preview { types: { type: string; name: Words; total: number; left: number; to: { person: PersonRef; count: number }[] }[]; total: number; left: number }
export interface Leaver { person: PersonRef; status: "leaving" | "left"; day: string | null; department: Words | null; records: number; grants: number }
export interface Right { what: Words; type: string; role: Words; via: Words }
export interface MovingTold { ends: Right[]; begins: Right[]; stays: number; grants: GrantHeld[]; records: Owned[] }
/** A rule as the form holds it. */
export interface RuleDraft { key: number; type: string; department: string | null; to: PersonRef | null }
export const sendable = (rules: RuleDraft[]) => rules.filter((one) => one.to).map((one) => ({ type: one.type, department: one.department, to: one.to?.id }));
