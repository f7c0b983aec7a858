/** What the simulate page asks for. Everything under "access" is read again when a draft changes. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, query, send } from "../../api/client";
import type { Words } from "../../api/types";
import type { components } from "../../api/schema";
import type { DraftBrief, DraftView, Narrower, Replay, Simulation, What } from "./types";

const LONG = 600_000;
export const draftQuery = (id: string) => queryOptions({ queryKey: ["access", "draft", id], queryFn: ({ signal }) => get<DraftView>(`/access/drafts/${id}`, signal) });
export const draftsQuery = queryOptions({ queryKey: ["access", "drafts", "to-simulate"], queryFn: ({ signal }) => get<{ items: DraftBrief[] }>("/access/drafts", signal) });
export const simulationQuery = (id: string, revision: number, change: string | null) => queryOptions({
  queryKey: ["access", "simulation", id, revision, change], staleTime: LONG, placeholderData: keepPreviousData,
  queryFn: ({ signal }) => get<Simulation>(`/access/drafts/${id}/simulation${query({ change })}`, signal),
});
export const whatQuery = (what: What) => queryOptions({
  queryKey: ["access", "what", JSON.stringify(what)], staleTime: LONG, queryFn: ({ signal }) => send<Simulation>("POST", "/access/simulate", { what }, { signal }),
});
export const replayQuery = (id: string, revision: number) => queryOptions({ queryKey: ["access", "replay", id, revision], staleTime: LONG, queryFn: ({ signal }) => get<Replay>(`/access/drafts/${id}/replay`, signal) });
export const narrowerQuery = (role: string | null) => queryOptions({ queryKey: ["access", "narrower", role], staleTime: LONG, queryFn: ({ signal }) => get<Narrower>(`/access/narrower${query({ role })}`, signal) });
/** Asked while the page is looked at: another stamp means that what it shows is of a company that is no more. */
export const stampQuery = queryOptions({ queryKey: ["access", "stamp"], staleTime: 0, refetchInterval: 5_000, queryFn: ({ signal }) => get<{ stamp: string }>("/access/stamp", signal) });

interface Coded { id: string; code: string; name: string; name_en?: string }
export const departmentsQuery = queryOptions({ queryKey: ["access", "places"], staleTime: LONG, queryFn: ({ signal }) => get<{ items: Coded[] }>("/organisation/departments", signal) });
export const positionsQuery = queryOptions({ queryKey: ["access", "jobs"], staleTime: LONG, queryFn: ({ signal }) => get<{ items: Coded[] }>("/organisation/positions", signal) });
export const rulesQuery = queryOptions({ queryKey: ["access", "rules"], staleTime: LONG, queryFn: ({ signal }) => get<{ roles: { code: string; name: Words }[] }>("/policy", signal) });
/** What somebody holds now, by which path: one of these may be asked to end. */
export const grantsQuery = (person: string) => queryOptions({ queryKey: ["access", "holds", person], queryFn: ({ signal }) => get<components["schemas"]["PersonRights"]>(`/access/people/${person}/rights`, signal) });
