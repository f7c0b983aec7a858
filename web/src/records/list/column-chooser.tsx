/** Which columns, in which order; the same by mouse (drag a heading) and by keyboard (arrows here). */
import type { TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { Float } from "../../kit/float";
import { Icon } from "../../kit/icons";
import { fieldOf } from "../../kit/session";
import type { Column } from "../state";
import "../../i18n/words-lists";

export function ColumnChooser({ type, columns, anchor, onChange, onReset, onClose }: { type: TypeMeta; columns: Column[]; anchor: Element; onChange: (columns: Column[]) => void; onReset: () => void; onClose: () => void }) {
  const { t, w } = useI18n();
  const shown = columns.flatMap((column) => { const field = fieldOf(type, column.code); return field ? [{ column, field }] : []; });
  const hidden = type.fields.filter((field) => !columns.some((column) => column.code === field.code));
  const move = (index: number, by: number) => {
    const next = [...columns];
    const [one] = next.splice(index, 1);
    if (one) next.splice(index + by, 0, one);
    onChange(next);
  };
  return (
    <Float anchor={anchor} label={t("list.columns")} onClose={onClose} width={300}>
      <ul className="chooser">
        {shown.map(({ column, field }, index) => (
          <li key={field.code} className="row">
            <label className="row grow"><input type="checkbox" checked disabled={shown.length === 1} onChange={() => onChange(columns.filter((one) => one !== column))} /><span className="cut">{w(field.name)}</span></label>
            <button className="ib" disabled={index === 0} aria-label={t("list.left", { field: w(field.name) })} onClick={() => move(index, -1)}><Icon name="left" small /></button>
            <button className="ib" disabled={index === shown.length - 1} aria-label={t("list.right", { field: w(field.name) })} onClick={() => move(index, 1)}><Icon name="right" small /></button>
          </li>
        ))}
        {hidden.map((field) => (
          <li key={field.code} className="row"><label className="row grow"><input type="checkbox" checked={false} onChange={() => onChange([...columns, { code: field.code }])} /><span className="cut soft">{w(field.name)}</span></label></li>
        ))}
      </ul>
      <button className="tool" onClick={onReset}><Icon name="undo" small />{t("list.columnsReset")}</button>
    </Float>
  );
}
