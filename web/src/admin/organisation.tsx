/** The company: its department tree, its people, its projects. Administrators change it here. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { asProblem, get, query } from "../api/client";
import { departmentsQuery } from "../api/queries";
import type { Department } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Blank, Bones, Dept, Face, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { NotPermitted } from "../records/not-permitted";
import { DepartmentDialog, PersonDialog } from "./dialogs";
import { flatten } from "./tree";
import type { Paged, PersonRow, ProjectRow } from "./types";
import "./admin.css";

export default function Organisation({ tab }: { tab: "people" | "projects" }) {
  const { t } = useI18n();
  const { me } = useSession();
  if (!me.pages.includes("organisation") && !me.pages.includes("projects")) return <NotPermitted code="page:organisation" />;
  return (
    <main className="page" aria-label={t("organisation.title")}>
      <header className="page-head">
        <h1>{t("organisation.title")}</h1>
        <nav className="tabs" aria-label={t("organisation.title")}>
          <Link className="tab" to="/organisation" aria-current={tab === "people" ? "page" : undefined}>{t("organisation.people")}</Link>
          <Link className="tab" to="/projects" aria-current={tab === "projects" ? "page" : undefined}>{t("organisation.projects")}</Link>
        </nav>
      </header>
      {tab === "people" ? <PeoplePage /> : <ProjectsPage />}
    </main>
  );
}

function PeoplePage() {
  const { t } = useI18n();
  const { me } = useSession();
  const [search, setSearch] = useSearchParams();
  const [dialog, setDialog] = useState<"department" | "edit" | "person" | null>(null);
  const admin = me.administers?.includes("organisation") === true;
  const chosen = search.get("department");
  const text = search.get("q") ?? "";
  const departments = useQuery(departmentsQuery);
  const branches = flatten(departments.data?.items ?? []);
  const current = branches.find((one) => one.department.id === chosen)?.department ?? null;
  const set = (name: string, value: string | null) => setSearch((now) => { const next = new URLSearchParams(now); if (value) next.set(name, value); else next.delete(name); return next; }, { replace: true });
  const people = useInfiniteQuery({
    queryKey: ["people", chosen, text],
    queryFn: ({ pageParam, signal }) => get<Paged<PersonRow>>(`/organisation/people${query({ q: text, department: chosen, after: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
  const rows = people.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="org">
      <nav className="org-tree" aria-label={t("organisation.tree")}>
        <button className="org-node" aria-current={!chosen || undefined} onClick={() => set("department", null)}><Icon name="building" /><span className="grow">{t("organisation.everyone")}</span></button>
        {departments.isPending ? <Bones rows={10} height={32} /> : departments.isError ? <Refused problem={asProblem(departments.error)} /> : branches.map(({ department, depth, total }) => (
          <button key={department.id} className="org-node" style={{ paddingLeft: 12 + depth * 16 }} aria-current={department.id === chosen || undefined} onClick={() => set("department", department.id)}>
            <span className="grow cut"><Dept name={department.name} /></span><span className="dim">{total}</span>
          </button>
        ))}
      </nav>
      <section className="org-people" aria-label={t("organisation.people")}>
        <div className="list-tools org-tools">
          <input className="box list-search" type="search" aria-label={t("organisation.find")} placeholder={t("organisation.find")} defaultValue={text} onChange={(event) => set("q", event.target.value)} />
          {current ? <DepartmentFacts department={current} /> : null}
          {admin ? (
            <span className="end row">
              {current ? <Button size="xs" onClick={() => setDialog("edit")}>{t("organisation.editDepartment")}</Button> : null}
              <Button size="xs" onClick={() => setDialog("department")}>{t("organisation.addDepartment")}</Button>
              <Button size="xs" variant="filled" onClick={() => setDialog("person")}>{t("organisation.addPerson")}</Button>
            </span>
          ) : null}
        </div>
        <div className="org-list">
          {people.isPending ? <div className="list-bones"><Bones rows={12} height={44} /></div> : people.isError ? <div className="list-bones"><Refused problem={asProblem(people.error)} /></div> : rows.length === 0 ? <Blank icon="users" title={t("organisation.nobody")} /> : (
            <ul>
              {rows.map((person) => (
                <li key={person.id}>
                  <Link className="person-row" to={`/organisation/people/${person.id}`}>
                    <Face name={person.name} me={person.id === me.person.id} size={24} /><b className="cut">{person.name}</b><span className="soft cut">{person.position ?? ""}</span><span className="cut">{person.department ? <Dept name={person.department.name} /> : null}</span>
                    <StatusWord status={person.status} />
                  </Link>
                </li>
              ))}
            </ul>
          )}
          {people.hasNextPage ? <button className="tool" onClick={() => void people.fetchNextPage()}>{t("organisation.more")}</button> : null}
        </div>
      </section>
      {dialog === "department" ? <DepartmentDialog parent={current} onClose={() => setDialog(null)} /> : null}
      {dialog === "edit" && current ? <DepartmentDialog department={current} parent={branches.find((one) => one.department.id === current.parent)?.department ?? null} onClose={() => setDialog(null)} /> : null}
      {dialog === "person" ? <PersonDialog department={current} onClose={() => setDialog(null)} /> : null}
    </div>
  );
}

export function RoleWord({ role }: { role?: string | null }) {
  const { t } = useI18n();
  const known = role === "lead" || role === "member" || role === "viewer" || role === "editor" ? t(`project.${role}`) : role;
  return known ? <span className="dim">{known}</span> : null;
}

export function StatusWord({ status }: { status?: string }) {
  const { t } = useI18n();
  if (status === "leave") return <span className="chip amber">{t("organisation.status.leave")}</span>;
  if (status === "left") return <span className="chip">{t("organisation.status.left")}</span>;
  return <span />;
}

function DepartmentFacts({ department }: { department: Department }) {
  const { t } = useI18n();
  return (
    <span className="row soft hide-phone">
      {department.head ? <span className="row tight"><span className="dim">{t("organisation.head")}</span><Who person={department.head} /></span> : null}
      {department.overseer ? <span className="row tight"><span className="dim">{t("organisation.overseer")}</span><Who person={department.overseer} /></span> : null}
    </span>
  );
}

function ProjectsPage() {
  const { t } = useI18n();
  const { types } = useSession();
  const projects = useQuery({ queryKey: ["projects"], queryFn: ({ signal }) => get<Paged<ProjectRow>>("/organisation/projects", signal) });
  if (projects.isPending) return <div className="list-bones"><Bones rows={6} height={72} /></div>;
  if (projects.isError) return <div className="list-bones"><Refused problem={asProblem(projects.error)} /></div>;
  if (projects.data.items.length === 0) return <Blank icon="folder" title={t("organisation.noProjects")} />;
  return (
    <ul className="projects">
      {projects.data.items.map((project) => (
        <li key={project.id} className="sheet project">
          <h2>{types.has("project") ? <Link className="link-quiet" to={`/records/project/${project.id}`}>{project.name}</Link> : project.name}</h2>
          {project.code ? <span className="dim">{project.code}</span> : null}
          {project.lead ? <div className="row tight"><span className="dim">{t("organisation.head")}</span><Who person={project.lead} /></div> : null}
          {Array.isArray(project.members) ? <ul className="row wrap">{project.members.map((one) => <li key={one.person.id} className="chip"><Link to={`/organisation/people/${one.person.id}`}>{one.person.name}</Link><RoleWord role={one.role} /></li>)}</ul> : typeof project.members === "number" ? <span className="dim">{t("organisation.count", { n: project.members })}</span> : null}
        </li>
      ))}
    </ul>
  );
}
