/** Looks up records, people and departments for pickers, always under the viewer's own rights. */
import { get, query } from "../api/client";
import { pick } from "../i18n";
import type { Department, Json, PersonRef, RowPage, SearchHit, Named } from "../api/types";
import { readBoot } from "../boot";
import type { Choice } from "./picker";

/** A name in the language of the page. */
export const said = (one: { name?: string; name_en?: string } | null | undefined): string => pick(document.documentElement.lang === "en" ? "en" : "zh", { name: "", ...one });

export async function findRecords(type: string, text: string, signal: AbortSignal): Promise<Choice[]> {
  if (text.trim().length > 0) {
    const { items } = await get<{ items: SearchHit[] }>(`/search${query({ q: text.trim(), types: type })}`, signal);
    return items.map((hit) => ({ id: hit.id, title: hit.title, hint: hit.subtitle ?? undefined, value: { id: hit.id, type: hit.type, title: hit.title } }));
  }
  const seen = readBoot().meta?.types;
  const kind = seen?.find((one) => one.code === type);
  if (seen && !kind) return []; // of a kind that one sees nothing of there is nothing to offer
  const latest = !kind || kind.sorts.includes("updated_at"); // who reads of none when it changed cannot have them so
  const page = await get<RowPage & { title?: string }>(`/records/${type}${query({ limit: 20, sort: latest ? "-updated_at" : undefined })}`, signal);
  return page.items.map((row) => {
    const title = String(row.name ?? row.title ?? row.code ?? row.subject ?? row.id);
    return { id: row.id, title, value: { id: row.id, type, title } };
  });
}

export async function findPeople(text: string, signal: AbortSignal): Promise<Choice[]> {
  const { items } = await get<{ items: (PersonRef & { status?: string; department?: Named | null; position?: string | null; position_en?: string })[] }>(
    `/organisation/people${query({ q: text.trim(), limit: 20 })}`, signal);
  return items.filter((one) => one.status !== "left").map((one) => ({
    id: one.id, title: one.name, hint: [said(one.department), said({ name: one.position ?? "", name_en: one.position_en })].filter(Boolean).join(" · ") || undefined,
    value: { id: one.id, name: one.name, username: one.username ?? "" },
  }));
}

/** So long a list of departments serves a picker: typing asks once, and a change of the tree shows in the next dialog. */
const KEPT = 5_000;
let departments: { at: number; list: Promise<Department[]> } | null = null;

/** The tree has changed: the next picker asks again. */
export function forgetDepartments(): void { departments = null; }

export async function findDepartments(text: string, _signal?: AbortSignal): Promise<Choice[]> {
  if (departments === null || Date.now() - departments.at > KEPT) {
    const list = get<{ items: Department[] }>("/organisation/departments").then((answer) => answer.items);
    departments = { at: Date.now(), list };
    list.catch(forgetDepartments);
  }
  const all = await departments.list;
  const names = new Map(all.map((one) => [one.id, said(one)]));
  const wanted = text.trim().toLowerCase();
  return all.filter((one) => !wanted || `${one.name} ${one.name_en ?? ""}`.toLowerCase().includes(wanted)).slice(0, 50)
    .map((one) => ({ id: one.id, title: said(one), hint: one.parent ? names.get(one.parent) : undefined, value: { id: one.id, name: one.name, name_en: one.name_en } as Json }));
}
