/** One batch: who, what, use, what stands out, a suggestion, a decision. J/K move, D/S/A decide and go on. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { asProblem, get, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useKeys } from "../../kit/keys";
import { Bones, Key } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { NarrowDialog, PassDialog, RevokeDialog } from "./dialogs";
import { endedSaid } from "./ended";
import { Held } from "./held";
import { Row } from "./row";
import type { Batch, Item } from "./types";
import "../../i18n/words-review";

/** `tail`: what stands below the items where the page is narrow. */
export function BatchTable({ id, tail }: { id: string; tail: ReactNode }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const path = `/access/reviews/batches/${id}`;
  const key = ["review-batch", id];
  const found = useQuery({ queryKey: key, queryFn: ({ signal }) => get<Batch>(path, signal) });
  const [at, setAt] = useState<number | null>(null);
  const [asking, setAsking] = useState<{ what: "narrow" | "pass" | "revoke"; item: Item } | null>(null);
  const [busy, setBusy] = useState(false);
  const body = useRef<HTMLTableSectionElement>(null);
  const last = useRef<string | null>(null);
  const items = found.data?.items ?? [];
  const first = items.findIndex((one) => one.state === "pending");
  const index = Math.min(at ?? (first < 0 ? 0 : first), Math.max(0, items.length - 1));
  const focused = items[index];
  const step = (by: number) => setAt(Math.max(0, Math.min(items.length - 1, index + by)));
  const took = (next: Batch) => {
    client.setQueryData(key, next);
    for (const name of ["reviews", "workbench"]) void client.invalidateQueries({ queryKey: [name] });
  };
  const onward = (next: Batch, from: string) => {
    const here = next.items.findIndex((one) => one.id === from);
    const then = next.items.findIndex((one, n) => n > here && one.state === "pending");
    const any = then < 0 ? next.items.findIndex((one) => one.state === "pending") : then;
    if (any >= 0) setAt(any);
  };
  const post = async (address: string, sent: object, after?: (next: Batch) => void) => {
    if (busy) return;
    setBusy(true);
    try { const next = await send<Batch>("POST", path + address, sent); took(next); after?.(next); } catch (cause) { refuse(cause); for (const name of [key, ["reviews"], ["workbench"]]) void client.invalidateQueries({ queryKey: name }); } finally { setBusy(false); }
  };
  const decide = (item: Item, what: "keep" | "revoke" | "undo") => void post(`/items/${item.id}/${what}`, {}, (next) => {
    if (what !== "undo") { last.current = item.id; onward(next, item.id); } else if (items.includes(item)) setAt(items.indexOf(item));
  });
  const revoke = (item: Item) => { if (item.via === "person") decide(item, "revoke"); else setAsking({ what: "revoke", item }); };
  const shut = found.data !== undefined && (found.data.ended !== null || found.data.held);
  const open = (item: Item | undefined) => (item && item.state === "pending" && !shut ? item : undefined);
  useKeys({
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    d: () => { const one = open(focused); if (one) revoke(one); },
    a: () => { const one = open(focused); if (one) decide(one, "keep"); },
    s: () => { const one = open(focused); if (one) setAsking({ what: "narrow", item: one }); },
    t: () => { const one = open(focused); if (one) setAsking({ what: "pass", item: one }); },
    // After a decision the focus has gone on: U takes back what is in focus, else what was decided last.
    u: () => { const one = [focused, items.find((some) => some.id === last.current)].find((some) => some && some.state !== "pending" && !some.submitted); if (one) decide(one, "undo"); },
  });
  // Once somebody has moved or decided: the page opens at its top.
  useEffect(() => { if (at !== null) body.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" }); }, [at, index]);
  if (found.isPending) return <div className="bench-pad"><Bones rows={10} height={54} /></div>;
  if (found.isError) return <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>;
  const batch = found.data;
  const decided = items.filter((one) => one.state !== "pending").length;
  return (
    <>
      <header className="review-top">
        <div className="grow"><h2 className="cut review-title">{t("review.batch", { title: w(batch.title_words), n: batch.number })}</h2><p className="soft">{t("review.sub", { n: items.length, m: decided })}<span className="hide-phone">{t("review.subKeys")}</span></p></div>
        {shut ? null : <div className="review-do">{batch.acceptable ? <Button leftSection={<Icon name="check" />} disabled={busy} onClick={() => void post("/accept", {})}>{t("review.accept", { n: batch.acceptable })}</Button> : null}
        <Button variant="filled" disabled={busy || !batch.unsubmitted} onClick={() => void post("/submit", {}, () => say(t("review.submitted", { n: batch.unsubmitted })))}>{batch.unsubmitted ? t("review.submit", { n: batch.unsubmitted }) : t("review.submitNone")}</Button></div>}
      </header>
      {batch.held ? <Held waits={batch.waits} className="review-note" /> : batch.ended ? <p className="note review-note">{endedSaid(batch.ended, t, lang)}</p> : null}
      <div className="review-scroll" tabIndex={0} role="region" aria-label={t("review.batch", { title: w(batch.title_words), n: batch.number })}>
        <table className="review-table">
          <thead><tr>{(["who", "what", "use", "outlier", "suggestion", "decision"] as const).map((one) => <th key={one} scope="col">{t(`review.${one}`)}</th>)}</tr></thead>
          <tbody ref={body}>
            {items.map((item, n) => (
              <Row key={item.id} item={item} ended={batch.ended !== null} held={batch.held} focused={n === index} busy={busy} onFocus={() => setAt(n)} onDecide={(what) => { if (what === "revoke") revoke(item); else decide(item, what); }} onNarrow={() => setAsking({ what: "narrow", item })} onPass={() => setAsking({ what: "pass", item })} />
            ))}
          </tbody>
        </table>
        <div className="review-tail">{batch.ended ? null : <p className="soft small">{t("review.policy")}</p>}{tail}</div>
      </div>
      <footer className="review-foot dim">
        <span className="row hide-phone"><Key>J</Key><Key>K</Key>{t("review.keysMove")}{shut ? null : <><Key>D</Key>{t("review.revoke")}<Key>S</Key>{t("review.narrow")}<Key>A</Key>{t("review.keep")}<Key>T</Key>{t("review.pass")}<Key>U</Key>{t("kit.undo")}</>}</span>
        {batch.ended ? null : <span className="end">{t("review.policy")}</span>}
      </footer>
      {asking?.what === "narrow" ? <NarrowDialog path={`${path}/items/${asking.item.id}`} item={asking.item} onClose={() => setAsking(null)} onDone={(next) => { last.current = asking.item.id; took(next); onward(next, asking.item.id); }} /> : null}
      {asking?.what === "revoke" ? <RevokeDialog path={`${path}/items/${asking.item.id}`} item={asking.item} onClose={() => setAsking(null)} onDone={(next) => { last.current = asking.item.id; took(next); onward(next, asking.item.id); }} /> : null}
      {asking?.what === "pass" ? <PassDialog path={`${path}/items/${asking.item.id}`} onClose={() => setAsking(null)} onDone={took} /> : null}
    </>
  );
}
