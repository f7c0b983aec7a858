/** All that the checks say, one line each, with the way to the step that it concerns. */
import { useState } from "react";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { holderOf, type Model } from "./file";
import { nodeText } from "./told";
import type { Check, Noted } from "./types";

export function Checks({ check, busy, error, errors, warnings, model, onGo }: { check: Check | undefined; busy: boolean; error: unknown; errors: number; warnings: number; model: Model; onGo: (place: string) => void }) {
  const { t, w } = useI18n();
  const [open, setOpen] = useState(false);
  if (error && !check) return <span className="bad row" role="alert"><Icon name="alert" small />{w(asProblem(error).words)}</span>;
  const all = [...(check?.problems ?? []), ...(check?.concerns ?? [])];
  const said = errors ? t("design.problems", { n: errors }) : warnings ? t("design.warnings", { n: warnings }) : check ? t("design.sound") : t("design.checking");
  return (
    <div className="draw-checks">
      <button className={`tool ${errors ? "bad" : warnings ? "warn" : "brand-ink"}`} aria-expanded={open} disabled={all.length === 0} onClick={() => setOpen(!open)}><Icon name={errors ? "ban" : warnings ? "alert" : check ? "check" : "clock"} small /><span role="status">{said}</span>{all.length ? <Icon name="down" small /> : null}</button>
      {busy && check ? <span className="dim hide-phone">{t("design.checking")}</span> : null}
      {open && all.length ? <NotedList all={all} model={model} onGo={(place) => { setOpen(false); onGo(place); }} /> : null}
    </div>
  );
}

/** Why nothing can be shown yet: what is to be mended first, with the way there. */
export function Broken({ said, check, model, onGo }: { said: string; check: Check | undefined; model: Model; onGo: (place: string) => void }) {
  return <section className="draw-pad draw-broken stack"><p className="note">{said}</p><NotedList all={check?.problems ?? []} model={model} onGo={onGo} /></section>;
}

export function NotedList({ all, model, onGo }: { all: readonly Noted[]; model: Model | undefined; onGo?: (place: string) => void }) {
  const { t, w, lang } = useI18n();
  const place = (id: string) => { const around = model ? holderOf(model, id) : undefined; const node = around?.nodes.get(id), line = around?.lines.get(id); const split = line ? around?.nodes.get(line.source) : undefined; return node ? nodeText(node, lang, t) : split ? nodeText(split, lang, t) : t("design.wholeProcess"); };
  return (
    <ul className="draw-all" aria-label={t("design.checks")}>
      {all.map((one, at) => (
        <li key={at} className="row"><span className={one.level === undefined ? "bad" : one.level === "warning" ? "warn" : "dim"}><Icon name={one.level === undefined ? "ban" : one.level === "warning" ? "alert" : "info"} small /></span>
          <span className="grow">{w(one.message).startsWith(`“${place(one.place)}”`) ? null : <><b>{place(one.place)}</b>{t("kit.colon")}</>}{w(one.message)}</span>{onGo ? <button className="link nowrap" onClick={() => onGo(one.place)}>{t("design.goTo")}</button> : null}</li>
      ))}
    </ul>
  );
}
