/** The state of a list lives in its address: a link shows a colleague the same question (under their own rights). Pure. */
import type { Json, SavedView, TypeMeta } from "../api/types";

export interface Sort { field: string; down: boolean }
export interface Column { code: string; width?: number }
export type Density = "compact" | "normal" | "loose";
export interface ListState {
  tab: string; layout: "list" | "kanban"; filter: Json | null; sort: Sort[]; columns: Column[] | null; density: Density; text: string;
}

export const HEIGHT: Record<Density, number> = { compact: 32, normal: 36, loose: 44 };
export const MINE = "mine";
export const EVERYTHING = "all";
/** What was deleted: a page of its own at the list's address. */
export const BIN = "deleted";

export function sortText(sort: Sort[]): string { return sort.map((one) => (one.down ? "-" : "") + one.field).join(","); }
export function parseSort(text: string | null | undefined): Sort[] {
  return (text ?? "").split(",").filter(Boolean).map((one) => (one.startsWith("-") ? { field: one.slice(1), down: true } : { field: one, down: false }));
}

export function columnText(columns: Column[]): string { return columns.map((one) => (one.width ? `${one.code}:${one.width}` : one.code)).join(","); }
export function parseColumns(text: string | null | undefined): Column[] | null {
  if (!text) return null;
  return text.split(",").filter(Boolean).map((one) => {
    const [code = "", width] = one.split(":");
    const size = Number(width);
    return Number.isFinite(size) && size >= 60 && size <= 800 ? { code, width: size } : { code };
  });
}

function parseJson(text: string | null): Json | null {
  if (!text) return null;
  try { return JSON.parse(text) as Json; } catch { return null; }
}

export function readState(search: URLSearchParams): ListState {
  const density = search.get("density");
  return {
    tab: search.get("tab") ?? EVERYTHING,
    layout: search.get("view") === "kanban" ? "kanban" : "list",
    filter: parseJson(search.get("filter")),
    sort: parseSort(search.get("sort")),
    columns: parseColumns(search.get("columns")),
    density: density === "compact" || density === "loose" ? density : "normal",
    text: search.get("q") ?? "",
  };
}

export function writeState(state: ListState): URLSearchParams {
  const search = new URLSearchParams();
  if (state.tab !== EVERYTHING) search.set("tab", state.tab);
  if (state.layout === "kanban") search.set("view", "kanban");
  if (state.text) search.set("q", state.text);
  if (state.filter) search.set("filter", JSON.stringify(state.filter));
  if (state.sort.length) search.set("sort", sortText(state.sort));
  if (state.columns) search.set("columns", columnText(state.columns));
  if (state.density !== "normal") search.set("density", state.density);
  return search;
}

/** A click on a heading: up, down, none; with Shift it joins the sorts that are there. */
export function nextSort(sort: Sort[], field: string, join: boolean): Sort[] {
  const now = sort.find((one) => one.field === field);
  const others = join ? sort.filter((one) => one.field !== field) : [];
  if (!now) return [...others, { field, down: false }];
  return now.down ? others : [...others, { field, down: true }];
}

export function ofView(view: SavedView, before: ListState): ListState {
  const { filter, sort, columns, widths, layout, density } = view.definition;
  const shown = columns?.map((code) => { const width = widths?.[code]; return width ? { code, width } : { code }; }) ?? null;
  return { tab: view.id, layout: layout === "kanban" ? "kanban" : "list", filter: filter ?? null, sort: parseSort(sort), columns: shown, density: density ?? before.density, text: "" };
}

/** The columns to show: those asked for, as far as they exist; else the type's own. Never an empty list. */
export function columnsOf(type: TypeMeta, state: Pick<ListState, "columns">): Column[] {
  const known = (one: Column) => type.fields.some((field) => field.code === one.code);
  const wanted = (state.columns ?? []).filter(known);
  if (wanted.length) return wanted;
  const own = type.columns.map((code) => ({ code })).filter(known);
  return own.length ? own : type.fields.slice(0, 5).map(({ code }) => ({ code }));
}
