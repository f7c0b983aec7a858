/** What breaks: dead corners, duties that clash, policy tests that no longer hold. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Face } from "../../kit/parts";
import type { Corner, Simulation } from "./types";
import "../../i18n/words-simulate";

export function Faults({ sim }: { sim: Simulation }) {
  return <div className="sim-three"><Corners sim={sim} /><Duties sim={sim} /><Tests sim={sim} /></div>;
}

function Corners({ sim }: { sim: Simulation }) {
  const { t } = useI18n();
  const fresh = sim.corners.filter((one) => one.new);
  const older = sim.corners.filter((one) => !one.new);
  return (
    <section className="sheet sim-part" aria-label={t("simulate.corners")}>
      <header className="sim-head"><Icon name="alert" small /><h2>{t("simulate.corners")}</h2><span className="dim">{t("simulate.cornersAfter")}</span></header>
      {fresh.length === 0 ? <p className="dim">{t("simulate.noCorners")}</p> : <List corners={fresh} />}
      {sim.corners_ended.length ? <details><summary className="link">{t("simulate.endedCorners", { n: sim.corners_ended.length })}</summary><List corners={sim.corners_ended} /></details> : null}
      {older.length ? <details><summary className="soft">{t("simulate.olderCorners", { n: older.length })}</summary><List corners={older} /></details> : null}
    </section>
  );
}

function List({ corners }: { corners: Corner[] }) {
  const { w } = useI18n();
  return <ul className="sim-list">{corners.map((one) => <li key={`${one.kind}${one.type}${one.code}`} className={one.new ? "row warn" : "row"}><Icon name={one.new ? "alert" : "info"} small /><span className="sim-text">{w(one.words)}</span></li>)}</ul>;
}

function Duties({ sim }: { sim: Simulation }) {
  const { t, w } = useI18n();
  const fresh = sim.duties.some((one) => one.new);
  return (
    <section className={fresh ? "sheet sim-part sim-blocked" : "sheet sim-part"} aria-label={t("simulate.duties")}>
      <header className="sim-head"><Icon name="ban" small /><h2>{t("simulate.duties")}</h2>{fresh ? <span className="chip red end"><Icon name="ban" small />{t("simulate.blocks")}</span> : null}</header>
      {sim.duties.length === 0 ? <p className="dim">{t("simulate.noDuties")}</p> : null}
      <ul className="sim-list">
        {sim.duties.map((one) => (
          <li key={`${one.duty}${one.person.id}${one.first.en}${one.second.en}`}>
            <div className="row"><Face name={one.person.name} /><b>{one.person.name}</b><span className="dim">{one.department ? w(one.department.words) : ""}</span>{one.new ? null : <span className="chip end">{t("simulate.oldClash")}</span>}</div>
            <div className="row wrap tight"><span className="chip">{w(one.first)}</span><span className={one.new ? "bad" : "soft"}>{t("simulate.apart")}</span><span className="chip">{w(one.second)}</span></div>
            <p className="soft">{w(one.words)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tests({ sim }: { sim: Simulation }) {
  const { t, w } = useI18n();
  const failed = sim.tests.items.filter((one) => !one.kept);
  const kept = sim.tests.items.filter((one) => one.kept);
  return (
    <section className="sheet sim-part" aria-label={t("simulate.tests")}>
      <header className="sim-head"><h2>{t("simulate.tests")}</h2><span className="dim cut" title={t("simulate.testsHint")}>{t("simulate.testsHint")}</span><span className="n end">{sim.tests.passed} / {sim.tests.items.length}</span></header>
      <ul className="sim-list">
        {failed.map((one) => (
          <li key={one.code}>
            <div className="row bad"><Icon name="x" small /><span className="sim-text">{w(one.name)}</span>{one.blocks ? <span className="chip red end">{t("simulate.blocks")}</span> : <span className="chip end">{t("simulate.oldClash")}</span>}</div>
            {one.how.map((how, at) => <p key={at} className="soft">{w(how)}</p>)}
          </li>
        ))}
        {kept.slice(0, failed.length ? 3 : 6).map((one) => <li key={one.code} className="row"><Icon name="check" small /><span className="sim-text">{w(one.name)}</span></li>)}
      </ul>
      {kept.length > 6 ? <details><summary className="soft">{t("simulate.keptMore", { n: kept.length - (failed.length ? 3 : 6) })}</summary><ul className="sim-list">{kept.slice(failed.length ? 3 : 6).map((one) => <li key={one.code} className="row"><Icon name="check" small /><span className="sim-text">{w(one.name)}</span></li>)}</ul></details> : null}
    </section>
  );
}
