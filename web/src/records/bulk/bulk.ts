/** One act on many records, as the server answers it: what is offered, what came of each, and the way back. */
import { queryOptions } from "@tanstack/react-query";
import { freshKey, get, query, send } from "../../api/client";
import type { FieldMeta, Json, ProblemBody, Row, RowPage, TypeMeta } from "../../api/types";
import { kindOf } from "../../fields/registry";
import { MOST } from "./selection";

export interface Offers { acts: { act: string; may: number }[]; fields: { field: string; may: number }[] }
export interface Outcome { place: string; id: string; status: number; problem?: ProblemBody }
export interface BulkAnswer { done: number; refused: number; items: Outcome[] }
export interface Act { act: string; values: Record<string, Json> }

export const offersQuery = (type: string, ids: readonly string[]) => queryOptions({
  queryKey: ["offers", type, ids],
  queryFn: ({ signal }) => send<Offers>("POST", `/records/${type}/bulk/offers`, { items: ids }, { signal }),
  staleTime: 5_000,
});

export function perform(type: string, { act, values }: Act, ids: readonly string[], dry = false, signal?: AbortSignal): Promise<BulkAnswer> {
  const body = { act, values, items: ids.map((id) => ({ id })) };
  return send<BulkAnswer>("POST", `/records/${type}/bulk${dry ? "?dry_run=true" : ""}`, body, dry ? { signal } : { key: freshKey() });
}

export const doneOf = (answer: BulkAnswer) => answer.items.filter((one) => !one.problem).map((one) => one.id);
export const refusedOf = (answer: BulkAnswer) => answer.items.filter((one) => one.problem);

/** Refusals that read alike stand together, the most frequent first. */
export function grouped(refused: Outcome[], word: (one: Outcome) => string): { words: string; items: Outcome[] }[] {
  const found = new Map<string, Outcome[]>();
  for (const one of refused) { const words = word(one); found.set(words, [...(found.get(words) ?? []), one]); }
  return [...found].map(([words, items]) => ({ words, items })).sort((a, b) => b.items.length - a.items.length);
}

const MOST_WAYS = 20;
export interface Way { act: Act; ids: string[] }
/** Why there is no way back: former values of these fields are not on the page, or the records differ too much. */
export type NoWay = { unseen: FieldMeta[] } | { unseen: null };
/** The acts that put an edit of all these fields back, one for each set of former values; else why there are none. */
export function wayBack(fields: readonly FieldMeta[], rows: readonly Row[], ids: readonly string[]): Way[] | NoWay {
  const known = new Map(rows.map((row) => [row.id, row]));
  const unseen = fields.filter((field) => ids.some((id) => known.get(id)?.[field.code] === undefined));
  if (unseen.length || fields.length === 0) return { unseen };
  const ways = new Map<string, Way>();
  for (const id of ids) {
    const before = fields.map((field) => known.get(id)?.[field.code] ?? null);
    const key = JSON.stringify(before);
    const values = Object.fromEntries(fields.map((field, index) => [field.code, kindOf(field).send?.(before[index] ?? null) ?? before[index] ?? null]));
    const way = ways.get(key) ?? { act: { act: "edit", values }, ids: [] };
    way.ids.push(id);
    ways.set(key, way);
  }
  return ways.size <= MOST_WAYS ? [...ways.values()] : { unseen: null };
}

/** The ids of everything that the list's question finds, as many as one act takes. */
export async function matching(type: TypeMeta, filter: string | null, sort: string | null): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: RowPage = await get<RowPage>(`/records/${type.code}${query({ filter, sort, fields: type.title, limit: 200, after })}`);
    ids.push(...page.items.map((row) => row.id));
    after = page.next;
  } while (after && ids.length < MOST);
  return ids.slice(0, MOST);
}
