/** 明细: product lines. Amounts are worked out by the server; the sum below is what it last said. */
import { grouped, money } from "../kit/format";
import type { Json } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { useCurrency } from "../kit/session";
import { asObject, type EditorProps, type FieldKind } from "./kind";
import { findRecords } from "./find";
import { decimalOf } from "./number";
import { Picker } from "./picker";

type Line = { [key: string]: Json };
const linesOf = (value: Json): Line[] => (Array.isArray(value) ? value.map((one) => asObject(one) ?? {}) : []);

function Lines({ value, inList }: { value: Json; inList?: boolean }) {
  const { t } = useI18n();
  const currency = useCurrency();
  const lines = linesOf(value);
  if (inList) return <span className="cut">{t("lines.count", { n: lines.length })}</span>;
  if (lines.length === 0) return <span className="dim">{t("field.empty")}</span>;
  return (
    <div className="lines-scroll" tabIndex={0} role="region" aria-label={t("lines.title")}>
      <table className="lines">
        <thead><tr><th>{t("lines.product")}</th><th className="n">{t("lines.quantity")}</th><th className="n">{t("lines.price")}</th><th className="n">{t("lines.discount")}</th><th className="n">{t("lines.amount")}</th></tr></thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index}>
              <td><div className="cut">{String(asObject(line.product)?.title ?? line.description ?? "")}</div>{line.product && line.description ? <div className="dim cut">{String(line.description)}</div> : null}</td>
              <td className="n">{grouped(String(line.quantity ?? ""), true)}</td>
              <td className="n">{money(String(line.unit_price ?? ""), currency)}</td>
              <td className="n">{line.discount && Number(line.discount) ? `${grouped(String(line.discount), true)}%` : "–"}</td>
              <td className="n strong">{money(String(line.amount ?? ""), currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LinesEditor({ value, onChange, label }: EditorProps) {
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

export const lines: FieldKind = {
  text: (_field, value, { lang }) => (lang === "zh" ? `${linesOf(value).length} 行` : `${linesOf(value).length} lines`),
  Show: Lines, Edit: LinesEditor, width: 90,
  send: (value) => linesOf(value).map((line) => ({
    product: asObject(line.product)?.id ?? (typeof line.product === "string" ? line.product : null), description: line.description ?? "",
    quantity: line.quantity ?? null, unit_price: line.unit_price ?? null, discount: line.discount ?? "0",
  })),
};
