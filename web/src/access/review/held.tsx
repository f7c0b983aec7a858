/** That a review is not to be judged yet: which step before it is to be done first, who has it, and the way to its case. */
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { elapsed } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { namesOf } from "../../flows/told";
import type { Wait } from "./types";

/** `here`: it is said on the page of that case. */
export function Held({ waits, here, className }: { waits: Wait | null; here?: boolean; className?: string }) {
  const { t, w, lang } = useI18n();
  const steps = waits?.steps.map((one) => w(one.name)).join(lang === "zh" ? "」「" : "”, “");
  const said = !waits ? t("review.held") : waits.halted ? t("review.heldHalted") : !steps ? t("review.heldClock") : waits.people.length && waits.since ? t("review.heldBy", { steps, names: namesOf(waits.people, lang), time: elapsed(waits.since, lang) }) : t("review.heldStep", { steps });
  return (
    <p className={`note amber row ${className ?? ""}`}>
      <Icon name="clock" small />
      <span className="grow">{said}</span>
      {waits && !here ? <Link className="link nowrap" to={`/flows/${waits.case}`}>{t("review.heldCase", { name: w(waits.process), id: waits.case })}</Link> : null}
    </p>
  );
}

/** The same in a few words, in a list. */
export function heldShort(waits: Wait | null, t: ReturnType<typeof useI18n>["t"], w: ReturnType<typeof useI18n>["w"]): string {
  const first = waits?.steps[0];
  return first ? t("review.heldFirst", { step: w(first.name) }) : t("review.heldRow");
}
