/** What I was told, the latest first: each opens what it is about. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem, send } from "../api/client";
import { pulseNow } from "../api/pulse";
import { useI18n } from "../i18n";
import { fullMoment, moment } from "../kit/format";
import { Icon, type IconName } from "../kit/icons";
import { Blank, Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { noticesQuery, type Notice } from "./queries";
import "../i18n/words-notices";
import "./notices.css";

function iconOf(kind: string): IconName {
  if (kind === "mention") return "comment";
  if (kind.startsWith("request") || kind.startsWith("loan")) return kind === "loan_soon" ? "clock" : "key";
  if (kind.startsWith("emergency") || kind.startsWith("guard")) return "alert";
  if (kind.startsWith("export")) return "download";
  return kind === "flow_late" || kind === "flow_escalated" || kind === "flow_halted" || kind === "flow_bounded" ? "alert" : kind === "flow_reminded" ? "clock" : kind.startsWith("review_") ? "shield" : "swap";
}

export default function NoticesPage() {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const go = useNavigate();
  const { refuse } = useToasts();
  const [unseen, setUnseen] = useState(true);
  const found = useInfiniteQuery(noticesQuery(unseen));
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  const seen = async (ids?: string[]) => {
    try {
      await send("POST", "/notices/seen", ids ? { ids } : {});
      pulseNow();
      await client.invalidateQueries({ queryKey: ["notices"] });
    } catch (cause) { refuse(cause); }
  };
  const open = (one: Notice) => { if (!one.seen) void seen([one.id]); void go(one.href); };
  return (
    <main className="page" aria-label={t("notices.title")}>
      <header className="page-head row wrap">
        <h1>{t("notices.title")}</h1>
        <span className="row" role="group" aria-label={t("notices.show")}>
          {([true, false] as const).map((one) => <button key={String(one)} className={one === unseen ? "tool on" : "tool"} aria-pressed={one === unseen} onClick={() => setUnseen(one)}>{t(one ? "notices.new" : "notices.all")}</button>)}
        </span>
        <span className="row end"><Link className="link" to="/account#notices">{t("notices.how")}</Link><Button disabled={!items.some((one) => !one.seen)} onClick={() => void seen()}>{t("notices.seenAll")}</Button></span>
      </header>
      <div className="notices-body">
      {found.isPending ? <Bones rows={8} height={44} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : items.length === 0 ? <Blank icon="bell" title={t(unseen ? "notices.noneNew" : "notices.none")}>{t("notices.noneText")}</Blank> : (
        <ul className="sheet notices" aria-label={t("notices.title")}>
          {items.map((one) => (
            <li key={one.id}>
              <a href={one.href} className={one.seen ? "notice" : "notice new"} onClick={(event) => { if (event.metaKey || event.ctrlKey) return; event.preventDefault(); open(one); }}>
                <span className={one.over ? "dim" : "soft"}><Icon name={iconOf(one.kind)} /></span>
                <span className={one.over ? "grow dim" : "grow"}>{w(one.text)}</span>
                {one.over ? <span className="chip">{t("notices.over")}</span> : one.seen ? null : <span className="chip brand">{t("notices.new")}</span>}
                <time className="dim nowrap" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time>
              </a>
            </li>
          ))}
        </ul>
      )}
      {found.hasNextPage ? <div><Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("notices.more")}</Button></div> : null}
      </div>
    </main>
  );
}
