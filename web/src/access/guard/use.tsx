/** One bound with what was taken of it. */
import { useI18n } from "../../i18n";
import { grouped } from "../../kit/format";
import { Icon } from "../../kit/icons";
import type { BudgetLine } from "./types";
import "../../i18n/words-guard";

export function Use({ line, named }: { line: BudgetLine; named?: boolean }) {
  const { t } = useI18n();
  const over = line.used >= line.limit;
  const said = t("guard.of", { used: grouped(String(line.used)), limit: grouped(String(line.limit)) });
  return (
    <span className={over ? "use over" : "use"}>
      {over ? <Icon name="alert" small /> : null}<progress max={line.limit} value={Math.min(line.used, line.limit)} aria-label={`${t(`guard.${line.kind}`)} ${t(`guard.${line.window}`)}`} />
      <span>{said}{named ? ` ${t(`guard.${line.kind}`)} · ${t(`guard.${line.window}`)}` : ""}</span>{over && !named ? <span>{t("guard.over")}</span> : null}
    </span>
  );
}
