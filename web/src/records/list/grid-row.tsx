/** One row of the grid; it re-renders only when its own cells, or the active cell inside it, change. */
import { memo } from "react";
import { Link } from "react-router";
import type { Access, FieldMeta, Row, RowPage } from "../../api/types";
import { Only } from "../../access/modes/only";
import { isBroken, isMasked, isRevealable, onlyLevel } from "../levels";
import { kindOf } from "../../fields/registry";
import { isEmpty } from "../../fields/kind";
import { BrokenCell, Value } from "../../fields/value";
import { useI18n } from "../../i18n";
import { useCurrency } from "../../kit/session";
import "../../i18n/words-lists";

export type Kept = NonNullable<RowPage["kept"]>;
export interface ShownColumn { field: FieldMeta; width: number; title: boolean }
interface Props {
  row: Row; access: Access | undefined; kept: Kept[string] | undefined; columns: ShownColumn[]; index: number; top: number; height: number; template: string; type: string;
  activeColumn: number; selected: boolean; previewed: boolean; title: string; gridId: string;
}

export function levelOf(row: Row, access: Access | undefined, code: string) {
  if (!(code in row)) return "absent" as const;
  return access?.[code] ?? "read";
}

export const GridRow = memo(function GridRow({ row, access, kept, columns, index, top, height, template, type, activeColumn, selected, previewed, title: name, gridId }: Props) {
  const { lang, t, w } = useI18n();
  const currency = useCurrency();
  return (
    <div role="row" aria-rowindex={index + 2} aria-selected={selected} className={previewed ? "grid-row previewed" : "grid-row"} data-row={index} style={{ transform: `translateY(${top}px)`, height, gridTemplateColumns: template }}>
      <div role="gridcell" aria-colindex={1} className="grid-check" data-check><input type="checkbox" tabIndex={-1} checked={selected} readOnly aria-label={t("bulk.select", { name })} /></div>
      {columns.map(({ field, title }, at) => {
        const level = levelOf(row, access, field.code);
        const value = row[field.code];
        const locked = isMasked(level);
        const held = kept?.[field.code];
        const only = onlyLevel(access?.[field.code]);
        const kind = kindOf(field);
        const text = isEmpty(value) ? "" : locked && typeof value === "string" ? value : kind.text(field, value ?? null, { lang, currency });
        return (
          <div
            key={field.code} id={`${gridId}-${index}-${at}`} role="gridcell" aria-colindex={at + 2} data-col={at} title={held ? [text, w(held)].filter(Boolean).join(" · ") : text || undefined}
            className={`grid-cell${kind.number ? " n" : ""}${at === activeColumn ? " active" : ""}${locked ? " locked" : ""}`}
          >
            {only ? <Only level={only} inList /> : title && !isEmpty(value)
              ? <Link to={`/records/${type}/${row.id}`} tabIndex={-1} className="cut row-title">{text}</Link>
              : isBroken(level) ? <BrokenCell /> : <Value field={field} value={value} inList masked={locked} />}
            {locked ? <span className="lock" aria-label={t(isRevealable(level) ? "field.revealable" : "field.masked")} role="img" /> : null}
            {held ? <span className="grid-held" aria-label={w(held)} role="img" /> : null}
          </div>
        );
      })}
    </div>
  );
});
