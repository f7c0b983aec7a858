/** What the guard's pages ask the server for. */
import { queryOptions } from "@tanstack/react-query";
import { get, query } from "../../api/client";
import type { AlertView, CanaryView, ExportView, GuardSetting, MyBudget, TakenReport, WatchedPerson } from "./types";

const BUSY = new Set(["queued", "running"]);
export const exportsQuery = (of: "mine" | "deciding") => queryOptions({
  queryKey: ["exports", of],
  queryFn: ({ signal }) => get<{ items: ExportView[] }>(`/exports${query({ of })}`, signal),
  staleTime: 0,
  refetchInterval: (asked) => (asked.state.data?.items.some((one) => BUSY.has(one.state)) ? 1000 : false),
});
export const exportQuery = (id: string) => queryOptions({
  queryKey: ["exports", "one", id],
  queryFn: ({ signal }) => get<ExportView>(`/exports/${id}`, signal),
  staleTime: 0,
  refetchInterval: (asked) => (asked.state.data && BUSY.has(asked.state.data.state) ? 1000 : false),
});
export const mineQuery = queryOptions({ queryKey: ["guard", "mine"], queryFn: ({ signal }) => get<MyBudget>("/access/guard/mine", signal) });
export const peopleQuery = queryOptions({ queryKey: ["guard", "people"], queryFn: ({ signal }) => get<{ items: WatchedPerson[] }>("/access/guard/people", signal) });
export const alertsQuery = (state: "open" | "all") => queryOptions({
  queryKey: ["guard", "alerts", state],
  queryFn: ({ signal }) => get<{ items: AlertView[]; next: string | null }>(`/access/guard/alerts${query({ state })}`, signal),
});
export const settingsQuery = queryOptions({ queryKey: ["guard", "settings"], queryFn: ({ signal }) => get<{ items: GuardSetting[]; may_change: boolean }>("/access/guard/settings", signal) });
export const canariesQuery = queryOptions({
  queryKey: ["guard", "canaries"],
  queryFn: ({ signal }) => get<{ items: CanaryView[]; types: { type: string; name: { zh: string; en: string } }[] }>("/access/guard/canaries", signal),
});
export const takenQuery = (person: string, days: number) => queryOptions({
  queryKey: ["guard", "taken", person, days],
  queryFn: ({ signal }) => get<TakenReport>(`/access/people/${person}/taken${query({ days: String(days) })}`, signal),
});
