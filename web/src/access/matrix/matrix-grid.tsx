/** The grid itself: rows and columns drawn only where they are seen, one tab stop, head and first column always in sight. */
import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { CellEdit } from "../draft/working";
import type { Matrix } from "../types";
import { cellAt, useDrag } from "./drag";
import { inside } from "./fold";
import { boxOf, fill, filled, inBox, moved, setBox, stateOf, stretched, type Box, type Col, type Picked } from "./select";
import "../../i18n/words-configure";

interface Props { /** As it is drawn: without the fields of closed classes. */ matrix: Matrix; whole: Matrix; closed: ReadonlySet<string>; onFold: (classes: string[], on: boolean) => void; cols: Col[]; picked: Picked; /** One column over the whole width, as on a phone. */ stretched?: boolean; onPick: (next: Picked) => void; onEdit: (edits: CellEdit[]) => void; /** One step back, when there is one. */ onBack?: () => void; may: boolean }

const FIELD = 34;
const CLASS = 38;
const HEAD = 52;
const FIRST = 156;
const WIDTH = 108;
const FILLS: Record<string, "down" | "right"> = { d: "down", r: "right" };

export function MatrixGrid({ matrix, whole, closed, onFold, cols, picked, stretched: wide = false, onPick, onEdit, onBack, may }: Props) {
  const { t, w } = useI18n();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Box | null>(null);
  const [room, setRoom] = useState(0);
  useLayoutEffect(() => {
    if (!wide) return;
    const measure = () => setRoom(scroller.current?.clientWidth ?? 0);
    measure();
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, [wide]);
  const width = wide ? Math.max(WIDTH, room - FIRST) : WIDTH;
  const dragging = useRef<"pick" | "fill" | null>(null);
  const moving = useRef(false);
  const focus = picked.focus;
  const box = boxOf(picked);

  const keep = (active: number) => (range: Range) => [...new Set([...defaultRangeExtractor(range), active])].filter((one) => one < range.count).sort((a, b) => a - b);
  const keyOf = useCallback((index: number) => matrix.rows[index]?.key ?? index, [matrix.rows]);
  const classes = useMemo(() => new Map(whole.rows.filter((row) => !row.field).map((row) => [row.key, inside(whole, row.key)])), [whole]);
  const all = closed.size > 0 && closed.size === classes.size;
  const rows = useVirtualizer({
    count: matrix.rows.length, getItemKey: keyOf, getScrollElement: () => scroller.current, estimateSize: (index) => (matrix.rows[index]?.field ? FIELD : CLASS), overscan: 4, paddingStart: HEAD,
    scrollPaddingStart: HEAD, rangeExtractor: keep(focus.row),
  });
  const across = useVirtualizer({
    horizontal: true, count: cols.length, getScrollElement: () => scroller.current, estimateSize: () => width, overscan: 2, paddingStart: FIRST, scrollPaddingStart: FIRST, rangeExtractor: keep(focus.col),
  });
  useEffect(() => { across.measure(); }, [across, width]);
  const lines = rows.getVirtualItems();
  const shown = across.getVirtualItems();
  const spans = useMemo(() => shown.map((item) => item.index), [shown]);
  const from = spans.join();

  useEffect(() => {
    if (!moving.current) return;
    moving.current = false;
    rows.scrollToIndex(focus.row, { align: "auto" });
    across.scrollToIndex(focus.col, { align: "auto" });
    document.getElementById(`${id}-${focus.row}-${focus.col}`)?.focus({ preventScroll: true });
  }, [across, focus, id, rows]);

  const pick = useCallback((next: Picked) => { moving.current = true; onPick(next); }, [onPick]);
  const keys = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey || (event.target as Element).getAttribute("role") !== "gridcell") return;
    if (event.key === "Escape" && dragging.current) { event.preventDefault(); event.stopPropagation(); letGo(); return; }
    if (event.ctrlKey && !event.shiftKey && event.key.toLowerCase() === "z" && onBack) { event.preventDefault(); event.stopPropagation(); onBack(); return; }
    const way = event.ctrlKey ? FILLS[event.key.toLowerCase()] : undefined;
    const more = way && may ? filled(matrix, cols, box, way) : null;
    if (more) { event.preventDefault(); event.stopPropagation(); onEdit(more); return; }
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 500) - HEAD) / FIELD) - 1);
    const next = moved(picked, event.key, event.shiftKey, event.ctrlKey, matrix.rows.length, cols.length, page);
    if (next) { event.preventDefault(); pick(next); return; }
    if (event.ctrlKey) return;
    if (event.key === "-" || event.key === "+" || event.key === "=") {
      const of = matrix.rows[focus.row]?.data_class;
      if (of) { event.preventDefault(); event.stopPropagation(); moving.current = true; onFold([of], event.key === "-"); }
      return;
    }
    const state = stateOf(event.key);
    if (state !== undefined && may) { event.preventDefault(); event.stopPropagation(); onEdit(setBox(matrix, cols, box, state)); }
    else if (event.key === "Escape") pick({ anchor: focus, focus });
  };

  const reached = useDrag(scroller, { head: HEAD, first: FIRST }, (at) => {
    if (dragging.current === "fill") setDrag(stretched(box, at));
    else if (dragging.current && (at.row !== focus.row || at.col !== focus.col)) onPick({ anchor: picked.anchor, focus: at });
  });
  const letGo = () => { dragging.current = null; reached.end(); setDrag(null); };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const target = event.target as Element;
    if (target.closest("button")) return;
    const at = cellAt(event.clientX, event.clientY);
    if (target.closest("[data-grip]") && may) { dragging.current = "fill"; setDrag(box); event.preventDefault(); return; }
    if (!at) return;
    if (event.pointerType !== "touch") dragging.current = "pick";
    pick({ anchor: event.shiftKey ? picked.anchor : at, focus: at });
    if (event.shiftKey) event.preventDefault();
  };
  const over = (event: PointerEvent) => {
    if (!dragging.current || event.buttons !== 1) return;
    // From here on the grid hears of the pointer wherever it goes, its end included.
    if (!scroller.current?.hasPointerCapture(event.pointerId)) scroller.current?.setPointerCapture(event.pointerId);
    reached.move(event.clientX, event.clientY);
  };
  const up = () => {
    if (dragging.current === "fill" && drag) {
      onEdit(fill(matrix, cols, box, drag));
      pick({ anchor: { row: drag.top, col: drag.left }, focus: { row: drag.bottom, col: drag.right } });
    }
    // The cell that had the focus may have gone out of sight meanwhile, and the keys with it.
    if (dragging.current === "pick" && picked.anchor !== picked.focus) pick({ anchor: picked.anchor, focus: { ...focus } });
    letGo();
  };
  const marked = drag ?? box;
  const total = FIRST + cols.length * width;

  return (
    <div ref={scroller} className="matrix" role="grid" aria-label={t("matrix.label", { type: w(matrix.name) })} aria-rowcount={matrix.rows.length + 1} aria-colcount={cols.length + 1} aria-multiselectable="true" aria-readonly={!may}
      onKeyDown={keys} onPointerDown={down} onPointerMove={over} onPointerUp={up} onPointerCancel={letGo}>
      <div className="matrix-sheet" role="presentation" style={{ height: rows.getTotalSize(), width: total }}>
        <div className="matrix-head" role="row" aria-rowindex={1} style={{ width: total }}>
          <div className="matrix-corner" role="columnheader" aria-colindex={1}><button className="matrix-fold" tabIndex={-1} aria-expanded={!all} aria-label={t(all ? "matrix.openAll" : "matrix.foldAll")} title={t(all ? "matrix.openAll" : "matrix.foldAll")} onClick={() => onFold([...classes.keys()], !all)}><Icon name={all ? "right" : "down"} small /></button>{t("matrix.field")}</div>
          {shown.map((item) => {
            const one = cols[item.index];
            if (!one) return null;
            const scope = w(one.column.scope);
            const edits = one.column.edit_scope ? t("matrix.editsIn", { scope: w(one.column.edit_scope) }) : "";
            return (
              <div key={item.key} role="columnheader" aria-colindex={item.index + 2} className={`matrix-role${one.first ? " first" : ""}${item.index >= box.left && item.index <= box.right ? " on" : ""}`} style={{ left: item.start, width }}
                title={`${w(one.role.name)} · ${scope}${edits ? ` · ${edits}` : ""}`}>
                <span className={one.first ? "cut strong" : "cut dim"}>{w(one.role.name)}{one.first ? <span className="dim n"> {one.role.people}</span> : null}{one.role.mark && one.first ? <i className="mark" aria-label={t("matrix.draft")} /> : null}</span>
                <span className="cut soft matrix-scope">{scope}</span>
              </div>
            );
          })}
        </div>
        {lines.map((item) => {
          const row = matrix.rows[item.index];
          return row ? (
            <Row key={row.key} id={id} index={item.index} top={item.start} width={total} cell={width} cols={cols} from={from} field={row.field} name={w(row.name)} level={matrix.levels}
              active={item.index === focus.row ? focus.col : -1} left={item.index >= marked.top && item.index <= marked.bottom ? marked.left : -1} right={item.index >= marked.top && item.index <= marked.bottom ? marked.right : -1}
              grip={may && !drag && item.index === box.bottom ? box.right : -1} fields={classes.get(row.key)?.fields ?? 0} others={classes.get(row.key)?.own ?? 0} closed={!row.field && closed.has(row.key)} of={row.key} onFold={onFold} />
          ) : null;
        })}
      </div>
    </div>
  );
}

interface RowProps {
  id: string; index: number; top: number; width: number; cell: number; cols: Col[]; /** The columns that are drawn, as "0,1,2". */ from: string; field: boolean; name: string; level: Matrix["levels"];
  active: number; left: number; right: number; grip: number; fields: number; others: number; closed: boolean; of: string; onFold: (classes: string[], on: boolean) => void;
}

/** Drawn again only when something of this row has changed. */
const Row = memo(function Row({ id, index, top, width, cell, cols, from, field, name, level, active, left, right, grip, fields, others, closed, of, onFold }: RowProps) {
  const { t, w } = useI18n();
  const says = useMemo(() => new Map(level.map((one) => [one.code, w(one.name)])), [level, w]);
  return (
    <div role="row" aria-rowindex={index + 2} className={field ? "matrix-row" : "matrix-row class"} style={{ transform: `translateY(${top}px)`, width }}>
      <div role="rowheader" aria-colindex={1} className="matrix-name" title={name}>{field ? <span className="cut">{name}</span> : <><button className="matrix-fold" tabIndex={-1} aria-expanded={!closed} aria-label={`${t(closed ? "matrix.open" : "matrix.fold")} · ${name}`} title={t(closed ? "matrix.open" : "matrix.fold")} onClick={() => onFold([of], !closed)}><Icon name={closed ? "right" : "down"} small /></button><span className="cut">{name}</span><span className="dim">{closed && others ? t("matrix.nOthers", { n: fields, m: others }) : t("matrix.nFields", { n: fields })}</span></>}</div>
      {from.split(",").map((text) => {
        const col = Number(text);
        const one = cols[col];
        if (!one) return null;
        const state = one.column.states[index] ?? "hidden";
        const own = one.column.own[index] === true;
        const was = one.column.was[index] ?? null;
        const word = says.get(state) ?? state;
        const on = left >= 0 && inBox({ top: index, bottom: index, left, right }, index, col);
        const said = [word, own ? t("matrix.own") : "", was ? t("matrix.was", { state: says.get(was) ?? was }) : ""].filter(Boolean).join(t("oversight.comma"));
        return (
          <div key={col} id={`${id}-${index}-${col}`} role="gridcell" aria-colindex={col + 2} aria-selected={on} tabIndex={active === col ? 0 : -1} aria-label={said}
            data-cell={`${index}:${col}`} data-state={state} className={`matrix-cell${own ? " own" : ""}${was ? " draft" : ""}${one.first ? " first" : ""}`} style={{ left: FIRST + col * cell, width: cell }}>
            {word}{grip === col ? <i data-grip className="grip" aria-hidden="true" title={t("matrix.grip")} /> : null}
          </div>
        );
      })}
    </div>
  );
});
