/** How much is held where I answer for it: a figure, twelve months as a line, and the change in words. */
import { useI18n } from "../../i18n";
import { grouped } from "../../kit/format";
import type { Month, Volume } from "./types";
import "../../i18n/words-review";

const WIDE = 92;
const HIGH = 32;

export function VolumeFoot({ volume }: { volume: Volume }) {
  const { t, w } = useI18n();
  const months = volume.months;
  const last = months.at(-1);
  const first = months[0];
  if (!last || !first) return null;
  const change = first.n ? Math.round((100 * (last.n - first.n)) / first.n) : 0;
  const n = Math.max(1, months.length - 1);
  const said = change < 0 ? t("review.less", { p: -change, n }) : change > 0 ? t("review.more", { p: change, n }) : t("review.same", { n });
  return (
    <footer className="review-volume">
      <div className="dim cut">{t("review.months", { name: w(volume.name) })}</div>
      <div className="row">
        <span className="grow"><b className="review-figure">{grouped(String(last.n))}</b> <span className="dim">{t("review.volumeN")}</span></span>
        <Curve months={months} />
      </div>
      {months.length > 1 ? <div className={change <= 0 ? "brand-ink" : "soft"}>{said}</div> : null}
    </footer>
  );
}

/** Twelve months as a line; nothing while there is only one. */
export function Curve({ months }: { months: Month[] }) {
  if (months.length < 2) return null;
  const most = Math.max(...months.map((one) => one.n), 1);
  const points = months.map((one, at) => `${((at * WIDE) / (months.length - 1)).toFixed(1)},${(HIGH - 2 - (one.n / most) * (HIGH - 8)).toFixed(1)}`).join(" ");
  return (
    <svg width={WIDE} height={HIGH} role="img" aria-label={months.map((one) => `${one.day.slice(0, 7)} ${one.n}`).join(", ")}>
      <polygon className="review-area" points={`0,${HIGH} ${points} ${WIDE},${HIGH}`} /><polyline className="review-line" points={points} />
    </svg>
  );
}
