/** All that a person holds, in numbers and names of things, and what they looked at lately. */
import type { ReactNode } from "react";
import { useI18n } from "../../i18n";
import { dayOf, grouped } from "../../kit/format";
import { Icon } from "../../kit/icons";
import type { Holdings, Seen } from "./types";
import "../../i18n/words-review";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div className="held-fact"><dt>{name}</dt><dd>{children}</dd></div>;
}

export function Held({ holds }: { holds: Holdings }) {
  const { t, w } = useI18n();
  const names = (all: { name: string }[]) => all.map((one) => one.name).join(t("oversight.comma"));
  const kinds = [...new Set(holds.standing.map((one) => one.kind))];
  const waits = [
    ...kinds.map((kind) => `${t(`leaving.kind.${kind}`)} ${holds.standing.filter((one) => one.kind === kind).length}`),
    holds.waiting.teams ? t("leaving.teams", { n: holds.waiting.teams }) : "",
  ].filter(Boolean);
  return (
    <div className="stack">
      <section className="sheet part" aria-label={t("leaving.records")}>
        <h3>{t("leaving.records")}</h3>
        {holds.records.length ? (
          <table className="held-table">
            <thead><tr><th scope="col">{t("leaving.type")}</th><th scope="col">{t("leaving.where")}</th><th scope="col" className="n">{t("leaving.count")}</th></tr></thead>
            <tbody>{holds.records.map((one) => <tr key={one.type}><th scope="row">{w(one.name)}</th><td className="soft">{one.departments.map((place) => `${w(place.name)} ${place.count}`).join(t("oversight.comma"))}</td><td className="n">{grouped(String(one.count))}</td></tr>)}</tbody>
          </table>
        ) : <p className="dim">{t("leaving.noRecords")}</p>}
      </section>
      <section className="sheet part" aria-label={t("leaving.holds")}>
        <h3>{t("leaving.holds")}</h3>
        <dl>
          {holds.assignments.length ? <Fact name={t("leaving.posts")}>{holds.assignments.map((one) => w(one.words)).join(t("oversight.comma"))}</Fact> : null}
          {holds.departments.length ? <Fact name={t("leaving.heads")}>{names(holds.departments)}</Fact> : null}
          {holds.reports.length ? <Fact name={t("leaving.reports")}>{names(holds.reports)}</Fact> : null}
          {holds.projects.length ? <Fact name={t("leaving.projects")}>{names(holds.projects)}</Fact> : null}
          <Fact name={t("leaving.access")}>{t("leaving.sessions", { s: holds.sessions, t: holds.tokens })}</Fact>
          {waits.length ? <Fact name={t("leaving.waiting")}>{waits.join(t("oversight.comma"))}</Fact> : null}
          {holds.grants.length ? <Fact name={t("leaving.rights")}><ul>{holds.grants.map((one) => <li key={one.id} className="row">{one.secret ? <Icon name="lock" small /> : null}<span>{w(one.what)}</span>{one.ends ? <span className="dim nowrap">{dayOf(one.ends)}</span> : null}</li>)}</ul></Fact> : null}
        </dl>
      </section>
      <section className="sheet part" aria-label={t("leaving.seen")}>
        <h3>{t("leaving.seen")}</h3>
        <div className="held-two">{holds.seen.map((one) => <Looked key={one.days} seen={one} />)}</div>
      </section>
    </div>
  );
}

function Looked({ seen }: { seen: Seen }) {
  const { t, w } = useI18n();
  return (
    <div>
      <h4 className="dim">{t("leaving.days", { n: seen.days })}</h4>
      {seen.types.length ? null : <p className="dim">{t("leaving.nothing")}</p>}
      <ul>
        {seen.types.slice(0, 8).map((one) => (
          <li key={one.type} className="seen-row"><b>{w(one.name)}</b><span className="soft">{[
            one.opened ? t("leaving.opened", { n: one.opened }) : "", one.changed ? t("leaving.changed", { n: one.changed }) : "",
            one.revealed ? t("leaving.revealed", { n: one.revealed }) : "", one.lists ? t("leaving.lists", { n: one.lists }) : "",
          ].filter(Boolean).join(" · ")}</span></li>
        ))}
      </ul>
      <p className={seen.exports ? "warn" : "dim"}>{t("leaving.exports", { n: seen.exports })} · {t("leaving.refused", { n: seen.refused })}</p>
    </div>
  );
}
