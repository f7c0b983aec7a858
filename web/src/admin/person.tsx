/** One person: posts, whom they report to, roles, projects, deputies. The acts offered are those the server names. */
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link, useParams } from "react-router";
import { asProblem, get } from "../api/client";
import { useI18n, type Key } from "../i18n";
import { Icon } from "../kit/icons";
import { Blank, Bones, Dept, Face, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { ViewAsDialog } from "../access/modes/view-as";
import { Wait } from "../shell/wait";
import { ResetDialog, TokenList } from "./account";
import { Span } from "./form";
import { LeaveDialog } from "./leave-dialog";
import { NoticeDialog } from "./notice-dialog";
import { AssignDialog, DeputyDialog, EndDeputyDialog, EndDialog, ManagerDialog, PersonDialog, PrimaryDialog, TurnDialog } from "./person-dialogs";
import { SecretDialog, useSecret } from "./secret";
import { postOf, type Assignment, type DeputyView, type PersonView } from "./types";
import { Waiting } from "./waiting";
import { RoleWord, StatusWord } from "./words";
import "../i18n/words-configure";
import "../i18n/words-why";
import "../i18n/words-guard";
import "../i18n/words-modes";
import "../i18n/words-org";
import "../i18n/words-entry";
import "../records/record/record.css";
import "./admin.css";

const Chain = lazy(() => import("../access/people/chain"));
const Move = lazy(() => import("../access/move/entry"));
const Rights = lazy(async () => ({ default: (await import("../access/why/rights")).Rights }));

type Plain = "edit" | "assign" | "move" | "leave" | "deputy" | "manager" | "reset" | "away" | "back" | "rehire" | "notice";
type Open = { kind: Plain } | { kind: "end" | "primary"; assignment: Assignment } | { kind: "endDeputy"; deputy: DeputyView } | { kind: "viewAs" } | { kind: "draftMove" } | null;
const FIRST: [Plain, Key][] = [["edit", "organisation.editPerson"], ["assign", "organisation.assign"], ["move", "organisation.move"], ["rehire", "org.rehire"]];
const MORE: [Plain, Key][] = [["manager", "org.setManager"], ["deputy", "organisation.deputy"], ["away", "org.away"], ["back", "org.back"], ["reset", "org.reset"], ["notice", "guard.notice"]];

function Part({ title, act, children }: { title: string; act?: ReactNode; children: ReactNode }) {
  return <section className="sheet part"><div className="row"><h2>{title}</h2>{act ? <span className="end">{act}</span> : null}</div>{children}</section>;
}

export default function PersonPage() {
  const { t } = useI18n();
  const { id = "" } = useParams();
  const { me } = useSession();
  const [open, setOpen] = useState<Open>(null);
  const [secret, setSecret] = useSecret(id);
  const person = useQuery({ queryKey: ["person", id], queryFn: ({ signal }) => get<PersonView>(`/organisation/people/${id}`, signal) });
  if (person.isPending) return <Wait />;
  if (person.isError) return <main className="page">{asProblem(person.error).status === 404 ? <Blank icon="user" title={t("organisation.nobody")} /> : <div className="list-bones"><Refused problem={asProblem(person.error)} /></div>}</main>;
  const found = person.data;
  const close = () => setOpen(null);
  return (
    <main className="page" aria-label={found.name}>
      <Head person={found} onOpen={(kind) => setOpen({ kind })} onViewAs={me.may_view_as && !me.mode && found.id !== me.person.id && found.status !== "left" ? () => setOpen({ kind: "viewAs" }) : undefined}
        onMove={me.administers?.includes("policy") && !me.mode && found.username && found.status !== "left" ? () => setOpen({ kind: "draftMove" }) : undefined} />
      {found.pending?.length ? <Waiting items={found.pending} onSecret={setSecret} /> : null}
      <Parts person={found} onOpen={setOpen} onSecret={setSecret} />
      {open?.kind === "edit" ? <PersonDialog person={found} department={null} onClose={close} /> : null}
      {open?.kind === "assign" || open?.kind === "move" ? <AssignDialog person={found} move={open.kind === "move"} onClose={close} /> : null}
      {open?.kind === "away" || open?.kind === "back" || open?.kind === "rehire" ? <TurnDialog person={found} turn={open.kind} onClose={close} /> : null}
      {open?.kind === "notice" ? <NoticeDialog person={found} onClose={close} /> : null}
      {open?.kind === "leave" ? <LeaveDialog person={found} onClose={close} /> : null}
      {open?.kind === "deputy" ? <DeputyDialog person={found} onClose={close} /> : null}
      {open?.kind === "manager" ? <ManagerDialog person={found} onClose={close} /> : null}
      {open?.kind === "reset" ? <ResetDialog person={found} onClose={close} onSecret={setSecret} /> : null}
      {open?.kind === "end" ? <EndDialog person={found} assignment={open.assignment} onClose={close} /> : null}
      {open?.kind === "primary" ? <PrimaryDialog person={found} assignment={open.assignment} onClose={close} /> : null}
      {open?.kind === "draftMove" ? <Suspense fallback={null}><Move people={[{ username: found.username ?? "", name: found.name }]} onClose={close} /></Suspense> : null}
      {open?.kind === "viewAs" ? <ViewAsDialog person={found} onClose={close} /> : null}
      {open?.kind === "endDeputy" ? <EndDeputyDialog person={found} deputy={open.deputy} onClose={close} /> : null}
      {secret ? <SecretDialog secret={secret} onClose={() => { setSecret(null); void person.refetch(); }} /> : null}
    </main>
  );
}

function Head({ person, onOpen, onViewAs, onMove }: { person: PersonView; onOpen: (kind: Plain) => void; onViewAs?: () => void; onMove?: () => void }) {
  const { t, w, lang } = useI18n();
  const { me } = useSession();
  const may = (acts: [Plain, Key][]) => acts.filter(([kind]) => person.may.includes(kind));
  const [first, more] = [may(FIRST), may(MORE)];
  return (
    <header className="record-head person-head">
      <nav className="crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet" to="/organisation">{t("organisation.title")}</Link><Icon name="right" small /><span>{person.name}</span></nav>
      <div className="row record-title">
        <span className="row wrap"><Face name={person.name} me={person.id === me.person.id} size={34} /><h1>{person.name}</h1><StatusWord status={person.status} /><span className="soft">{[w(person.department), postOf(person, lang)].filter(Boolean).join(" · ")}</span></span>
        {person.may.length || onViewAs || onMove ? (
          <span className="row wrap record-acts">
            {onViewAs ? <Button leftSection={<Icon name="eye" small />} onClick={onViewAs}>{t("modes.start")}</Button> : null}
            {onMove ? <Button leftSection={<Icon name="swap" small />} onClick={onMove}>{t("org.moveInDraft")}</Button> : null}
            {first.map(([kind, name]) => <Button key={kind} variant={kind === "rehire" ? "filled" : undefined} onClick={() => onOpen(kind)}>{t(name)}</Button>)}
            {more.length ? (
              <Menu position="bottom-end" width={200}>
                <Menu.Target><Button rightSection={<Icon name="down" small />}>{t("org.more")}</Button></Menu.Target>
                <Menu.Dropdown>{more.map(([kind, name]) => <Menu.Item key={kind} onClick={() => onOpen(kind)}>{t(name)}</Menu.Item>)}</Menu.Dropdown>
              </Menu>
            ) : null}
            {person.may.includes("leave") ? <Button color="bad" onClick={() => onOpen("leave")}>{t("organisation.leave")}</Button> : null}
          </span>
        ) : null}
      </div>
    </header>
  );
}

interface PartsProps { person: PersonView; onOpen: (open: Open) => void; onSecret: ReturnType<typeof useSecret>[1] }

/** All that the person may do with its origin: for themselves, and for who reads the rules; another's look is audited, so it waits for a click. */
function RightsPart({ person }: { person: PersonView }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <Part title={t("whyPage.rights")} act={open ? null : <button className="link" onClick={() => setOpen(true)}>{t("whyPage.show")}</button>}>
      {open ? <Suspense fallback={<Bones rows={6} height={28} />}><Rights person={person.id} /></Suspense> : null}
    </Part>
  );
}

function Parts({ person, onOpen, onSecret }: PartsProps) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const may = (act: string) => person.may.includes(act);
  const none = <p className="dim">{t("organisation.none")}</p>;
  return (
    <div className="parts">
      <Part title={t("org.details")}>
        <dl className="chain wide-chain">
          {person.username ? <div><dt>{t("organisation.username")}</dt><dd>{person.username}</dd></div> : null}
          {person.email ? <div><dt>{t("organisation.email")}</dt><dd>{person.email}</dd></div> : null}
          {person.phone ? <div><dt>{t("org.phone")}</dt><dd>{person.phone}</dd></div> : null}
          {person.kind ? <div><dt>{t("organisation.kind")}</dt><dd>{t(`organisation.kind.${person.kind === "contractor" || person.kind === "service" ? person.kind : "employee"}`)}</dd></div> : null}
          {person.status ? <div><dt>{t("organisation.status")}</dt><dd>{t(`organisation.status.${person.status === "leave" || person.status === "left" ? person.status : "active"}`)}</dd></div> : null}
          {person.leaving_on ? <div><dt>{t("guard.noticeDay")}</dt><dd><span className="chip amber">{person.leaving_on}</span></dd></div> : null}
        </dl>
      </Part>
      <Part title={t("organisation.assignments")}>
        {person.assignments?.length ? <ul>{person.assignments.map((one) => (
          <li key={one.id} className="row wrap part-row">
            <Dept name={one.department.name} en={one.department.name_en} /><b>{w(one.position)}</b>{one.primary ? <span className="chip brand">{t("organisation.primary")}</span> : null}<Span from={one.from} until={one.until} />
            <span className="row end">
              {may("primary") && !one.primary ? <button className="link" onClick={() => onOpen({ kind: "primary", assignment: one })}>{t("org.makePrimary")}</button> : null}
              {may("end") ? <button className="link" onClick={() => onOpen({ kind: "end", assignment: one })}>{t("organisation.end")}</button> : null}
            </span>
          </li>
        ))}</ul> : none}
      </Part>
      {may("tokens") ? <Part title={t("org.tokens")}><TokenList at={`/organisation/people/${person.id}/tokens`} about={person.name} onSecret={onSecret} /></Part> : null}
      <Part title={t("organisation.reportsTo")} act={may("manager") ? <button className="link" onClick={() => onOpen({ kind: "manager" })}>{t("org.change")}</button> : null}>
        {person.reports_to ? <Link to={`/organisation/people/${person.reports_to.id}`}><Who person={person.reports_to} /></Link> : none}
      </Part>
      <Part title={t("organisation.reports")}>{person.reports?.length ? <ul className="row wrap">{person.reports.map((one) => <li key={one.id}><Link to={`/organisation/people/${one.id}`}><Who person={one} /></Link></li>)}</ul> : none}</Part>
      {me.pages.includes("policy") && person.status !== "left" ? <Part title={t("chain.title")}><Suspense fallback={<Wait />}><Chain person={person.id} /></Suspense></Part> : null}
      {person.roles ? <Part title={t("organisation.roles")}>{person.roles.length ? <div className="row wrap">{person.roles.map((role) => <span key={role.code} className="chip">{w(role.name)}</span>)}</div> : none}</Part> : null}
      {me.pages.includes("policy") || me.person.id === person.id ? <RightsPart person={person} /> : null}
      <Part title={t("organisation.projects")}>{person.projects?.length ? <ul>{person.projects.map((one) => <li key={one.id} className="row"><Link className="link-quiet" to={`/projects?project=${one.id}`}>{one.name}</Link><RoleWord role={one.role} /></li>)}</ul> : none}</Part>
      <Part title={t("organisation.deputies")} act={may("deputy") ? <button className="link" onClick={() => onOpen({ kind: "deputy" })}>{t("organisation.deputy")}</button> : null}>
        {person.deputies?.length ? <ul>{person.deputies.map((one) => (
          <li key={one.id} className="row part-row"><Who person={one.person} /><Span from={one.from} until={one.until} />
            {may("deputy") ? <button className="link end" onClick={() => onOpen({ kind: "endDeputy", deputy: one })}>{t("organisation.end")}</button> : null}</li>
        ))}</ul> : none}
      </Part>
    </div>
  );
}
