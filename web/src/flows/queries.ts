/** What the pages of processes ask the server for, and what a move makes stale. */
import { keepPreviousData, queryOptions, type QueryClient } from "@tanstack/react-query";
import { get, query, send } from "../api/client";
import { refreshType } from "../records/cache";
import type { Beginning, Flow, FlowHead, FlowMigration, FlowProcess, FlowVersion, Scope } from "./types";

export const LIVE = 20_000;
/** What a case waits for by the clock shows soon after it is due: the worker looks every few seconds. */
export const SOON = 3_000;
const PAST = 60_000;
export function nextLook(flow: Pick<Flow, "state" | "nodes"> | undefined, now = Date.now()): number | false {
  if (flow?.state !== "running") return false;
  const left = flow.nodes.flatMap((one) => one.timers).map((one) => new Date(one.until).getTime() - now).filter((one) => one > -PAST);
  return Math.min(LIVE, ...left.map((one) => Math.max(SOON, one + SOON)));
}

/** An instance moves by other hands too: while it runs it is asked for again now and then. */
export const flowQuery = (id: string) => queryOptions({
  queryKey: ["flow", id],
  queryFn: ({ signal }) => get<Flow>(`/flows/instances/${id}`, signal),
  refetchInterval: (asked) => nextLook(asked.state.data),
});
export const flowsQuery = (scope: Scope) => queryOptions({
  queryKey: ["flows", scope],
  queryFn: ({ signal }) => get<{ items: FlowHead[] }>(`/flows/instances${query({ scope })}`, signal),
});
export const recordFlowsQuery = (type: string, id: string) => queryOptions({
  queryKey: ["flows-of", type, id],
  queryFn: ({ signal }) => get<{ items: FlowHead[] }>(`/flows/records/${type}/${id}`, signal),
});
/** As they could be begun about a record: the steps to come, or why not. It changes with the record, so that each dialog asks anew. */
export const beginningsQuery = (type: string, id: string, changed: readonly string[] = []) => queryOptions({
  queryKey: ["flows-of", type, id, "beginnings", changed.join(",")],
  queryFn: ({ signal }) => get<{ items: Beginning[] }>(`/flows/records/${type}/${id}/beginnings${query(changed.length ? { changed: changed.join(",") } : {})}`, signal),
  staleTime: 0, placeholderData: keepPreviousData,
});
const AT_ONCE = 4;
/** Asked of each, a few at once. */
async function each<T>(ids: readonly string[], ask: (id: string) => Promise<T>): Promise<Map<string, T>> {
  const found = new Map<string, T>(), rest = [...ids];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (let id = rest.shift(); id !== undefined; id = rest.shift()) found.set(id, await ask(id)); }));
  return found;
}
/** The same of several records, by their ids. */
export const beginningsOfMany = (type: string, ids: readonly string[]) => queryOptions({
  queryKey: ["flows-of", type, "beginnings", ids],
  queryFn: ({ signal }) => each(ids, async (id) => (await get<{ items: Beginning[] }>(`/flows/records/${type}/${id}/beginnings`, signal)).items),
  staleTime: 0, placeholderData: keepPreviousData,
});
/** What runs and ran for several records. */
export const flowsOfMany = (type: string, ids: readonly string[]) => queryOptions({
  queryKey: ["flows-of", type, "many", ids],
  queryFn: async ({ signal }) => [...(await each(ids, async (id) => (await get<{ items: FlowHead[] }>(`/flows/records/${type}/${id}`, signal)).items)).values()].flat(),
});
/** For how many of many records a case runs: counted, and not asked one by one. */
export const runningCountQuery = (type: string, ids: readonly string[]) => queryOptions({
  queryKey: ["flows-of", type, "count", ids],
  queryFn: ({ signal }) => send<{ records: number; cases: number }>("POST", `/flows/records/${type}/running`, { items: ids }, { signal }),
});
/** Which processes there are changes when somebody publishes one, not while a page is open. */
export const processesQuery = queryOptions({
  queryKey: ["processes"], queryFn: ({ signal }) => get<{ items: FlowProcess[] }>("/flows/processes", signal), staleTime: 300_000,
});
export const versionsQuery = (code: string) => queryOptions({
  queryKey: ["process-versions", code], queryFn: ({ signal }) => get<{ items: FlowVersion[] }>(`/flows/processes/${code}/versions`, signal),
});
/** Cases that were taken over, latest first; some may still be on their way. */
export const migrationsQuery = (code: string) => queryOptions({
  queryKey: ["migrations", code], queryFn: ({ signal }) => get<{ items: FlowMigration[] }>(`/flows/processes/${code}/migrations`, signal),
  refetchInterval: (asked) => (asked.state.data?.items.some((one) => one.running) ? 2000 : false),
});

/** A move on an instance, or on the work of that number. What comes back is the instance as it then is, or nothing where it is no longer mine to follow. */
export function move(id: string, what: string, body: unknown, number?: number): Promise<Flow | null> {
  return send<Flow | null>("POST", `/flows/instances/${id}/${number === undefined ? "" : `work/${number}/`}${what}`, body ?? {});
}

/** `leaving`: my work in it is over, and what it let me see with it; what is kept of it is asked for again when it is next looked at. */
export async function afterMove(client: QueryClient, flow: Flow, answer: Flow | null, leaving = false): Promise<void> {
  client.setQueryData(["flow", flow.id], answer ?? { ...flow, mine: null, sees_record: false });
  const stale = { refetchType: leaving ? "none" : "active" } as const;
  if (!answer) void client.invalidateQueries({ queryKey: ["flow", flow.id], ...stale });
  if (flow.record) {
    void client.invalidateQueries({ queryKey: ["record", flow.type, flow.record], ...stale });
    refreshType(client, flow.type);
  }
  await Promise.all(["workbench", "flows", "flows-of", "processes"].map((name) => client.invalidateQueries({ queryKey: [name] })));
}
