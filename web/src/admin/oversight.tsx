/** The log of acts: what an auditor reads. Nothing here changes anything. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { asProblem, get, query } from "../api/client";
import type { Words } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Blank, Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { NotPermitted } from "../records/not-permitted";
import "../i18n/words-oversight";
import "./admin.css";

type Outcome = "done" | "refused" | "failed";
interface Entry { seq: number; at: string; actor: string; action: string; object_type: string; object_id: string; outcome: Outcome; origin: string; via: string; reason: string; fields: string[]; act: Words; thing: Words; changed: Words[] }
interface Log { items: Entry[]; next: number | null; entries: number }
const OUTCOMES: Outcome[] = ["done", "refused", "failed"];

export default function Oversight() {
  const { t } = useI18n();
  const { me } = useSession();
  if (!me.pages.includes("audit")) return <NotPermitted code="page:audit" />;
  return (
    <main className="page" aria-label={t("oversight.audit")}>
      <header className="page-head"><h1>{t("oversight.audit")}</h1></header>
      <AuditLog />
    </main>
  );
}

function AuditLog() {
  const { t, w } = useI18n();
  const { meta } = useSession();
  const [search, setSearch] = useSearchParams();
  const actor = search.get("actor") ?? "";
  const outcome = search.get("outcome") ?? "";
  const set = (name: string, value: string) => setSearch((now) => { const next = new URLSearchParams(now); if (value) next.set(name, value); else next.delete(name); return next; }, { replace: true });
  const found = useInfiniteQuery({
    queryKey: ["audit", actor, outcome],
    queryFn: ({ pageParam, signal }) => get<Log>(`/audit${query({ actor, outcome, before: pageParam })}`, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
  });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const total = found.data?.pages[0]?.entries;
  const known = new Set(meta.types.map((type) => type.code));
  return (
    <>
      <div className="org-tools">
        <input className="box list-search" defaultValue={actor} aria-label={t("oversight.actor")} placeholder={t("oversight.actor")} onKeyDown={(event) => { if (event.key === "Enter") set("actor", event.currentTarget.value.trim()); }} onBlur={(event) => set("actor", event.currentTarget.value.trim())} />
        <span className="tabs" role="group" aria-label={t("oversight.outcome")}>
          <button className="tab" aria-pressed={!outcome} onClick={() => set("outcome", "")}>{t("oversight.everything")}</button>
          {OUTCOMES.map((one) => <button key={one} className="tab" aria-pressed={outcome === one} onClick={() => set("outcome", one)}>{t(`oversight.${one}`)}</button>)}
        </span>
        {total === undefined ? null : <span className="dim end">{t("oversight.entries", { n: total })}</span>}
      </div>
      <div className="log" tabIndex={0} role="region" aria-label={t("oversight.audit")}>
        {found.isError ? <div className="list-bones"><Refused problem={asProblem(found.error)} /></div> : null}
        {found.isPending ? <Bones rows={12} height={36} /> : null}
        {found.data && rows.length === 0 ? <Blank icon="shield" title={t("oversight.none")} /> : null}
        {rows.length ? (
          <table>
            <thead><tr>{(["number", "when", "who", "what", "thing", "changed", "ended", "under"] as const).map((one) => <th key={one} scope="col">{t(`oversight.${one}`)}</th>)}</tr></thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.seq}>
                  <td className="n dim">{one.seq}</td>
                  <td className="nowrap">{new Date(one.at).toLocaleString(undefined, { hour12: false })}</td>
                  <td>{one.actor}<span className="dim"> {one.origin}</span></td>
                  <td title={one.action}>{w(one.act)}</td>
                  <td>{known.has(one.object_type) ? <Link className="link" to={`/records/${one.object_type}/${one.object_id}`}>{w(one.thing)}</Link> : w(one.thing)}</td>
                  <td className="cut-cell" title={one.fields.join(", ")}>{one.changed.map((field) => w(field)).join(t("oversight.comma"))}</td>
                  <td><span className={one.outcome === "done" ? "row" : "row red-ink"}><Icon name={one.outcome === "done" ? "check" : "ban"} small />{t(`oversight.${one.outcome}`)}</span></td>
                  <td className="cut-cell dim" title={one.reason || one.via}>{one.reason || one.via}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
        {found.hasNextPage ? <button className="link log-more" onClick={() => void found.fetchNextPage()}>{t("organisation.more")}</button> : null}
      </div>
    </>
  );
}
