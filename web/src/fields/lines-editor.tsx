/** 明细 while it is edited: loaded by who edits product lines, which is not the first thing that anybody does. */
import { useRef, type ReactNode } from "react";
import { get } from "../api/client";
import type { RecordView } from "../api/types";
import { useI18n, type Key } from "../i18n";
import { Icon } from "../kit/icons";
import { asObject, type EditorProps } from "./kind";
import { findRecords } from "./find";
import { linesOf, type Line } from "./lines";
import { decimalOf } from "./number";
import { Picker } from "./picker";
import "../i18n/words-bulk";

const NUMBERS: readonly (readonly [string, Key])[] = [["quantity", "lines.quantity"], ["unit_price", "lines.unit_price"], ["discount", "lines.discount"]];
/** ``220000.00`` as a person would write it. */
const plain = (decimal: string) => decimal.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

export default function LinesEditor({ value, onChange, label }: EditorProps) {
  const { t } = useI18n();
  const lines = linesOf(value);
  const now = useRef(lines);
  now.current = lines;
  // A line keeps its inputs when one above it goes; `filled` is the price that it took from its product, and how often it did.
  const made = useRef(0);
  const kept = useRef<{ key: number; filled: string; times: number }[]>([]);
  while (kept.current.length < lines.length) kept.current.push({ key: made.current++, filled: "", times: 0 });
  kept.current.length = lines.length;

  const set = (next: Line[]) => { now.current = next; onChange(next); };
  const change = (index: number, part: Line) => set(now.current.map((line, at) => (at === index ? { ...line, ...part } : line)));
  const remove = (index: number) => { kept.current.splice(index, 1); set(now.current.filter((_, at) => at !== index)); };
  /** The list price of its product, where one reads it and no price was typed. */
  const price = async (key: number, product: string) => {
    const { values } = await get<RecordView>(`/records/product/${product}`);
    const index = kept.current.findIndex((one) => one.key === key), one = kept.current[index], line = now.current[index];
    const listed = values.list_price;
    if (!one || !line || typeof listed !== "string" || !/^\d+(\.\d+)?$/.test(listed) || asObject(line.product)?.id !== product) return;
    const typed = plain(String(line.unit_price ?? ""));
    if (typed !== "" && typed !== "0" && typed !== one.filled) return;
    Object.assign(one, { filled: plain(listed), times: one.times + 1 });
    change(index, { unit_price: plain(listed) });
  };
  const cell = (name: Key, input: ReactNode) => <label className="line-cell"><span className="line-name" aria-hidden="true">{t(name)}</span>{input}</label>;
  return (
    <div role="group" aria-label={label ?? t("lines.title")} className="stack tight lines-edit">
      {lines.map((line, index) => {
        const one = kept.current[index] ?? { key: index, filled: "", times: 0 };
        const product = asObject(line.product);
        return (
          <div key={one.key} className="line-edit">
            {cell("lines.product", <Picker label={`${t("lines.product")} ${index + 1}`} placeholder={t("lines.product")} clearable chosen={product ? { id: String(product.id), title: String(product.title ?? ""), value: line.product ?? null } : null}
              find={(text, signal) => findRecords("product", text, signal)} onChoose={(choice) => { change(index, { product: choice?.value ?? null }); if (choice) price(one.key, choice.id).catch(() => {}); }} />)}
            {cell("lines.description", <input className="box" aria-label={`${t("lines.description")} ${index + 1}`} placeholder={t("lines.description")} maxLength={500} value={String(line.description ?? "")} onChange={(event) => change(index, { description: event.target.value })} />)}
            {NUMBERS.map(([column, name]) => <span key={column}>{cell(name, <input key={one.times} className="box n" inputMode="decimal" autoComplete="off" aria-label={`${t(name)} ${index + 1}`} defaultValue={plain(String(line[column] ?? ""))} onChange={(event) => change(index, { [column]: decimalOf(event.target.value) || null })} />)}</span>)}
            <button type="button" className="ib" aria-label={t("lines.remove", { n: index + 1 })} title={t("lines.remove", { n: index + 1 })} onClick={() => remove(index)}><Icon name="x" small /></button>
          </div>
        );
      })}
      <button type="button" className="tool" onClick={() => set([...now.current, { product: null, description: "", quantity: "1", unit_price: "0", discount: "0" }])}><Icon name="plus" small />{t("lines.add")}</button>
    </div>
  );
}
