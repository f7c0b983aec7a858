/** Who gains and who loses what by a change, person by person, and what would stop it: the short form of a simulation. */
import { Link } from "react-router";
import type { Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Who } from "../../kit/parts";
import type { PersonRow, Short, Simulation } from "../simulate/types";
import { count, upTo } from "../simulate/verdict";
import "../../i18n/words-forms";
import "../../i18n/words-simulate";
import "./move.css";

const FEW = 8;

/** `draft`: where the whole simulation is; `blockers`: said here, where nothing else on the page says them. */
export function Effects({ sim, draft, blockers = false }: { sim: Simulation; draft?: string; blockers?: boolean }) {
  const { t, w } = useI18n();
  const rows = sim.persons.filter((one) => one.gained.length || one.lost.length || one.records.length || one.cells_gained || one.cells_lost);
  return (
    <section className="effects" aria-label={t("effect.title")}>
      <h3 className="row">{t("effect.title")}{draft ? <Link className="link end" to={`/access/simulate?draft=${draft}`}>{t("effect.full")}</Link> : null}</h3>
      {blockers && sim.blockers.length ? <div className="note red" role="note"><b className="row tight"><Icon name="ban" small />{t("effect.blocked")}</b>{sim.blockers.map((one, at) => <p key={at}>{w(one.words)}</p>)}</div> : null}
      {sim.warnings.length ? <div className="note amber" role="note">{sim.warnings.map((one, at) => <p key={at} className="row"><Icon name="alert" small /><span>{w(one)}</span></p>)}</div> : null}
      {rows.length === 0 ? <p className="soft row"><Icon name="check" small />{t("effect.nobody")}</p> : <ul className="effect-list">{rows.slice(0, FEW).map((one) => <Person key={one.person.id} row={one} open={rows.length === 1} />)}</ul>}
      {sim.persons_in_all > Math.min(rows.length, FEW) && rows.length ? <p className="dim">{t("effect.more", { n: count(sim.persons_in_all - Math.min(rows.length, FEW)) })}</p> : null}
      {sim.unread.length ? <p className="dim row"><Icon name="lock" small /><span>{t("effect.unread")}</span></p> : null}
    </section>
  );
}

function Person({ row, open }: { row: PersonRow; open: boolean }) {
  const { t, w } = useI18n();
  return (
    <li>
      <details open={open}>
        <summary className="row wrap"><span className="turn" aria-hidden="true"><Icon name="right" small /></span><Who person={row.person} />
          {row.gained.length ? <span className="chip brand"><Icon name="plus" small />{t("effect.gains", { n: row.gained.length })}</span> : null}
          {row.lost.length ? <span className="chip"><Icon name="minus" small />{t("effect.loses", { n: row.lost.length })}</span> : null}
          {row.records.slice(0, 2).map((one) => <span key={one.type} className="dim">{t("effect.sees", { what: w(one.words), before: upTo(count(one.before), one.at_most), after: upTo(count(one.after), one.at_most) })}</span>)}
          {row.recent ? <span className="warn row tight"><Icon name="alert" small />{t("effect.breaks", { n: count(row.recent) })}</span> : null}
        </summary>
        <Rights title={t("effect.gain")} rights={row.gained} sign="plus" />
        <Rights title={t("effect.loss")} rights={row.lost} sign="minus" />
      </details>
    </li>
  );
}

function Rights({ title, rights, sign }: { title: string; rights: Short[]; sign: "plus" | "minus" }) {
  const { t, w } = useI18n();
  if (!rights.length) return null;
  const said = (words: Words[]) => words.map((one) => w(one)).join(t("simulate.comma"));
  return (
    <div className="effect-rights"><b>{title}</b>
      <ul>{rights.map((one, at) => <li key={at} className="row"><span className={sign === "plus" ? "brand-ink" : "bad"}><Icon name={sign} small /></span><span className="grow">{w(one.words)}{one.scopes.length ? <span className="dim"> {said(one.scopes)}</span> : null}</span></li>)}</ul>
    </div>
  );
}
