/** 防护: my own use; for who leads and for security the people, alerts, settings and planted records. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n, type Key } from "../../i18n";
import { fullMoment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { AlertList } from "./alerts";
import { PeopleTable } from "./people";
import { mineQuery } from "./queries";
import { Use } from "./use";
import "../../i18n/words-guard";
import "../../admin/admin.css";
import "./guard.css";
import "../../i18n/words-centre";

const Settings = lazy(async () => ({ default: (await import("./settings")).Settings }));
const Canaries = lazy(async () => ({ default: (await import("./canaries")).Canaries }));

type Part = "mine" | "people" | "alerts" | "settings" | "canaries";

function Mine() {
  const { t, w } = useI18n();
  const found = useQuery(mineQuery);
  if (found.isPending) return <Bones rows={4} height={56} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return (
    <>
      {found.data.frozen ? <p className="row note amber" role="alert"><Icon name="lock" />{t("guard.frozenSince", { at: fullMoment(found.data.frozen) })}</p> : null}
      <p className="soft">{t("guard.mineText")}</p>
      <ul className="budget">{found.data.lines.map((line) => (
        <li key={line.kind + line.window} className="sheet"><b>{t(`guard.${line.kind}`)} · {t(`guard.${line.window}`)}</b><Use line={line} /><span className="dim">{w(line.words)}</span></li>
      ))}</ul>
    </>
  );
}

export function GuardPage() {
  const { t } = useI18n();
  const { me } = useSession();
  const [search, setSearch] = useSearchParams();
  const security = me.administers?.includes("policy") ?? false;
  const reads = security || me.pages.includes("policy");
  const parts: Part[] = ["mine", "people", "alerts", ...(reads ? ["settings" as const] : []), ...(security ? ["canaries" as const] : [])];
  const asked = search.get("part") as Part | null;
  const part = asked && parts.includes(asked) ? asked : reads ? "alerts" : "mine";
  return (
    <>
      <div className="org-tools guard-parts"><span className="tabs" role="group" aria-label={t("guard.title")}>
        {parts.map((one) => <button key={one} className="tab" aria-pressed={one === part} onClick={() => setSearch({ part: one }, { replace: true })}>{t(`guard.${one}` as Key)}</button>)}
      </span></div>
      <div className="guard-scroll" tabIndex={0} role="region" aria-label={t(`guard.${part}` as Key)}>
        <Suspense fallback={<Bones rows={5} height={40} />}>
          {part === "mine" ? <Mine /> : part === "people" ? <PeopleTable /> : part === "alerts" ? <AlertList /> : part === "settings" ? <Settings /> : <Canaries />}
        </Suspense>
      </div>
    </>
  );
}
