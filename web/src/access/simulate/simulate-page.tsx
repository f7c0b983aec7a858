/** 模拟: what a draft, or a question without one, would do to everybody. Nothing here changes anything but the draft's own steps. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { asProblem, type Problem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Changes, Stamp } from "./changes";
import { Faults } from "./faults";
import { Moves } from "./moves";
import { Past } from "./past";
import { Persons } from "./persons";
import { draftQuery, simulationQuery, stampQuery, whatQuery } from "./queries";
import "../../i18n/words-simulate";
import "./simulate.css";
import { Start } from "./start";
import { Steps } from "./steps";
import type { Simulation, What } from "./types";
import { Verdict } from "./verdict";

export default function SimulatePage() {
  const [search] = useSearchParams();
  const draft = search.get("draft");
  const [what, setWhat] = useState<What | null>(null);
  if (draft && /^\d{1,18}$/.test(draft)) return <OfDraft id={draft} />;
  if (what) return <OfQuestion what={what} onBack={() => setWhat(null)} />;
  return <Start onAsk={setWhat} />;
}

/** Whether what is shown is of a company that is no more; then it is asked for again. */
function useStale(sim: Simulation | undefined, again: () => unknown): boolean {
  const now = useQuery({ ...stampQuery, enabled: sim !== undefined });
  const stale = Boolean(sim && now.data && now.data.stamp !== sim.stamp);
  useEffect(() => { if (stale) void again(); }, [stale, now.data?.stamp]);
  return stale;
}

function OfDraft({ id }: { id: string }) {
  const { t } = useI18n();
  const [search, setSearch] = useSearchParams();
  const change = search.get("change");
  const draft = useQuery(draftQuery(id));
  const found = useQuery({ ...simulationQuery(id, draft.data?.revision ?? 0, change), enabled: Boolean(draft.data && draft.data.size) });
  const stale = useStale(found.data, found.refetch);
  const choose = (next: string | null) => setSearch((now) => { const made = new URLSearchParams(now); if (next) made.set("change", next); else made.delete("change"); return made; }, { replace: true });
  const whole = useQuery({ ...simulationQuery(id, draft.data?.revision ?? 0, null), enabled: Boolean(change && draft.data?.size) });
  if (draft.isPending) return <div className="list-bones"><Bones rows={8} height={40} /></div>;
  if (draft.isError) return <div className="list-bones"><Refused problem={asProblem(draft.error)} /></div>;
  const one = draft.data;
  const names = one.authors.map((person) => person.name).join(t("simulate.comma"));
  return (
    <div className="sim">
      <aside className="sim-left" aria-label={t("simulate.draft", { id })}>
        <header className="sim-title">
          <div className="row"><h2>{t("simulate.draft", { id })}</h2><span className={one.state === "open" ? "chip amber" : "chip brand"}>{t(`simulate.state.${one.state}`)}</span></div>
          <p className="strong sim-text">{one.title}</p>
          <p className="dim">{t("simulate.by", { names, n: one.changes.length })}</p>
        </header>
        <Changes changes={(change ? whole.data : found.data)?.changes ?? one.changes} chosen={change} onChoose={choose} />
        {found.data ? <Stamp sim={found.data} stale={stale} /> : null}
      </aside>
      <div className="sim-right">
        <Body sim={found.data} busy={found.isFetching} problem={found.isError ? asProblem(found.error) : null} empty={!one.size}>
          {found.data && !change ? <Past draft={id} revision={one.revision} /> : null}
        </Body>
        {one.size === 0 ? null : <Steps draft={one} sim={change ? whole.data : found.data} stale={stale} />}
      </div>
    </div>
  );
}

function OfQuestion({ what, onBack }: { what: What; onBack: () => void }) {
  const { t, w } = useI18n();
  const found = useQuery(whatQuery(what));
  const stale = useStale(found.data, found.refetch);
  return (
    <div className="sim">
      <aside className="sim-left" aria-label={t("simulate.whatIf")}>
        <header className="sim-title"><h2>{t("simulate.whatIf")}</h2><p className="sim-text">{found.data?.question ? w(found.data.question) : ""}</p></header>
        <button className="link row sim-pick" onClick={onBack}><Icon name="left" small />{t("simulate.another")}</button>
        {found.data ? <Stamp sim={found.data} stale={stale} /> : null}
      </aside>
      <div className="sim-right"><Body sim={found.data} busy={found.isFetching} problem={found.isError ? asProblem(found.error) : null} /></div>
    </div>
  );
}

function Body({ sim, busy, problem, empty, children }: { sim: Simulation | undefined; busy: boolean; problem: Problem | null; empty?: boolean; children?: React.ReactNode }) {
  const { t, w } = useI18n();
  if (problem) return <div className="sim-body"><Refused problem={problem} /></div>;
  if (!sim) return <div className="sim-body">{busy ? <Bones rows={12} height={40} /> : <p className="dim">{t(empty ? "simulate.emptyDraft" : "simulate.noDrafts")}</p>}</div>;
  return (
    <div className="sim-body" aria-busy={busy}>
      <Verdict sim={sim} />
      {sim.unread.length ? <p className="note row bound" role="note"><Icon name="lock" small /><span>{t("simulate.unread", { fields: sim.unread.map((one) => w(one)).join(t("simulate.comma")) })} {w(sim.exact)}</span></p> : null}
      {sim.warnings.length ? <div className="note amber" role="note"><b className="row tight"><Icon name="alert" small />{t("simulate.warnings")}</b>{sim.warnings.map((one, at) => <p key={at}>{w(one)}</p>)}</div> : null}
      <Moves sim={sim} />
      <Faults sim={sim} />
      {children}
      <Persons sim={sim} />
    </div>
  );
}

