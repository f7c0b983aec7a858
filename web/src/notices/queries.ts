/** Notices, as query definitions with stable keys. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { get, query } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Notice = Schemas["Notice"];
export type NoticeSettings = Schemas["NoticeSettings"];
export type Mail = "now" | "digest" | "off";

export const noticesQuery = (unseen: boolean) => infiniteQueryOptions({
  queryKey: ["notices", unseen],
  queryFn: ({ pageParam, signal }) => get<{ items: Notice[]; next: string | null }>(`/notices${query({ unseen: unseen ? "true" : undefined, before: pageParam })}`, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
});
export const settingsQuery = queryOptions({ queryKey: ["notice-settings"], queryFn: ({ signal }) => get<NoticeSettings>("/me/notices", signal) });
