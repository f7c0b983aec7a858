/** 明细 while it is edited: loaded by who edits product lines, which is not the first thing that anybody does. */
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { asObject, type EditorProps } from "./kind";
import { findRecords } from "./find";
import { linesOf, type Line } from "./lines";
import { decimalOf } from "./number";
import { Picker } from "./picker";
import "../i18n/words-bulk";

export default function LinesEditor({ value, onChange, label }: EditorProps) {
  const { t } = useI18n();
  const lines = linesOf(value);
  const change = (index: number, part: Line) => onChange(lines.map((line, at) => (at === index ? { ...line, ...part } : line)));
  const cell = (line: Line, index: number, name: string, text: string) => (
    <input className="box n" inputMode="decimal" aria-label={`${text} ${index + 1}`} defaultValue={String(line[name] ?? "")} onChange={(event) => change(index, { [name]: decimalOf(event.target.value) || null })} />
  );
  return (
    <div role="group" aria-label={label ?? t("lines.title")} className="stack tight lines-edit">
      {lines.map((line, index) => (
        <div key={index} className="line-edit">
          <Picker label={`${t("lines.product")} ${index + 1}`} placeholder={t("lines.product")} clearable chosen={asObject(line.product) ? { id: String(asObject(line.product)?.id), title: String(asObject(line.product)?.title ?? ""), value: line.product ?? null } : null}
            find={(text, signal) => findRecords("product", text, signal)} onChoose={(choice) => change(index, { product: choice?.value ?? null })} />
          <input className="box" aria-label={`${t("lines.description")} ${index + 1}`} placeholder={t("lines.description")} value={String(line.description ?? "")} onChange={(event) => change(index, { description: event.target.value })} />
          {cell(line, index, "quantity", t("lines.quantity"))}
          {cell(line, index, "unit_price", t("lines.price"))}
          {cell(line, index, "discount", t("lines.discount"))}
          <button type="button" className="ib" aria-label={t("lines.remove", { n: index + 1 })} onClick={() => onChange(lines.filter((_, at) => at !== index))}><Icon name="x" small /></button>
        </div>
      ))}
      <button type="button" className="tool" onClick={() => onChange([...lines, { product: null, description: "", quantity: "1", unit_price: "0", discount: "0" }])}><Icon name="plus" small />{t("lines.add")}</button>
    </div>
  );
}
