/** State of a list or board: read from the address, written back to it, turned into what the server is asked. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { Json, SavedView, TypeMeta, ViewDefinition } from "../api/types";
import { fieldOf, useSession } from "../kit/session";
import { both } from "./filter";
import { columnsOf, EVERYTHING, MINE, ofView, readState, sortText, writeState, type ListState } from "./state";

export function useList(type: TypeMeta) {
  const [search, setSearch] = useSearchParams();
  const { me } = useSession();
  const text = search.toString();
  const state = useMemo(() => readState(new URLSearchParams(text)), [text]);
  const set = useCallback((part: Partial<ListState>) => setSearch((now) => writeState({ ...readState(now), ...part }), { replace: true }), [setSearch]);

  const filter = useMemo<Json | null>(() => {
    const mine: Json | null = state.tab === MINE ? ["owner", "=", me.person.id] : null;
    const title = fieldOf(type, type.title);
    const named: Json | null = state.text.trim() && title?.operators.includes("contains") ? [title.code, "contains", state.text.trim()] : null;
    return both(both(mine, state.filter), named);
  }, [me.person.id, state.filter, state.tab, state.text, type]);

  const columns = useMemo(() => columnsOf(type, state), [state, type]);
  const definition = useMemo<ViewDefinition>(() => ({
    filter: state.filter, sort: sortText(state.sort) || null, columns: columns.map((one) => one.code), layout: state.layout, density: state.density,
    widths: Object.fromEntries(columns.flatMap((one) => (one.width ? [[one.code, one.width]] : []))),
  }), [columns, state]);
  const openTab = useCallback((tab: string, view: SavedView | null) => {
    if (view) set(ofView(view, state));
    else set({ tab, filter: null, text: "", sort: [], columns: null, layout: state.layout });
  }, [set, state]);
  const filtered = state.filter !== null || state.text !== "" || state.tab !== EVERYTHING;
  return { state, set, filter, filterText: filter ? JSON.stringify(filter) : null, columns, definition, openTab, filtered };
}
