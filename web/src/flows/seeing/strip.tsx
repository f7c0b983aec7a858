/** Six figures of the whole, each against the period before; of a log of another system what it holds, and nothing that would be of now. */
import { useI18n } from "../../i18n";
import { dayOf, grouped } from "../../kit/format";
import { change, of, percent, points, signed, span } from "./told";
import type { Clock, Figures } from "./types";

interface Cell { name: string; value: string; unit?: string; beside: string; amber?: boolean }

export function Strip({ figures, clock }: { figures: Figures; clock: Clock }) {
  const { t, w, lang } = useI18n();
  const { whole, before, of_log: log } = figures;
  const cycle = of(whole.cycle, clock);
  const waits = figures.nodes.flatMap((one) => (one.figures ? [{ one, sum: one.figures.wait_part }] : [])).sort((a, b) => b.sum - a.sum);
  const total = waits.reduce((sum, one) => sum + one.sum, 0);
  const worst = waits[0];
  const ended = change(whole.cases, before?.cases);
  const right = points(whole.first_time_right, before?.first_time_right);
  const hit = whole.timed && whole.late !== null ? 1 - whole.late / whole.timed : null;
  const time: Cell = { name: t("see.cycle"), value: span(cycle.p50, lang, clock), beside: `P90 ${span(cycle.p90, lang, clock)}` };
  const wait: Cell = { name: t("see.waitShare"), value: percent(whole.cases ? whole.wait_share : null), beside: worst && total ? t("see.waitWorst", { node: w(worst.one.name), share: percent(worst.sum / total) }) : "", amber: true };
  const cells: Cell[] = log ? [
    { name: t("see.cases"), value: grouped(String(whole.cases)), unit: t("see.runningUnit"), beside: t("see.ofLog.events", { n: grouped(String(log.events)) }) },
    { name: t("see.ofLog.period"), value: dayOf(log.since), beside: t("see.ofLog.until", { day: dayOf(log.until) }) },
    time, ...(whole.wait_share === null ? [] : [wait]),
    { name: t("see.ofLog.once"), value: percent(whole.cases ? whole.first_time_right : null), beside: "" },
  ] : [
    { name: t("see.running"), value: String(whole.running), unit: t("see.runningUnit"), beside: whole.aged ? t("see.aged", { n: whole.aged }) : whole.running ? t("see.agedNone") : "", amber: whole.aged > 0 },
    { name: t("see.ended"), value: String(whole.cases), unit: t("see.runningUnit"), beside: ended === null ? "" : t("see.before", { change: `${signed(ended)}%` }) },
    time, wait,
    { name: t("see.right"), value: percent(whole.cases ? whole.first_time_right : null), beside: right === null ? "" : t("see.before", { change: t("see.points", { n: signed(right) }) }) },
    { name: t("see.sla"), value: hit === null ? "—" : percent(hit), beside: whole.timed === null ? "" : whole.timed ? t("see.slaOf", { n: whole.timed }) : t("see.slaNone"), amber: hit !== null && hit < 0.9 },
  ];
  return (
    <dl className="see-strip" data-cells={cells.length}>
      {cells.map((one) => (
        <div key={one.name} className="see-cell">
          <dt className="soft">{one.name}</dt>
          <dd><b className="see-value">{one.value}</b>{one.unit ? <span className="soft"> {one.unit}</span> : null}<span className={one.amber ? "warn see-beside cut" : "soft see-beside cut"} title={one.beside}>{one.beside}</span></dd>
        </div>
      ))}
    </dl>
  );
}
