/** Instances that I began, worked on or was told of, and for who looks after processes those that stand still: a list, and the chosen one beside it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "../api/client";
import { useI18n, type Key as Word } from "../i18n";
import { moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { useKeys } from "../kit/keys";
import { Blank, Bones, Key } from "../kit/parts";
import { Refused } from "../kit/refused";
import { FlowState } from "./flow-state";
import { FlowView } from "./flow-view";
import { flowsQuery } from "./queries";
import { ahead, namesOf, titleOf } from "./told";
import type { FlowHead, Scope } from "./types";
import { Waited } from "./waited";
import "../i18n/words-flows";
import "./flows.css";

const NARROW = "(max-width: 1000px)";

/** Where an instance stands, in one line. */
export function useStand() {
  const { t, w, lang } = useI18n();
  return (one: FlowHead): string => {
    const where = one.now.map((node) => w(node.name)).join(lang === "zh" ? "、" : ", ");
    if (one.record_deleted && (one.halted || one.state !== "running")) return t("flow.recordDeleted");
    if (one.waits) {
      const comma = lang === "zh" ? "、" : ", ";
      const until = `${t("flow.until", { time: ahead(one.waits.until, lang) })}${one.waits.or.length ? t("flow.orFirst", { names: one.waits.or.map(w).join(comma) }) : ""}`;
      return [w(one.waits.name), until, ...(one.waits.then.length ? [t("flow.then", { then: one.waits.then.map(w).join(comma) })] : [])].join(" · ");
    }
    if (one.state !== "running" || !one.holders.length) return where;
    return [where, t("flows.with", { names: namesOf(one.holders, lang) })].filter(Boolean).join(" · ");
  };
}

export default function MyFlows({ scope }: { scope: Scope }) {
  const { t, w, lang } = useI18n();
  const go = useNavigate();
  const found = useQuery(flowsQuery(scope));
  const [at, setAt] = useState(0);
  const stand = useStand();
  const items = found.data?.items ?? [];
  const index = Math.min(at, Math.max(0, items.length - 1));
  const chosen = items[index];
  const step = (by: number) => setAt(Math.max(0, Math.min(items.length - 1, index + by)));
  const pick = (n: number) => { const one = items[n]; if (one && matchMedia(NARROW).matches) void go(`/flows/${one.id}`); else setAt(n); };
  const open = () => { if (chosen) void go(`/flows/${chosen.id}`); };
  useKeys({ j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1), Enter: open, o: open });
  const none: Word = `flows.none.${scope}`;
  return (
    <div className="bench-body">
      <section className="queue" aria-label={t(`bench.${scope}`)}>
        {found.isPending ? <div className="bench-pad"><Bones rows={8} height={54} /></div> : found.isError ? <div className="bench-pad"><Refused problem={asProblem(found.error)} /></div> : items.length === 0 ? <Blank icon={scope === "halted" ? "check" : "swap"} title={t(none)}>{scope === "begun" ? t("flows.noneText") : null}</Blank> : (
          <ul role="listbox" aria-label={t(`bench.${scope}`)} tabIndex={0} aria-activedescendant={chosen ? `flow-row-${index}` : undefined}>
            {items.map((one, n) => (
              <li key={one.id} id={`flow-row-${n}`} role="option" aria-selected={n === index} className="queue-row" onClick={() => pick(n)}>
                <span className={one.halted ? "warn" : "dim"}><Icon name={one.halted ? "alert" : "swap"} /></span>
                <span className="grow"><span className="cut queue-title">{titleOf(one, w) ?? w(one.name)}</span><span className="cut soft queue-why">{w(one.name)} #{one.id}{stand(one) ? ` · ${stand(one)}` : ""}</span></span>
                <span className="flow-row-end"><FlowState one={one} />{one.since ? <Waited className="dim" since={one.since} usual={one.usual} /> : <span className="dim nowrap">{moment(one.ended_at ?? one.started_at, lang)}</span>}</span>
              </li>
            ))}
          </ul>
        )}
        <footer className="queue-foot hide-phone dim"><Key>J</Key><Key>K</Key>{t("keys.rows")}<Key>Enter</Key>{t("keys.open")}{items.length ? <span className="end">{t("queue.place", { n: index + 1, all: items.length })}</span> : null}</footer>
      </section>
      <section className="bench-pane with-flow" aria-label={t("bench.about")}>{chosen ? <FlowView key={chosen.id} id={chosen.id} pane /> : null}</section>
    </div>
  );
}
