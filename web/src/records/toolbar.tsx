/** What stands above a list or a board: name, views, layout, new; and below it search, filter, columns, density. */
import { Button, Menu } from "@mantine/core";
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import type { SavedView, TypeMeta, ViewDefinition } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { useKeys } from "../kit/keys";
import { Key } from "../kit/parts";
import { fieldOf } from "../kit/session";
import { countConditions, fromExpression, toExpression } from "./filter";
import { ViewTabs } from "./list/view-tabs";
import type { Column, Density, ListState } from "./state";
import "../i18n/words-lists";

const ColumnChooser = lazy(async () => ({ default: (await import("./list/column-chooser")).ColumnChooser }));
const FilterBuilder = lazy(async () => ({ default: (await import("./list/filter-builder")).FilterBuilder }));

interface Props {
  type: TypeMeta; state: ListState; set: (part: Partial<ListState>) => void; columns: Column[]; definition: ViewDefinition; ready: boolean;
  onTab: (tab: string, view: SavedView | null) => void; onNew: () => void; onExport?: () => void; children?: ReactNode;
}

const DENSITIES: Density[] = ["compact", "normal", "loose"];

export function Toolbar({ type, state, set, columns, definition, ready, onTab, onNew, onExport, children }: Props) {
  const { t, w } = useI18n();
  const [open, setOpen] = useState<"filter" | "columns" | null>(null);
  const filterButton = useRef<HTMLButtonElement>(null);
  const columnButton = useRef<HTMLButtonElement>(null);
  const group = fromExpression(state.filter ?? undefined);
  const conditions = countConditions(group);
  const board = state.layout === "kanban";
  const title = fieldOf(type, type.title);
  const [text, setText] = useState(state.text);
  useEffect(() => { setText(state.text); }, [state.text]);
  useEffect(() => {
    if (text === state.text) return undefined;
    const timer = setTimeout(() => set({ text }), 250);
    return () => clearTimeout(timer);
  }, [set, state.text, text]);
  useKeys({ f: () => setOpen("filter"), ...(type.can.create ? { c: onNew } : {}) });

  return (
    <>
      <header className="page-head">
        <h1>{w(type.name)}</h1>
        <ViewTabs type={type} state={state} definition={definition} ready={ready} onTab={onTab} />
        <span className="end row">
          {type.kanban ? (
            <span className="switch" role="group" aria-label={t("list.layout")}>
              <button aria-pressed={!board} onClick={() => set({ layout: "list" })}>{t("list.list")}</button>
              <button aria-pressed={board} onClick={() => set({ layout: "kanban" })}>{t("list.board")}</button>
            </span>
          ) : null}
          {type.can.create ? <Button variant="filled" leftSection={<Icon name="plus" />} rightSection={<span className="hide-phone"><Key>C</Key></span>} onClick={onNew}>{t("record.create", { type: w(type.name) })}</Button> : null}
        </span>
      </header>
      <div className="list-tools" role="toolbar" aria-label={t("list.tools")}>
        {title?.operators.includes("contains") ? <input className="box list-search" type="search" aria-label={t("list.find", { field: w(title.name) })} placeholder={t("list.find", { field: w(title.name) })} value={text} onChange={(event) => setText(event.target.value)} /> : null}
        <button ref={filterButton} className={conditions ? "tool on" : "tool"} aria-expanded={open === "filter"} aria-haspopup="dialog" title="F" onClick={() => setOpen("filter")}><Icon name="filter" />{conditions ? t("list.filterN", { n: conditions }) : t("list.filter")}</button>
        {conditions ? <button className="tool" onClick={() => set({ filter: null })}>{t("filter.clear")}</button> : null}
        {board ? null : (
          <>
            <button ref={columnButton} className="tool hide-phone" aria-expanded={open === "columns"} aria-haspopup="dialog" onClick={() => setOpen("columns")}><Icon name="columns" />{t("list.columns")}</button>
            <Menu width={140}>
              <Menu.Target><button className="tool hide-phone"><Icon name="rows" />{t("list.density")}</button></Menu.Target>
              <Menu.Dropdown>{DENSITIES.map((one) => <Menu.Item key={one} rightSection={state.density === one ? <Icon name="check" small /> : null} onClick={() => set({ density: one })}>{t(`density.${one}`)}</Menu.Item>)}</Menu.Dropdown>
            </Menu>
          </>
        )}
        {onExport && !board ? <button className="tool" aria-label={t("export.act")} onClick={onExport}><Icon name="download" /><span className="hide-phone">{t("export.act")}</span></button> : null}
        <span className="end row">{children}</span>
      </div>
      {open === "filter" && filterButton.current ? <Suspense fallback={null}><FilterBuilder type={type} group={group} anchor={filterButton.current} onApply={(next) => set({ filter: toExpression(next) })} onClose={() => setOpen(null)} /></Suspense> : null}
      {open === "columns" && columnButton.current ? <Suspense fallback={null}><ColumnChooser type={type} columns={columns} anchor={columnButton.current} onChange={(next) => set({ columns: next })} onReset={() => set({ columns: null })} onClose={() => setOpen(null)} /></Suspense> : null}
    </>
  );
}
