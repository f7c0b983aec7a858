/** /flows/live/:code: how a process goes and where it waits. Tabs are ways of looking at the same figures. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n, type Key } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { useStrip } from "../../kit/strip";
import { Hands } from "./hands";
import { Improvements } from "./improvements";
import { Live } from "./live";
import { Logs } from "./logs";
import { figuresQuery, logOf } from "./queries";
import { Ranking, Sla } from "./ranking";
import { Rework } from "./rework";
import { Strip } from "./strip";
import type { Clock, Figures } from "./types";
import { Variants } from "./variants";
import { Versions } from "./versions";
import { WhatIf } from "./what-if";
import "../../i18n/words-flows";
import "../../i18n/words-seeing";
import "../../i18n/words-entry";
import "./seeing.css";

const TABS = ["live", "ranking", "rework", "hands", "variants", "versions", "sla", "whatif", "log"] as const;
type Tab = (typeof TABS)[number];
/** What a log of another system can be looked at by. */
const OF_LOG: readonly Tab[] = ["live", "ranking", "rework", "hands", "variants"];
const DAYS = [30, 90, 180, 365];

export default function SeeingPage() {
  const { code = "" } = useParams();
  return code === "log-" ? <LogsPage /> : <Process key={code} code={code} />;
}

function LogsPage() {
  const { t } = useI18n();
  return (
    <main className="page see" aria-label={t("see.logs")}>
      <header className="page-head"><nav className="row tight see-crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet" to="/flows">{t("shell.flows")}</Link><span className="dim" aria-hidden="true">/</span></nav><h1>{t("see.logs")}</h1></header>
      <Logs />
    </main>
  );
}

function Process({ code }: { code: string }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const log = logOf(code);
  const reads = me.administers?.includes("process") === true;
  const tabs = log === null ? TABS.filter((one) => one !== "log" || reads) : OF_LOG;
  const [search, setSearch] = useSearchParams();
  const [clock, setClock] = useState<Clock>(log === null ? "working" : "calendar");
  const asked = { days: Number(search.get("days")) || 90, department: search.get("department") ?? "", version: Number(search.get("version")) || 0 };
  const tab: Tab = tabs.find((one) => one === search.get("tab")) ?? "live";
  const strip = useStrip(tab);
  const found = useQuery(figuresQuery(code, asked));
  const go = (name: string, value: string) => setSearch((now) => { const next = new URLSearchParams(now); if (value) next.set(name, value); else next.delete(name); return next; }, { replace: true });
  const figures = found.data;
  return (
    <main className="page see" aria-label={figures && log === null ? t("see.title", { name: w(figures.name) }) : t(log === null ? "see.tab.live" : "see.tab.picture")}>
      <header className="page-head see-head">
        <nav className="row tight see-crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet" to={log === null ? `/flows?process=${code}` : "/flows/live/log-"}>{t(log === null ? "shell.flows" : "see.logs")}</Link><span className="dim" aria-hidden="true">/</span></nav>
        <h1>{figures ? w(figures.name) : ""}</h1>
        {figures?.version ? <span className="dim nowrap hide-phone">{t("flow.version", { n: figures.version })}</span> : null}
        <nav className="tabs" ref={strip} aria-label={t("see.tabs")}>
          {tabs.map((one) => <button key={one} className="tab" aria-current={one === tab ? "page" : undefined} onClick={() => go("tab", one === "live" ? "" : one)}>{t((log !== null && one === "live" ? "see.tab.picture" : `see.tab.${one}`) as Key)}</button>)}
        </nav>
        <div className="row tight end see-picks">
          <button className="tool" aria-pressed={clock === "calendar"} title={t("see.clockHelp")} onClick={() => setClock(clock === "working" ? "calendar" : "working")}><Icon name="clock" small />{t(clock === "working" ? "see.working" : "see.calendar")}</button>
          {log === null ? <select className="box see-pick" aria-label={t("see.period")} value={asked.days} onChange={(event) => go("days", event.target.value)}>{DAYS.map((n) => <option key={n} value={n}>{t("see.days", { n })}</option>)}</select> : null}
          {figures?.departments.length || asked.department ? (
            <select className="box see-pick" aria-label={t("see.department")} value={asked.department} onChange={(event) => go("department", event.target.value)}>
              <option value="">{t("see.everywhere")}</option>{figures?.departments.map((one) => <option key={one.id} value={one.id}>{w(one.name)}</option>)}
            </select>
          ) : null}
          {(figures?.versions.length ?? 0) > 1 && tab !== "versions" ? (
            <select className="box see-pick" aria-label={t("see.version")} value={asked.version || ""} onChange={(event) => go("version", event.target.value)}>
              <option value="">{t("see.allVersions")}</option>{figures?.versions.map((n) => <option key={n} value={n}>{t("flow.version", { n })}</option>)}
            </select>
          ) : null}
        </div>
      </header>
      {found.isPending ? <div className="see-pad"><Bones rows={8} height={48} /></div> : found.isError ? <div className="see-pad"><Refused problem={asProblem(found.error)} /></div> : (
        <Body figures={found.data} tab={tab} code={code} asked={asked} clock={clock} />
      )}
    </main>
  );
}

function Body({ figures, tab, code, asked, clock }: { figures: Figures; tab: Tab; code: string; asked: { days: number; department: string; version: number }; clock: Clock }) {
  const { t } = useI18n();
  const { me } = useSession();
  const nothing = figures.whole.cases + figures.whole.running === 0, every = me.administers?.includes("process") === true;
  if (nothing) return <Blank icon="swap" title={t(every ? "see.none" : "see.noneMine")}>{figures.untold ? t("see.untold", { n: figures.untold }) : t(every ? "see.noneText" : "see.noneMineText")}</Blank>;
  return (
    <>
      <Strip figures={figures} clock={clock} />
      {!figures.knows_all ? <p className="note see-note">{t("see.fewText")}</p> : null}
      {figures.of_log && !figures.queues ? <p className="note see-note">{t("see.ofLog.noStarts")}</p> : null}
      {figures.untold ? <p className="note see-note">{t("see.untold", { n: figures.untold })}</p> : null}
      {tab === "live" ? <Live figures={figures} code={code} clock={clock} />
        : tab === "ranking" ? <Ranking figures={figures} clock={clock} />
        : tab === "rework" ? <Rework figures={figures} code={code} asked={asked} />
        : tab === "hands" ? <Hands code={code} asked={asked} clock={clock} />
        : tab === "variants" ? <Variants code={code} asked={asked} />
        : tab === "sla" ? <Sla figures={figures} />
        : tab === "whatif" ? <WhatIf code={code} asked={asked} />
        : tab === "log" ? <Improvements figures={figures} code={code} asked={asked} />
        : <Versions figures={figures} code={code} asked={asked} clock={clock} />}
    </>
  );
}
