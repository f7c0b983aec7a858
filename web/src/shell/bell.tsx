/** How much I was told and have not looked at; the pulse keeps it. */
import { useQuery } from "@tanstack/react-query";
import { NavLink } from "react-router";
import { toldQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";

export function Bell({ end }: { end?: boolean }) {
  const { t } = useI18n();
  const { data: n } = useQuery(toldQuery);
  const says = n ? t("shell.told", { n: n > 99 ? "99+" : n }) : t("shell.notices");
  return <NavLink to="/notices" className={end ? "ib bell end" : "ib bell"} aria-label={says} title={says}><Icon name="bell" />{n ? <span className="bell-new" aria-hidden="true">{n > 99 ? "99+" : n}</span> : null}</NavLink>;
}
