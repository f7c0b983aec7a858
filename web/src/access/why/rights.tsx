/** All that one person may do, with its origin: grants by path, then types with actions and field levels, then pages. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { asProblem, get } from "../../api/client";
import type { Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { fullMoment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import type { PersonRights } from "./wish";
import "../../i18n/words-why";
import "./why.css";

const LEVELS = { masked: "whyPage.level.mask", read: "whyPage.level.read", edit: "whyPage.level.edit" } as const;

const rightsQuery = (person: string, mine: boolean, at?: string) => queryOptions({
  queryKey: ["rights", person, at],
  queryFn: ({ signal }) => { const path = mine ? "/access/me/rights" : `/access/people/${person}/rights`; return get<PersonRights>(at ? `${path}?at=${at}` : path, signal); },
});

/** `only`: of all types just this one, opened. `beside`: the other person of a comparison; what only one of the two may, and where they may elsewhere, is marked. */
export function Rights({ person, at, named, only = "", beside }: { person: string; at?: string; named?: boolean; only?: string; beside?: string }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const found = useQuery(rightsQuery(person, person === me.person.id, at));
  const other = useQuery({ ...rightsQuery(beside ?? "", beside === me.person.id, at), enabled: beside !== undefined }).data;
  if (found.isPending) return <Bones rows={8} height={28} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return <div className="rights">{named ? <h2 className="row"><Who person={found.data.person} /><span className="dim cut">{w(found.data.department)}</span><Link className="link end" to={`/organisation/people/${person}`}>{t("whyPage.toPerson")}</Link></h2> : null}<Grants rights={found.data} /><Types rights={found.data} only={only} beside={beside === undefined ? undefined : other} />{only ? null : <><p className="dim">{t("whyPage.pages")}</p><Pages rights={found.data} /></>}</div>;
}

function Grants({ rights }: { rights: PersonRights }) {
  const { t, w } = useI18n();
  return (
    <ul className="rights-grants" aria-label={t("whyPage.grants")}>
      {rights.grants.map((one, index) => (
        <li key={`${one.id}-${index}`}><span className={one.path === "loan" ? "chip amber" : "chip"}>{t(`whyPage.path.${one.path}`)}</span><b className="cut">{w(one.name as Words)}</b><span className="soft cut">{w(one.via as Words)}</span>{one.ends ? <span className="dim end">{t("whyPage.until", { at: fullMoment(one.ends) })}</span> : null}</li>
      ))}
    </ul>
  );
}

type OneType = PersonRights["types"][number];

/** What only this one of two may do, and what both may but in another range. */
function against(type: OneType, other: PersonRights): { only: Words[]; otherwise: Words[] } {
  const range = (one: OneType["actions"][number]) => one.origins.map((origin) => JSON.stringify([origin.scope, origin.where, origin.limit])).sort().join();
  const theirs = new Map(other.types.find((one) => one.code === type.code)?.actions.map((one) => [one.action, range(one)]));
  const names = (of: OneType["actions"]) => of.map((one) => one.name as Words);
  return { only: names(type.actions.filter((one) => !theirs.has(one.action))), otherwise: names(type.actions.filter((one) => theirs.has(one.action) && theirs.get(one.action) !== range(one))) };
}

function Apart({ type, rights, other }: { type: OneType; rights: PersonRights; other: PersonRights }) {
  const { t, w } = useI18n();
  const { only, otherwise } = against(type, other);
  const list = (words: Words[]) => words.map(w).join(t("whyPage.list"));
  return (
    <span className="rights-apart">
      {only.length ? <span className="chip brand" title={list(only)}><Icon name="plus" small /><span className="cut">{t("whyPage.onlyHere", { name: rights.person.name })}{t("kit.colon")}{list(only)}</span></span> : null}
      {otherwise.length ? <span className="chip" title={list(otherwise)}><Icon name="filter" small /><span className="cut">{t("whyPage.otherwise")}{t("kit.colon")}{list(otherwise)}</span></span> : null}
    </span>
  );
}

function Types({ rights, only, beside }: { rights: PersonRights; only: string; beside?: PersonRights }) {
  const { t, w } = useI18n();
  const shown = only ? rights.types.filter((type) => type.code === only) : rights.types;
  const grants = new Map(rights.grants.map((one) => [one.id, w(one.name as Words)]));
  return (
    <>
      {shown.length ? null : <p className="soft">{t("whyPage.nothingHere")}</p>}
      {shown.map((type) => (
        <details key={type.code} className="rights-type" open={only ? true : undefined}>
          <summary><b>{w(type.name as Words)}</b><span className="soft cut" title={type.actions.map((one) => w(one.name as Words)).join(t("whyPage.list"))}>{type.actions.map((one) => w(one.name as Words)).join(t("whyPage.list"))}</span>{beside ? <Apart type={type} rights={rights} other={beside} /> : null}</summary>
          <table>
            <tbody>
              {type.actions.map((one) => (
                <tr key={one.action}>
                  <th scope="row">{w(one.name as Words)}</th>
                  <td>
                    {one.origins.map((origin, index) => (
                      <div key={index}>{w(origin.scope as Words)}{origin.where.length ? `${t("whyPage.list")}${origin.where.map((part) => w(part as Words)).join(t("whyPage.list"))}` : ""}<span className="dim"> · {grants.get(origin.grant)}</span>{origin.limit !== null ? <span className="dim"> · {t("whyPage.limit", { n: one.action === "export" ? origin.limit : origin.limit / 100 })}</span> : null}</div>
                    ))}
                    {one.ceilings.length ? <div className="dim">{t("whyPage.bounded", { names: one.ceilings.map((part) => w(part as Words)).join(t("whyPage.list")) })}</div> : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {type.fields.length ? <ul className="rights-fields" aria-label={t("whyPage.fieldLevels")}>{type.fields.map((one) => <li key={one.code} title={one.grants.map((id) => grants.get(id)).join(t("whyPage.list"))}><span className="cut">{w(one.name as Words)}</span><span className={one.level === "edit" ? "strong" : "soft"}>{t(LEVELS[one.level])}</span>{one.sometimes ? <span className="dim">{t("whyPage.sometimes")}</span> : null}</li>)}</ul> : null}
        </details>
      ))}
    </>
  );
}

function Pages({ rights }: { rights: PersonRights }) {
  const { w } = useI18n();
  return <div className="row wrap">{rights.pages.map((one) => <span key={one.code} className="chip">{w(one.name as Words)}</span>)}</div>;
}
