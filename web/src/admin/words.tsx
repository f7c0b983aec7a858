/** How people's status and their roles in projects read; and one parameter of the page's address. */
import { useSearchParams } from "react-router";
import { useI18n } from "../i18n";
import "../i18n/words-org";

export function useRoleName(): (role: string) => string {
  const { t } = useI18n();
  return (role) => (role === "lead" || role === "member" || role === "viewer" || role === "editor" ? t(`project.${role}`) : role);
}

export function RoleWord({ role }: { role?: string | null }) {
  const name = useRoleName();
  return role ? <span className="dim">{name(role)}</span> : null;
}

export function StatusWord({ status }: { status?: string }) {
  const { t } = useI18n();
  if (status === "leave") return <span className="chip amber">{t("organisation.status.leave")}</span>;
  if (status === "left") return <span className="chip">{t("organisation.status.left")}</span>;
  return <span />;
}

/** What the address says of one name, and how to change it. */
export function useAddress(): [(name: string) => string, (name: string, value: string | null) => void] {
  const [search, setSearch] = useSearchParams();
  const set = (name: string, value: string | null) => setSearch((now) => {
    const next = new URLSearchParams(now);
    if (value) next.set(name, value); else next.delete(name);
    return next;
  }, { replace: true });
  return [(name) => search.get(name) ?? "", set];
}
