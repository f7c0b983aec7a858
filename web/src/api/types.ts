/** The shapes that travel between page and server. Every right in them was computed by the server. */

export type Lang = "zh" | "en";
export interface Words { zh: string; en: string }
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** `only_…`: the level without a value, while somebody looks as another person or tries a draft. */
export type Level = "masked" | "masked_read" | "masked_edit" | "read" | "edit" | "broken" | "only_masked" | "only_read" | "only_edit";

export interface PersonRef { id: string; username?: string; name: string }
export interface Named { id: string; name: string; name_en?: string }
export interface LinkRef { id: string; type: string; title?: string }

/** A draft that I am asked to try in a sandbox. */
export interface MySandbox {
  draft: string; title: string; note: string; by: PersonRef | null; asked_at: string;
  verdict: "signed" | "misses" | null; text: string; place: string; at: string | null; revision: number | null; stale: boolean;
}
/** What the session is in while it is not simply its person's. */
export interface Mode { kind: "view_as" | "sandbox"; of: string; name: string; by: PersonRef; until: string; seconds: number }
export type Theme = "light" | "dark" | "auto";
export interface Me {
  person: {
    id: string; username: string; name: string; kind: string;
    department: Named | null; position: string | null; post?: Words | null;
  };
  roles: { code: string; name: Words }[];
  pages: string[];
  administers?: string[];
  /** May draw processes. */
  designs?: boolean;
  language: Lang | null;
  theme: Theme | null;
  epoch: string;
  demo: boolean;
  watermark: boolean;
  frozen: boolean;
  mode?: Mode | null;
  may_view_as?: boolean;
  company: { name: string; currency: string; time_zone: string };
}

export interface Option { value: string; name: Words; color?: string | null; closed?: boolean; hidden?: boolean; /** An act writes it: forms do not offer it. */ acted?: boolean }

export interface FieldMeta {
  code: string; kind: string; name: Words; help?: Words | null; data_class: string;
  required: boolean; readonly: boolean; flow?: boolean; group?: string;
  options?: Option[]; target?: string | null; operators: string[]; sortable: boolean; summable?: boolean;
  places?: number | null; maximum_length?: number | null; minimum?: string | number | null; maximum?: string | number | null;
  level?: "always" | "sometimes" | "masked"; default?: Json; fields?: FieldMeta[];
}

export interface VerbMeta { code: string; name: Words; params: FieldMeta[]; danger: boolean }

export interface TypeMeta {
  code: string; name: Words; plural: Words; icon: string; parent: string | null;
  title: string; key: string | null; kanban: string | null;
  columns: string[]; summary: string[]; sorts: string[];
  groups: { code: string; name: Words }[];
  fields: FieldMeta[]; verbs: VerbMeta[];
  can: { create: boolean; restore: boolean; export: boolean; writable: string[] };
}

export interface Meta {
  types: TypeMeta[];
  levels?: { code: string; name: Words }[];
  classes?: { code: string; name: Words }[];
}

export interface Persona { username: string; name: string; role: Words; sees: Words }

export interface Boot {
  me: Me | null;
  meta: Meta | null;
  first: { path: string; data: Json } | null;
  demo: { password: string; personas: Persona[] } | null;
  company?: string;
  csrf?: string;
}

/** A list row: built-in `id`, the fields that may be read, and `_a`, its place in the page's `access`. */
export interface Row { id: string; _a?: number; [field: string]: Json | undefined }
export type Access = Record<string, Level>;
/** `kept`: why a running case keeps a cell from who could edit it, by record and field. */
export interface RowPage { items: Row[]; access: Access[]; next: string | null; kept?: Record<string, Record<string, Words>> }

export interface Group { count: number; sum?: string; readable?: number }
export interface Count {
  count: number; sum?: string; readable?: number; groups?: Record<string, Group>; more?: boolean; scope?: Words;
}

export interface Refusal { code: string; words: Words }
export interface RecordView {
  id: string; type: string; title: string;
  values: Record<string, Json>;
  access: Access;
  actions: Record<string, boolean>;
  refusals: Record<string, Refusal>;
  /** Why a field that one might edit is not edited by hand now: a case holds it, or a process changes it. */
  kept?: Record<string, { words: Words; process: string; case: string | null }>;
  etag: string;
  deleted?: boolean;
}

export interface Atom { code?: string; words: Words }
export interface Because {
  grant?: Words | string | null; role?: Words | string | null; via?: Words | string | null;
  scope?: Words | string | null; fact?: Words | string | null; level?: Words | string | null; ceiling?: Words | string | null;
}
/** What would help where asking for access cannot: why it cannot, when that ends, whom to turn to, where it is looked at. */
export interface Instead { code: "frozen" | "process" | "by_process" | "ceiling"; words: Words; ends: Words | null; people: PersonRef[]; href: string }
export interface Why { allowed: boolean; because: Because[]; missing: Atom[][]; ask: PersonRef[]; words?: Words; instead?: Instead }
export interface Compare { mine: Why; theirs: Why; difference: (Atom | Words | string)[] | null }

export interface ProblemBody {
  type?: string; title?: string; status: number; code: string; message: Words;
  problems?: { place: string; code: string; message: Words }[];
  why?: Partial<Why>;
}

export interface HistoryItem {
  at: string; actor: PersonRef | null; action: string;
  changes: { field: string; old?: Json; new?: Json }[];
  words?: Words;
}
export type CommentPart = { text: string } | { person: PersonRef };
export interface CommentItem { id: string; at: string; author?: PersonRef | null; actor?: PersonRef | null; body: string; parts?: CommentPart[]; mention?: string | null; edited?: string | null; etag?: string; can?: { edit: boolean; delete: boolean } }
export interface MentionItem { id: string; at: string; author: PersonRef | null; type: string; record: string; title: string; body: string; parts: CommentPart[]; seen: boolean }
export interface FileItem { id: string; name: string; size: number; at: string; by?: PersonRef | null; can_delete?: boolean }
export interface TeamItem { person: PersonRef; types?: string[]; edit?: boolean; until?: string | null }
export interface RelatedItem { type: string; count?: number; items: Row[]; access: Access[]; field?: string }
export interface WhoItem { person: PersonRef; via: Words; until: string | null }
export interface StripStep {
  department: Named | null; code: string; title: Words; state: "done" | "current" | "waiting";
  record?: LinkRef | null; person?: PersonRef | null; since?: string | null;
}
export interface LaneVerdict {
  allowed: boolean; words?: Words; missing?: string[]; verb?: string; by?: string; params?: Record<string, Json>; rule?: string;
  conditions?: { met: boolean; words: Words }[];
}

export interface SearchHit { type: string; id: string; title: string; subtitle?: string | null; matched?: string | null }

export interface FigureValue { code: string; name: Words; value: string | number | null; unit?: string | null; list?: string | null }
export interface QueueItem {
  kind: string; type: string; id: string; title: string; since?: string | null; due?: string | null;
  why?: Words | null; group: "overdue" | "today" | "week" | "later"; mention?: string; href?: string;
  /** Set for entries of lending: a request to answer, a loan to decide on; their titles speak both languages. */
  request?: string; loan?: string; title_words?: Words;
  /** What it is put off by, empty where it cannot be; until when it is. */
  entry: string; until?: string | null;
  /** Work at a step of a process: decided in place. */
  work?: { instance: string; number: number; /** Fields that the step shows. */ show: string[]; /** What may be approved with the same of it; empty: this is decided by itself. */ together: string; /** Seconds within which nine in ten are done; null: too few to tell. */ usual: number | null };
}
export interface Workbench {
  figures: FigureValue[]; queue: QueueItem[]; /** Entries for which the answer has no room. */ beyond: number; later: QueueItem[]; recent: { type: string; id: string; title: string; at: string }[]; scope: Words;
  sandboxes?: MySandbox[];
}

export interface ViewDefinition { filter?: Json; sort?: string | null; columns?: string[]; widths?: Record<string, number>; layout?: "list" | "kanban"; density?: "compact" | "normal" | "loose" }
export interface SavedView { id: string; type: string; name: string; definition: ViewDefinition; shared: boolean; mine: boolean }

export interface Department {
  id: string; name: string; name_en?: string; parent: string | null; head: PersonRef | null; overseer: PersonRef | null; people: number;
}
