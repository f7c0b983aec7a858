/** 明细: product lines. Amounts are worked out by the server; the sum below is what it last said. */
import { lazy, Suspense } from "react";
import { grouped, money } from "../kit/format";
import type { Json } from "../api/types";
import { useI18n } from "../i18n";
import { Bones } from "../kit/parts";
import { useCurrency } from "../kit/session";
import { asObject, type EditorProps, type FieldKind } from "./kind";

export type Line = { [key: string]: Json };
export const linesOf = (value: Json): Line[] => (Array.isArray(value) ? value.map((one) => asObject(one) ?? {}) : []);

function Lines({ value, inList }: { value: Json; inList?: boolean }) {
  const { t } = useI18n();
  const currency = useCurrency();
  const lines = linesOf(value);
  if (inList) return <span className="cut">{t("lines.count", { n: lines.length })}</span>;
  if (lines.length === 0) return <span className="dim">{t("field.empty")}</span>;
  return (
    <div className="lines-scroll" tabIndex={0} role="region" aria-label={t("lines.title")}>
      <table className="lines">
        <thead><tr><th>{t("lines.product")}</th><th className="n">{t("lines.quantity")}</th><th className="n">{t("lines.unit_price")}</th><th className="n">{t("lines.discount")}</th><th className="n">{t("lines.amount")}</th></tr></thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index}>
              <td><div className="cut">{String(asObject(line.product)?.title ?? line.description ?? "")}</div>{line.product && line.description && line.description !== (asObject(line.product)?.title ?? line.description) ? <div className="dim cut">{String(line.description)}</div> : null}</td>
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

const Editor = lazy(() => import("./lines-editor"));

function LinesEditor(props: EditorProps) {
  return <Suspense fallback={<Bones rows={2} height={32} />}><Editor {...props} /></Suspense>;
}

export const lines: FieldKind = {
  text: (_field, value, { lang }) => (lang === "zh" ? `${linesOf(value).length} 行` : `${linesOf(value).length} lines`),
  Show: Lines, Edit: LinesEditor, width: 90,
  send: (value) => linesOf(value).map((line) => ({
    product: asObject(line.product)?.id ?? (typeof line.product === "string" ? line.product : null), description: line.description ?? "",
    quantity: line.quantity ?? null, unit_price: line.unit_price ?? null, discount: line.discount ?? "0",
  })),
};
