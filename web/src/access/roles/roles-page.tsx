/** 角色: the list, and one role with its lines in sentences, holders, template, overlaps and history. */
import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { DraftBar } from "../draft/bar";
import { useWorking } from "../draft/working";
import { rolesQuery } from "../queries";
import { NewRole } from "./new-role";
import { RoleDetail } from "./role-detail";
import "../../i18n/words-configure";
import "../centre/configure.css";
import "../../i18n/words-centre";

export default function RolesPage() {
  const { t, w } = useI18n();
  const go = useNavigate();
  const { may, id } = useWorking();
  const { "*": code } = useParams();
  const [adding, setAdding] = useState(false);
  const found = useQuery({ ...rolesQuery(id), placeholderData: keepPreviousData });
  return (
    <>
      <DraftBar />
      <div className={code ? "roles one-chosen" : "roles"}>
        <nav className="role-list" aria-label={t("tab.roles")}>
          {may ? <div className="role-add"><Button size="xs" variant="filled" onClick={() => setAdding(true)}>{t("role.new")}</Button></div> : null}
          {found.isError ? <Refused problem={asProblem(found.error)} /> : !found.data ? <Bones rows={10} height={44} /> : (
            <ul>
              {found.data.items.map((role) => (
                <li key={role.code}>
                  <Link className="role-entry" to={`/access/roles/${role.code}`} aria-current={role.code === code ? "page" : undefined}>
                    <span className="row"><b className="cut grow">{w(role.name)}</b>{role.mark ? <span className="chip amber">{t(`mark.${role.mark as "new" | "changed" | "removed"}`)}</span> : null}<span className="dim n">{t("role.people", { n: role.people })}</span></span>
                    <span className="row dim"><span className="cut grow" title={w(role.description)}>{w(role.description)}</span>{role.template && role.template.offered > role.template.version ? <span className="chip brand">{t("role.update")}</span> : role.template && role.template.drift > 0 ? <span className="chip">{t("role.drifted", { n: role.template.drift })}</span> : null}{role.like.some((one) => one.equal) ? <span className="chip amber">{t("role.nearlyEqual")}</span> : null}</span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </nav>
        <section className="role-detail" aria-label={t("role.role")} tabIndex={0}>
          {code ? <RoleDetail key={code} code={code} draft={id} /> : <Blank icon="shield" title={t("role.pick")} />}
        </section>
      </div>
      {adding && found.data ? <NewRole list={found.data} onClose={() => setAdding(false)} onMade={(made) => void go(`/access/roles/${made}`)} /> : null}
    </>
  );
}
