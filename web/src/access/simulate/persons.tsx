/** Person by person: what they gain and lose, and how many records before and after. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Who } from "../../kit/parts";
import type { Moved, PersonRow, Short, Simulation } from "./types";
import { count, upTo } from "./verdict";
import "../../i18n/words-simulate";

export function Persons({ sim }: { sim: Simulation }) {
  const { t } = useI18n();
  if (sim.persons.length === 0) return null;
  return (
    <section className="sheet sim-persons" id="persons" aria-label={t("simulate.persons")}>
      <header className="sim-head"><h2>{t("simulate.persons")}</h2><span className="dim">{t("simulate.personsHint", { n: count(sim.persons_in_all) })}{sim.persons_in_all > sim.persons.length ? ` · ${t("simulate.shown", { n: sim.persons.length })}` : ""}</span></header>
      <div className="sim-scroll" tabIndex={0} role="region" aria-label={t("simulate.persons")}>
        <table>
          <thead><tr><th scope="col">{t("simulate.person")}</th><th scope="col">{t("simulate.gets")}</th><th scope="col">{t("simulate.loses")}</th><th scope="col" className="n">{t("simulate.sees")}</th><th scope="col" className="n">{t("simulate.cells")}</th><th scope="col" className="n">{t("simulate.recent")}</th></tr></thead>
          <tbody>{sim.persons.map((row) => <Line key={row.person.id} row={row} atMost={sim.breaks_at_most} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

function Line({ row, atMost }: { row: PersonRow; atMost: boolean }) {
  const { t, w } = useI18n();
  const cells = [row.cells_gained ? `+${count(row.cells_gained)}` : "", row.cells_lost ? `−${count(row.cells_lost)}` : ""].filter(Boolean).join(" / ");
  return (
    <tr>
      <td><span className="row wrap"><Who person={row.person} /><span className="dim cut">{row.department ? w(row.department.words) : ""}</span></span></td>
      <td data-label={t("simulate.gets")}><Rights rights={row.gained} sign="+" /></td>
      <td data-label={t("simulate.loses")}><Rights rights={row.lost} sign="−" /></td>
      <td className="n" data-label={t("simulate.sees")}>{row.records.length ? row.records.slice(0, 2).map((one) => <Step key={one.type} moved={one} />) : t("simulate.unchanged")}</td>
      <td className="n" data-label={t("simulate.cells")}>{cells ? upTo(cells, row.cells_at_most) : t("simulate.unchanged")}</td>
      <td className="n" data-label={t("simulate.recent")}>{row.recent ? <span className="row warn sim-recent"><Icon name="alert" small />{t("simulate.times", { n: upTo(count(row.recent), atMost) })}</span> : "–"}</td>
    </tr>
  );
}

function Step({ moved }: { moved: Moved }) {
  const { w } = useI18n();
  return <div className="nowrap"><span className="dim">{w(moved.words)} </span>{upTo(count(moved.before), moved.at_most)} → {upTo(count(moved.after), moved.at_most)}</div>;
}

function Rights({ rights, sign }: { rights: Short[]; sign: string }) {
  const { t, w } = useI18n();
  if (rights.length === 0) return <span className="dim">–</span>;
  const all = rights.map((one) => w(one.words)).join(t("simulate.comma"));
  return <span className="cut sim-rights" title={all}><span className="dim" aria-hidden="true">{sign} </span>{rights.slice(0, 2).map((one) => w(one.words)).join(t("simulate.comma"))}{rights.length > 2 ? <span className="dim"> +{rights.length - 2}</span> : null}</span>;
}
