/** Over every page while a declared emergency concerns this person: what it is, until when, and the way to act on it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useSession } from "../../kit/session";
import { at, emergenciesQuery, type Emergency } from "./data";
import "../../i18n/words-lend";
import "./lend.css";

export default function EmergencyBanner() {
  const { t } = useI18n();
  const { me } = useSession();
  const uses = (one: Emergency) => one.mine && !one.barred.some((bar) => bar.person?.id === me.person.id);
  const found = useQuery(emergenciesQuery);
  return (
    <div role="status">
      {(found.data?.items ?? []).filter((one) => one.open).map((one) => (
        <p key={one.id} className="emergency row"><Icon name="alert" /><span className="grow cut"><b>{t("lend.em.strip", { title: one.title, time: at(one.ends) })}</b> {one.reason}</span>
          <Link className="emergency-go" to={uses(one) ? `/access/loans?use=${one.id}` : "/access/loans"}>{t(uses(one) ? "lend.em.use" : "lend.em.look")}</Link></p>
      ))}
    </div>
  );
}
