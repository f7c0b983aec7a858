/** What the guard and the exports say. */
import type { PersonRef, Words } from "../../api/types";

export interface ExportView {
  id: string; number: string; type: string; name: Words; fields: Words[]; format: string;
  state: "waiting" | "queued" | "running" | "ready" | "refused" | "failed" | "expired" | "ended" | "withdrawn";
  rows: number; done: number; size: number; reason: string; person: PersonRef | null; needs: Words[]; made_at: string; expires_at: string;
  decided_at: string | null; decided_by: PersonRef | null; note: string; problem: Words | null; downloads: number;
  mine: boolean; may_decide: boolean; may_withdraw: boolean; asked_of: PersonRef[]; cells: { sensitive: number; confidential: number };
}
export interface ExportPreview { rows: number; left_out: number; reason: boolean; needs: Words[]; asked_of: PersonRef[]; hours: number }
export type Kind = "records" | "sensitive" | "confidential";
export interface BudgetLine { kind: Kind; window: "hour" | "day"; used: number; limit: number; own: number; peers: number; words: Words }
export interface MyBudget { lines: BudgetLine[]; frozen: string | null }
export interface WatchedPerson { person: PersonRef; lines: BudgetLine[]; frozen: string | null; frozen_why: string; leaving_on: string | null; may: string[] }
export interface Evidence {
  kind?: Kind; window?: "hour" | "day"; used?: number; limit?: number; own?: number; peers?: number; leaving?: boolean;
  type?: string; type_name?: Words; records?: string[]; channel?: string; rows?: number; origin?: string; at?: string; before?: Evidence[];
}
export interface AlertView {
  id: string; kind: string; words: Words; person: PersonRef | null; at: string; last_at: string; times: number; evidence: Evidence;
  closed_at: string | null; closed_by: PersonRef | null; note: string; may_close: boolean;
}
export interface GuardSetting { key: string; words: Words; value: number | boolean; shipped: number | boolean; least: number; most: number }
export interface CanaryView { id: string; type: string; name: Words; record: string; planted_at: string; note: string; by: PersonRef | null }
export interface TakenRow { day: string; type: string; name: Words; channel: string; kind: Kind; n: number }
export interface TakenReport { days: number; totals: Record<Kind, number>; items: TakenRow[]; exports: ExportView[] }
