/** What happened: activities, comments and changes in one line of time, newest first. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { asProblem, send } from "../../api/client";
import { commentsQuery, historyQuery, relatedQuery } from "../../api/queries";
import type { CommentItem, HistoryItem, Json, RecordView, Row, TypeMeta } from "../../api/types";
import { Value } from "../../fields/value";
import { useI18n, type Key as WordKey } from "../../i18n";
import { fullMoment, moment } from "../../kit/format";
import { Icon, type IconName } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { fieldOf, useSession } from "../../kit/session";
import { Comment } from "./comment";
import { Composer } from "./composer";
import { newestFirst } from "./newest";
import "../../i18n/words-entry";

type Entry = { kind: "comment"; at: string; item: CommentItem } | { kind: "change"; at: string; item: HistoryItem } | { kind: "activity"; at: string; item: Row };
/** What the comments show by themselves. That one was deleted is told here alone. */
const SHOWN = new Set(["comment", "comment_edit"]);
const TABS = ["all", "activity", "comment", "change"] as const;
const ICONS: Record<Entry["kind"], IconName> = { comment: "comment", change: "edit", activity: "phone" };

function whenOf(row: Row): string { for (const code of ["at", "happened_at", "occurred_at", "done_at", "created_at", "updated_at"]) if (typeof row[code] === "string") return String(row[code]); return ""; }
function nameOf(value: Json | undefined): string { return value && typeof value === "object" && !Array.isArray(value) ? String(value.name ?? value.title ?? "") : ""; }

function Change({ type, item }: { type: TypeMeta; item: HistoryItem }) {
  const { w } = useI18n();
  return (
    <ul className="changes">
      {item.changes.map((change) => {
        const field = fieldOf(type, change.field);
        if (!field) return null;
        return (
          <li key={change.field}>
            <span className="dim cut">{w(field.name)}</span>
            <span className="row wrap tight">{change.old !== undefined && change.old !== null ? <s className="dim"><Value field={field} value={change.old} masked={typeof change.old === "string"  && /\*\*\*/.test(change.old)} /></s> : null}
              {change.old !== undefined && change.old !== null ? <Icon name="arrow" small /> : null}<Value field={field} value={change.new ?? null} masked={typeof change.new === "string" && /\*\*\*/.test(change.new)} /></span>
          </li>
        );
      })}
    </ul>
  );
}

export function Stream({ type, record }: { type: TypeMeta; record: RecordView }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { types } = useSession();
  const [tab, setTab] = useState<(typeof TABS)[number]>("all");
  const history = useQuery(historyQuery(type.code, record.id));
  const comments = useQuery(commentsQuery(type.code, record.id));
  const related = useQuery(relatedQuery(type.code, record.id));
  const activityType = types.get("activity");
  const activities = related.data?.items.find((one) => one.type === "activity")?.items ?? [];
  const subject = activityType?.title ?? "subject";

  const entries: Entry[] = newestFirst(([
    ...(comments.data?.items ?? []).map((item) => ({ kind: "comment" as const, at: item.at, item })),
    ...(history.data?.items ?? []).filter((item) => !SHOWN.has(item.action)).map((item) => ({ kind: "change" as const, at: item.at, item })),
    ...activities.map((item) => ({ kind: "activity" as const, at: whenOf(item), item })),
  ] as Entry[]).filter((one) => tab === "all" || one.kind === tab));

  // Who reads the comments has looked at what mentions them.
  const news = (comments.data?.items ?? []).flatMap((one) => (one.mention ? [one.mention] : [])).join(",");
  useEffect(() => {
    if (!news || document.hidden) return;
    send("POST", "/mentions/seen", { ids: news.split(",") }).then(() => {
      for (const name of ["workbench", "mentions", "comments"]) void client.invalidateQueries({ queryKey: [name] });
      client.setQueryData(["mentioned"], 0);
    }, () => undefined); // it waits on: the next visit says it again
  }, [client, news]);

  const actorOf = (entry: Entry) => (entry.kind === "comment" ? (entry.item.author ?? entry.item.actor)?.name : entry.kind === "change" ? entry.item.actor?.name : nameOf(entry.item.owner) || nameOf(entry.item.created_by)) || t("stream.system");
  const actionOf = (item: HistoryItem) => {
    const verb = type.verbs.find((one) => one.code === item.action);
    const known: Record<string, WordKey> = { create: "stream.created", edit: "stream.edited", delete: "stream.deleted", restore: "stream.restored", transfer: "stream.transferred", claim: "stream.claimed", return: "stream.returned", reveal: "stream.revealed" };
    const word = known[item.action];
    return verb ? w(verb.name) : word ? t(word, { n: item.changes.length }) : w(item.words) || item.action;
  };
  const loading = history.isPending || comments.isPending;
  const failed = history.isError ? history.error : comments.isError ? comments.error : null;

  return (
    <section className="stream" aria-label={t("stream.title")}>
      <div className="tabs stream-tabs" role="tablist" aria-label={t("stream.title")}>{TABS.map((one) => <button key={one} role="tab" className="tab" aria-selected={tab === one} onClick={() => setTab(one)}>{t(`stream.${one}`)}</button>)}</div>
      <Composer type={type} record={record} />
      {failed ? <Refused problem={asProblem(failed)} /> : null}
      {loading ? <Bones rows={5} height={48} /> : (
        <ol className="events">
          {entries.map((entry, index) => (
            <li key={entry.kind === "comment" ? `comment ${entry.item.id}` : `${entry.kind}${entry.at}${index}`}>
              <span className="event-icon"><Icon name={entry.kind === "change" && entry.item.action === "create" ? "plus" : entry.kind === "change" && entry.item.action !== "edit" ? "arrow" : ICONS[entry.kind]} small /></span>
              <div className="grow">
                <div className="row"><span className="grow"><b>{actorOf(entry)}</b> <span className="soft">{entry.kind === "comment" ? t("stream.commented") : entry.kind === "activity" ? <Link className="link" to={`/records/activity/${entry.item.id}`}>{String(entry.item[subject] ?? t("stream.activity"))}</Link> : actionOf(entry.item)}</span></span>{entry.at ? <time className="dim" dateTime={entry.at} title={fullMoment(entry.at)}>{moment(entry.at, lang)}</time> : null}</div>
                {entry.kind === "comment" ? <Comment type={type} record={record} item={entry.item} /> : null}
                {entry.kind === "change" && entry.item.action !== "create" ? (entry.item.changes.length > 6
                  ? <details><summary className="link">{t("stream.values", { n: entry.item.changes.length })}</summary><Change type={type} item={entry.item} /></details>
                  : <Change type={type} item={entry.item} />) : null}
                {entry.kind === "activity" && typeof entry.item.content === "string" ? <p className="soft long-text">{entry.item.content}</p> : null}
              </div>
            </li>
          ))}
          {entries.length === 0 ? <li className="dim">{t("stream.none")}</li> : null}
        </ol>
      )}
    </section>
  );
}
