/** How long work has waited, beside how long that usually takes. */
import { useI18n } from "../i18n";
import { elapsed, fullMoment, lasting } from "../kit/format";
import { longerThanUsual } from "./told";
import "../i18n/words-flows";

export function Waited({ since, usual, className = "" }: { since: string; /** Seconds within which nine in ten are done; null: too few to tell. */ usual?: number | null; className?: string }) {
  const { t, lang } = useI18n();
  const time = usual ? lasting(usual, lang, Math.ceil) : "";
  return (
    <span className={`nowrap ${longerThanUsual(since, usual) ? "warn" : ""} ${className}`} title={time ? `${fullMoment(since)} · ${t("flow.usualText", { time })}` : fullMoment(since)}>
      <time dateTime={since}>{t("flow.waits", { time: elapsed(since, lang) })}</time>{time ? ` · ${t("queue.usual", { time })}` : null}
    </span>
  );
}
