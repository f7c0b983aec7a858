/** Projects and who works in them, in which role and until when. Who leads one, or administers the organisation, changes it here. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, get, send } from "../api/client";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Blank, Bones, Face, toneOf } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { Span } from "./form";
import { AskDialog } from "./person-dialogs";
import { MemberDialog, ProjectDialog } from "./project-dialogs";
import type { Member, Paged, ProjectRow, ProjectView } from "./types";
import { RoleWord, useAddress } from "./words";
import "../i18n/words-org";

const DOTS: Record<string, string> = { planned: "v5", active: "v1", paused: "v6", finished: "v2" };

function StatusOf({ status }: { status: string }) {
  const { t } = useI18n();
  const known = status === "planned" || status === "active" || status === "paused" || status === "finished" ? t(`org.status.${status}`) : status;
  return <span className="status" style={{ "--dot": `var(--${DOTS[status] ?? "v5"})` } as React.CSSProperties}>{known}</span>;
}

export function ProjectsPage() {
  const { t } = useI18n();
  const { me, types } = useSession();
  const [address, set] = useAddress();
  const [adding, setAdding] = useState(false);
  const chosen = address("project");
  const mayAdd = me.administers?.includes("organisation") === true || types.get("project")?.can.create === true;
  const projects = useQuery({ queryKey: ["projects"], queryFn: ({ signal }) => get<Paged<ProjectRow>>("/organisation/projects", signal) });
  const rows = projects.data?.items ?? [];
  const open = rows.find((one) => one.id === chosen) ? chosen : (rows[0]?.id ?? "");
  return (
    <div className="org">
      <nav className="org-tree" aria-label={t("organisation.projects")}>
        {mayAdd ? <div className="row org-add"><Button size="xs" variant="filled" onClick={() => setAdding(true)}>{t("org.addProject")}</Button></div> : null}
        {projects.isPending ? <Bones rows={6} height={32} /> : projects.isError ? <Refused problem={asProblem(projects.error)} /> : rows.length === 0 ? <p className="dim org-none">{t("organisation.noProjects")}</p> : rows.map((one) => (
          <button key={one.id} className="org-node tall" aria-current={one.id === open || undefined} onClick={() => set("project", one.id)}>
            <span className="dept" style={{ "--dot": `var(--${toneOf(one.name)})` } as React.CSSProperties} aria-hidden="true" />
            <span className="grow"><span className="cut block">{one.name}</span><span className="dim cut block"><StatusOf status={one.status} />{one.lead ? ` · ${one.lead.name}` : ""}</span></span>
            <span className="dim">{one.members.length || ""}</span>
          </button>
        ))}
      </nav>
      <section className="org-people" aria-label={t("organisation.members")}>
        {open ? <OneProject key={open} id={open} /> : <Blank icon="folder" title={t(projects.isPending || rows.length ? "org.pickProject" : "organisation.noProjects")} />}
      </section>
      {adding ? <ProjectDialog admin={me.administers?.includes("organisation") === true} onClose={() => setAdding(false)} onMade={(id) => set("project", id)} /> : null}
    </div>
  );
}

type Open = { kind: "edit" | "close" | "add" } | { kind: "change" | "remove"; member: Member } | null;

function OneProject({ id }: { id: string }) {
  const { t } = useI18n();
  const [dialog, setDialog] = useState<Open>(null);
  const project = useQuery({ queryKey: ["project", id], queryFn: ({ signal }) => get<ProjectView>(`/organisation/projects/${id}`, signal) });
  if (project.isPending) return <div className="list-bones"><Bones rows={6} height={44} /></div>;
  if (project.isError) return asProblem(project.error).status === 404 ? <Blank icon="folder" title={t("org.pickProject")} /> : <div className="list-bones"><Refused problem={asProblem(project.error)} /></div>;
  const found = project.data;
  const may = (act: string) => found.may.includes(act);
  const close = () => setDialog(null);
  const at = `/organisation/projects/${id}`;
  return (
    <>
      <div className="list-tools org-tools">
        <h2>{found.name}</h2>
        <StatusOf status={found.status} />
        <span className="dim">{[found.code, [found.starts_on, found.until].filter(Boolean).join(" – ")].filter(Boolean).join(" · ")}</span>
        {may("record") ? <Link className="link row tight hide-phone" to={`/records/project/${id}`}><Icon name="out" small />{t("org.record")}</Link> : null}
        <span className="end row wrap">
          {may("close") ? <Button size="xs" color="bad" variant="subtle" onClick={() => setDialog({ kind: "close" })}>{t("org.closeProject")}</Button> : null}
          {may("edit") ? <Button size="xs" onClick={() => setDialog({ kind: "edit" })}>{t("org.editProject")}</Button> : null}
          {may("members") ? <Button size="xs" variant="filled" onClick={() => setDialog({ kind: "add" })}>{t("org.addMember")}</Button> : null}
        </span>
      </div>
      <div className="org-list">
        {found.members.length === 0 ? <Blank icon="users" title={t("org.noMembers")} /> : (
          <ul>{found.members.map((member) => <MemberRow key={`${member.person.id} ${member.from}`} member={member} may={may("members")} onAct={(kind) => setDialog({ kind, member })} />)}</ul>
        )}
      </div>
      {dialog?.kind === "edit" ? <ProjectDialog project={found} admin={false} onClose={close} /> : null}
      {dialog?.kind === "close" ? <AskDialog title={`${t("org.closeProject")} · ${found.name}`} text={t("org.closeProjectAsk", { name: found.name })} act={t("org.closeProject")} danger onClose={close} onAct={() => send("POST", `${at}/close`, {})} /> : null}
      {dialog?.kind === "add" ? <MemberDialog project={found} onClose={close} /> : null}
      {dialog?.kind === "change" ? <MemberDialog project={found} member={dialog.member} onClose={close} /> : null}
      {dialog?.kind === "remove" ? (
        <AskDialog title={`${t("org.removeMember")} · ${dialog.member.person.name}`} text={t("org.removeMemberAsk", { name: dialog.member.person.name })} act={t("org.removeMember")} danger onClose={close}
          onAct={() => send("DELETE", `${at}/members/${dialog.member.person.id}`)} />
      ) : null}
    </>
  );
}

function MemberRow({ member, may, onAct }: { member: Member; may: boolean; onAct: (kind: "change" | "remove") => void }) {
  const { t } = useI18n();
  const { me } = useSession();
  const { person } = member;
  const mine = person.id === me.person.id;
  return (
    <li className="person-row member-row">
      <Face name={person.name} me={mine} size={24} /><Link className="link-quiet cut" to={`/organisation/people/${person.id}`}><b>{person.name}</b></Link>
      <RoleWord role={member.role} /><span className="cut"><Span from={member.from} until={member.until} /></span>
      <span className="row member-acts">
        {may && !mine ? <button className="link" onClick={() => onAct("change")} aria-label={`${t("org.change")} ${person.name}`}>{t("org.change")}</button> : null}
        {may ? <button className="link" onClick={() => onAct("remove")} aria-label={`${t("org.removeMember")} ${person.name}`}>{t("org.removeMember")}</button> : null}
      </span>
    </li>
  );
}
