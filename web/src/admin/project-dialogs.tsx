/** A project's own data, and a part in it. */
import { freshKey, send } from "../api/client";
import { asObject } from "../fields/kind";
import { useI18n } from "../i18n";
import { isoDate } from "../kit/format";
import { ActDialog } from "../kit/dialog";
import { filled, lastDay, useDone, useForm } from "./form";
import type { Member, ProjectView } from "./types";
import { useRoleName } from "./words";
import "../i18n/words-org";

const STATUSES = ["planned", "active", "paused"] as const;
const ROLES = ["lead", "member", "viewer"];

/** `admin`: who administers the organisation names who leads a new project. */
export function ProjectDialog({ project, admin, onClose, onMade }: { project?: ProjectView; admin: boolean; onClose: () => void; onMade?: (id: string) => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ name: project?.name ?? "", status: project && project.status !== "finished" ? project.status : "active", starts_on: project?.starts_on ?? null, until: project?.until ?? null, lead: null });
  const statuses = STATUSES.map((value) => ({ value, name: { zh: t(`org.status.${value}`), en: t(`org.status.${value}`) } }));
  const act = async () => {
    const body = form.body({ name: "text", status: "text", starts_on: "date", until: "date" });
    if (project) await send("PATCH", `/organisation/projects/${project.id}`, body);
    else onMade?.((await send<ProjectView>("POST", "/organisation/projects", filled({ ...body, ...form.body({ lead: "person" }) }), { key: freshKey() })).id);
    await done();
  };
  return (
    <ActDialog title={t(project ? "org.editProject" : "org.addProject")} act={t("kit.save")} disabled={!form.text("name")} places={form.places} onClose={onClose} onAct={act}>
      {form.input("name", "org.name", "text", { required: true, focus: true })}
      <div className="form-two">
        {form.input("status", "org.projectStatus", "choice", { required: true, options: statuses })}
        {admin ? form.input("lead", "project.lead", "person") : null}
        {form.input("starts_on", "org.firstDay", "date")}
        {form.input("until", "org.lastDay", "date")}
      </div>
    </ActDialog>
  );
}

export function MemberDialog({ project, member, onClose }: { project: ProjectView; member?: Member; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const roleName = useRoleName();
  const roles = [...new Set([...ROLES, ...(member ? [member.role] : [])])].map((value) => ({ value, name: { zh: roleName(value), en: roleName(value) } }));
  const ends = member?.until ? lastDay(member.until) : null;
  const form = useForm({ person: null, role: member?.role ?? "member", from: isoDate(new Date()), until: ends });
  const act = async () => {
    const at = `/organisation/projects/${project.id}/members`;
    if (!member) await send("POST", at, filled(form.body({ person: "person", role: "text", from: "date", until: "date" })), { key: freshKey() });
    else await send("PATCH", `${at}/${member.person.id}`, { ...form.body({ role: "text" }), ...((form.values.until || null) === ends ? {} : form.body({ until: "date" })) });
    await done();
  };
  return (
    <ActDialog title={member ? `${t("org.changeMember")} · ${member.person.name}` : `${t("org.addMember")} · ${project.name}`} act={t("kit.save")} disabled={!member && !asObject(form.values.person)} places={form.places} onClose={onClose} onAct={act}>
      <div className="form-two">
        {member ? null : form.input("person", "org.person", "person", { required: true })}
        {form.input("role", "org.role", "choice", { required: true, options: roles })}
        {member ? null : form.input("from", "org.firstDay", "date", { help: "org.todayHelp" })}
        {form.input("until", "org.lastDay", "date", { help: "org.openHelp" })}
      </div>
    </ActDialog>
  );
}
