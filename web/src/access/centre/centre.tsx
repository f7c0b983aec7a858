/** The permission centre 权限中心: a head with its tabs, and the chosen one below. */
import { Suspense } from "react";
import { Link, Navigate, useNavigate, useParams } from "react-router";
import { useI18n } from "../../i18n";
import { useNarrow } from "../../kit/narrow";
import { useSession } from "../../kit/session";
import { useStrip } from "../../kit/strip";
import { NotPermitted } from "../../records/not-permitted";
import { Wait } from "../../shell/wait";
import { WorkingProvider } from "../draft/working";
import { tabsOf, type CentreTab } from "./tabs";
import "../../i18n/words-configure";
import "./centre.css";

/** So many tabs fit beside each other on a phone. */
const FEW = 4;
const GROUPS = ["ask", "rules", "watch", "try"] as const;

export default function Centre() {
  const { t } = useI18n();
  const { me } = useSession();
  const { tab: code } = useParams();
  const tabs = tabsOf(me);
  const first = tabs[0];
  const strip = useStrip(code);
  const narrow = useNarrow(); // on a phone the tabs are a list to choose from
  if (!first) return <NotPermitted code="page:access" />;
  const chosen = tabs.find((tab) => tab.code === code);
  if (!chosen) return <Navigate to={`/access/${first.code}`} replace />;
  return (
    <main className="page" aria-label={t(chosen.title)}>
      <header className="page-head">
        <h1>{t("access.title")}</h1>
        {narrow && tabs.length > FEW ? <Chooser tabs={tabs} chosen={chosen} /> : <nav className="tabs centre-tabs" ref={strip} aria-label={t("access.title")}>
          {tabs.map((tab, at) => <Link key={tab.code} className={at && tabs[at - 1]?.group !== tab.group ? "tab apart" : "tab"} to={`/access/${tab.code}`} aria-current={tab.code === chosen.code ? "page" : undefined}>{t(tab.title)}</Link>)}
        </nav>}
      </header>
      <WorkingProvider><Suspense fallback={<Wait />}><chosen.Page /></Suspense></WorkingProvider>
    </main>
  );
}

function Chooser({ tabs, chosen }: { tabs: CentreTab[]; chosen: CentreTab }) {
  const { t } = useI18n();
  const go = useNavigate();
  const groups = GROUPS.map((group) => ({ group, some: tabs.filter((tab) => tab.group === group) })).filter((one) => one.some.length);
  return (
    <nav className="grow" aria-label={t("access.title")}>
      <select className="box" aria-label={t("centre.page")} value={chosen.code} onChange={(event) => void go(`/access/${event.target.value}`)}>
        {groups.map(({ group, some }) => <optgroup key={group} label={t(`centre.${group}`)}>{some.map((tab) => <option key={tab.code} value={tab.code}>{t(tab.title)}</option>)}</optgroup>)}
      </select>
    </nav>
  );
}
