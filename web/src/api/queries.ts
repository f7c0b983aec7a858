/** What the page asks the server for, as query definitions with stable keys. */
import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { get, Problem, query } from "./client";
import type {
  CommentItem, Compare, Count, Department, FileItem, HistoryItem, LaneVerdict, MentionItem, RecordView, RelatedItem, RowPage, SavedView, SearchHit, StripStep,
  TeamItem, WhoItem, Why, Words, Workbench,
} from "./types";

export const PAGE = 50;

export function makeClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 300_000,
        refetchOnWindowFocus: false,
        // A refusal is an answer; only a lost connection or a busy server is worth a second try.
        retry: (count, cause) => count < 1 && !(cause instanceof Problem && cause.status >= 400 && cause.status < 500),
      },
    },
  });
}

const recordPath = (type: string, id: string) => `/records/${type}/${id}`;

export interface ListWish { filter?: string | null; sort?: string | null; fields?: string | null; limit?: number }

export const rowsQuery = (type: string, wish: ListWish) => infiniteQueryOptions({
  queryKey: ["rows", type, wish],
  queryFn: ({ pageParam, signal }) => get<RowPage>(`/records/${type}${query({ filter: wish.filter, sort: wish.sort, fields: wish.fields, limit: wish.limit ?? PAGE, after: pageParam })}`, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
});

export const countQuery = (type: string, wish: { filter?: string | null; by?: string | null; sum?: string | null }) => queryOptions({
  queryKey: ["count", type, wish],
  queryFn: ({ signal }) => get<Count>(`/records/${type}/count${query(wish)}`, signal),
});

export const recordQuery = (type: string, id: string) => queryOptions({
  queryKey: ["record", type, id],
  queryFn: ({ signal }) => get<RecordView>(recordPath(type, id), signal),
});

const part = <T>(name: string) => (type: string, id: string) => queryOptions({
  queryKey: [name, type, id],
  queryFn: ({ signal }) => get<T>(`${recordPath(type, id)}/${name}`, signal),
});
export const historyQuery = part<{ items: HistoryItem[]; next: string | null }>("history");
export const commentsQuery = part<{ items: CommentItem[] }>("comments");
export const filesQuery = part<{ items: FileItem[] }>("files");
export const teamQuery = part<{ items: TeamItem[] }>("team");
export const relatedQuery = part<{ items: RelatedItem[] }>("related");
export const whoQuery = part<{ people: WhoItem[]; others: boolean }>("who");
export const stripQuery = part<{ steps: StripStep[] }>("strip");
export const movesQuery = part<{ lanes: Record<string, LaneVerdict> }>("moves");

export interface WhyWish { action: string; type: string; id?: string; field?: string }
export const whyQuery = (wish: WhyWish) => queryOptions({
  queryKey: ["why", wish],
  queryFn: ({ signal }) => get<Why>(`/why${query({ ...wish })}`, signal),
});
export interface AbsentWish { page?: string; type?: string; action?: string; field?: string; sum?: string; figure?: string }
/** The reasons of an answer: about something that is not there when `absent` says what. */
export const reasonQuery = (wish: WhyWish, absent?: AbsentWish) => queryOptions({
  queryKey: ["why", { ...wish }, absent ?? null],
  queryFn: ({ signal }) => get<Why>(absent ? `/access/absent${query({ ...absent })}` : `/why${query({ ...wish })}`, signal),
});
export const compareQuery = (wish: WhyWish & { beside: string }) => queryOptions({
  queryKey: ["compare", wish],
  queryFn: ({ signal }) => get<Compare>(`/why${query({ ...wish })}`, signal),
});

export const searchQuery = (text: string) => queryOptions({
  queryKey: ["search", text],
  queryFn: ({ signal }) => get<{ items: SearchHit[]; note: Words | null }>(`/search${query({ q: text })}`, signal),
  enabled: text.trim().length > 0,
  placeholderData: keepPreviousData,
});

export const workbenchQuery = queryOptions({ queryKey: ["workbench"], queryFn: ({ signal }) => get<Workbench>("/workbench", signal) });
/** How much I was told and have not looked at; the pulse keeps it. */
export const toldQuery = queryOptions({ queryKey: ["told"], queryFn: () => 0, enabled: false, initialData: 0, gcTime: Infinity });
/** How many new mentions wait; the pulse keeps it. */
export const mentionedQuery = queryOptions({ queryKey: ["mentioned"], queryFn: () => 0, enabled: false, initialData: 0, gcTime: Infinity });
export const mentionsQuery = infiniteQueryOptions({
  queryKey: ["mentions"],
  queryFn: ({ pageParam, signal }) => get<{ items: MentionItem[]; next: string | null }>(`/mentions${query({ after: pageParam })}`, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
});
export const viewsQuery = (type: string) => queryOptions({
  queryKey: ["views", type],
  queryFn: ({ signal }) => get<{ items: SavedView[] }>(`/views${query({ type })}`, signal),
});
export const departmentsQuery = queryOptions({
  queryKey: ["departments"], queryFn: ({ signal }) => get<{ items: Department[] }>("/organisation/departments", signal),
});

