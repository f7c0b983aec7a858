/** The footer: how many and how much of what may be seen, and which part of the company that is. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { countQuery } from "../../api/queries";
import { useWhy } from "../../access/why-context";
import type { TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { compactMoney, grouped, money } from "../../kit/format";
import { Key } from "../../kit/parts";
import { useCurrency } from "../../kit/session";
import "../../i18n/words-lists";

/** The field that the footer sums: the first money field that may be read at all. */
export function sumField(type: TypeMeta): string | null {
  return type.fields.find((field) => field.kind === "money" && field.summable === true && field.level !== "masked")?.code ?? null;
}

export function Totals({ type, filter, ready, children }: { type: TypeMeta; filter: string | null; ready: boolean; children?: ReactNode }) {
  const { t, w, lang } = useI18n();
  const currency = useCurrency();
  const { ask } = useWhy();
  const sum = sumField(type);
  const count = useQuery({ ...countQuery(type.code, { filter, sum }), enabled: ready });
  const found = count.data;
  const field = type.fields.find((one) => one.code === sum);
  return (
    <section className="list-foot" aria-label={t("list.totals")} aria-live="polite">
      {found ? (
        <>
          <span>{found.more && found.count === 0 ? t("list.countLate") : t(found.more ? "list.countMore" : "list.count", { n: grouped(String(found.count)) })}</span>
          {found.sum !== undefined && field ? (
            <span title={money(found.sum, currency)}>{w(field.name)} <b>{compactMoney(found.sum, currency, lang)}</b>
              {found.readable !== undefined && found.readable < found.count ? <span className="dim"> · {t("list.readable", { n: grouped(String(found.readable)) })}</span> : null}
            </span>
          ) : null}
          {found.scope ? <button className="link-quiet dim cut" onClick={(event) => ask({ anchor: event.currentTarget, title: t(field ? "whyPage.sumTitle" : "why.title"), action: "read", type: type.code, absent: field ? { type: type.code, sum: field.code } : { type: type.code } })}>{w(found.scope)}</button> : null}
        </>
      ) : count.isError ? <button className="link-quiet dim" onClick={() => void count.refetch()}>{t("list.countFailed")}</button>
        : <i className="bone" style={{ width: 180 }} />}
      <span className="end row hide-phone dim keys-hint">{children ?? <><Key>Enter</Key>{t("keys.edit")}<Key>Space</Key>{t("keys.preview")}<Key>X</Key>{t("bulk.pick")}<Key>W</Key>{t("keys.why")}</>}</span>
    </section>
  );
}
