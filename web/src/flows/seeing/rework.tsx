/** What is sent back to where, and what is done again. */
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { waysQuery, type Asked } from "./queries";
import { percent } from "./told";
import type { Figures } from "./types";

export function Rework({ figures, code, asked }: { figures: Figures; code: string; asked: Asked }) {
  const { t, w } = useI18n();
  const found = useQuery(waysQuery(code, asked));
  const name = (id: string) => { const one = figures.nodes.find((other) => other.id === id); return one ? w(one.name) : id; };
  const sources = [...new Set(figures.returns.map((one) => one.source))], targets = [...new Set(figures.returns.map((one) => one.target))];
  const log = figures.of_log !== null, head = t(log ? "see.returnsLog" : "see.returns"), none = t(log ? "see.returnsLogNone" : "see.returnsNone");
  const most = Math.max(1, ...figures.returns.map((one) => one.count));
  return (
    <div className="see-page see-two">
      <section aria-label={head}>
        <h2>{head}</h2>
        {figures.returns.length ? (
          <div className="see-scroll-x" role="region" tabIndex={0} aria-label={head}>
            <table className="see-table see-matrix">
              <thead><tr><th>{t("see.from")} \ {t("see.to")}</th>{targets.map((one) => <th key={one} className="n">{name(one)}</th>)}</tr></thead>
              <tbody>{sources.map((source) => <tr key={source}><th scope="row">{name(source)}</th>{targets.map((target) => {
                const one = figures.returns.find((other) => other.source === source && other.target === target);
                return <td key={target} className="n" style={one ? { "--heat": `${Math.round((one.count / most) * 100)}%` } as React.CSSProperties : undefined} title={one ? t(log ? "see.againOf" : "see.backOf", { source: name(source), target: name(target), n: one.count, share: percent(one.share) }) : undefined}>{one ? <>{one.count}<span className="soft"> {percent(one.share)}</span></> : ""}</td>;
              })}</tr>)}</tbody>
            </table>
          </div>
        ) : <p className="dim">{none}</p>}
      </section>
      <section aria-label={t("see.repeats")}>
        <h2>{t("see.repeats")}</h2>
        {found.isPending ? <Bones rows={5} height={36} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : (
          <div className="see-scroll-x" role="region" tabIndex={0} aria-label={t("see.repeats")}>
            <table className="see-table">
              <thead><tr><th>{t("see.step")}</th><th className="n">{t("see.cases")}</th><th className="n">{t("see.repeated")}</th>{log ? null : <th className="n">{t("see.rejected")}</th>}<th className="n">{t("see.rate")}</th></tr></thead>
              <tbody>{found.data.repeats.map((one) => <tr key={one.node}><th scope="row">{w(found.data.names[one.node] ?? { zh: one.node, en: one.node })}</th><td className="n">{one.cases}</td><td className="n">{one.repeated}</td>{log ? null : <td className="n">{one.rejected}</td>}<td className={one.rate > 0.1 ? "n warn" : "n"}>{percent(one.rate, 1)}</td></tr>)}</tbody>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}
