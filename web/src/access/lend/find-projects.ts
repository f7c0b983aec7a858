/** Projects that something can be lent to: those that are finished borrow nothing more. */
import { get, query } from "../../api/client";
import type { Json, RowPage } from "../../api/types";
import type { Choice } from "../../fields/picker";

export async function findProjects(text: string, signal: AbortSignal): Promise<Choice[]> {
  const running: Json = ["status", "!=", "finished"];
  const filter: Json = text.trim() ? { and: [running, ["name", "contains", text.trim()]] } : running;
  const page = await get<RowPage>(`/records/project${query({ limit: 20, sort: "-updated_at", fields: "name,status", filter: JSON.stringify(filter) })}`, signal);
  return page.items.map((row) => { const title = String(row.name ?? row.id); return { id: row.id, title, value: { id: row.id, type: "project", title } }; });
}
