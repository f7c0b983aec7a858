/** Optimistic change: the same new value in every list and record on the page, and the way back. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Json, RecordView, RowPage } from "../api/types";

type Rows = InfiniteData<RowPage, string | null>;
export type Restore = () => void;

export function patchRows(data: Rows | undefined, id: string, values: Record<string, Json>): Rows | undefined {
  if (!data) return data;
  let hit = false;
  const pages = data.pages.map((page) => {
    if (!page.items.some((row) => row.id === id)) return page;
    hit = true;
    return { ...page, items: page.items.map((row) => (row.id === id ? { ...row, ...only(values, row) } : row)) };
  });
  return hit ? { ...data, pages } : data;
}

/** Only the cells that the row shows: an absent cell stays absent. */
function only(values: Record<string, Json>, row: Record<string, unknown>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name in row));
}

export function showChange(client: QueryClient, type: string, id: string, values: Record<string, Json>): Restore {
  const before = [...client.getQueriesData<Rows>({ queryKey: ["rows", type] })];
  const record = client.getQueryData<RecordView>(["record", type, id]);
  for (const [key] of before) client.setQueryData<Rows>(key, (data) => patchRows(data, id, values));
  if (record) client.setQueryData<RecordView>(["record", type, id], { ...record, values: { ...record.values, ...values } });
  return () => {
    for (const [key, data] of before) client.setQueryData(key, data);
    if (record) client.setQueryData(["record", type, id], record);
  };
}

/** After the server has answered: its record is the truth everywhere; what depends on it is asked again. */
export function takeRecord(client: QueryClient, record: RecordView): void {
  if (!record.etag) { // the change took the record out of sight: it is no longer ours to show
    client.removeQueries({ queryKey: ["record", record.type, record.id] });
    refreshType(client, record.type);
    return;
  }
  client.setQueryData(["record", record.type, record.id], record);
  for (const [key] of client.getQueriesData<Rows>({ queryKey: ["rows", record.type] })) {
    client.setQueryData<Rows>(key, (data) => patchRows(data, record.id, record.values));
  }
  for (const name of ["history", "why", "strip", "moves", "who", "team", "related"]) void client.invalidateQueries({ queryKey: [name] });
  void client.invalidateQueries({ queryKey: ["count", record.type] });
}

/** After something appeared or vanished. `gone`: of what vanished nothing is asked, though its page may still stand there for a moment. */
export function refreshType(client: QueryClient, type: string, gone?: string): void {
  void client.invalidateQueries({ queryKey: ["rows", type] });
  void client.invalidateQueries({ queryKey: ["count", type] });
  for (const name of ["related", "workbench", "strip"]) void client.invalidateQueries({ queryKey: [name], predicate: (one) => gone === undefined || !one.queryKey.includes(gone) });
}
