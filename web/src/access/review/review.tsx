/** 复核: my batches on the left, the chosen one as a table on the right, decided by keyboard alone. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useSearchParams } from "react-router";
import { asProblem, get } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Campaigns } from "./campaigns";
import { heldShort } from "./held";
import { BatchTable } from "./table";
import type { BatchHead, Overview } from "./types";
import { VolumeFoot } from "./volume";
import "../../i18n/words-review";
import "./review.css";

/** While a campaign that was ended early is dealt with. */
const SOON = 2000;
const ResultView = lazy(() => import("./result"));
const GrowthView = lazy(async () => ({ default: (await import("./growth")).GrowthView }));

export default function Review() {
  const { t, w } = useI18n();
  const [search, setSearch] = useSearchParams();
  const found = useQuery({ queryKey: ["reviews"], queryFn: ({ signal }) => get<Overview>("/access/reviews", signal), refetchInterval: (asked) => (asked.state.data?.campaigns.some((one) => one.ended && !one.closed_at) ? SOON : false) });
  const [over, setOver] = useState<"campaigns" | "growth" | null>(search.has("campaigns") ? "campaigns" : null);
  if (found.isPending) return <div className="bench-pad"><Bones rows={10} height={44} /></div>;
  if (found.isError) return <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>;
  const { batches, may_start } = found.data;
  const open = batches.filter((one) => !one.done);
  const done = batches.filter((one) => one.done);
  const wanted = search.get("batch");
  const chosen = batches.find((one) => one.id === wanted) ?? open[0] ?? done[0];
  const oversees = may_start || found.data.campaigns.length > 0;
  const result = oversees ? search.get("campaign") : null;
  const overseeing = result ? "campaigns" : oversees ? over ?? (chosen ? null : "campaigns") : null;
  const pick = (id: string) => { setOver(null); setSearch({ batch: id }, { replace: true }); };
  const oversee = (what: "campaigns" | "growth") => { setOver(what); setSearch(what === "campaigns" ? { campaigns: "" } : {}, { replace: true }); };
  const foot = <VolumeFoot volume={found.data.volume} />;
  return (
    <div className="review">
      <aside className="review-side" aria-label={t("review.mine", { n: open.length })}>
        <div className="review-list">
          <h2 className="review-cap dim">{t("review.mine", { n: open.length })}</h2>
          {open.map((one) => <Head key={one.id} one={one} chosen={!overseeing && one.id === chosen?.id} onPick={() => pick(one.id)} />)}
          {done.length ? <h2 className="review-cap dim">{t("review.done")}</h2> : null}
          {done.map((one) => (
            <button key={one.id} className="review-done" aria-pressed={!overseeing && one.id === chosen?.id} onClick={() => pick(one.id)}>
              <span className="brand-ink"><Icon name="check" small /></span><span className="grow"><span className="block cut">{t("review.batch", { title: w(one.title_words), n: one.number })}</span><span className="block dim small cut">{t("review.sizeDone", { n: one.size, m: one.taken })}</span></span>
            </button>
          ))}
          {oversees ? (
            <>
              <button className="review-done" aria-pressed={overseeing === "campaigns"} onClick={() => oversee("campaigns")}><Icon name="shield" small /><span className="grow">{t("review.campaigns")}</span><span className="dim">{found.data.campaigns.length || ""}</span></button>
              <button className="review-done" aria-pressed={overseeing === "growth"} onClick={() => oversee("growth")}><Icon name="history" small /><span className="grow">{t("review.growth")}</span></button>
            </>
          ) : null}
        </div>
        {foot}
      </aside>
      <section className="review-main">
        <Picker open={open} done={done} oversees={oversees} value={overseeing ?? chosen?.id ?? ""} onPick={(value) => { if (value === "campaigns" || value === "growth") oversee(value); else pick(value); }} />
        {overseeing === "growth" ? <Suspense fallback={<div className="bench-pad"><Bones rows={8} height={44} /></div>}><GrowthView /></Suspense> : result ? <Suspense fallback={<div className="bench-pad"><Bones rows={8} height={44} /></div>}><ResultView key={result} id={result} /></Suspense> : overseeing ? <Campaigns campaigns={found.data.campaigns} mayStart={may_start} onStart={() => setOver("campaigns")} /> : chosen ? <BatchTable key={chosen.id} id={chosen.id} tail={foot} /> : <Blank icon="shield" title={t("review.none")}>{t("review.noneText")}</Blank>}
      </section>
    </div>
  );
}

/** The same choice where there is no room for a list beside what was chosen. */
function Picker({ open, done, oversees, value, onPick }: { open: BatchHead[]; done: BatchHead[]; oversees: boolean; value: string; onPick: (value: string) => void }) {
  const { t, w } = useI18n();
  if (open.length + done.length === 0 && !oversees) return null;
  return (
    <select className="box review-pick" aria-label={t("review.mine", { n: open.length })} value={value} onChange={(event) => onPick(event.target.value)}>
      {open.length ? <optgroup label={t("review.mine", { n: open.length })}>{open.map((one) => <option key={one.id} value={one.id}>{t("review.batch", { title: w(one.title_words), n: one.number })} · {one.decided}/{one.size} · {one.days_left ? t("review.daysLeft", { n: one.days_left }) : t("review.lastDay")}</option>)}</optgroup> : null}
      {done.length ? <optgroup label={t("review.done")}>{done.map((one) => <option key={one.id} value={one.id}>{t("review.batch", { title: w(one.title_words), n: one.number })}</option>)}</optgroup> : null}
      {oversees ? <optgroup label={t("review.oversee")}><option value="campaigns">{t("review.campaigns")}</option><option value="growth">{t("review.growth")}</option></optgroup> : null}
    </select>
  );
}

function Head({ one, chosen, onPick }: { one: BatchHead; chosen: boolean; onPick: () => void }) {
  const { t, w } = useI18n();
  const share = one.size ? (100 * one.decided) / one.size : 0;
  return (
    <button className="review-head" aria-pressed={chosen} onClick={onPick}>
      <span className="row"><b className="grow cut">{t("review.batch", { title: w(one.title_words), n: one.number })}</b><span className={one.days_left < 2 ? "warn nowrap" : "dim nowrap"}>{one.days_left ? t("review.daysLeft", { n: one.days_left }) : t("review.lastDay")}</span></span>
      <span className="row"><span className={one.held ? "warn grow cut" : "soft grow"}>{one.held ? heldShort(one.waits, t, w) : t("review.size", { n: one.size, m: one.minutes })}</span><span className="n soft">{one.decided} / {one.size}</span></span>
      <span className="bar"><i style={{ width: `${share}%` }} /></span>
    </button>
  );
}
