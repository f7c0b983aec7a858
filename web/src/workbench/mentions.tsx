/** 提到我: every comment that mentions me on a record I still see, the latest first. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { asProblem, send } from "../api/client";
import { mentionsQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { fullMoment, moment } from "../kit/format";
import { Blank, Bones, Face } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { Said } from "../records/record/comment";
import "../i18n/words-lists";
import "../i18n/words-entry";
import "../records/record/record.css";

export default function Mentions() {
  const { t, lang } = useI18n();
  const client = useQueryClient();
  const { refuse } = useToasts();
  const found = useInfiniteQuery(mentionsQuery);
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  const news = items.filter((one) => !one.seen).map((one) => one.id);
  const seen = () => send("POST", "/mentions/seen", { ids: news.slice(0, 200) }).then(() => { client.setQueryData(["mentioned"], 0); return Promise.all(["workbench", "mentions"].map((name) => client.invalidateQueries({ queryKey: [name] }))); }, refuse);
  if (found.isPending) return <div className="bench-pad"><Bones rows={6} height={54} /></div>;
  if (found.isError) return <div className="bench-pad"><Refused problem={asProblem(found.error)} /></div>;
  if (!items.length) return <Blank icon="comment" title={t("mention.none")}>{t("mention.noneText")}</Blank>;
  return (
    <div className="mentions">
      {news.length ? <div className="row mentions-head"><span className="dim grow">{t("mention.waiting", { n: news.length })}</span><button className="link" onClick={() => void seen()}>{t("mention.seenAll")}</button></div> : null}
      <ul aria-label={t("mention.title")}>
        {items.map((one) => (
          <li key={one.id} className={one.seen ? "mention-row" : "mention-row new"}>
            <Face name={one.author?.name ?? "?"} size={24} />
            <div className="grow">
              <div className="row"><Link className="link-quiet grow cut strong" to={`/records/${one.type}/${one.record}`}>{t("mention.by", { name: one.author?.name ?? "", title: one.title || t("field.unnamed") })}</Link>{one.seen ? null : <span className="chip brand">{t("mention.new")}</span>}<time className="dim" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time></div>
              <Said item={one} />
            </div>
          </li>
        ))}
      </ul>
      {found.hasNextPage ? <div className="bench-pad"><Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("board.more")}</Button></div> : null}
    </div>
  );
}
