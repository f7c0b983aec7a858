/** Who ended a campaign early, when, and what became of what was unanswered: both, where it took two. */
import type { useI18n } from "../../i18n";
import { moment } from "../../kit/format";
import type { Ended } from "./types";
import "../../i18n/words-review";

type I18n = ReturnType<typeof useI18n>;

export function endedSaid(ended: Ended, t: I18n["t"], lang: I18n["lang"]): string {
  const name = ended.asked_by ? t("review.endedBoth", { first: ended.asked_by.name, name: ended.by.name }) : ended.by.name;
  return t("review.endedBy", { name, at: moment(ended.at, lang), how: t(`review.unanswered.${ended.unanswered}`), why: ended.reason });
}
