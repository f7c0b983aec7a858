/** What became of a campaign, item by item: who judges it, what was decided, by whom and when, why, and what came of it. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { asProblem, BASE, get, query } from "../../api/client";
import { useI18n } from "../../i18n";
import { dayOf, grouped, moment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Deadline } from "./deadline";
import { endedSaid } from "./ended";
import { draftSign, draftTone } from "./row";
import type { Progress, Result, State } from "./types";
import "../../i18n/words-review";

const STATES = ["pending", "kept", "narrowed", "revoked", "drafted", "lapsed", "gone", "left"] as const;
const SILENT = "unanswered";
const HEADS = ["who", "what", "reviewer", "decision", "why", "became"] as const;

export default function ResultView({ id }: { id: string }) {
  const { t, w, lang } = useI18n();
  const [search, setSearch] = useSearchParams();
  const state = search.get("state") ?? "";
  const reviewer = search.get("reviewer") ?? "";
  const campaign = useQuery({ queryKey: ["reviews", "campaign", id], queryFn: ({ signal }) => get<Progress>(`/access/reviews/${id}`, signal) });
  const found = useInfiniteQuery({
    queryKey: ["reviews", "items", id, state, reviewer],
    queryFn: ({ pageParam, signal }) => get<{ items: Result[]; next: number | null }>(`/access/reviews/${id}/items${query({ state, reviewer, after: pageParam })}`, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
  });
  if (campaign.isPending) return <div className="bench-pad"><Bones rows={8} height={44} /></div>;
  if (campaign.isError) return <div className="list-bones"><Refused problem={asProblem(campaign.error)} /></div>;
  const one = campaign.data;
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const narrow = (name: "state" | "reviewer", value: string) => setSearch((now) => { const next = new URLSearchParams(now); if (value) next.set(name, value); else next.delete(name); return next; }, { replace: true });
  const pending = one.states.pending ?? 0;
  const choices = [["", t("review.all"), one.total], ...STATES.filter((some) => one.states[some]).map((some) => [some, stateSaid(some, one, t), one.states[some] ?? 0] as const), ...(one.unanswered ? [[SILENT, t("review.silent"), one.unanswered] as const] : [])] as const;
  return (
    <div className="result">
      <header className="review-top">
        <div className="grow"><Link className="link row tight small" to="/access/reviews?campaigns"><Icon name="left" small />{t("review.campaigns")}</Link><h2>{w(one.title_words)}</h2><p className="soft">{t("review.progress", { done: one.total - pending, all: one.total, people: one.reviewers.length })} · {one.ended ? t(one.closed_at ? "review.endedEarly" : "review.ending") : one.closed_at ? t("review.closed") : t("review.dueOn", { day: dayOf(one.due) })}</p></div>
        <a className="link row tight" href={`${BASE}/access/reviews/${id}/evidence.csv?language=${lang}`} download><Icon name="download" small />{t("review.evidence")}</a>
      </header>
      {one.ended ? <p className="note review-note">{endedSaid(one.ended, t, lang)}</p> : null}
      {one.deadline ? <div className="review-note"><Deadline one={one} /></div> : null}
      <div className="result-tools row wrap">
        <div className="result-kinds" role="group" aria-label={t("review.outcome")}>{choices.map(([value, name, n]) => <button key={value} className="review-kind" aria-pressed={state === value} onClick={() => narrow("state", value)}>{name} <span className="dim">{grouped(String(n))}</span></button>)}</div>
        <select className="box" aria-label={t("review.reviewer")} value={reviewer} onChange={(event) => narrow("reviewer", event.target.value)}>
          <option value="">{t("review.allReviewers")}</option>
          {one.reviewers.map((some) => <option key={some.person.id} value={some.person.id}>{some.person.name} ({some.total - some.pending}/{some.total})</option>)}
        </select>
      </div>
      <div className="review-scroll" tabIndex={0} role="region" aria-label={t("review.results", { title: w(one.title_words) })}>
        {found.isPending ? <Bones rows={8} height={48} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : rows.length === 0 ? <Blank icon="shield" title={t("review.noResults")} /> : (
          <table className="result-table">
            <thead><tr>{HEADS.map((name) => <th key={name} scope="col">{t(`review.${name}`)}</th>)}</tr></thead>
            <tbody>{rows.map((row) => <ResultRow key={row.id} row={row} one={one} />)}</tbody>
          </table>
        )}
        {found.hasNextPage ? <div className="bench-pad"><Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("board.more")}</Button></div> : null}
      </div>
    </div>
  );
}

type T = ReturnType<typeof useI18n>["t"];

function stateSaid(state: State, one: Progress, t: T): string {
  return t(one.ended && state === "lapsed" ? "review.endedLapsed" : `review.${state}`);
}

function ResultRow({ row, one }: { row: Result; one: Progress }) {
  const { t, w, lang } = useI18n();
  const bad = row.state === "revoked" || row.state === "lapsed";
  const by = row.decided_by?.name ?? t("review.rule");
  const why = row.note === one.ended?.reason ? "" : row.note; // that stands above all of them
  return (
    <tr>
      <Cell name="who">{row.person ? row.person.name : t("review.everyone")}{row.where ? <span className="block soft small">{w(row.where)}</span> : null}</Cell>
      <Cell name="what"><span className="capital block">{w(row.what)}</span><span className="row tight soft small"><span>{w(row.origin)}</span>{row.secret ? <span className="row" title={t("review.secret")}><Icon name="lock" small /><span className="unseen">{t("review.secret")}</span></span> : null}</span></Cell>
      <Cell name="reviewer">{row.reviewer ? <Who person={row.reviewer} /> : null}{row.delegated_by ? <span className="block soft small">{t("review.passedBy", { name: row.delegated_by.name })}</span> : null}</Cell>
      <Cell name="decision"><span className={bad ? "bad" : row.state === "pending" ? "warn" : ""}>{stateSaid(row.state, one, t)}</span>{row.unanswered && row.state !== "lapsed" ? <span className="warn"> · {t("review.silent")}</span> : null}<span className="block soft small">{row.decided_at ? `${by} · ${moment(row.decided_at, lang)}` : t("review.dueOn", { day: dayOf(row.due) })}</span></Cell>
      <Cell name="why" empty={!why}>{why}</Cell>
      <Cell name="became"><Became row={row} ended={one.ended !== null} /></Cell>
    </tr>
  );
}

/** `name`: what its column is, which stands in it where there is no room for columns. */
function Cell({ name, empty, children }: { name: (typeof HEADS)[number]; empty?: boolean; children: ReactNode }) {
  const { t } = useI18n();
  return <td className={empty ? "empty" : undefined} data-name={t(`review.${name}`)}><div>{children}</div></td>;
}

/** What came of it: at once, by a draft, or not yet. */
function Became({ row, ended }: { row: Result; ended: boolean }) {
  const { t, w } = useI18n();
  const { draft } = row;
  if (draft) {
    const said = row.proposed ? w(row.proposed) : "";
    return <><span className={draftTone(draft)}><Icon name={draftSign(draft)} small /><Link to={`/access/drafts/${draft.id}`}>{t(`review.draft.${draft.state}`)}</Link></span><span className="soft small two" title={said}>{draft.answer ? `${said} · ${draft.answer}` : said}</span></>;
  }
  const open = row.state !== "pending" && !row.submitted && !ended;
  const words = row.state === "pending" ? (row.rolled ? t("review.rolled", { day: dayOf(row.due) }) : t("review.became.pending")) : t(`review.became.${row.state}`);
  return <>{words}{open ? <span className="block warn small">{t("review.became.open")}</span> : null}</>;
}
