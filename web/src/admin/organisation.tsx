/** The company: its department tree with its people, its positions, its projects. Who may change it does so here. */
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { useSession } from "../kit/session";
import { NotPermitted } from "../records/not-permitted";
import { PeoplePage } from "./people";
import { PositionsPage } from "./positions";
import { ProjectsPage } from "./projects";
import { AllWaiting } from "./waiting";
import "../i18n/words-org";
import "../records/records.css";
import "./admin.css";

const TABS = [["people", "/organisation"], ["positions", "/organisation/positions"], ["projects", "/projects"]] as const;

export default function Organisation({ tab }: { tab: (typeof TABS)[number][0] }) {
  const { t } = useI18n();
  const { me } = useSession();
  if (!me.pages.includes("organisation") && !me.pages.includes("projects")) return <NotPermitted code="page:organisation" />;
  return (
    <main className="page" aria-label={t("organisation.title")}>
      <header className="page-head">
        <h1>{t("organisation.title")}</h1>
        <nav className="tabs" aria-label={t("organisation.title")}>
          {TABS.map(([code, path]) => <Link key={code} className="tab" to={path} aria-current={tab === code ? "page" : undefined}>{t(code === "positions" ? "org.positions" : `organisation.${code}`)}</Link>)}
        </nav>
      </header>
      <AllWaiting />
      {tab === "people" ? <PeoplePage /> : tab === "positions" ? <PositionsPage /> : <ProjectsPage />}
    </main>
  );
}
