/** A list: one request brings the first rows; totals and views follow once they stand. */
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { rowsQuery } from "../../api/queries";
import type { TypeMeta } from "../../api/types";
import { confidentialAmong, useConfidential } from "../../access/guard/watermark";
import { useI18n } from "../../i18n";
import { Blank, Bones } from "../../kit/parts";
import { useSession } from "../../kit/session";
import "../../i18n/words-modes";
import { Refused } from "../../kit/refused";
import { NONE, type Selection } from "../bulk/selection";
import { EVERYTHING, nextSort, sortText, type Column } from "../state";
import { Toolbar } from "../toolbar";
import { useList } from "../use-list";
import { Grid } from "./grid";
import type { Kept } from "./grid-row";
import { Totals } from "./totals";
import "../../i18n/words-lists";

const SidePanel = lazy(() => import("../record/side-panel"));
const CreateDialog = lazy(() => import("../create-dialog"));
const ExportDialog = lazy(() => import("../../access/guard/export-dialog"));
const SelectionBar = lazy(() => import("../bulk/bar"));

export function ListPage({ type }: { type: TypeMeta }) {
  const { t, w } = useI18n();
  const mode = useSession().me.mode?.kind;
  const { state, set, filterText, columns, definition, openTab, filtered } = useList(type);
  const [search, setSearch] = useSearchParams();
  const [preview, setPreview] = useState<string | null>(null);
  const [selection, select] = useState<Selection>(NONE);
  const [exporting, setExporting] = useState(false);
  const [bar, setBar] = useState(false);
  const onSelect = useCallback((next: Selection) => { select(next); if (next.ids.size) setBar(true); }, []);
  const creating = search.get("new") === "1";
  const setCreating = useCallback((on: boolean) => setSearch((now) => { const next = new URLSearchParams(now); if (on) next.set("new", "1"); else next.delete("new"); return next; }, { replace: true }), [setSearch]);

  const own = type.columns.join(",");
  const fields = [...new Set([type.title, ...columns.map((one) => one.code)])].filter((code) => type.fields.some((field) => field.code === code));
  // The type's own columns are the server's default: left out, so that the boot payload's first page fits.
  const wished = columns.map((one) => one.code).join(",") === own ? null : fields.join(",");
  const query = useInfiniteQuery(rowsQuery(type.code, { filter: filterText, sort: sortText(state.sort) || null, fields: wished }));
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError: halted } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const access = useMemo(() => data?.pages.flatMap((page) => page.items.map((row) => page.access[row._a ?? 0])) ?? [], [data]);
  const kept = useMemo(() => Object.assign({}, ...(data?.pages.map((page) => page.kept ?? {}) ?? [])) as Kept, [data]);
  useConfidential(useMemo(() => confidentialAmong(type, rows, access), [access, rows, type]));
  // Another question: what was selected no longer stands under the eyes of who would act on it.
  useEffect(() => { select(NONE); }, [filterText, state.tab]);
  const more = useCallback(() => { if (hasNextPage && !isFetchingNextPage && !halted) void fetchNextPage(); }, [fetchNextPage, halted, hasNextPage, isFetchingNextPage]);
  const onColumns = useCallback((next: Column[]) => set({ columns: next }), [set]);
  const onSort = useCallback((field: string, join: boolean) => set({ sort: nextSort(state.sort, field, join) }), [set, state.sort]);

  return (
    <div className={preview ? "with-panel" : "without-panel"}>
      <main className="page" aria-label={w(type.plural)}>
        <Toolbar type={type} state={state} set={set} columns={columns} definition={definition} ready={query.isSuccess} onTab={openTab} onNew={() => setCreating(true)} onExport={type.can.export && rows.length ? () => setExporting(true) : undefined}>
          {query.isFetching && !query.isPending ? <span className="dim" role="status">{t("kit.loading")}</span> : null}
        </Toolbar>
        {halted ? <div className="list-halted row wrap"><div className="grow"><Refused problem={asProblem(query.error)} /></div><Button onClick={() => void fetchNextPage()}>{t("kit.again")}</Button></div> : null}
        {query.isPending ? <div className="list-bones"><Bones rows={16} height={36} /></div>
          : query.isError && !halted ? <div className="list-bones"><Refused problem={asProblem(query.error)} /><Button mt={12} onClick={() => (filtered ? openTab(EVERYTHING, null) : void query.refetch())}>{filtered ? t("filter.clear") : t("kit.again")}</Button></div>
            : rows.length === 0 ? (filtered
              ? <Blank icon="filter" title={t("empty.noMatch")} act={<Button onClick={() => openTab(EVERYTHING, null)}>{t("filter.clear")}</Button>}>{t("empty.noMatchText")}</Blank>
              : mode === "view_as" ? <Blank icon="eye" title={t("modes.nothing", { type: w(type.name) })}>{t("modes.nothingText")}</Blank> : <Blank icon="inbox" title={t("empty.none", { type: w(type.name) })} act={type.can.create ? <Button variant="filled" onClick={() => setCreating(true)}>{t("record.create", { type: w(type.name) })}</Button> : null}>{t(mode ? "sandbox.nothingText" : type.can.create ? "empty.noneText" : "empty.noneRead")}</Blank>)
              : <Grid type={type} rows={rows} access={access} kept={kept} columns={columns} sort={state.sort} density={state.density} hasMore={hasNextPage} onMore={more} label={w(type.plural)} onSort={onSort} onColumns={onColumns} onPreview={setPreview} preview={preview} selection={selection} onSelect={onSelect} />}
        {selection.ids.size ? null : <Totals type={type} filter={filterText} ready={query.isSuccess || halted} />}
        {bar ? <Suspense fallback={null}><SelectionBar type={type} rows={rows} selection={selection} onSelect={onSelect} hasMore={hasNextPage} filter={filterText} sort={sortText(state.sort) || null} columns={fields} /></Suspense> : null}
      </main>
      <Suspense fallback={null}>
        {preview ? <SidePanel key={preview} type={type} id={preview} onClose={() => setPreview(null)} /> : null}
        {exporting ? <ExportDialog type={type} filter={filterText} sort={sortText(state.sort) || null} fields={fields} onClose={() => setExporting(false)} /> : null}
        {creating && type.can.create ? <CreateDialog type={type} onClose={() => setCreating(false)} /> : null}
      </Suspense>
    </div>
  );
}
