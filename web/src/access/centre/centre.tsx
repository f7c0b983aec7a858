/** The permission centre 权限中心: a head with its tabs, and the chosen one below. */
import { Suspense, useEffect, useRef } from "react";
import { Link, Navigate, useParams } from "react-router";
import { useI18n } from "../../i18n";
import { useSession } from "../../kit/session";
import { NotPermitted } from "../../records/not-permitted";
import { Wait } from "../../shell/wait";
import { WorkingProvider } from "../draft/working";
import { tabsOf } from "./tabs";
import "./centre.css";

export default function Centre() {
  const { t } = useI18n();
  const { me } = useSession();
  const { tab: code } = useParams();
  const tabs = tabsOf(me);
  const first = tabs[0];
  const strip = useRef<HTMLElement>(null);
  // Where the strip is narrower than its tabs (a phone), the chosen one is brought into sight.
  useEffect(() => { strip.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); }, [code]);
  if (!first) return <NotPermitted code="page:access" />;
  const chosen = tabs.find((tab) => tab.code === code);
  if (!chosen) return <Navigate to={`/access/${first.code}`} replace />;
  return (
    <main className="page" aria-label={t(chosen.title)}>
      <header className="page-head">
        <h1>{t("access.title")}</h1>
        <nav className="tabs centre-tabs" ref={strip} aria-label={t("access.title")}>
          {tabs.map((tab, at) => <Link key={tab.code} className={at && tabs[at - 1]?.group !== tab.group ? "tab apart" : "tab"} to={`/access/${tab.code}`} aria-current={tab.code === chosen.code ? "page" : undefined}>{t(tab.title)}</Link>)}
        </nav>
      </header>
      <WorkingProvider><Suspense fallback={<Wait />}><chosen.Page /></Suspense></WorkingProvider>
    </main>
  );
}
