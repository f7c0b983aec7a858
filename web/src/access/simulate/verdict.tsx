/** The five figures: who gains, who loses, what is stuck, what clashes, which promises hold. */
import { useI18n } from "../../i18n";
import { grouped } from "../../kit/format";
import { Icon } from "../../kit/icons";
import type { Simulation } from "./types";
import "../../i18n/words-simulate";
import "./simulate.css";

export const count = (n: number) => grouped(String(n));
/** Before a number that may be lower, since it hangs on what the reader does not read. */
export const upTo = (said: string, atMost: boolean) => (atMost && said ? `≤ ${said}` : said);

export function Verdict({ sim }: { sim: Simulation }) {
  const { t } = useI18n();
  const { figures: f } = sim;
  const failed = f.tests - f.passed;
  const gained = f.records_gained ? upTo(t("simulate.recordsMore", { n: count(f.records_gained) }), f.records_at_most) : f.cells_gained ? upTo(t("simulate.cellsMore", { n: count(f.cells_gained) }), f.cells_at_most) : t("simulate.noRecords");
  const lost = f.records_lost ? upTo(t("simulate.recordsLess", { n: count(f.records_lost) }), f.records_at_most) : f.cells_lost ? upTo(t("simulate.cellsLess", { n: count(f.cells_lost) }), f.cells_at_most) : t("simulate.noRecords");
  return (
    <section className="sheet sim-figures" aria-label={t("simulate.figures")}>
      <Figure title={t("simulate.gaining")} value={count(f.gaining)} unit={t("simulate.people")} hint={gained} />
      <Figure title={t("simulate.losing")} value={count(f.losing)} unit={t("simulate.people")} hint={lost} />
      <Figure title={t("simulate.corners")} value={count(f.corners)} unit={t("simulate.places")} hint={t(f.corners ? "simulate.newCorners" : "simulate.noneNew")} tone={f.corners ? "warn" : undefined} />
      <Figure title={t("simulate.duties")} value={count(f.duties)} unit={t("simulate.places")} hint={t(f.duties ? "simulate.mustSolve" : "simulate.noneNew")} tone={f.duties ? "bad" : undefined} />
      <Figure title={t("simulate.tests")} value={`${f.passed} / ${f.tests}`} unit="" hint={failed ? t("simulate.notKept", { n: failed }) : t("simulate.allKept")} tone={failed ? "bad" : undefined} />
    </section>
  );
}

function Figure({ title, value, unit, hint, tone }: { title: string; value: string; unit: string; hint: string; tone?: "warn" | "bad" }) {
  return (
    <div className="sim-figure">
      <span className="soft">{title}</span>
      <span className={`sim-value ${tone ?? ""}`}>{value}<small>{unit}</small></span>
      <span className="row tight dim">{tone ? <Icon name={tone === "bad" ? "ban" : "alert"} small /> : null}{hint}</span>
    </div>
  );
}
