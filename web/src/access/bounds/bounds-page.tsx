/** 边界: what no role passes (ceilings, duties), what must always hold (policy tests), and who may open which page. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { DraftBar } from "../draft/bar";
import { useWorking } from "../draft/working";
import { dutiesQuery, rolesQuery, testsQuery } from "../queries";
import { Ceilings } from "./ceilings";
import { DutyDialog } from "./duty-dialog";
import { PageRights } from "./page-rights";
import { TestDialog, type Promise_ } from "./test-dialog";
import "../../i18n/words-configure";
import "../centre/configure.css";
import "../../i18n/words-centre";

const PARTS = ["pages", "ceilings", "tests", "duties"] as const;

export default function BoundsPage() {
  const { t } = useI18n();
  const { "*": code } = useParams();
  const part = PARTS.find((one) => one === code) ?? "pages";
  return (
    <>
      <DraftBar />
      <nav className="list-tools matrix-tools tabs" aria-label={t("tab.bounds")}>{PARTS.map((one) => <Link key={one} className="tab" to={`/access/bounds/${one}`} aria-current={part === one ? "page" : undefined}>{t(`bounds.${one}`)}</Link>)}</nav>
      <div className="configure-list" tabIndex={0} role="region" aria-label={t(`bounds.${part}`)}>
        {part === "pages" ? <PageRights /> : part === "ceilings" ? <Ceilings /> : part === "tests" ? <Tests /> : <Duties />}
      </div>
    </>
  );
}

function Tests() {
  const { t, w } = useI18n();
  const { may, put, draft } = useWorking();
  const [editing, setEditing] = useState<{ code: string | null; promise: Promise_ | null } | null>(null);
  const found = useQuery(testsQuery);
  const inDraft = new Map((draft?.changes ?? []).filter((one) => one.kind === "promise").map((one) => [one.key, one.after]));
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  if (!found.data) return <Bones rows={10} height={44} />;
  // In a draft what counts is what it would make of the company: a test that it breaks stands first, with how.
  const tried = draft?.standing?.tests ?? null;
  const broken = new Map((tried ? tried.failures : found.data.items.filter((one) => !one.kept)).map((one) => [one.code, one.how]));
  const { passed, failed } = tried ?? found.data;
  const fresh = [...inDraft.entries()].filter(([code, after]) => after && !found.data.items.some((one) => one.code === code));
  return (
    <>
      <p className="row wrap"><span className={failed ? "bad row" : "row"}><Icon name={failed ? "ban" : "check"} small />{t("draft.tests", { passed, failed })}</span>{tried && draft ? <span className="chip amber">{t("bounds.testsInDraft", { id: draft.id })}</span> : null}<span className="soft">{t("bounds.testsHint")}</span>{may ? <button className="link row end" onClick={() => setEditing({ code: null, promise: null })}><Icon name="plus" small />{t("bounds.newTest")}</button> : null}</p>
      <ul className="sheet rule-lines">
        {fresh.map(([code, after]) => <li key={code} className="rule-line"><Icon name="clock" small /><span className="grow">{String((after as { name?: string }).name ?? code)}</span><span className="chip amber">{t("mark.new")}</span></li>)}
        {[...found.data.items].sort((a, b) => Number(broken.has(b.code)) - Number(broken.has(a.code))).map((one) => (
          <li key={one.code} className="rule-line">
            <span className={broken.has(one.code) ? "row bad" : "row"}><Icon name={broken.has(one.code) ? "ban" : "check"} small />{t(broken.has(one.code) ? "bounds.broken" : "bounds.kept")}</span>
            <div className="grow"><p>{w(one.name)}</p>{broken.get(one.code)?.map((how, at) => <p key={at} className="bad">{w(how)}</p>)}</div>
            {inDraft.has(one.code) ? <span className="chip amber">{t(inDraft.get(one.code) ? "mark.changed" : "mark.removed")}</span> : null}
            {may ? <><button className="link" aria-label={`${t("line.edit")} · ${w(one.name)}`} onClick={() => setEditing({ code: one.code, promise: one.promise as unknown as Promise_ })}>{t("line.edit")}</button><button className="link" aria-label={`${t("line.remove")} · ${w(one.name)}`} onClick={() => void put("promise", one.code, null).catch(() => undefined)}>{t("line.remove")}</button></> : null}
          </li>
        ))}
      </ul>
      {found.data.items.length === 0 && fresh.length === 0 ? <Blank icon="check" title={t("bounds.noTests")} /> : null}
      {editing ? <TestDialog {...editing} onClose={() => setEditing(null)} /> : null}
    </>
  );
}

function Duties() {
  const { t, w } = useI18n();
  const { may, id, put } = useWorking();
  const [editing, setEditing] = useState<string | null | undefined>(undefined);
  const found = useQuery(dutiesQuery(id));
  const roles = useQuery(rolesQuery(id));
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  if (!found.data || !roles.data) return <Bones rows={6} height={44} />;
  const names = new Map(roles.data.items.map((one) => [one.code, w(one.name)]));
  const said = (codes: unknown) => (Array.isArray(codes) ? codes.map((code) => names.get(String(code)) ?? String(code)).join(t("oversight.comma")) : "");
  const both = (one: (typeof found.data.items)[number], side: "first" | "second") => [said(one.state[side]), ...one.rights[side].map((right) => w(right.words))].filter(Boolean).join(t("oversight.comma"));
  const chosen = found.data.items.find((one) => one.code === editing);
  return (
    <>
      <p className="row wrap"><span className="soft">{t("bounds.dutiesHint")}</span>{may ? <button className="link row end" onClick={() => setEditing(null)}><Icon name="plus" small />{t("bounds.newDuty")}</button> : null}</p>
      {found.data.items.length ? (
        <ul className="sheet rule-lines">
          {found.data.items.map((one) => (
            <li key={one.code} className="rule-line">
              <div className="grow"><p><b>{w(one.name)}</b> {one.mark ? <span className="chip amber">{t(`mark.${one.mark as "new" | "changed" | "removed"}`)}</span> : null}</p><p className="soft">{t("bounds.notBoth", { first: both(one, "first"), second: both(one, "second") })}</p>
                {one.both.length ? <p className="row wrap bad"><Icon name="alert" small />{t("bounds.both")}{one.both.map((who) => <Who key={who.id} person={who} />)}</p> : null}</div>
              {may ? <><button className="link" aria-label={`${t("line.edit")} · ${w(one.name)}`} onClick={() => setEditing(one.code)}>{t("line.edit")}</button><button className="link" aria-label={`${t("line.remove")} · ${w(one.name)}`} onClick={() => void put("duty", one.code, null).catch(() => undefined)}>{t("line.remove")}</button></> : null}
            </li>
          ))}
        </ul>
      ) : <Blank icon="swap" title={t("bounds.noDuties")} />}
      {editing === undefined ? null : <DutyDialog code={editing} state={(chosen?.state as never) ?? null} roles={[...names.entries()]} rights={chosen?.rights} onClose={() => setEditing(undefined)} />}
    </>
  );
}
