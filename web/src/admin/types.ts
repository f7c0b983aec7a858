/** Shapes of the organisation as the server tells it. */
import type { Named, PersonRef, Words } from "../api/types";

export interface PersonRow { id: string; username?: string; name: string; kind?: string; status?: string; email?: string; department?: Named | null; position?: string | null }
export interface Paged<T> { items: T[]; next?: string | null }
export interface Assignment { id: string; department: Named; position: Named | string | null; primary: boolean; from?: string | null; until?: string | null }
export interface PersonView extends PersonRow {
  assignments?: Assignment[];
  reports_to?: PersonRef | null;
  reports?: PersonRef[];
  roles?: { code: string; name: Words }[];
  projects?: { id: string; name: string; role?: string | null }[];
  deputies?: { person: PersonRef; from?: string | null; until?: string | null }[];
}
export interface ProjectRow { id: string; name: string; code?: string; lead?: PersonRef | null; members?: { person: PersonRef; role?: string | null }[] | number; until?: string | null }
export interface Position { id: string; name: string; code?: string }
