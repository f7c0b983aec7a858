/** What the server says of a simulation. */
import type { PersonRef, Words } from "../../api/types";

export interface Right { type: string; action: string; fields: string[]; level: string | null; words: Words }
export interface Place { id: string; words: Words }
export interface Entry extends Right {
  department: Place | null; people: number; names: PersonRef[]; brings: number; scopes: Words[]; records: number | null; at_most: boolean; risk: number; data_class: string; recent: number;
}
export interface Corner { kind: "action" | "field" | "page" | "records" | "person" | "role" | "node" | "node_partly"; type: string; code: string; n: number; new: boolean; words: Words }
export interface Clash { duty: string; words: Words; person: PersonRef; department: Place | null; first: Words; second: Words; new: boolean }
export interface Test { code: string; kept: boolean; blocks: boolean; name: Words; how: Words[] }
export interface Moved { type: string; words: Words; before: number; after: number; gained: number; lost: number; at_most: boolean }
export interface Short extends Right { scopes: Words[] }
export interface PersonRow { person: PersonRef; department: Place | null; gained: Short[]; lost: Short[]; records: Moved[]; cells_gained: number; cells_lost: number; cells_at_most: boolean; recent: number }
export interface Use { n: number; type: string; action: string; words: Words }
export interface Break { person: PersonRef; n: number; uses: Use[] }
export interface ChangeLine { kind: string; key: string; words: Words; kind_words: Words; detail?: Words; before: unknown; after: unknown }
export interface Figures {
  gaining: number; losing: number; records_gained: number; records_lost: number; cells_gained: number; cells_lost: number; corners: number; duties: number; passed: number; tests: number; records_at_most: boolean; cells_at_most: boolean;
}
export interface Simulation {
  stamp: string; people: number; types: number; ms: Record<string, number>; question: Words | null; changes: ChangeLine[]; figures: Figures; unread: Words[]; exact: Words | null;
  gains: Entry[]; losses: Entry[]; gains_in_all: number; losses_in_all: number; corners: Corner[]; corners_ended: Corner[]; duties: Clash[];
  tests: { passed: number; failed: number; items: Test[] }; blockers: { code: string; place: string; words: Words }[]; warnings: Words[]; breaks: Break[]; breaks_at_most: boolean;
  persons: PersonRow[]; persons_in_all: number;
}
export interface Done extends Use { person: PersonRef }
export interface Replay { stamp: string; since: string; recorded_since: string | null; decisions: number; people: number; refused: number; allowed: number; at_most: boolean; refusals: Done[]; allowances: Done[] }
export interface Proposal { role: string; role_words: Words; line: number; line_words: Words; kind: "unused" | "alone" | "scope"; type: string; action: string; person: PersonRef | null; scope: string | null; n: number; words: Words }
export interface Narrower { since: string; enough: boolean; in_all: number; recorded_since: string | null; items: Proposal[] }
export type Step = "submit" | "approve" | "return" | "publish";
export interface DraftView {
  id: string; title: string; note: string; state: "open" | "submitted" | "published" | "withdrawn"; revision: number; created_by: PersonRef | null; authors: PersonRef[];
  changes: ChangeLine[]; size: number; may: string[]; standing: { approved_by: PersonRef[]; needs_approval: boolean; approvals: number; lifted: { kind: string; key: string; name: Words; how: Words[]; earlier: boolean }[]; conflicts: { words: Words }[] } | null;
}
export interface DraftBrief { id: string; title: string; state: DraftView["state"]; size: number; created_by: PersonRef | null; changed_at: string }
/** A question without a draft. */
export type What =
  | { kind: "move"; person: string; department: string; position?: string | null }
  | { kind: "leave"; person: string }
  | { kind: "role"; role: string }
  | { kind: "grant"; grant: string };
