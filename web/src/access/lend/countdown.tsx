/** What is left of a loan: a ring and words that tick here; the truth is the server's. Amber under a day. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useI18n } from "../../i18n";
import { AFTER, left } from "./data";
import "./lend.css";
import "../../i18n/words-lend";

const DAY = 86_400_000;
/** What the page is told is cut to the second: a second later it is over for certain. */
const A_SECOND = 1_000;
const ROUND = 2 * Math.PI * 5;

/** `whole`: with the words "left", where no heading says it. */
export function Countdown({ starts, ends, whole = false }: { starts: string; ends: string; whole?: boolean }) {
  const { t } = useI18n();
  const [now, setNow] = useState(Date.now());
  const end = new Date(ends).getTime();
  const near = end - now < DAY;
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), near ? 1_000 : 20_000);
    return () => clearInterval(timer);
  }, [near]);
  const client = useQueryClient();
  const over = end <= now;
  // The list of what runs is read anew when one of it has ended, by the borrower and by the lender.
  useEffect(() => {
    if (!over) return undefined;
    const timer = setTimeout(() => { for (const name of AFTER) void client.invalidateQueries({ queryKey: [name] }); }, A_SECOND);
    return () => clearTimeout(timer);
  }, [over, client]);
  const begin = new Date(starts).getTime();
  const part = Math.max(0, Math.min(1, (end - now) / Math.max(1, end - begin)));
  return (
    <span className={near ? "left-chip amber" : "left-chip"} role="timer" aria-label={`${t("lend.c.left")} ${left(ends, now, t)}`}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><circle cx="7" cy="7" r="5" className="ring" /><circle cx="7" cy="7" r="5" className="ring-left" strokeDasharray={`${part * ROUND} ${ROUND}`} transform="rotate(-90 7 7)" /></svg>
      <span className="cut">{whole && !over ? t("lend.r.left", { time: left(ends, now, t) }) : left(ends, now, t)}</span>
    </span>
  );
}
