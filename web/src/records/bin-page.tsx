/** The recycle bin of a type: what was deleted, by whom, until when it is kept; taken back one by one or many at once. */
import { Button } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type MouseEvent } from "react";
import { Link, useSearchParams } from "react-router";
import { asProblem, get, query } from "../api/client";
import type { PersonRef, Row, TypeMeta } from "../api/types";
import { useI18n } from "../i18n";
import { fullMoment, grouped as digits, moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { Blank, Bones, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { doneOf, perform, type BulkAnswer } from "./bulk/bulk";
import { OutcomeDialog } from "./bulk/outcome";
import { everyone, NONE, ranged, toggled, type Selection } from "./bulk/selection";
import { refreshType } from "./cache";
import { EVERYTHING, readState, writeState } from "./state";
import "../i18n/words-bulk";
import "../i18n/words-lists";
import "../i18n/words-entry";
import "./records.css";
import "./record/record.css";
import "./bulk/bulk.css";
import "../i18n/words-bin";

interface Deleted { id: string; title: string; deleted_at: string; deleted_by: PersonRef | null; until: string }
interface Page { items: Deleted[]; next: string | null }
const DAY = 86_400_000;

export default function BinPage({ type }: { type: TypeMeta }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const [search] = useSearchParams();
  const [selection, select] = useState<Selection>(NONE);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<BulkAnswer | null>(null);
  const found = useInfiniteQuery({
    queryKey: ["deleted", type.code], initialPageParam: null as string | null, getNextPageParam: (last: Page) => last.next, staleTime: 0,
    queryFn: ({ pageParam, signal }) => get<Page>(`/records/${type.code}/deleted${query({ limit: 50, after: pageParam })}`, signal),
  });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  const order = items.map((one) => one.id);
  const name = (one: Deleted) => one.title || t("field.unnamed");
  const back = `/records/${type.code}?${writeState({ ...readState(search), tab: EVERYTHING }).toString()}`;

  const restore = async (ids: string[]) => {
    setBusy(true);
    try {
      const answer = await perform(type.code, { act: "restore", values: {} }, ids);
      const done = doneOf(answer);
      const first = items.find((one) => one.id === done[0]);
      if (done.length === 1 && first) say(t("bin.restored", { name: name(first) }));
      else if (done.length) say(t("bin.restoredMany", { n: digits(String(done.length)) }));
      if (answer.refused) setOutcome(answer);
      select(NONE);
      await client.invalidateQueries({ queryKey: ["deleted", type.code] });
      refreshType(client, type.code);
    } catch (cause) { refuse(cause); } finally { setBusy(false); }
  };
  const pick = (event: MouseEvent, id: string) => select(event.shiftKey ? ranged(selection, order, id) : toggled(selection, id));
  const left = (one: Deleted) => Math.max(0, Math.ceil((Date.parse(one.until) - Date.now()) / DAY));
  const all = order.length > 0 && order.every((id) => selection.ids.has(id));

  return (
    <main className="page" aria-label={t("bin.title", { type: w(type.name) })}>
      <header className="page-head">
        <nav className="crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet" to={back}>{w(type.name)}</Link><Icon name="right" small /></nav>
        <h1>{t("bin.name")}</h1>
      </header>
      <p className="bin-note soft">{t("bin.note")}</p>
      {found.isPending ? <div className="list-bones"><Bones rows={10} height={44} /></div>
        : found.isError ? <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>
          : items.length === 0 ? <Blank icon="trash" title={t("bin.empty")} act={<Link className="link" to={back}>{t("empty.toList")}</Link>}>{t("bin.emptyText")}</Blank> : (
            <div className="bin-scroll">
              <table className="bin" aria-label={t("bin.title", { type: w(type.name) })}>
                <thead>
                  <tr>
                    <th className="grid-check"><input type="checkbox" aria-label={t("bulk.selectAll", { n: items.length })} checked={all} ref={(box) => { if (box) box.indeterminate = selection.ids.size > 0 && !all; }} onChange={() => select(all ? NONE : everyone(order))} /></th>
                    <th>{t("bin.what")}</th><th className="hide-phone">{t("bin.by")}</th><th>{t("bin.at")}</th><th className="hide-phone">{t("bin.until")}</th><th><span className="unseen">{t("bin.restore")}</span></th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((one) => (
                    <tr key={one.id} className={selection.ids.has(one.id) ? "picked" : undefined}>
                      <td className="grid-check"><input type="checkbox" aria-label={t("bulk.select", { name: name(one) })} checked={selection.ids.has(one.id)} onChange={() => {}} onClick={(event) => pick(event, one.id)} /></td>
                      <td className="bin-title"><span className="cut strong">{name(one)}</span><span className="cut dim only-phone">{one.deleted_by?.name ?? t("stream.system")} · {t("bin.left", { n: left(one) })}</span></td>
                      <td className="hide-phone">{one.deleted_by ? <Who person={one.deleted_by} /> : <span className="dim">{t("stream.system")}</span>}</td>
                      <td><time dateTime={one.deleted_at} title={fullMoment(one.deleted_at)}>{moment(one.deleted_at, lang)}</time></td>
                      <td className="hide-phone"><time dateTime={one.until} title={fullMoment(one.until)} className={left(one) <= 7 ? "warn" : "soft"}>{t("bin.left", { n: left(one) })}</time></td>
                      <td className="bin-act"><button className="tool framed" disabled={busy} aria-label={t("bin.restoreOne", { name: name(one) })} onClick={() => void restore([one.id])}><Icon name="undo" small />{t("bin.restore")}</button></td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {found.hasNextPage ? <div className="bin-more"><Button loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("board.more")}</Button></div> : null}
            </div>
          )}
      {selection.ids.size ? (
        <section className="bulk-bar" aria-label={t("bulk.title")}>
          <span className="strong bulk-count" role="status">{t("bulk.selected", { n: digits(String(selection.ids.size)) })}</span>
          <span className="bulk-acts row"><Button variant="filled" loading={busy} leftSection={<Icon name="undo" small />} onClick={() => void restore([...selection.ids])}>{t("bin.restoreN", { n: digits(String(selection.ids.size)) })}</Button></span>
          <button className="ib" aria-label={t("bulk.clear")} onClick={() => select(NONE)}><Icon name="x" /></button>
        </section>
      ) : null}
      {outcome ? <OutcomeDialog type={type} rows={items.map((one): Row => ({ id: one.id, [type.title]: one.title }))} name={t("bin.restore")} act="delete" answer={outcome} onClose={() => setOutcome(null)} /> : null}
    </main>
  );
}
