/** What other people, another mode or a limit would have made of the same cases, with how far such a reckoning goes wrong here. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, send, type Problem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { stepsQuery, whatIfPath, type Asked } from "./queries";
import { percent, signed, span } from "./told";
import type { Foreseen } from "./types";

/** From which error of the back-test on the figures are only a hint. */
const ROUGH = 0.25;

interface Wish { people: string; mode: string; deciding: string; days: string }
const NONE: Wish = { people: "", mode: "", deciding: "2", days: "" };

export function WhatIf({ code, asked }: { code: string; asked: Asked }) {
  const { t, w, lang } = useI18n();
  const steps = useQuery(stepsQuery(code, asked));
  const [wishes, setWishes] = useState<Record<string, Wish>>({});
  const [found, setFound] = useState<Foreseen | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  if (steps.isPending) return <div className="see-page"><Bones rows={6} height={36} /></div>;
  if (steps.isError) return <div className="see-page"><Refused problem={asProblem(steps.error)} /></div>;
  const of = (id: string) => wishes[id] ?? NONE;
  const set = (id: string, part: Partial<Wish>) => { setWishes((now) => ({ ...now, [id]: { ...(now[id] ?? NONE), ...part } })); setFound(null); };
  const changes = steps.data.items.flatMap((one) => {
    const wish = of(one.id);
    const people = Number(wish.people), days = Number(wish.days);
    const said = { ...(people > 0 && people !== one.people ? { people } : {}), ...(wish.mode ? { mode: wish.mode, deciding: Number(wish.deciding) || 2 } : {}), ...(days > 0 ? { hours: days * 24 } : {}) };
    return Object.keys(said).length ? [{ node: one.id, ...said }] : [];
  });
  const ask = async () => {
    setBusy(true);
    setProblem(null);
    try { setFound(await send<Foreseen>("POST", whatIfPath(code, asked), { changes })); } catch (cause) { setProblem(asProblem(cause)); } finally { setBusy(false); }
  };
  return (
    <div className="see-page">
      <p className="soft">{t("see.if.text")}</p>
      <div className="see-scroll-x" role="region" tabIndex={0} aria-label={t("see.tab.whatif")}>
        <table className="see-table see-form">
          <thead><tr><th>{t("see.step")}</th><th>{t("see.if.people")}</th><th>{t("see.if.mode")}</th><th>{t("see.if.limit")}</th></tr></thead>
          <tbody>{steps.data.items.map((one) => { const wish = of(one.id); const name = w(one.name); return (
            <tr key={one.id}>
              <th scope="row">{name}</th>
              <td><span className="row tight"><input className="box see-number" type="number" min={1} max={1000} placeholder={String(one.people)} value={wish.people} aria-label={`${name}: ${t("see.if.people")}`} onChange={(event) => set(one.id, { people: event.target.value })} /><span className="dim">{t("see.if.now", { n: one.people })}</span></span></td>
              <td><span className="row tight"><select className="box see-pick" value={wish.mode} aria-label={`${name}: ${t("see.if.mode")}`} onChange={(event) => set(one.id, { mode: event.target.value })}><option value="">{t("see.if.same")}</option><option value="any">{t("see.if.any")}</option><option value="all">{t("see.if.all")}</option></select>{wish.mode ? <input className="box see-number" type="number" min={2} max={20} value={wish.deciding} aria-label={`${name}: ${t("see.if.deciding")}`} title={t("see.if.deciding")} onChange={(event) => set(one.id, { deciding: event.target.value })} /> : null}</span></td>
              <td><span className="row tight"><input className="box see-number" type="number" min={0.5} max={400} step={0.5} value={wish.days} aria-label={`${name}: ${t("see.if.limit")}`} onChange={(event) => set(one.id, { days: event.target.value })} /><span className="dim">{t("see.if.days")}</span></span></td>
            </tr>); })}</tbody>
        </table>
      </div>
      <div className="row"><Button variant="filled" loading={busy} disabled={!changes.length} onClick={() => void ask()}>{t("see.if.ask")}</Button>{problem ? <span className="bad" role="alert">{w(problem.words)}</span> : null}</div>
      {found ? (
        <section className="note see-change" aria-label={t("see.if.found")} aria-live="polite">
          <span className="soft">{t("see.if.p50")}</span><b className="see-value">{span(found.now.p50, lang)} → {span(found.then.p50, lang)}</b><span>{signed(Math.round(found.change * 100))}%</span>
          <span className="soft">{t("see.if.bounds", { low: span(found.then.low, lang), high: span(found.then.high, lang) })}</span>
          <span className="soft">P90 {span(found.now.p90, lang)} → {span(found.then.p90, lang)}</span>
          <span className="soft">{t("see.nCases", { n: found.cases })}</span>
          <span className={found.error && found.error.p50 > ROUGH ? "warn" : "soft"}>{found.error ? t("see.if.error", { p50: percent(found.error.p50), p90: percent(found.error.p90) }) : t("see.if.noError")}{found.error && found.error.p50 > ROUGH ? ` ${t("see.if.rough")}` : ""}</span>
        </section>
      ) : null}
    </div>
  );
}
