/** Headings: click sorts (Shift joins), drag moves, the right edge resizes; Alt with arrows does both by keyboard. */
import { useRef, type DragEvent, type KeyboardEvent, type PointerEvent } from "react";
import { useI18n } from "../../i18n";
import { kindOf } from "../../fields/registry";
import type { Sort } from "../state";
import type { ShownColumn } from "./grid-row";
import "../../i18n/words-lists";

interface Props {
  columns: ShownColumn[]; template: string; sort: Sort[];
  onSort: (field: string, join: boolean) => void;
  onMove: (from: number, to: number) => void;
  onWidth: (index: number, width: number, final: boolean) => void;
  /** Whether all loaded rows are selected, or some; how many are loaded. */
  all: boolean; some: boolean; count: number; onAll: (on: boolean) => void;
}

export function GridHead({ columns, template, sort, onSort, onMove, onWidth, all, some, count, onAll }: Props) {
  const { t, w } = useI18n();
  const dragged = useRef<number | null>(null);

  const resize = (index: number) => (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const from = event.clientX;
    const start = columns[index]?.width ?? 120;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const size = (moved: globalThis.PointerEvent) => Math.round(Math.min(800, Math.max(60, start + moved.clientX - from)));
    const move = (moved: globalThis.PointerEvent) => onWidth(index, size(moved), false);
    const up = (moved: globalThis.PointerEvent) => {
      onWidth(index, size(moved), true);
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", up);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", up);
  };
  const keys = (index: number, width: number) => (event: KeyboardEvent) => {
    if (!event.altKey) return;
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) onWidth(index, Math.min(800, Math.max(60, width + step * 16)), true);
    else onMove(index, index + step);
  };

  return (
    <div role="row" aria-rowindex={1} className="grid-row grid-head" style={{ gridTemplateColumns: template }}>
      <div role="columnheader" aria-colindex={1} className="grid-check"><input type="checkbox" aria-label={t("bulk.selectAll", { n: count })} title="Ctrl+A" checked={all} ref={(box) => { if (box) box.indeterminate = some && !all; }} onChange={() => onAll(!all)} /></div>
      {columns.map(({ field, width }, index) => {
        const place = sort.findIndex((one) => one.field === field.code);
        const down = place >= 0 && sort[place]?.down;
        return (
          <div
            key={field.code} role="columnheader" aria-colindex={index + 2} aria-sort={place < 0 ? "none" : down ? "descending" : "ascending"} className={`grid-cell${kindOf(field).number ? " n" : ""}`}
            draggable onDragStart={(event: DragEvent) => { dragged.current = index; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", field.code); }}
            onDragOver={(event) => { if (dragged.current !== null) event.preventDefault(); }}
            onDrop={(event) => { event.preventDefault(); if (dragged.current !== null && dragged.current !== index) onMove(dragged.current, index); dragged.current = null; }}
          >
            {field.sortable
              ? (
                <button className="head-button cut" title={t("list.sortHint")} onClick={(event) => onSort(field.code, event.shiftKey)} onKeyDown={keys(index, width)}>
                  <span className="cut">{w(field.name)}</span>{place >= 0 ? <span className="head-sort" aria-hidden="true">{down ? "↓" : "↑"}{sort.length > 1 ? place + 1 : ""}</span> : null}
                </button>
              )
              : <span className="head-button cut" title={w(field.name)}>{w(field.name)}</span>}
            {field.data_class === "confidential" || field.data_class === "sensitive" ? <span className="unseen">{t(`class.${field.data_class}`)}</span> : null}
            <span className="head-grip" onPointerDown={resize(index)} aria-hidden="true" />
          </div>
        );
      })}
    </div>
  );
}
