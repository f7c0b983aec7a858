/** Who hands to whom, what goes to and fro, and what the viewer's own people did. */
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Bones, Dept } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { logOf, waysQuery, type Asked } from "./queries";
import { brief, of, percent, span } from "./told";
import type { Clock, Ways } from "./types";

const MOST = 12;
/** A hand-off of which fewer are accepted at once is one to look at. */
const GOOD = 0.8;

export function Hands({ code, asked, clock }: { code: string; asked: Asked; clock: Clock }) {
  const found = useQuery(waysQuery(code, asked));
  if (found.isPending) return <div className="see-page"><Bones rows={8} height={36} /></div>;
  if (found.isError) return <div className="see-page"><Refused problem={asProblem(found.error)} /></div>;
  return <Told ways={found.data} clock={clock} ours={logOf(code) === null} />;
}

export function Told({ ways, clock, ours }: { ways: Ways; clock: Clock; ours: boolean }) {
  const { t, w, lang } = useI18n();
  const { pairs, rallies, by } = ways.handoffs;
  const name = (id: string) => { const found = ways.names[`${by}:${id}`]; return found ? w(found) : id; };
  const person = (id: string) => { const found = ways.names[`person:${id}`]; return found ? w(found) : id; };
  const weight = new Map<string, number>();
  for (const one of pairs) for (const side of [one.source, one.target]) weight.set(side, (weight.get(side) ?? 0) + one.count);
  const sides = [...weight.keys()].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0)).slice(0, MOST);
  const most = Math.max(1, ...pairs.map((one) => one.count));
  const label = (id: string) => (by === "department" ? <Dept name={name(id)} /> : name(id));
  return (
    <div className="see-page see-two">
      {ways.packets.length ? <Packets ways={ways} clock={clock} /> : null}
      <section aria-label={t(by === "department" ? "see.handsDept" : "see.handsActor")}>
        <h2>{t(by === "department" ? "see.handsDept" : "see.handsActor")}</h2>
        {pairs.length ? (
          <>
            <p className="dim">{t("see.handsHelp")}</p>
            <div className="see-scroll-x" role="region" tabIndex={0} aria-label={t("see.tab.hands")}>
              <table className="see-table see-matrix">
                <thead><tr><th>{t("see.from")} \ {t("see.to")}</th>{sides.map((one) => <th key={one} className="n">{name(one)}</th>)}</tr></thead>
                <tbody>{sides.map((source) => <tr key={source}><th scope="row">{label(source)}</th>{sides.map((target) => {
                  const one = pairs.find((other) => other.source === source && other.target === target);
                  return <td key={target} className="n" style={one ? { "--heat": `${Math.round((one.count / most) * 100)}%` } as React.CSSProperties : undefined}>{one ? <>{one.count}<small className="soft">{span(one.wait, lang)}</small></> : ""}</td>;
                })}</tr>)}</tbody>
              </table>
            </div>
          </>
        ) : <p className="dim">{t("see.handsNone")}</p>}
        <h2>{t("see.rallies")}</h2>
        {rallies.length ? <ul className="see-list">{rallies.slice(0, 20).map((one) => <li key={`${one.one} ${one.other}`}>{t("see.ralliesText", { one: name(one.one), other: name(one.other), n: one.count, cases: one.cases })}</li>)}</ul> : <p className="dim">{t("see.ralliesNone")}</p>}
      </section>
      <section aria-label={t(ours ? "see.people" : "see.peopleAll")}>
        <h2>{t(ours ? "see.people" : "see.peopleAll")}</h2>
        {ours ? <p className="dim">{t("see.peopleHelp")}</p> : null}
        {ways.people.length ? (
          <table className="see-table">
            <thead><tr><th>{t("see.peopleAll")}</th><th className="n">{t("see.did")}</th><th className="n">{t("see.wait")} P50 · P90</th></tr></thead>
            <tbody>{ways.people.map((one) => { const wait = of(one.wait, clock); return <tr key={one.person}><th scope="row">{person(one.person)}</th><td className="n">{one.visits}</td><td className="n">{brief(wait.p50, clock)} · {brief(wait.p90, clock)}</td></tr>; })}</tbody>
          </table>
        ) : <p className="dim">{t("see.peopleNone")}</p>}
      </section>
    </div>
  );
}

/** How what was handed over was received: at once or after returns, how long it took, what waits. */
function Packets({ ways, clock }: { ways: Ways; clock: Clock }) {
  const { t, w, lang } = useI18n();
  const name = (id: string) => { const found = ways.names[id]; return found ? w(found) : id; };
  return (
    <section className="see-whole" aria-label={t("see.packets")}>
      <h2>{t("see.packets")}</h2>
      <p className="dim">{t("see.packetsHelp")}</p>
      <div className="see-scroll-x" role="region" tabIndex={0} aria-label={t("see.packets")}>
        <table className="see-table">
          <thead><tr><th>{t("see.packetsWay")}</th><th className="n">{t("see.cases")}</th><th className="n">{t("see.packetsHanded")}</th><th className="n">{t("see.packetsFirst")}</th><th className="n">{t("see.packetsReturned")}</th><th className="n">{t("see.packetsMost")}</th><th className="n">{t("see.packetsWait")} P50 · P90</th><th className="n">{t("see.packetsOpen")}</th></tr></thead>
          <tbody>{ways.packets.map((one) => {
            const wait = of(one.wait, clock);
            return (
              <tr key={one.node}>
                <th scope="row">{one.source ? <>{name(one.source)} <span className="dim" aria-hidden="true">→</span> </> : null}{name(one.node)}</th>
                <td className="n">{one.cases}</td><td className="n">{one.handed}</td>
                <td className={one.first_time !== null && one.first_time < GOOD ? "n warn" : "n"}>{percent(one.first_time)}</td>
                <td className="n">{one.returned}{one.handed ? <span className="soft"> · {percent(one.returned / one.handed)}</span> : null}</td>
                <td className="n">{one.most}</td><td className="n">{brief(wait.p50, clock)} <span className="dim">·</span> {brief(wait.p90, clock)}</td>
                <td className="n">{one.open}{one.oldest === null ? null : <span className="soft"> {t("see.packetsOldest", { span: span(one.oldest, lang) })}</span>}</td>
              </tr>
            );
          })}</tbody>
        </table>
      </div>
    </section>
  );
}
