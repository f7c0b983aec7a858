/** In place of a value that who looks may not see: the level that the person looked at has there. */
import "../../i18n/words-modes";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";

export function Only({ level, inList }: { level: "masked" | "read" | "edit"; inList?: boolean }) {
  const { t } = useI18n();
  return (
    <span className="only-level" title={t("modes.onlyWhy")}>
      <Icon name={level === "masked" ? "lock" : level === "edit" ? "edit" : "eye"} small />
      <span className="cut">{t(`modes.level.${level}`)}{inList ? "" : ` · ${t("modes.only")}`}</span>
    </span>
  );
}
