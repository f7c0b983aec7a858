/** The permission centre 权限中心: a head with its tabs, and the chosen one below. */
import { Suspense } from "react";
import { Link, Navigate, useParams } from "react-router";
import { useI18n } from "../../i18n";
import { useSession } from "../../kit/session";
import { NotPermitted } from "../../records/not-permitted";
import { Wait } from "../../shell/wait";
import { WorkingProvider } from "../draft/working";
import { tabsOf } from "./tabs";

export default function Centre() {
  const { t } = useI18n();
  const { me } = useSession();
  const { tab: code } = useParams();
  const tabs = tabsOf(me);
  const first = tabs[0];
  if (!first) return <NotPermitted code="page:access" />;
  const chosen = tabs.find((tab) => tab.code === code);
  if (!chosen) return <Navigate to={`/access/${first.code}`} replace />;
  return (
    <main className="page" aria-label={t(chosen.title)}>
      <header className="page-head">
        <h1>{t("access.title")}</h1>
        <nav className="tabs" aria-label={t("access.title")}>
          {tabs.map((tab) => <Link key={tab.code} className="tab" to={`/access/${tab.code}`} aria-current={tab.code === chosen.code ? "page" : undefined}>{t(tab.title)}</Link>)}
        </nav>
      </header>
      <WorkingProvider><Suspense fallback={<Wait />}><chosen.Page /></Suspense></WorkingProvider>
    </main>
  );
}
