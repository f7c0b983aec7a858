/** Looks up records, people and departments for pickers, always under the viewer's own rights. */
import { get, query } from "../api/client";
import type { Department, Json, PersonRef, RowPage, SearchHit } from "../api/types";
import type { Choice } from "./picker";

export async function findRecords(type: string, text: string, signal: AbortSignal): Promise<Choice[]> {
  if (text.trim().length > 0) {
    const { items } = await get<{ items: SearchHit[] }>(`/search${query({ q: text.trim(), types: type })}`, signal);
    return items.map((hit) => ({ id: hit.id, title: hit.title, hint: hit.subtitle ?? undefined, value: { id: hit.id, type: hit.type, title: hit.title } }));
  }
  const page = await get<RowPage & { title?: string }>(`/records/${type}${query({ limit: 20, sort: "-updated_at" })}`, signal);
  return page.items.map((row) => {
    const title = String(row.name ?? row.title ?? row.code ?? row.subject ?? row.id);
    return { id: row.id, title, value: { id: row.id, type, title } };
  });
}

export async function findPeople(text: string, signal: AbortSignal): Promise<Choice[]> {
  const { items } = await get<{ items: (PersonRef & { department?: { name: string } | null; position?: string | null })[] }>(
    `/organisation/people${query({ q: text.trim(), limit: 20 })}`, signal);
  return items.map((one) => ({
    id: one.id, title: one.name, hint: [one.department?.name, one.position].filter(Boolean).join(" · ") || undefined,
    value: { id: one.id, name: one.name, username: one.username ?? "" },
  }));
}

let departments: Promise<Department[]> | null = null;
export async function findDepartments(text: string, _signal?: AbortSignal): Promise<Choice[]> {
  departments ??= get<{ items: Department[] }>("/organisation/departments").then((answer) => answer.items).catch((cause: unknown) => { departments = null; throw cause; });
  const wanted = text.trim().toLowerCase();
  return (await departments).filter((one) => !wanted || one.name.toLowerCase().includes(wanted)).slice(0, 50)
    .map((one) => ({ id: one.id, title: one.name, value: { id: one.id, name: one.name } as Json }));
}
