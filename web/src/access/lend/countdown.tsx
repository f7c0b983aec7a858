/** What is left of a loan: a ring and words that tick here; the truth is the server's. Amber under a day. */
import { useEffect, useState } from "react";
import { useI18n } from "../../i18n";
import { left } from "./data";
import "../../i18n/words-lend";

const DAY = 86_400_000;
const ROUND = 2 * Math.PI * 5;

export function Countdown({ starts, ends }: { starts: string; ends: string }) {
  const { t } = useI18n();
  const [now, setNow] = useState(Date.now());
  const end = new Date(ends).getTime();
  const near = end - now < DAY;
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), near ? 1_000 : 20_000);
    return () => clearInterval(timer);
  }, [near]);
  const begin = new Date(starts).getTime();
  const part = Math.max(0, Math.min(1, (end - now) / Math.max(1, end - begin)));
  return (
    <span className={near ? "left-chip amber" : "left-chip"} role="timer" aria-label={`${t("lend.c.left")} ${left(ends, now, t)}`}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><circle cx="7" cy="7" r="5" className="ring" /><circle cx="7" cy="7" r="5" className="ring-left" strokeDasharray={`${part * ROUND} ${ROUND}`} transform="rotate(-90 7 7)" /></svg>
      <span className="cut">{left(ends, now, t)}</span>
    </span>
  );
}
