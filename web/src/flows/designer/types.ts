/** What the designer asks the server for. */
import { queryOptions } from "@tanstack/react-query";
import { get, send } from "../../api/client";
import type { components } from "../../api/schema";
import type { FieldMeta, Words } from "../../api/types";

type Schemas = components["schemas"];
export type Draft = Schemas["FlowDraft"];
export type DraftHead = Schemas["FlowDraftHead"];
export type Changes = Schemas["FlowChanges"];
export type Change = Changes["items"][number];
export type Trial = Schemas["FlowTrial"];
export interface Named { code: string; name: Words }
export interface KitField extends FieldMeta { person: boolean; writable: boolean; /** By whoever draws, of some record. */ reads: boolean }
export interface KitVerb extends Named { right: string; /** Its matter says when it is due. */ dated?: boolean; params: (Named & { required: boolean })[] }
export interface KitHears { event: string; name: Words; by: string; /** The field that names ours, where several do. */ through: Words | null }
export interface KitRule extends Named { takes: Record<string, string[]>; wants: string[] }
export interface Kit {
  types: Named[]; fields: KitField[]; /** Fields that such records are known by, its name first, but for sensitive ones; and these. */ leading: string[]; withheld: string[]; verbs: KitVerb[]; /** What happens with such records, or others that name them, and can be waited for. */ hears: KitHears[]; /** What can begin a case, beside those. */ begins: KitHears[]; positions: Named[]; roles: Named[]; departments: (Named & { parent: string | null })[]; rules: KitRule[];
  administers: boolean;
  /** Whom the drawing names, by user name: the check says so. */
  people?: readonly Named[];
}
export interface Noted { place: string; code: string; message: Words; level?: "warning" | "note" }
export interface Check {
  process: string; name: string; publishable: boolean; waits: boolean; problems: Noted[]; concerns: Noted[]; people: Named[];
  elements: { id: string; element: string; name: string; executed: boolean; why?: Words }[];
}

export const draftQuery = (id: string) => queryOptions({ queryKey: ["flow-draft", id], queryFn: ({ signal }) => get<Draft>(`/flows/drafts/${id}`, signal), staleTime: 0, refetchOnWindowFocus: false });
export const draftsQuery = (state: "open" | "submitted") => queryOptions({ queryKey: ["flow-drafts", state], queryFn: ({ signal }) => get<{ items: DraftHead[] }>(`/flows/drafts?state=${state}`, signal) });
export const kitQuery = (type: string) => queryOptions({ queryKey: ["flow-kit", type], queryFn: ({ signal }) => get<Kit>(`/flows/kit${type ? `?type=${type}` : ""}`, signal), staleTime: 300_000 });
export const checkQuery = (source: string) => queryOptions({ queryKey: ["flow-check", source], queryFn: ({ signal }) => send<Check>("POST", "/flows/check", { source }, { signal }), gcTime: 60_000, staleTime: 300_000, retry: false });
export const compareQuery = (source: string) => queryOptions({ queryKey: ["flow-compare", source], queryFn: ({ signal }) => send<Changes>("POST", "/flows/compare", { source }, { signal }), gcTime: 60_000, retry: false });
export const givesQuery = (source: string) => queryOptions({ queryKey: ["flow-gives", source], queryFn: ({ signal }) => send<Schemas["FlowGives"]>("POST", "/flows/gives", { source }, { signal }), gcTime: 60_000, retry: false });
export function tagOf(draft: Draft): string { return `r${draft.revision}`; }
