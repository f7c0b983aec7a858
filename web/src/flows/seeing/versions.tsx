/** One version beside another: the same measures, how many cases, and between which bounds the difference lies. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { besideQuery, type Asked } from "./queries";
import { of, percent, span } from "./told";
import type { Beside, Clock, Figures, Times } from "./types";

interface SideFigures { cycle: Times; wait_share: number; first_time_right: number; rework: number; timed: number; late: number }

export function Versions({ figures, code, asked, clock }: { figures: Figures; code: string; asked: Asked; clock: Clock }) {
  const { t } = useI18n();
  const known = figures.versions;
  const [pair, setPair] = useState<[number, number]>([known[1] ?? 0, known[0] ?? 0]);
  const found = useQuery({ ...besideQuery(code, pair[0], pair[1], asked), enabled: known.length > 1 });
  if (known.length < 2) return <p className="dim see-page">{t("see.oneVersion")}</p>;
  const pick = (at: 0 | 1, label: string) => (
    <label className="row tight"><span className="soft nowrap">{label}</span><select className="box see-pick" value={pair[at]} onChange={(event) => setPair(at ? [pair[0], Number(event.target.value)] : [Number(event.target.value), pair[1]])}>{known.map((n) => <option key={n} value={n}>{t("flow.version", { n })}</option>)}</select></label>
  );
  return (
    <div className="see-page">
      <div className="row wrap">{pick(0, t("see.one"))}{pick(1, t("see.other"))}<span className="dim">{t("see.versionsOf", { n: asked.days * 2 })}</span></div>
      {found.isPending ? <Bones rows={6} height={36} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : <Told beside={found.data} clock={clock} />}
    </div>
  );
}

function Told({ beside, clock }: { beside: Beside; clock: Clock }) {
  const { t, w, lang } = useI18n();
  const [one, other] = beside.sides;
  if (!one || !other) return null;
  const figures = [one.figures, other.figures] as (SideFigures | null)[];
  const rows: [string, (given: SideFigures) => string][] = [
    [t("see.cycle"), (given) => span(of(given.cycle, clock).p50, lang, clock)],
    ["P90", (given) => span(of(given.cycle, clock).p90, lang, clock)],
    [t("see.waitShare"), (given) => percent(given.wait_share)],
    [t("see.right"), (given) => percent(given.first_time_right)],
    [t("see.rate"), (given) => percent(given.rework)],
    [t("see.sla"), (given) => (given.timed ? percent(1 - given.late / given.timed) : "—")],
  ];
  const nodes = [...new Set([...one.nodes, ...other.nodes].map((node) => node.id))];
  const at = (side: typeof one, id: string) => { const found = side.nodes.find((node) => node.id === id); return found ? span(of(found.total, clock).p50, lang, clock) : "—"; };
  const change = beside.difference;
  return (
    <>
      <section className={change?.certain ? "note see-change" : "note see-change quiet"} aria-label={t("see.difference")}>
        {change ? (
          <>
            <span className="soft">{t("see.difference")}</span>
            <b className="see-value">{(change.p50 ?? 0) > 0 ? "+" : "−"}{span(Math.abs(change.p50 ?? 0), lang)}</b>
            <span className="soft">{t("see.interval", { low: said(change.low), high: said(change.high) })} · n = {change.n.join(" / ")}</span>
            <span>{t(change.certain ? "see.certain" : "see.uncertain")}</span>
          </>
        ) : <span>{t("see.tooFew")}</span>}
      </section>
      <div className="see-scroll-x" role="region" tabIndex={0} aria-label={t("see.tab.versions")}>
        <table className="see-table">
          <thead><tr><th>{t("see.measure")}</th>{beside.sides.map((side, n) => <th key={n} className="n">{t("flow.version", { n: side.version })}<span className="dim"> · {side.cases === null ? t("see.few") : t("see.nCases", { n: side.cases })}</span></th>)}</tr></thead>
          <tbody>
            {rows.map(([name, say]) => <tr key={name}><th scope="row">{name}</th>{figures.map((given, n) => <td key={n} className="n">{given ? say(given) : "—"}</td>)}</tr>)}
            {nodes.map((id) => <tr key={id}><th scope="row">{w(beside.names[id] ?? { zh: id, en: id })} <span className="dim">P50</span></th><td className="n">{at(one, id)}</td><td className="n">{at(other, id)}</td></tr>)}
          </tbody>
        </table>
      </div>
    </>
  );
  function said(seconds: number | null) { return seconds === null ? "—" : `${seconds > 0 ? "+" : seconds < 0 ? "−" : ""}${span(Math.abs(seconds), lang)}`; }
}
