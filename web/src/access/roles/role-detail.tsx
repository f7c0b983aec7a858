/** One role: its parts behind small tabs, each change into the draft. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { lastDay } from "../../admin/form";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Parts } from "../draft/parts";
import { useWorking } from "../draft/working";
import { roleQuery } from "../queries";
import { LineDialog } from "../scopes/line-dialog";
import type { RawLine, RoleView } from "../types";
import { GiveRole } from "./give-role";
import { Steps } from "./steps";
import { RenameRole, CopyRole } from "./new-role";
import "../../i18n/words-configure";

const Narrower = lazy(async () => ({ default: (await import("../simulate/narrower")).Narrower }));
const PARTS = ["lines", "holders", "narrower", "template", "overlap", "history"] as const;
type Part = (typeof PARTS)[number];

export function RoleDetail({ code, draft }: { code: string; draft: string | null }) {
  const { t, w } = useI18n();
  const go = useNavigate();
  const { may, put } = useWorking();
  const [search, setSearch] = useSearchParams();
  const [dialog, setDialog] = useState<"copy" | "rename" | null>(null);
  const found = useQuery({ ...roleQuery(code, draft), placeholderData: (last) => (last?.code === code ? last : undefined) });
  if (found.isError) return asProblem(found.error).status === 404 ? <Blank icon="shield" title={t("role.gone")} /> : <Refused problem={asProblem(found.error)} />;
  if (!found.data) return <Bones rows={12} height={32} />;
  const role = found.data;
  const part = PARTS.find((one) => one === search.get("part")) ?? "lines";
  const counts: Partial<Record<Part, number>> = { lines: role.lines, holders: role.people, template: role.drift.length, overlap: role.overlaps.length, history: role.versions.length };
  return (
    <>
      <header className="role-head">
        <Link to="/access/roles" className="ib only-phone" aria-label={t("role.list")}><Icon name="left" /></Link>
        <div className="grow"><h2>{w(role.name)} <span className="dim">{role.mark === "new" ? "" : `v${role.version} · `}{role.code}</span></h2><p className="soft">{w(role.description)}</p></div>
        {may ? (
          <span className="row wrap">
            <Button size="xs" onClick={() => setDialog("rename")}>{t("role.rename")}</Button>
            <Button size="xs" onClick={() => setDialog("copy")}>{t("role.copy")}</Button>
            {role.mark === "removed" ? null : <Button size="xs" color="bad" variant="subtle" onClick={() => void put("role", code, null).catch(() => undefined)}>{t("role.remove")}</Button>}
          </span>
        ) : null}
      </header>
      {role.mark ? <p className="note amber">{t(`role.mark.${role.mark as "new" | "changed" | "removed"}`)}</p> : null}
      <Parts parts={role.parts} />
      <nav className="tabs role-parts" aria-label={w(role.name)}>
        {PARTS.map((one) => <button key={one} className="tab" aria-current={part === one ? "page" : undefined} onClick={() => setSearch({ part: one }, { replace: true })}>{t(`role.${one}`)}<span className="dim n">{counts[one]}</span></button>)}
      </nav>
      {part === "lines" ? <Lines role={role} draft={draft} may={may} /> : null}
      {part === "holders" ? <Holders role={role} may={may} /> : null}
      {part === "narrower" ? <Suspense fallback={<Bones rows={4} height={32} />}><Narrower role={role.code} /></Suspense> : null}
      {part === "template" ? <Template role={role} may={may} /> : null}
      {part === "overlap" ? <Overlap role={role} /> : null}
      {part === "history" ? <History role={role} /> : null}
      {dialog === "copy" ? <CopyRole role={role} onClose={() => setDialog(null)} onMade={(made) => void go(`/access/roles/${made}`)} /> : null}
      {dialog === "rename" ? <RenameRole role={role} onClose={() => setDialog(null)} /> : null}
    </>
  );
}

function Lines({ role, draft, may }: { role: RoleView; draft: string | null; may: boolean }) {
  const { t, w } = useI18n();
  const [editing, setEditing] = useState<{ at: number | null; line: RawLine } | null>(null);
  const groups = new Map<string, number[]>();
  role.told.forEach((line, at) => { const group = line.type.startsWith("page:") ? "page:" : line.type; groups.set(group, [...(groups.get(group) ?? []), at]); });
  return (
    <>
      {may ? <p className="row"><button className="link row end" onClick={() => setEditing({ at: null, line: { type: "account", actions: ["read"], scope: ["own"] } })}><Icon name="plus" small />{t("line.new")}</button></p> : null}
      {[...groups.entries()].map(([type, places]) => (
        <section key={type} className="sheet part-lines">
          <h3>{type === "page:" ? t("bounds.pages") : w(role.told[places[0] ?? 0]?.type_name)}</h3>
          {type === "page:" ? <p>{places.map((at) => w(role.told[at]?.type_name)).join(t("oversight.comma"))}</p> : <ul className="rule-lines">
            {places.map((at) => {
              const line = role.told[at];
              if (!line) return null;
              const details = [...line.levels, ...(line.writes ? [line.writes] : [])].map((one) => w(one)).join(t("kit.semicolon"));
              return (
                <li key={at} className="rule-line">
                  <div className="grow"><p>{w(line.sentence)}</p>{details ? <p className="dim">{details}</p> : null}</div>
                  {may ? <button className="link" aria-label={`${t("line.edit")} · ${w(line.sentence)}`} onClick={() => setEditing({ at, line: line.line as unknown as RawLine })}>{t("line.edit")}</button> : null}
                </li>
              );
            })}
          </ul>}
        </section>
      ))}
      {editing ? <LineDialog role={role.code} at={editing.at} line={editing.line} draft={draft} onClose={() => setEditing(null)} /> : null}
    </>
  );
}

/** Grants that came with the installation; and sources of those that end by procedures of their own. */
const FIRST = "template";
const LENT = ["loan:", "emergency:", "flow:"];

function Holders({ role, may }: { role: RoleView; may: boolean }) {
  const { t, w } = useI18n();
  const { draft, put, leaveOut } = useWorking();
  const [giving, setGiving] = useState(false);
  const mine = (draft?.changes ?? []).filter((one) => one.kind === "grant");
  const fresh = mine.filter((one) => one.before === null && (one.after as { role?: string } | null)?.role === role.code);
  const ended = new Set(mine.filter((one) => one.after === null).map((one) => one.key));
  const said = (source: string) => (source === "manual" ? t("give.byHand") : source.startsWith("request:") ? t("give.byRequest") : source.startsWith("review:") ? t("give.byReview") : source === FIRST ? t("give.first") : source);
  return (
    <>
      <section className="sheet part-lines">
        <div className="row"><h3>{t("role.givenTo")}</h3>{may && role.mark !== "removed" ? <button className="link row end" onClick={() => setGiving(true)}><Icon name="plus" small />{t("give.title")}</button> : null}</div>
        {fresh.length ? <ul className="rule-lines">{fresh.map((one) => <li key={one.key} className="rule-line"><span className="grow">{w(one.words)}</span><span className="chip amber">{t("mark.new")}</span>{may ? <button className="link" onClick={() => void leaveOut("grant", one.key).catch(() => undefined)}>{t("draft.leaveOut")}</button> : null}</li>)}</ul> : null}
        {role.given_to.length ? <ul className="rule-lines">{role.given_to.map((one) => <li key={one.grant} className="rule-line"><span className="grow">{w(one.subject)}</span><span className="dim">{one.until ? t("role.until", { date: lastDay(one.until) }) : t("role.always")}</span><span className="chip">{said(one.source)}</span>{ended.has(one.grant) ? <span className="chip amber">{t("give.ends")}</span> : null}{may && !LENT.some((kind) => one.source.startsWith(kind)) ? ended.has(one.grant) ? <button className="link" onClick={() => void leaveOut("grant", one.grant).catch(() => undefined)}>{t("draft.leaveOut")}</button> : <button className="link" aria-label={`${t("give.end")} · ${w(one.subject)}`} onClick={() => void put("grant", one.grant, null).catch(() => undefined)}>{t("give.end")}</button> : null}</li>)}</ul> : fresh.length ? null : <p className="dim">{t("oversight.noHolder")}</p>}
      </section>
      <section className="sheet part-lines">
        <h3>{t("role.people", { n: role.people })}</h3>
        <ul className="people">{role.holders.map((one) => <li key={one.id}><Link className="link" to={`/organisation/people/${one.id}`}><Who person={one} /></Link></li>)}</ul>
        {role.people > role.holders.length ? <p className="dim">{t("matrix.more", { n: role.people - role.holders.length })}</p> : null}
      </section>
      {giving ? <GiveRole role={role} onClose={() => setGiving(false)} /> : null}
    </>
  );
}

function Template({ role, may }: { role: RoleView; may: boolean }) {
  const { t, w } = useI18n();
  const { put } = useWorking();
  if (!role.template) return <Blank icon="file" title={t("role.noTemplate")} />;
  const update = role.update;
  return (
    <>
      <p className="soft">{t("role.from", { name: w(role.template.name), version: role.template.version })}</p>
      {update ? (
        <section className="sheet part-lines">
          <div className="row"><h3 className="grow">{t("role.updateTo", { version: update.version })}</h3>{may ? <Button size="xs" variant="filled" onClick={() => void put("role", role.code, { ...role.state, template_version: update.version, lines: update.lines }).catch(() => undefined)}>{t("role.takeUpdate")}</Button> : null}</div>
          <p className="dim">{t("role.updateHint")}</p>
          {update.steps.length ? <Steps steps={update.steps} conflicts={update.conflicts} /> : <p className="dim">{t("role.updateNothing")}</p>}
          {update.declined.length ? <><h3>{t("role.declined", { version: update.version })}</h3><p className="dim">{t("role.declinedHint")}</p><Steps steps={update.declined} /></> : null}
        </section>
      ) : null}
      <section className="sheet part-lines"><h3>{t("role.drift")}</h3>{role.drift.length ? <Steps steps={role.drift} /> : <p className="dim">{t("role.asTemplate")}</p>}</section>
    </>
  );
}

function Overlap({ role }: { role: RoleView }) {
  const { t, w } = useI18n();
  if (role.overlaps.length === 0) return <Blank icon="columns" title={t("role.noOverlap")} />;
  return (
    <>
      <p className="soft">{t("role.overlapHint")}</p>
      {role.overlaps.map((one) => (
        <details key={one.code} className="sheet part-lines">
          <summary className="row"><Link className="link" to={`/access/roles/${one.code}`}>{w(one.name)}</Link><span className="grow">{t("role.covers", { n: one.covered.length, of: one.counted, share: one.share })}</span>{one.equal ? <span className="chip amber">{t("role.nearlyEqual")}</span> : null}</summary>
          <ul className="rule-lines">{one.covered.map((at) => <li key={at} className="rule-line">{w(role.told[at]?.sentence)}</li>)}</ul>
        </details>
      ))}
    </>
  );
}

function History({ role }: { role: RoleView }) {
  const { t } = useI18n();
  return (
    <>
      {role.versions.map((one) => (
        <section key={one.version} className="sheet part-lines">
          <div className="row"><h3>v{one.version}</h3><span className="soft">{one.by?.name ?? t("role.system")}</span><time className="dim end" dateTime={one.at}>{new Date(one.at).toLocaleString(undefined, { hour12: false })}</time></div>
          {one.steps.length ? <Steps steps={one.steps} /> : <p className="dim">{t("role.first")}</p>}
        </section>
      ))}
    </>
  );
}
