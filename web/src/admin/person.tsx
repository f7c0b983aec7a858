/** One person: posts, who they report to, roles, projects, deputies. Administrators move them here. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, useParams } from "react-router";
import { asProblem, get } from "../api/client";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Blank, Dept, Face, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { Wait } from "../shell/wait";
import { AssignDialog, DeputyDialog, EndDialog, LeaveDialog, PersonDialog } from "./dialogs";
import { RoleWord, StatusWord } from "./organisation";
import type { Assignment, PersonView } from "./types";
import "./admin.css";

type Open = { kind: "edit" | "assign" | "move" | "leave" | "deputy" } | { kind: "end"; assignment: Assignment } | null;

function Part({ title, children }: { title: string; children: ReactNode }) {
  return <section className="sheet part"><h2>{title}</h2>{children}</section>;
}

export default function PersonPage() {
  const { t, w } = useI18n();
  const { id = "" } = useParams();
  const { me } = useSession();
  const [open, setOpen] = useState<Open>(null);
  const person = useQuery({ queryKey: ["person", id], queryFn: ({ signal }) => get<PersonView>(`/organisation/people/${id}`, signal) });
  const admin = me.administers?.includes("organisation") === true;
  if (person.isPending) return <Wait />;
  if (person.isError) return <main className="page">{asProblem(person.error).status === 404 ? <Blank icon="user" title={t("organisation.nobody")} /> : <div className="list-bones"><Refused problem={asProblem(person.error)} /></div>}</main>;
  const found = person.data;
  const close = () => setOpen(null);
  const none = <p className="dim">{t("organisation.none")}</p>;
  const positionOf = (one: Assignment) => (typeof one.position === "string" ? one.position : one.position?.name);
  return (
    <main className="page" aria-label={found.name}>
      <header className="record-head person-head">
        <nav className="crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet" to="/organisation">{t("organisation.title")}</Link><Icon name="right" small /><span>{found.name}</span></nav>
        <div className="row record-title">
          <span className="row"><Face name={found.name} me={found.id === me.person.id} size={34} /><h1>{found.name}</h1><StatusWord status={found.status} /><span className="soft">{[found.department?.name, found.position].filter(Boolean).join(" · ")}</span></span>
          {admin && found.status !== "left" ? (
            <span className="row record-acts">
              <Button onClick={() => setOpen({ kind: "edit" })}>{t("organisation.editPerson")}</Button>
              <Button onClick={() => setOpen({ kind: "assign" })}>{t("organisation.assign")}</Button>
              <Button onClick={() => setOpen({ kind: "move" })}>{t("organisation.move")}</Button>
              <Button onClick={() => setOpen({ kind: "deputy" })}>{t("organisation.deputy")}</Button>
              {found.id === me.person.id ? null : <Button color="bad" onClick={() => setOpen({ kind: "leave" })}>{t("organisation.leave")}</Button>}
            </span>
          ) : null}
        </div>
      </header>
      <div className="parts">
        <Part title={t("record.fields")}>
          <dl className="chain wide-chain">
            {found.username ? <div><dt>{t("organisation.username")}</dt><dd>{found.username}</dd></div> : null}
            {found.email ? <div><dt>{t("organisation.email")}</dt><dd>{found.email}</dd></div> : null}
            {found.kind ? <div><dt>{t("organisation.kind")}</dt><dd>{t(`organisation.kind.${found.kind === "contractor" || found.kind === "service" ? found.kind : "employee"}`)}</dd></div> : null}
            {found.status ? <div><dt>{t("organisation.status")}</dt><dd>{t(`organisation.status.${found.status === "leave" || found.status === "left" ? found.status : "active"}`)}</dd></div> : null}
          </dl>
        </Part>
        <Part title={t("organisation.assignments")}>
          {found.assignments?.length ? <ul>{found.assignments.map((one) => (
            <li key={one.id} className="row wrap part-row"><Dept name={one.department.name} /><b>{positionOf(one)}</b>{one.primary ? <span className="chip brand">{t("organisation.primary")}</span> : null}<span className="dim">{[one.from ? `${t("organisation.from")} ${one.from.slice(0, 10)}` : "", one.until ? `${t("organisation.until")} ${one.until.slice(0, 10)}` : ""].filter(Boolean).join(" ")}</span>
              {admin ? <button className="link end" onClick={() => setOpen({ kind: "end", assignment: one })}>{t("organisation.end")}</button> : null}</li>
          ))}</ul> : none}
        </Part>
        <Part title={t("organisation.reportsTo")}>{found.reports_to ? <Link to={`/organisation/people/${found.reports_to.id}`}><Who person={found.reports_to} /></Link> : none}</Part>
        <Part title={t("organisation.reports")}>{found.reports?.length ? <ul className="row wrap">{found.reports.map((one) => <li key={one.id}><Link to={`/organisation/people/${one.id}`}><Who person={one} /></Link></li>)}</ul> : none}</Part>
        {found.roles ? <Part title={t("organisation.roles")}>{found.roles.length ? <div className="row wrap">{found.roles.map((role) => <span key={role.code} className="chip">{w(role.name)}</span>)}</div> : none}</Part> : null}
        <Part title={t("organisation.projects")}>{found.projects?.length ? <ul>{found.projects.map((one) => <li key={one.id} className="row"><span>{one.name}</span><RoleWord role={one.role} /></li>)}</ul> : none}</Part>
        <Part title={t("organisation.deputies")}>{found.deputies?.length ? <ul>{found.deputies.map((one) => <li key={one.person.id} className="row"><Who person={one.person} /><span className="dim">{[one.from?.slice(0, 10), one.until?.slice(0, 10)].filter(Boolean).join(" – ")}</span></li>)}</ul> : none}</Part>
      </div>
      {open?.kind === "edit" ? <PersonDialog person={found} department={null} onClose={close} /> : null}
      {open?.kind === "assign" || open?.kind === "move" ? <AssignDialog person={found} move={open.kind === "move"} onClose={close} /> : null}
      {open?.kind === "leave" ? <LeaveDialog person={found} onClose={close} /> : null}
      {open?.kind === "deputy" ? <DeputyDialog person={found} onClose={close} /> : null}
      {open?.kind === "end" ? <EndDialog person={found} assignment={open.assignment} onClose={close} /> : null}
    </main>
  );
}
