/** Gain and loss side by side, riskiest first, with identical columns; below the losses what is in use and would break. */
import { useState } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Dept } from "../../kit/parts";
import type { Break, Entry, Simulation } from "./types";
import { count, upTo } from "./verdict";
import "../../i18n/words-simulate";

const FIRST = 8;

export function Moves({ sim }: { sim: Simulation }) {
  return (
    <div className="sim-two">
      <Side sim={sim} gain />
      <Side sim={sim} />
    </div>
  );
}

function Side({ sim, gain }: { sim: Simulation; gain?: boolean }) {
  const { t } = useI18n();
  const [all, setAll] = useState(false);
  const rows = gain ? sim.gains : sim.losses;
  const people = gain ? sim.figures.gaining : sim.figures.losing;
  const most = Math.max(1, ...rows.map((row) => row.records ?? 0));
  const title = t(gain ? "simulate.whoGains" : "simulate.whoLoses");
  const shown = all ? rows : rows.slice(0, FIRST);
  return (
    <section className="sheet sim-side" aria-label={title}>
      <header className="sim-head">
        <Icon name={gain ? "plus" : "minus"} small /><h2>{title}</h2>
        <span className="dim">{t("simulate.groups", { people: count(people), n: count(gain ? sim.gains_in_all : sim.losses_in_all) })}</span>
        {people ? <a className="link end" href="#persons">{t("simulate.oneByOne")}</a> : null}
      </header>
      {rows.length === 0 ? <p className="dim sim-none">{t(gain ? "simulate.nobodyGains" : "simulate.nobodyLoses")}</p> : null}
      <ul>{shown.map((row, at) => <Row key={at} row={row} most={most} gain={gain} />)}</ul>
      {rows.length > shown.length ? <button className="link sim-more" onClick={() => setAll(true)}>{t("simulate.moreRows", { n: rows.length - shown.length })}</button> : null}
      {gain ? null : <Breaks breaks={sim.breaks} atMost={sim.breaks_at_most} />}
    </section>
  );
}

function Row({ row, most, gain }: { row: Entry; most: number; gain?: boolean }) {
  const { t, w } = useI18n();
  const sign = gain ? "+" : "−";
  const scopes = row.scopes.map((one) => w(one)).join(t("simulate.comma"));
  const more = [scopes ? t("simulate.scope", { scopes }) : "", row.brings ? t("simulate.brings", { n: row.brings }) : "", t("simulate.risk", { n: row.risk })].filter(Boolean).join(" · ");
  const names = row.names.map((one) => one.name).join(t("simulate.comma"));
  return (
    <li>
      <details>
        <summary className="sim-row">
          {row.department ? <Dept name={w(row.department.words)} /> : <span className="dim cut">{t("simulate.nowhere")}</span>}
          <span className="n">{row.people === 1 ? t("simulate.one") : t("simulate.many", { n: count(row.people) })}</span>
          <span className="cut" title={`${w(row.words)} · ${more}`}>{w(row.words)}{scopes ? <span className="dim"> {scopes}</span> : null}</span>
          <span className="bar" aria-hidden="true">{row.records ? <i style={{ width: `${Math.max(4, (100 * row.records) / most)}%` }} /> : null}</span>
          <span className="n">{row.records === null ? (row.recent ? t("simulate.uses", { n: row.recent }) : "") : upTo(`${sign}${t("simulate.rows", { n: count(row.records) })}`, row.at_most && row.records > 0)}</span>
        </summary>
        <p className="soft sim-detail">{row.people > row.names.length ? t("simulate.andMore", { names, n: count(row.people) }) : names}<br /><span className="dim">{more}</span></p>
      </details>
    </li>
  );
}

function Breaks({ breaks, atMost }: { breaks: Break[]; atMost: boolean }) {
  const { t, w } = useI18n();
  if (breaks.length === 0) return null;
  const told = breaks.slice(0, 3).map((one) => t("simulate.breakOf", { name: one.person.name, what: one.uses[0] ? w(one.uses[0].words) : "", n: upTo(count(one.n), atMost) }));
  return (
    <p className="note amber sim-breaks">
      <b>{t("simulate.breaks")}</b>{told.join(t("simulate.semicolon"))}{breaks.length > 3 ? t("simulate.breakMore", { n: breaks.length - 3 }) : ""}
    </p>
  );
}
