/** Everybody who may, page by page, with the reason as far as the asker may know it. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { asProblem, get, query } from "../../api/client";
import type { Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { fullMoment } from "../../kit/format";
import { Bones, Dept, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import type { Seers, Wish } from "./wish";
import "../../i18n/words-why";

export function Everybody({ wish, action }: { wish: Wish; action: string }) {
  const { t, w } = useI18n();
  const asked = { type: wish.type, id: wish.id, action: wish.action, field: wish.field, at: wish.at };
  const found = useInfiniteQuery({
    queryKey: ["access-who", asked],
    queryFn: ({ pageParam, signal }) => get<Seers>(`/access/who${query({ ...asked, after: pageParam })}`, signal),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next,
  });
  const first = found.data?.pages[0];
  return (
    <section className="sheet part why-everybody" aria-label={t("whyPage.who", { action })}>
      <div className="row"><h2>{t("whyPage.who", { action })}</h2>{first ? <span className="dim end">{t("whyPage.whoCount", { n: first.count })}</span> : null}</div>
      {found.isPending ? <Bones rows={4} height={32} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : (
        <>
          <div className="row wrap">{first?.groups.slice(0, 8).map((one) => <span key={w(one.via as Words)} className="chip">{w(one.via as Words)} · {one.count}</span>)}</div>
          <ul className="who-list">
            {found.data.pages.flatMap((page) => page.items).map((one) => (
              <li key={one.person.id}><Who person={one.person} size={24} />{one.department ? <Dept name={one.department.name} en={one.department.name_en} /> : null}<span className="soft end who-via" title={w(one.via as Words)}>{w(one.via as Words)}{one.until ? <span className="dim block small">{t("whyPage.until", { at: fullMoment(one.until) })}</span> : null}</span></li>
            ))}
          </ul>
          {found.hasNextPage ? <button className="link" onClick={() => void found.fetchNextPage()}>{t("whyPage.more")}</button> : null}
        </>
      )}
    </section>
  );
}
