/** What the pages of figures ask for. */
import { queryOptions } from "@tanstack/react-query";
import { get, query } from "../../api/client";
import type { Beside, Figures, Ways } from "./types";

export interface Asked { days: number; department: string; version: number }
const params = (asked: Asked) => ({ days: asked.days, department: asked.department || null, version: asked.version || null });

export const figuresQuery = (code: string, asked: Asked) => queryOptions({
  queryKey: ["flow-figures", code, asked], staleTime: 60_000, refetchInterval: 120_000,
  queryFn: ({ signal }) => get<Figures>(`/flows/processes/${code}/analytics${query(params(asked))}`, signal),
});
export const waysQuery = (code: string, asked: Asked) => queryOptions({
  queryKey: ["flow-ways", code, asked], staleTime: 60_000,
  queryFn: ({ signal }) => get<Ways>(`/flows/processes/${code}/analytics/ways${query(params(asked))}`, signal),
});
export const besideQuery = (code: string, one: number, other: number, asked: Asked) => queryOptions({
  queryKey: ["flow-beside", code, one, other, asked.days, asked.department], staleTime: 60_000,
  queryFn: ({ signal }) => get<Beside>(`/flows/processes/${code}/analytics/versions${query({ one, other, days: asked.days, department: asked.department || null })}`, signal),
});
