/** Notices, as query definitions with stable keys. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { get, query } from "../api/client";
import type { Person, Words } from "../api/types";

export interface Notice { id: string; kind: string; text: Words; href: string; at: string; by: Person | null; seen: boolean; over: boolean }
export type Mail = "now" | "digest" | "off";
export interface NoticeSettings {
  kinds: { kind: string; name: Words; mail: Mail; shipped: Mail }[];
  quiet_from: string; quiet_to: string; digest_at: string; digest_days: "work" | "every"; address: string;
}

export const noticesQuery = (unseen: boolean) => infiniteQueryOptions({
  queryKey: ["notices", unseen],
  queryFn: ({ pageParam, signal }) => get<{ items: Notice[]; next: string | null }>(`/notices${query({ unseen: unseen || undefined, before: pageParam })}`, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
});
export const settingsQuery = queryOptions({ queryKey: ["notice-settings"], queryFn: ({ signal }) => get<NoticeSettings>("/me/notices", signal) });
