/** Where all of a campaign ended when its deadline came: what was answered, what became final, what ended or is proposed to, what is left with whom. */
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { dayOf } from "../../kit/format";
import { namesOf } from "../../flows/told";
import type { Progress } from "./types";

const PARTS = ["answered", "final", "ended", "proposed", "gone", "later"] as const;
const OPEN = new Set(["open", "returned", "submitted"]);

export function Deadline({ one }: { one: Progress }) {
  const { t, lang } = useI18n();
  const came = one.deadline;
  if (!came) return null;
  const left = one.reviewers.filter((who) => who.pending > 0).map((who) => who.person);
  const waits = came.left > 0 || came.drafts.some((draft) => OPEN.has(draft.state));
  const parts = PARTS.filter((part) => came[part]).map((part) => t(`review.came.${part}`, { n: came[part] }));
  return (
    <div className={waits ? "note amber stack tight" : "note stack tight"}>
      <p>{t("review.came", { day: dayOf(came.at), what: parts.join(lang === "zh" ? "；" : "; ") })}</p>
      {came.left && came.until ? <p>{t("review.came.left", { n: came.left, names: namesOf(left, lang), day: dayOf(came.until) })} <Link className="link" to={`/access/reviews?campaign=${one.id}&state=pending`}>{t("review.came.which")}</Link></p> : null}
      {came.drafts.length ? <p className="row wrap">{t("review.came.drafts")}{came.drafts.map((draft) => <span key={draft.id} className="row tight"><Link className="link" to={`/access/drafts/${draft.id}`}>{draft.title}</Link><span className="soft">{t(`review.draft.${draft.state}` as "review.draft.open")}</span></span>)}</p> : null}
    </div>
  );
}
