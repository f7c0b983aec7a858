/** One value as a reader sees it. */
import { memo } from "react";
import type { FieldMeta, Json } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { useCurrency } from "../kit/session";
import { isEmpty } from "./kind";
import { kindOf } from "./registry";

/** A cell whose value can no longer be decrypted. */
export function BrokenCell() {
  const { t } = useI18n();
  return <span className="row tight warn nowrap" title={t("field.brokenHelp")}><Icon name="alert" small />{t("field.broken")}</span>;
}

export const Value = memo(function Value({ field, value, inList, masked }: { field: FieldMeta; value: Json | undefined; inList?: boolean; masked?: boolean }) {
  const { lang, t } = useI18n();
  const currency = useCurrency();
  if (value === undefined || isEmpty(value)) return <span className="dim">{inList ? "" : t("field.empty")}</span>;
  const kind = kindOf(field);
  // A masked value has lost its shape: it is text, whatever the kind.
  if (masked && typeof value === "string" && field.kind !== "choice") return <span className="cut">{value}</span>;
  if (kind.Show) return <kind.Show field={field} value={value} inList={inList} />;
  return <span className={kind.number ? "n cut" : "cut"}>{kind.text(field, value, { lang, currency })}</span>;
});
