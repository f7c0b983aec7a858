/** Shapes of the organisation as the server tells it; `may` names the acts that this viewer is offered. */
import type { Department, Lang, Named, PersonRef, Words } from "../api/types";

export interface DepartmentView extends Department { code?: string; function?: string }
export interface PersonRow { id: string; username?: string; name: string; kind?: string; status?: string; email?: string; phone?: string; department?: Named | null; position?: string | null; position_en?: string }
export const postOf = (one: PersonRow, lang: Lang): string => (lang === "en" && one.position_en) || (one.position ?? "");
export interface Paged<T> { items: T[]; next?: string | null }
export interface Assignment { id: string; department: Named; position: Named | null; primary: boolean; from?: string | null; until?: string | null }
export interface DeputyView { id: string; person: PersonRef; from?: string | null; until?: string | null }
export interface PersonView extends PersonRow {
  leaving_on?: string | null;
  assignments?: Assignment[];
  reports_to?: PersonRef | null;
  reports?: PersonRef[];
  roles?: { code: string; name: Words }[];
  projects?: { id: string; name: string; role?: string | null }[];
  deputies?: DeputyView[];
  /** Changes that wait for a second person, for those who may know. */
  pending?: PendingChange[];
  may: string[];
}
export interface PendingChange {
  id: string; state: string; words: Words; roles: Words[]; details: { name: Words; value: Words }[]; about: string[]; author: PersonRef | null; by: PersonRef | null;
  reason: string; at: string; ends: string; done_at: string | null; who: Words; may: string[]; second_half?: string; grown?: Words;
}
export interface Member { person: PersonRef; role: string; from: string; until: string | null }
export interface ProjectRow { id: string; name: string; code: string; status: string; starts_on: string | null; until: string | null; lead: PersonRef | null; members: Member[] }
export interface ProjectView extends ProjectRow { may: string[] }
export interface Position { id: string; name: string; name_en: string; code: string; people: number; closed_at: string | null }
export interface Holder { person: PersonRef; department: Named; primary: boolean; from: string; until: string | null }
export interface PositionView extends Position { holders: Holder[] }
export interface Handover {
  needs_successor: boolean;
  departments: { id: string; name: string; head: boolean; overseer: boolean }[];
  reports: PersonRef[];
  assignments: { department: Named; position: Named | null; words: Words }[];
  projects: Named[];
  deputies: { person: PersonRef; deputy: PersonRef }[];
  tokens: number;
  records: { type: string; name: Words; count: number }[];
}
export interface TokenView { id: string; name: string; role: string; created_at: string; expires_at: string; last_used_on: string | null }
export interface Tokens { items: TokenView[]; roles: { code: string; name: Words }[] }
