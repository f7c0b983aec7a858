/** One step: its score in words, what stands there day by day, why it waits, what might help, what has waited longest. */
import { useState } from "react";
import { Link } from "react-router";
import { useI18n, type Key } from "../../i18n";
import { dayOf, grouped } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { useSession } from "../../kit/session";
import { DrawButton, NoteButton } from "./improvements";
import { logOf } from "./queries";
import { titleOf } from "../told";
import { percent, span } from "./told";
import type { Clock, Figures, Node, Suggestion } from "./types";

const SHOWN = 5;

export function Panel({ code, figures, node, clock }: { code: string; figures: Figures; node: Node; clock: Clock }) {
  const { t, w } = useI18n();
  const worst = node.id === figures.bottleneck;
  const own = node.figures;
  return (
    <aside className="see-panel" aria-label={`${t("see.panel")}: ${w(node.name)}`}>
      <section>
        <div className="row"><span className={worst ? "warn" : "dim"}><Icon name="user" small /></span><h2>{w(node.name)}</h2>{own ? <span className={worst ? "chip amber end" : "chip end"}>{t("see.score", { n: own.score.toFixed(2) })}</span> : null}</div>
        {own ? <p className="soft" title={t("see.formulaHelp")}>{t("see.formula", { wait: percent(own.wait_part), share: percent(own.share) })}</p> : <p className="dim">{t("see.few")}</p>}
        {node.daily.length ? <Daily node={node} /> : null}
      </section>
      {own ? <Causes causes={own.causes} /> : null}
      <Suggestions code={code} figures={figures} node={node} />
      {figures.of_log === null && (figures.knows_all || figures.waiting.some((one) => one.node === node.id)) ? <Longest figures={figures} node={node} clock={clock} /> : null}
    </aside>
  );
}

function Daily({ node }: { node: Node }) {
  const { t } = useI18n();
  const days = node.daily.slice(-30);
  const most = Math.max(1, node.usual, ...days);
  const now = days[days.length - 1] ?? 0;
  const usual = Math.round(node.usual);
  return (
    <div className="see-daily" role="img" aria-label={t("see.dailyLabel", { days: days.length, n: now, usual })}>
      <div className="see-bars" aria-hidden="true">
        {days.map((n, at) => <i key={at} className={n > node.usual ? "over" : ""} style={{ height: `${Math.max(n ? 4 : 1, (n / most) * 100)}%` }} />)}
        <b style={{ bottom: `${(node.usual / most) * 100}%` }} />
      </div>
      <p className="row see-daily-said" aria-hidden="true"><span className="soft">{t("see.usual", { n: usual })}</span><span className={now > node.usual ? "warn end" : "soft end"}>{t("see.today", { n: now })}</span></p>
    </div>
  );
}

const CAUSES = ["contention", "batching", "prioritisation", "unavailability", "hand_off", "other"];

function Causes({ causes }: { causes: Record<string, number> }) {
  const { t } = useI18n();
  const found = CAUSES.filter((one) => (causes[one] ?? 0) >= 0.005).sort((a, b) => (causes[b] ?? 0) - (causes[a] ?? 0));
  return (
    <section aria-label={t("see.causes")}>
      <div className="row"><h3 title={t("see.causesHelp")}>{t("see.causes")}</h3><span className="dim end">{t("see.causesOf")}</span></div>
      {found.length ? (
        <ul className="see-causes">
          {found.map((one, at) => <li key={one}><span>{t(`see.cause.${one}` as Key)}</span><span className={at < 2 ? "bar amber" : "bar slate"}><i style={{ width: percent(causes[one] ?? 0, 1) }} /></span><span className="n">{percent(causes[one] ?? 0)}</span></li>)}
        </ul>
      ) : <p className="dim">{t("see.causesNone")}</p>}
    </section>
  );
}

/** How the figures of a suggestion read, by their names; what is not named here is a share. */
const LONG = new Set(["p75", "p90", "p95", "saved", "saved_all"]), NUMBERS = new Set(["of", "older", "learned", "newer", "through", "wrong", "read", "all"]), EXACT = new Set(["passed", "low", "high"]);
/** What a suggestion says and what speaks for it. */
export function useSaid(figures: Figures) {
  const { t, w, lang } = useI18n();
  const name = (id: string | null) => { const found = figures.nodes.find((one) => one.id === id) ?? figures.shapes.find((one) => one.id === id); return found?.name ? w(found.name) : (id ?? ""); };
  const say = (key: string, value: number) => {
    if (key === "looked") return span(value, lang);
    if (key === "since") return dayOf(new Date(value * 1000).toISOString());
    if (LONG.has(key)) return span(value, lang, "working");
    if (NUMBERS.has(key) || key.startsWith("upto.")) return grouped(String(value), true);
    return percent(value, EXACT.has(key) ? 1 : 0);
  };
  return (one: Suggestion) => {
    const values: Record<string, string | number> = { node: name(one.node), other: name(one.other), n: one.n };
    for (const [key, value] of Object.entries(one.figures)) values[key] = say(key, value);
    const upTo = Object.keys(one.figures).find((key) => key.startsWith("upto.")), tested = one.figures.through !== undefined;
    if (upTo) values.upto = values[upTo] ?? "";
    if (tested) values.rate = percent((one.figures.wrong ?? 0) / Math.max(1, one.figures.through ?? 0), 1);
    const faster = one.now !== null && one.then !== null && one.then < one.now;
    const effect = faster ? t("see.effect", { now: span(one.now, lang), then: span(one.then, lang) }) : tested ? t("see.effectNone") : "";
    const unread = (one.figures.read ?? 0) < (one.figures.all ?? 0) ? t("see.test.read", values) : "";
    return {
      title: t(`see.s.${one.code}` as Key, values), text: [t((upTo ? "see.s.automateUpTo" : `see.s.${one.code}Text`) as Key, values), effect].filter(Boolean).join(lang === "zh" ? "" : " "),
      /** How the rule stood the test on cases that had no part in it. */
      test: tested ? { rows: (["through", "wrong", "saved"] as const).map((row) => ({ row, name: t(`see.test.${row}`), value: t(`see.test.${row}Said`, values) })), by: [t(upTo ? "see.test.byAmount" : "see.test.by", values), unread].filter(Boolean).join(lang === "zh" ? "" : " ") } : null,
      basis: one.figures.p90 !== undefined ? t("see.basis.limits", values) : "",
    };
  };
}

type Test = NonNullable<ReturnType<ReturnType<typeof useSaid>>["test"]>;
function Tested({ test }: { test: Test }) {
  const { t } = useI18n();
  return (
    <div className="see-test">
      <dl>{test.rows.map((one) => <div key={one.row} title={one.row === "wrong" ? t("see.test.wrongHelp") : undefined}><dt className="soft">{one.name}</dt><dd className="n">{one.value}</dd></div>)}</dl>
      <p className="dim">{test.by}</p>
    </div>
  );
}

function Suggestions({ code, figures, node }: { code: string; figures: Figures; node: Node }) {
  const { t } = useI18n();
  const { me } = useSession();
  const own = logOf(code) === null, administers = me.administers?.includes("process") === true;
  const draws = own && figures.version !== null && (administers || me.designs === true), notes = own && administers;
  const said = useSaid(figures);
  const [all, setAll] = useState(false);
  const mine = figures.suggestions.filter((one) => one.node === node.id || one.other === node.id);
  if (!mine.length) return null;
  return (
    <section aria-label={t("see.suggestions")}>
      <div className="row tight"><Icon name="bulb" small /><h3>{t("see.suggestions")}</h3></div>
      <ul className="see-suggestions">
        {(all ? mine : mine.slice(0, 2)).map((one, at) => {
          const words = said(one);
          return <li key={one.code + one.node + one.other} className={at === 0 ? "see-suggestion first" : "see-suggestion"}><b>{words.title}</b><p className="soft">{words.text}</p>{words.test ? <Tested test={words.test} /> : null}{words.basis && draws ? <p className="soft">{words.basis}</p> : null}{notes || draws ? <div className="row wrap">{draws ? <DrawButton code={code} title={words.title} text={words.text} of={one} first={at === 0} /> : null}{notes ? <NoteButton code={code} title={words.title} text={words.text} of={one} figures={one.figures} /> : null}</div> : null}</li>;
        })}
      </ul>
      {mine.length > 2 && !all ? <button className="link" onClick={() => setAll(true)}>{t("see.more", { n: mine.length - 2 })}</button> : null}
    </section>
  );
}

function Longest({ figures, node }: { figures: Figures; node: Node; clock: Clock }) {
  const { t, w, lang } = useI18n();
  const [all, setAll] = useState(false);
  const mine = figures.waiting.filter((one) => one.node === node.id);
  return (
    <section aria-label={t("see.longest")}>
      <div className="row"><h3>{t("see.longest")}</h3>{mine.length > SHOWN && !all ? <button className="link end" onClick={() => setAll(true)}>{t("see.longestAll", { n: mine.length })}</button> : null}</div>
      {mine.length ? (
        <ul className="see-longest">
          {(all ? mine : mine.slice(0, SHOWN)).map((one) => {
            const what = titleOf(one, w) ?? t("see.case", { n: one.case });
            const who = one.holders.length === 1 ? one.holders[0]?.name : one.holders.length ? t("see.unclaimed", { n: one.holders.length }) : "";
            return <li key={one.case}>{one.instance ? <Link className="cut see-case" to={`/flows/${one.instance}`} title={what}>{what}</Link> : <span className="cut">{what}</span>}<span className="soft nowrap">{who}</span><span className="warn nowrap n">{span(one.seconds, lang)}</span></li>;
          })}
        </ul>
      ) : <p className="dim">{t("see.longestNone")}</p>}
    </section>
  );
}
