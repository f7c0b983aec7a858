/** 草稿: who works on which change of the rules, one draft with all that stands against it, and the versions that came of them. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { draftsQuery } from "../queries";
import { Approval } from "./approval";
import { NewDraft } from "./bar";
import { DraftView } from "./draft-view";
import { Versions } from "./versions";
import { useWorking } from "./working";
import "../../i18n/words-configure";
import "../../i18n/words-forms";
import "../centre/configure.css";
import "../../i18n/words-centre";
import "../../i18n/words-oversight";

const STATES = ["open", "submitted", "published", "withdrawn"] as const;

export default function DraftsPage() {
  const { t } = useI18n();
  const go = useNavigate();
  const { may } = useWorking();
  const { "*": chosen } = useParams();
  const [search, setSearch] = useSearchParams();
  const [adding, setAdding] = useState(false);
  const versions = chosen === "versions";
  const rule = chosen === "approval";
  const apart = versions || rule;
  const state = search.get("state") ?? "";
  const found = useQuery(draftsQuery(state));
  return (
    <>
      <div className="list-tools matrix-tools">
        <span className="tabs" role="group" aria-label={t("draft.states")}>
          <button className="tab" aria-pressed={!state && !apart} onClick={() => void go("/access/drafts")}>{t("oversight.everything")}</button>
          {STATES.map((one) => <button key={one} className="tab" aria-pressed={state === one && !apart} onClick={() => { if (apart) void go(`/access/drafts?state=${one}`); else setSearch({ state: one }); }}>{t(`draft.${one}`)}</button>)}
        </span>
        <Link className="tab end" aria-current={rule ? "page" : undefined} to="/access/drafts/approval">{t("rule.tab")}</Link>
        <Link className="tab" aria-current={versions ? "page" : undefined} to="/access/drafts/versions">{t("draft.versions")}</Link>
        {may ? <Button size="xs" variant="filled" onClick={() => setAdding(true)}>{t("draft.new")}</Button> : null}
      </div>
      {versions ? <Versions /> : rule ? <Approval /> : (
        <div className={chosen ? "roles one-chosen" : "roles"}>
          <nav className="role-list" aria-label={t("tab.drafts")}>
            {found.isError ? <Refused problem={asProblem(found.error)} /> : !found.data ? <Bones rows={8} height={44} /> : found.data.items.length === 0 ? <p className="dim role-add">{t("draft.noneYet")}</p> : (
              <ul>{found.data.items.map((one) => (
                <li key={one.id}><Link className="role-entry" to={`/access/drafts/${one.id}${state ? `?state=${state}` : ""}`} aria-current={one.id === chosen ? "page" : undefined}>
                  <span className="row"><b className="cut grow">{one.title}</b><span className={one.state === "submitted" ? "chip amber" : one.state === "published" ? "chip brand" : "chip"}>{t(`draft.${one.state}`)}</span></span>
                  <span className="row dim"><span>D-{one.id}</span><span className="cut grow">{one.authors.map((who) => who.name).join(t("oversight.comma"))}</span><span>{t("draft.n", { n: one.size })}</span></span>
                </Link></li>
              ))}</ul>
            )}
          </nav>
          <section className="role-detail" aria-label={t("draft.draft")} tabIndex={0}>
            {chosen ? <DraftView key={chosen} id={chosen} /> : <Blank icon="edit" title={t("draft.pick")} />}
          </section>
        </div>
      )}
      {adding ? <NewDraft onClose={() => setAdding(false)} onMade={(id) => void go(`/access/drafts/${id}`)} /> : null}
    </>
  );
}
