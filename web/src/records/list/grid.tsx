/** The grid: virtual rows, one active cell, everything reachable by keyboard. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { useNavigate } from "react-router";
import type { Access, FieldMeta, Row, TypeMeta } from "../../api/types";
import { isRevealable } from "../levels";
import { useWhy } from "../../access/why-context";
import { kindOf } from "../../fields/registry";
import { useI18n } from "../../i18n";
import { fieldOf } from "../../kit/session";
import { everyone, NONE, ranged, toggled, type Selection } from "../bulk/selection";
import { HEIGHT, type Column, type Density, type Sort } from "../state";
import { CellEditor } from "./cell-editor";
import { GridHead } from "./grid-head";
import { GridRow, levelOf, type Kept, type ShownColumn } from "./grid-row";
import "../../i18n/words-lists";

export interface GridProps {
  type: TypeMeta; rows: Row[]; access: (Access | undefined)[]; kept: Kept; columns: Column[]; sort: Sort[]; density: Density;
  hasMore: boolean; onMore: () => void; label: string;
  onSort: (field: string, join: boolean) => void; onColumns: (columns: Column[]) => void;
  onPreview: (id: string | null) => void; preview: string | null;
  selection: Selection; onSelect: (next: Selection) => void;
}

export function Grid({ type, rows, access, kept, columns, sort, density, hasMore, onMore, label, onSort, onColumns, onPreview, preview, selection, onSelect }: GridProps) {
  const { t, w } = useI18n();
  const { ask } = useWhy();
  const go = useNavigate();
  const gridId = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<{ row: number; col: number }>({ row: 0, col: 0 });
  const [focused, setFocused] = useState(false);
  const [editing, setEditing] = useState<{ id: string; field: FieldMeta; rect: DOMRect; value: Row[string] } | null>(null);
  const [widths, setWidths] = useState<Record<string, number>>({});
  const height = HEIGHT[density];

  const shown = useMemo<ShownColumn[]>(() => columns.flatMap((column) => {
    const field = fieldOf(type, column.code);
    return field ? [{ field, width: widths[column.code] ?? column.width ?? (column.code === type.title ? 260 : kindOf(field).width), title: column.code === type.title }] : [];
  }), [columns, type, widths]);
  const template = "var(--check) " + shown.map((one) => `${one.width}px`).join(" ") + " 1fr";
  const total = shown.reduce((sum, one) => sum + one.width, 44);
  const order = useMemo(() => rows.map((row) => row.id), [rows]);

  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => height, overscan: 2, paddingStart: 32 });
  useEffect(() => { virtual.measure(); }, [height, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => { if (hasMore && last >= rows.length - 15) onMore(); }, [hasMore, last, onMore, rows.length]);

  const move = useCallback((row: number, col: number) => {
    const next = { row: Math.max(0, Math.min(rows.length - 1, row)), col: Math.max(0, Math.min(shown.length - 1, col)) };
    setActive(next);
    virtual.scrollToIndex(next.row, { align: "auto" });
    if (preview !== null) { const id = rows[next.row]?.id; if (id) onPreview(id); }
  }, [onPreview, preview, rows, shown.length, virtual]);

  const why = useCallback((row: Row, field: FieldMeta, at: Element, rowAccess: Access | undefined) => {
    const level = levelOf(row, rowAccess, field.code);
    const locked = level === "masked" || level === "absent";
    ask({
      anchor: at, title: t(locked ? "why.hidden" : isRevealable(level) ? "why.masked" : "why.readonly", { field: w(field.name) }),
      action: locked || isRevealable(level) ? "read" : "edit", type: type.code, id: row.id, field: field.code,
      reveal: isRevealable(level) ? { type: type.code, id: row.id, field: field.code } : undefined,
    });
  }, [ask, t, type.code, w]);

  const begin = useCallback((rowIndex: number, col: number) => {
    const row = rows[rowIndex];
    const column = shown[col];
    const cell = document.getElementById(`${gridId}-${rowIndex}-${col}`);
    if (!row || !column || !cell) return;
    if (levelOf(row, access[rowIndex], column.field.code) === "edit") setEditing({ id: row.id, field: column.field, rect: cell.getBoundingClientRect(), value: row[column.field.code] });
    else why(row, column.field, cell, access[rowIndex]);
  }, [access, gridId, rows, shown, why]);

  const stretch = (row: number) => {
    const to = rows[Math.max(0, Math.min(rows.length - 1, row))]?.id;
    if (to) onSelect(ranged(selection, order, to, rows[active.row]?.id));
    move(row, active.col);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") { event.preventDefault(); onSelect(everyone(order)); return; }
    if (event.ctrlKey || event.metaKey) return;
    const { row, col } = active;
    if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); stretch(row + (event.key === "ArrowDown" ? 1 : -1)); return; }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / height) - 2);
    const current = rows[row];
    const moves: Record<string, () => void> = {
      ArrowDown: () => move(row + 1, col), j: () => move(row + 1, col), ArrowUp: () => move(row - 1, col), k: () => move(row - 1, col),
      ArrowLeft: () => move(row, col - 1), ArrowRight: () => move(row, col + 1), Home: () => move(row, 0), End: () => move(row, shown.length - 1),
      PageDown: () => move(row + page, col), PageUp: () => move(row - page, col),
      Enter: () => begin(row, col), e: () => begin(row, col),
      " ": () => { if (current) onPreview(preview === current.id ? null : current.id); },
      o: () => { if (current) void go(`/records/${type.code}/${current.id}`); },
      w: () => { const cell = document.getElementById(`${gridId}-${row}-${col}`); const column = shown[col]; if (current && column && cell) why(current, column.field, cell, access[row]); },
      x: () => { if (current) onSelect(event.shiftKey ? ranged(selection, order, current.id) : toggled(selection, current.id)); },
      Escape: () => { if (preview !== null) onPreview(null); else if (selection.ids.size) onSelect(NONE); },
    };
    const act = moves[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) { event.preventDefault(); event.stopPropagation(); act(); }
  };

  /** A click that selects: on the box, or anywhere with Ctrl, Cmd or Shift held (a link keeps its own meaning of these). */
  const picks = (event: MouseEvent): boolean => {
    const target = event.target as Element;
    const line = target.closest("[data-row]");
    const row = line ? rows[Number(line.getAttribute("data-row"))] : undefined;
    const box = target.closest("[data-check]") !== null;
    const held = (event.ctrlKey || event.metaKey || event.shiftKey) && !target.closest("a, button, .lock");
    if (!row || !(box || held)) return false;
    onSelect(event.shiftKey ? ranged(selection, order, row.id, rows[active.row]?.id) : toggled(selection, row.id));
    setActive((now) => ({ ...now, row: Number(line?.getAttribute("data-row")) }));
    return true;
  };
  const at = (event: MouseEvent): { row: number; col: number; cell: Element } | null => {
    const cell = (event.target as Element).closest("[data-col]");
    const row = cell?.closest("[data-row]");
    return cell && row ? { row: Number(row.getAttribute("data-row")), col: Number(cell.getAttribute("data-col")), cell } : null;
  };
  const click = (event: MouseEvent) => {
    if (picks(event)) return;
    const hit = at(event);
    if (!hit) return;
    move(hit.row, hit.col);
    const row = rows[hit.row];
    const column = shown[hit.col];
    if (row && column && (event.target as Element).closest(".lock, .grid-held")) why(row, column.field, hit.cell, access[hit.row]);
    else if (window.matchMedia("(max-width: 720px)").matches && row) void go(`/records/${type.code}/${row.id}`);
  };

  const reorder = (from: number, to: number) => {
    if (to < 0 || to >= columns.length) return;
    const next = [...columns];
    const [moved] = next.splice(from, 1);
    if (moved) next.splice(to, 0, moved);
    onColumns(next);
  };
  const resize = (index: number, width: number, final: boolean) => {
    const code = shown[index]?.field.code;
    if (!code) return;
    setWidths((all) => ({ ...all, [code]: width }));
    if (final) onColumns(columns.map((one) => (one.code === code ? { ...one, width } : one)));
  };
  const closeEditor = useCallback(() => { setEditing(null); scroller.current?.focus({ preventScroll: true }); }, []);

  return (
    <>
      <div
        ref={scroller} className="grid" role="grid" tabIndex={0} aria-label={label} aria-rowcount={hasMore ? -1 : rows.length + 1} aria-colcount={shown.length + 1} aria-multiselectable="true"
        aria-activedescendant={items.some((item) => item.index === active.row) ? `${gridId}-${active.row}-${active.col}` : undefined}
        onKeyDown={keys} onClick={click} onMouseDown={(event) => { if (event.shiftKey && (event.target as Element).closest("[data-row]")) event.preventDefault(); }} onDoubleClick={(event) => { const hit = at(event); if (hit) begin(hit.row, hit.col); }}
        onFocus={() => setFocused(true)} onBlur={() => setFocused(false)}
      >
        <div className="grid-body" role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth: total }}>
          <GridHead columns={shown} template={template} sort={sort} onSort={onSort} onMove={reorder} onWidth={resize}
            all={rows.length > 0 && order.every((id) => selection.ids.has(id))} some={selection.ids.size > 0} count={rows.length} onAll={(on) => onSelect(on ? everyone(order) : NONE)} />
          {items.map((item) => {
            const row = rows[item.index];
            return row ? (
              <GridRow key={row.id} row={row} access={access[item.index]} kept={kept[row.id]} columns={shown} index={item.index} top={item.start} height={height} template={template} type={type.code}
                activeColumn={active.row === item.index && (focused || editing !== null) ? active.col : -1} selected={selection.ids.has(row.id)} previewed={preview === row.id} title={String(row[type.title] ?? "")} gridId={gridId} />
            ) : null;
          })}
        </div>
      </div>
      {editing ? <CellEditor type={type} {...editing} onClose={closeEditor} onNext={() => move(active.row + 1, active.col)} /> : null}
    </>
  );
}
