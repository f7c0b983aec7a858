/** The steps as lists: by how much they hold up, and by how they keep their limits. */
import { useI18n, type Key } from "../../i18n";
import { brief, of, percent } from "./told";
import type { Clock, Figures, Times } from "./types";

const CAUSES = ["contention", "batching", "prioritisation", "unavailability", "hand_off", "other"];

function Three({ times, clock }: { times: Times; clock: Clock }) {
  const one = of(times, clock);
  return <>{brief(one.p50, clock)} <span className="dim">·</span> {brief(one.p90, clock)} <span className="dim">·</span> {brief(one.p95, clock)}</>;
}

export function Ranking({ figures, clock }: { figures: Figures; clock: Clock }) {
  const { t, w } = useI18n();
  // A log without starts tells no work from waiting, and a log has no load.
  const works = figures.queues, loads = figures.of_log === null;
  const rows = figures.nodes.flatMap((one) => (one.figures ? [{ node: one, own: one.figures }] : [])).sort((a, b) => b.own.score - a.own.score);
  return (
    <div className="see-page">
      <div className="see-scroll-x" role="region" tabIndex={0} aria-label={t("see.tab.ranking")}>
        <table className="see-table">
          <thead><tr><th className="n">{t("see.rank")}</th><th>{t("see.step")}</th><th className="n" title={t("see.formulaHelp")}>{t("see.scoreShort")}</th><th className="n">{t("see.cases")}</th><th className="n">{t("see.wait")} {t("see.p")}</th>{works ? <th className="n">{t("see.work")} {t("see.p")}</th> : null}{loads ? <th className="n" title={t("see.legend.load")}>{t("see.loadShort")}</th> : null}<th title={t("see.causesHelp")}>{t("see.why")}</th></tr></thead>
          <tbody>
            {rows.map(({ node, own }, at) => (
              <tr key={node.id} className={node.id === figures.bottleneck ? "chosen-row" : undefined}>
                <td className="n dim">{at + 1}</td><th scope="row">{w(node.name)}</th><td className="n"><b className={node.id === figures.bottleneck ? "warn" : ""}>{own.score.toFixed(2)}</b></td>
                <td className="n">{own.cases} <span className="dim">{percent(own.share)}</span></td><td className="n"><Three times={own.wait} clock={clock} /></td>{works ? <td className="n"><Three times={own.work} clock={clock} /></td> : null}
                {loads ? <td className="n">{own.load === null ? "—" : percent(own.load)}</td> : null}
                <td><Stack causes={own.causes} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="see-keys">{CAUSES.map((one) => <li key={one}><i className={`see-cause ${one}`} aria-hidden="true" />{t(`see.cause.${one}` as Key)}</li>)}</ul>
    </div>
  );
}

function Stack({ causes }: { causes: Record<string, number> }) {
  const { t } = useI18n();
  const said = CAUSES.filter((one) => causes[one]).map((one) => `${t(`see.cause.${one}` as Key)} ${percent(causes[one] ?? 0)}`).join("; ");
  return <span className="see-stack" role="img" aria-label={said || t("see.causesNone")} title={said}>{CAUSES.map((one) => (causes[one] ? <i key={one} className={`see-cause ${one}`} style={{ width: percent(causes[one] ?? 0, 1) }} /> : null))}</span>;
}

export function Sla({ figures }: { figures: Figures }) {
  const { t, w } = useI18n();
  const rows = figures.nodes.flatMap((one) => (one.figures?.timed ? [{ node: one, own: one.figures, hit: 1 - one.figures.late / one.figures.timed }] : [])).sort((a, b) => a.hit - b.hit);
  if (!rows.length) return <p className="dim see-page">{t("see.slaNothing")}</p>;
  return (
    <div className="see-page">
      <div className="see-scroll-x" role="region" tabIndex={0} aria-label={t("see.tab.sla")}>
        <table className="see-table">
          <thead><tr><th>{t("see.step")}</th><th className="n">{t("see.timed")}</th><th className="n">{t("see.late")}</th><th className="n">{t("see.sla")}</th><th><span className="unseen">{t("see.sla")}</span></th></tr></thead>
          <tbody>{rows.map(({ node, own, hit }) => <tr key={node.id}><th scope="row">{w(node.name)}</th><td className="n">{own.timed}</td><td className="n">{own.late}</td><td className={hit < 0.9 ? "n warn" : "n"}>{percent(hit, 1)}</td><td className="see-wide"><span className={hit < 0.9 ? "bar amber" : "bar"}><i style={{ width: percent(hit, 1) }} /></span></td></tr>)}</tbody>
        </table>
      </div>
    </div>
  );
}
