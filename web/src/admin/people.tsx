/** The department tree and who works where. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { asProblem, get, query } from "../api/client";
import { departmentsQuery } from "../api/queries";
import type { Department } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Blank, Bones, Dept, Face, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { CloseDepartmentDialog, DepartmentDialog } from "./department-dialogs";
import { PersonDialog } from "./person-dialogs";
import { flatten } from "./tree";
import { postOf, type Paged, type PersonRow } from "./types";
import { StatusWord, useAddress } from "./words";
import "../i18n/words-org";

const InDraft = lazy(() => import("../access/move/department-entry"));
const Move = lazy(() => import("../access/move/entry"));

export function PeoplePage() {
  const { t, lang } = useI18n();
  const { me } = useSession();
  const [address, set] = useAddress();
  const [dialog, setDialog] = useState<"department" | "edit" | "close" | "person" | "move" | "inDraft" | null>(null);
  const admin = me.administers?.includes("organisation") === true;
  const drafts = me.administers?.includes("policy") === true && !me.mode;
  const [chosen, text] = [address("department"), address("q")];
  const departments = useQuery(departmentsQuery);
  const branches = flatten(departments.data?.items ?? []);
  const find = (id: string | null) => branches.find((one) => one.department.id === id)?.department ?? null;
  const current = find(chosen);
  const people = useInfiniteQuery({
    queryKey: ["people", chosen, text],
    queryFn: ({ pageParam, signal }) => get<Paged<PersonRow>>(`/organisation/people${query({ q: text, department: chosen, after: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
  });
  const rows = people.data?.pages.flatMap((page) => page.items) ?? [];
  const close = () => setDialog(null);
  return (
    <div className="org">
      <nav className="org-tree" aria-label={t("organisation.tree")}>
        <button className="org-node" aria-current={!chosen || undefined} onClick={() => set("department", null)}><Icon name="building" /><span className="grow">{t("organisation.everyone")}</span></button>
        {departments.isPending ? <Bones rows={10} height={32} /> : departments.isError ? <Refused problem={asProblem(departments.error)} /> : branches.map(({ department, depth, total }) => (
          <button key={department.id} className="org-node" style={{ paddingLeft: 12 + depth * 16 }} aria-current={department.id === chosen || undefined} onClick={() => set("department", department.id)}>
            <span className="grow cut"><Dept name={department.name} en={department.name_en} /></span><span className="dim">{total}</span>
          </button>
        ))}
      </nav>
      <section className="org-people" aria-label={t("organisation.people")}>
        <div className="list-tools org-tools">
          <input className="box list-search" type="search" aria-label={t("organisation.find")} placeholder={t("organisation.find")} defaultValue={text} onChange={(event) => set("q", event.target.value)} />
          {current ? <DepartmentFacts department={current} /> : null}
          {drafts ? <span className="end row wrap"><Button size="xs" leftSection={<Icon name="building" small />} onClick={() => setDialog("inDraft")}>{t("org.departmentInDraft")}</Button><Button size="xs" leftSection={<Icon name="swap" small />} onClick={() => setDialog("move")}>{t("org.moveInDraft")}</Button></span> : null}
          {admin ? (
            <span className="end row wrap">
              {current ? <Button size="xs" color="bad" variant="subtle" onClick={() => setDialog("close")}>{t("org.closeDepartment")}</Button> : null}
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
                    <Face name={person.name} me={person.id === me.person.id} size={24} /><b className="cut">{person.name}</b><span className="soft cut">{postOf(person, lang)}</span><span className="cut">{person.department ? <Dept name={person.department.name} en={person.department.name_en} /> : null}</span>
                    <StatusWord status={person.status} />
                  </Link>
                </li>
              ))}
            </ul>
          )}
          {people.hasNextPage ? <button className="tool" onClick={() => void people.fetchNextPage()}>{t("organisation.more")}</button> : null}
        </div>
      </section>
      {dialog === "department" ? <DepartmentDialog parent={current} onClose={close} /> : null}
      {dialog === "edit" && current ? <DepartmentDialog department={current} parent={find(current.parent)} onClose={close} /> : null}
      {dialog === "close" && current ? <CloseDepartmentDialog department={current} onClose={close} onDone={() => set("department", null)} /> : null}
      {dialog === "move" ? <Suspense fallback={null}><Move department={current ? { id: current.id, name: (lang === "en" && current.name_en) || current.name } : undefined} onClose={close} /></Suspense> : null}
      {dialog === "inDraft" ? <Suspense fallback={null}><InDraft department={current} onClose={close} /></Suspense> : null}
      {dialog === "person" ? <PersonDialog department={current} onClose={close} /> : null}
    </div>
  );
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
