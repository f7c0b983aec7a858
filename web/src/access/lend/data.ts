/** What asking and lending speak of, and how it is read. */
import { queryOptions } from "@tanstack/react-query";
import { get, query } from "../../api/client";
import type { Instead, Json, PersonRef, Words } from "../../api/types";
import type { Lang } from "../../api/types";
import type { Key } from "../../i18n";
import "../../i18n/words-lend";

export interface LentField { code: string; name: Words; data_class: string }
export type LentLevel = "hidden" | "masked" | "read" | "edit";
export interface Terms { action: string; fields: string[]; seconds: number }
export interface Offer {
  terms: Terms; ends: string; confidential: boolean; ok: boolean;
  rows: { field: LentField; now: LentLevel; then: LentLevel; lent: boolean; value?: Json }[];
  checks: { code: string; ok: boolean; words: Words }[];
  smaller: { terms: Terms; words: Words } | null;
}
/** One line of what a role or position gives; `new`: the person can do none of it now. */
export interface Given { words: Words; details: Words[]; new: boolean }
export interface AccessRequest {
  id: string; kind: "loan" | "role" | "position"; state: string; state_words: Words; asker: PersonRef | null; borrower: PersonRef | null; project: string | null;
  type: string; type_name: Words; record: string; title: string | null; action: string; action_name: Words; fields: LentField[];
  seconds: number | null; reason: string; role: string | null; role_name: Words | null; position: Named | null; department: Named | null; at: string; lapses_at: string;
  approver: PersonRef | null; answer: string; answered_by: PersonRef | null; may: string[]; offer?: Offer; gives?: Given[]; approvals: number; renews: string | null;
  /** The case of a process as which it runs, where that is mine to follow. */
  case: string | null;
}
export interface AccessLoan {
  id: string; number: string; type: string; type_name: Words; record: string; title: string | null; borrower: PersonRef | null; project: string | null;
  lender: PersonRef | null; action: string; action_name: Words; fields: LentField[]; reason: string; starts: string; ends: string; meant: string;
  ended_at: string | null; ended: string; emergency: string | null; used: number; used_at: string | null; may: string[]; asks: string | null; verdict: string;
}
export interface Askable {
  type: string; type_name: Words; seen: boolean; title: string | null;
  fields: { field: LentField; now: LentLevel; read: boolean; edit: boolean }[];
  actions: { code: string; name: Words; lent: boolean }[];
  approver: PersonRef | null; spans: number[]; most: number; most_confidential: number;
  /** What asking to read or to edit these fields does not help with, and what would. */
  instead: (Instead & { fields: string[]; act: "read" | "edit" })[];
}

export type Box = "inbox" | "mine" | "answered";
export type LoanTab = "lent" | "borrowed" | "today" | "ended" | "asks";
const LIVE = 15_000;

export const askableQuery = (type: string, id: string, lend: boolean) => queryOptions({
  queryKey: ["askable", type, id, lend],
  queryFn: ({ signal }) => get<Askable>(`/access/askable${query({ type, id, lend: lend ? "true" : null })}`, signal),
});
export const requestsQuery = (box: Box) => queryOptions({
  queryKey: ["access-requests", box], refetchInterval: LIVE,
  queryFn: ({ signal }) => get<{ items: AccessRequest[] }>(`/access/requests${query({ box })}`, signal),
});
export const requestQuery = (id: string, less?: Terms | null) => queryOptions({
  queryKey: ["access-request", id, less ?? null],
  queryFn: ({ signal }) => get<AccessRequest>(`/access/requests/${id}${less ? query({ action: less.action, fields: less.fields.join(","), seconds: less.seconds }) : ""}`, signal),
});
export const loansQuery = (tab: LoanTab) => queryOptions({
  queryKey: ["access-loans", tab], refetchInterval: LIVE,
  queryFn: ({ signal }) => get<{ items: AccessLoan[] }>(`/access/loans${query({ tab })}`, signal),
});
/** What I borrow of one record or have lent of it, and what of it has ended lately. */
export const recordLoansQuery = (id: string) => queryOptions({
  queryKey: ["access-loans", "record", id], queryFn: ({ signal }) => get<{ items: AccessLoan[] }>(`/access/loans${query({ tab: "record", record: id })}`, signal),
});
export const loanQuery = (id: string) => queryOptions({
  queryKey: ["access-loan", id], queryFn: ({ signal }) => get<AccessLoan>(`/access/loans/${id}`, signal),
});

interface NamedCode { code: string; name: Words }
interface Named { id: string; name: string }
/** Somebody who does not use an emergency again: their use was judged unjustified. */
export interface Bar { person: PersonRef | null; by: PersonRef | null; at: string | null; text: string; may_lift: boolean }
export interface Emergency {
  id: string; title: string; reason: string; declared_by: PersonRef | null; types: NamedCode[]; actions: NamedCode[]; classes: string[]; departments: string[];
  roles: string[]; starts: string; ends: string; open: boolean; mine: boolean; uses: number; may_close: boolean; barred: Bar[];
}
export const emergenciesQuery = queryOptions({ queryKey: ["emergencies", "list"], refetchInterval: 30_000, queryFn: ({ signal }) => get<{ items: Emergency[] }>("/access/emergencies", signal) });

export interface AskableRole { code: string; name: Words; description: string; needs: number }
export const askableRolesQuery = queryOptions({ queryKey: ["askable-roles"], queryFn: ({ signal }) => get<{ items: AskableRole[] }>("/access/askable/roles", signal) });

export interface AskablePosition { id: string; name: Words; needs: number }
export const askablePositionsQuery = queryOptions({ queryKey: ["askable-positions"], queryFn: ({ signal }) => get<{ items: AskablePosition[] }>("/access/askable/positions", signal) });

/** Everything that a step of lending may have changed. */
export const AFTER = ["access-requests", "flow", "flows", "access-request", "access-loans", "access-loan", "askable", "workbench", "why", "record", "rows", "count"];

const HOUR = 3600;
const LAST = 600;
type T = (key: Key, values?: Record<string, string | number>) => string;
const inDays = (n: number, t: T): string => t(n === 1 ? "lend.day" : "lend.days", { n });
/** "8 小时", "7 天". */
export function span(seconds: number | null, t: T): string {
  if (seconds === null) return t("lend.endless");
  const days = seconds / (24 * HOUR);
  return days >= 1 && Number.isInteger(days) ? inDays(days, t) : t("lend.hours", { n: Math.round((seconds / HOUR) * 10) / 10 });
}

/** "3 小时 28 分", "6 天 3 小时", at the end "4 分 07 秒" and "45 秒": what is left. */
export function left(ends: string, now: number, t: T): string {
  const seconds = Math.ceil((new Date(ends).getTime() - now) / 1_000);
  if (seconds <= 0) return t("lend.e.expired");
  if (seconds < 60) return t("lend.lastSeconds", { s: seconds });
  if (seconds < LAST) return t("lend.last", { m: Math.floor(seconds / 60), s: String(seconds % 60).padStart(2, "0") });
  const minutes = Math.max(0, Math.ceil((new Date(ends).getTime() - now) / 60_000));
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  if (days) return [inDays(days, t), hours ? t("lend.hours", { n: hours }) : ""].filter(Boolean).join(" ");
  return [hours ? t("lend.hours", { n: hours }) : "", t("lend.minutes", { n: minutes % 60 })].filter(Boolean).join(" ");
}

/** "12-01 14:30" in the browser's own time. */
export function at(iso: string): string {
  const date = new Date(iso);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const FEW = 4;
/** The same in a heading: the first of many, and how many they are. */
export const few = (fields: LentField[], w: (words: Words) => string, lang: Lang, t: T): string =>
  fields.length > FEW + 1 ? t("lend.andMore", { names: names(fields.slice(0, FEW - 1), w, lang), n: fields.length }) : names(fields, w, lang);
export const names = (fields: LentField[], w: (words: Words) => string, lang: Lang): string => [...new Set(fields.map((one) => w(one.name)))].join(lang === "zh" ? "、" : ", ");
