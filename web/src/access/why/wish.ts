/** The question of the page "why": it lives in the address, so that it can be sent to someone. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { get, query } from "../../api/client";
import type { components } from "../../api/schema";

export type Compared = components["schemas"]["Compared"];
export type WhySide = components["schemas"]["WhySide"];
export type Fix = components["schemas"]["Fix"];
export type Seers = components["schemas"]["Seers"];
export type PersonRights = components["schemas"]["PersonRights"];

export type Things = components["schemas"]["Things"];
export type Thing = Things["types"][number];

export interface Wish { person?: string; action: string; type: string; id?: string; field?: string; beside?: string; at?: string }

export function readWish(search: URLSearchParams): Wish {
  const text = (name: string) => search.get(name) ?? undefined;
  return { person: text("person"), action: search.get("action") ?? "read", type: search.get("type") ?? "", id: text("id"), field: text("field"), beside: text("beside"), at: text("at") };
}

export function writeWish(wish: Wish): URLSearchParams {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(wish)) if (value) found.set(name, String(value));
  return found;
}

export const thingsQuery = (type: string) => queryOptions({
  queryKey: ["access-things", type],
  queryFn: ({ signal }) => get<Things>(`/access/things${query({ type: type || null })}`, signal),
  placeholderData: keepPreviousData,
});

export const askedQuery = (wish: Wish) => queryOptions({
  queryKey: ["access-why", wish],
  queryFn: ({ signal }) => get<Compared>(`/access/why${query({ ...wish })}`, signal),
  enabled: wish.type !== "" && wish.id !== undefined,
  placeholderData: keepPreviousData,
});
