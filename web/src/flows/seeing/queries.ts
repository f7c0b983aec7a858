/** What the pages of figures ask for. */
import { queryOptions } from "@tanstack/react-query";
import { get, query } from "../../api/client";
import type { Beside, Figures, Improvement, OtherLog, StepName, Ways } from "./types";

export interface Asked { days: number; department: string; version: number }
const params = (asked: Asked) => ({ days: asked.days, department: asked.department || null, version: asked.version || null });

export const figuresQuery = (code: string, asked: Asked) => queryOptions({
  queryKey: ["flow-figures", code, asked], staleTime: 60_000, refetchInterval: 120_000,
  queryFn: ({ signal }) => get<Figures>(logOf(code) === null ? `/flows/processes/${code}/analytics${query(params(asked))}` : `/flows/logs/${logOf(code)}`, signal),
});
export const waysQuery = (code: string, asked: Asked) => queryOptions({
  queryKey: ["flow-ways", code, asked], staleTime: 60_000,
  queryFn: ({ signal }) => get<Ways>(logOf(code) === null ? `/flows/processes/${code}/analytics/ways${query(params(asked))}` : `/flows/logs/${logOf(code)}/ways`, signal),
});
export const besideQuery = (code: string, one: number, other: number, asked: Asked) => queryOptions({
  queryKey: ["flow-beside", code, one, other, asked.days, asked.department], staleTime: 60_000,
  queryFn: ({ signal }) => get<Beside>(`/flows/processes/${code}/analytics/versions${query({ one, other, days: asked.days, department: asked.department || null })}`, signal),
});
export const stepsQuery = (code: string, asked: Asked) => queryOptions({
  queryKey: ["flow-steps", code, asked], staleTime: 60_000,
  queryFn: ({ signal }) => get<{ items: StepName[] }>(`/flows/processes/${code}/analytics/steps${query(params(asked))}`, signal),
});
export const whatIfPath = (code: string, asked: Asked) => `/flows/processes/${code}/analytics/what-if${query(params(asked))}`;
export const improvementsQuery = (code: string) => queryOptions({
  queryKey: ["flow-improvements", code], queryFn: ({ signal }) => get<{ items: Improvement[] }>(`/flows/processes/${code}/improvements`, signal),
});
export const logsQuery = queryOptions({
  queryKey: ["flow-logs"], queryFn: ({ signal }) => get<{ items: OtherLog[] }>("/flows/logs", signal),
  refetchInterval: (asked) => (asked.state.data?.items.some(unread) ? 1000 : false),
});
/** Whether a log is still to be read. */
export const unread = (one: OtherLog) => one.state !== "ready" && one.state !== "failed";
/** The address under which a process or a log is looked at: a log's begins with what no process's code has. */
export const logOf = (code: string) => (code.startsWith("log-") ? code.slice(4) : null);
