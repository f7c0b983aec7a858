/** 权限体积: who and which roles came to hold more over twelve months, and the year of whoever is picked. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, get } from "../../api/client";
import type { PersonRef } from "../../api/types";
import { useI18n } from "../../i18n";
import { grouped } from "../../kit/format";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { PersonPicker } from "../leaving/person-picker";
import type { Grown, Growth } from "./types";
import { Curve, VolumeFoot } from "./volume";
import "../../i18n/words-review";

const KINDS = ["person", "role"] as const;

export function GrowthView() {
  const { t, w } = useI18n();
  const { me } = useSession();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("person");
  const [picked, setPicked] = useState<PersonRef | null>(null);
  const found = useQuery({ queryKey: ["reviews", "growth", kind], queryFn: ({ signal }) => get<Growth>(`/access/reviews/growth?kind=${kind}`, signal) });
  const theirs = useQuery({ queryKey: ["reviews", "growth", "person", picked?.id], enabled: picked !== null, queryFn: ({ signal }) => get<Growth>(`/access/reviews/growth?kind=person&key=${picked?.id}`, signal) });
  const to = (one: Grown) => (kind === "person" ? `/organisation/people/${one.key}` : `/access/roles/${one.key}`);
  return (
    <>
      <header className="review-top">
        <div className="grow"><h2>{t("review.growth")}</h2><p className="soft">{t("review.growthText")}</p></div>
        <div className="row" role="group" aria-label={t("review.growthOf")}>{KINDS.map((one) => <button key={one} className="review-kind" aria-pressed={kind === one} onClick={() => setKind(one)}>{t(`review.growth.${one}`)}</button>)}</div>
      </header>
      <div className="review-scroll campaigns" tabIndex={0} role="region" aria-label={t("review.growth")}>
        {kind === "person" ? (
          <section className="sheet growth-sheet growth-one">
            <PersonPicker label={t("review.growthPick")} value={picked} onPick={setPicked} />
            {picked && theirs.data ? theirs.data.months.length ? <VolumeFoot volume={{ name: { zh: picked.name, en: picked.name }, kind, key: picked.id, months: theirs.data.months }} /> : <p className="soft">{t("review.growthNo", { name: picked.name })}</p> : null}
            {theirs.isError ? <Refused problem={asProblem(theirs.error)} /> : null}
          </section>
        ) : null}
        {found.isPending ? <Bones rows={8} height={44} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : found.data.grown.length === 0 ? <Blank icon="shield" title={t("review.growthNone")}>{t("review.growthNoneText")}</Blank> : (
          <section className="sheet growth-sheet">
            <h3>{t(kind === "person" ? "review.grownPeople" : "review.grownRoles")}</h3>
            <table className="growth-table">
              <thead><tr><th scope="col">{t(`review.growth.${kind}`)}</th><th scope="col">{t("review.growthYear")}</th><th scope="col" className="n">{t("review.growthThen")}</th><th scope="col" className="n">{t("review.growthNow")}</th><th scope="col" className="n">{t("review.growthMore")}</th></tr></thead>
              <tbody>{found.data.grown.map((one) => (
                <tr key={one.key}>
                  <td>{kind === "role" && !me.pages.includes("policy") ? w(one.name) : <Link className="link" to={to(one)}>{w(one.name)}</Link>}</td>
                  <td><Curve months={one.months} /></td>
                  <td className="n">{grouped(String(one.then))}</td>
                  <td className="n">{grouped(String(one.now))}</td>
                  <td className="n">{one.now === one.then ? "0" : <span className={one.now > one.then ? "warn" : "soft"}>{one.now > one.then ? "+" : "−"}{grouped(String(Math.abs(one.now - one.then)))}{one.then ? ` (${Math.round((100 * Math.abs(one.now - one.then)) / one.then)}%)` : ""}</span>}</td>
                </tr>
              ))}</tbody>
            </table>
          </section>
        )}
      </div>
    </>
  );
}
