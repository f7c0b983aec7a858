/** What needs me: figures of my part of the company, one queue, and what the chosen entry is about. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { asProblem } from "../api/client";
import { mentionedQuery, workbenchQuery } from "../api/queries";
import type { FigureValue, QueueItem } from "../api/types";
import { useWhy } from "../access/why-context";
import { useI18n } from "../i18n";
import { compact, compactMoney, elapsed, grouped, isoDate, lasting, moment } from "../kit/format";
import { Icon, iconOf } from "../kit/icons";
import { useKeys } from "../kit/keys";
import { Blank, Bones, Key } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { Chosen } from "./chosen";
import { addressOf, GROUPS, ICONS, idOf, titleOf } from "./queue";
import "./workbench.css";

const ReviewChosen = lazy(async () => ({ default: (await import("./review-chosen")).ReviewChosen }));
const Mentions = lazy(() => import("./mentions"));
const MyFlows = lazy(() => import("../flows/my-flows"));
const WorkChosen = lazy(() => import("../flows/work-chosen"));
const Together = lazy(() => import("./together"));
const Later = lazy(() => import("./later"));
const WasPutOff = lazy(() => import("./was-put-off"));
/** Approved with one yes at the most. */
const MOST_PICKED = 50;
const FLOWS = ["begun", "done", "copied", "running", "halted"] as const;
const MySandboxes = lazy(async () => ({ default: (await import("../access/modes/my-sandboxes")).MySandboxes }));

/** What a number counts, under whose rights, and what it leaves out. */
function WhyNumber({ name, figure, of = "ib" }: { name: string; figure: string; of?: string }) {
  const { t } = useI18n();
  const { ask } = useWhy();
  const title = t("bench.why", { name });
  return <button className={of} aria-label={title} title={title} onClick={(event) => ask({ anchor: event.currentTarget, title: name, action: "read", type: "", absent: { figure } })}><Icon name="info" small /></button>;
}

function Figure({ figure }: { figure: FigureValue }) {
  const { t, w, lang } = useI18n();
  const { me } = useSession();
  const late = figure.value === null;
  const money = figure.unit === "money" || figure.unit === me.company.currency;
  const [value, unit] = figure.value === null ? ["—", ""] : money ? [compactMoney(figure.value, me.company.currency, lang), ""] : compact(figure.value, lang);
  const body = (
    <>
      <span className="figure-name cut">{w(figure.name)}</span>
      <span className="figure-value" title={late ? t("bench.figureLate") : grouped(String(figure.value), true)}><b>{value}</b>{unit || (!money && !late && figure.unit) ? <span className="soft"> {unit}{money ? "" : (figure.unit ?? "")}</span> : null}</span>
    </>
  );
  const name = w(figure.name);
  return (
    <div className="figure">
      {figure.list ? <Link className="figure-link" to={figure.list}>{body}</Link> : <div className="figure-link">{body}</div>}
      <WhyNumber name={name} figure={figure.code} of="ib figure-why" />
    </div>
  );
}

function wait(item: QueueItem, lang: "zh" | "en", t: ReturnType<typeof useI18n>["t"]): string {
  const now = Date.now();
  if (item.due) {
    const due = new Date(item.due).getTime();
    if (due < now - 86_400_000 || (item.group === "overdue" && due < now)) return t("queue.overdue", { time: elapsed(item.due, lang) });
    if (item.group !== "overdue" && item.due === isoDate(new Date())) return t("queue.dueToday");
    if (item.group !== "overdue") return item.due.length > 10 ? moment(item.due, lang) : item.due.slice(5);
  }
  return item.since ? t("queue.waiting", { time: elapsed(item.since, lang) }) : "";
}


/** Deciding on work changes rights, and the page is drawn anew: it goes on from where it was. */
const AGAIN = 5_000;
const NONE: QueueItem[] = [];
let left = { at: 0, time: 0 };
/** Where the pane stands below the queue (a phone), what was touched is brought into sight, and back. */
const narrow = () => matchMedia("(max-width: 1000px)").matches;
function show(part: HTMLElement | null): void { if (narrow()) part?.scrollIntoView({ block: "start" }); }

export default function Workbench() {
  const { t, w, lang } = useI18n();
  const { types, me } = useSession();
  const go = useNavigate();
  const bench = useQuery(workbenchQuery);
  const [at, setAt] = useState(() => (Date.now() - left.time < AGAIN ? left.at : 0));
  const last = useRef(at);
  last.current = at;
  useEffect(() => () => { left = { at: last.current, time: Date.now() }; }, []);
  const [search, setSearch] = useSearchParams();
  const tab = search.get("tab");
  const mentions = tab === "mentions";
  const flows = FLOWS.find((one) => one === tab);
  const setTab = (tab: string) => setSearch(tab ? { tab } : {}, { replace: true });
  const { data: mentioned } = useQuery(mentionedQuery);
  const list = useRef<HTMLUListElement>(null);
  const pane = useRef<HTMLElement>(null);
  const touched = useRef(false);
  const items = bench.data?.queue ?? NONE;
  const index = Math.min(at, Math.max(0, items.length - 1));
  const chosen = items[index];
  const [picks, setPicks] = useState<readonly string[]>([]);
  const picked = items.filter((one) => picks.includes(idOf(one)) && one.work?.together);
  const alike = items.filter((one) => one.work?.together && picked.some((other) => other.work?.together === one.work?.together)).slice(0, MOST_PICKED);
  const toggle = (one: QueueItem | undefined) => {
    if (!one?.work?.together || me.mode) return;
    const id = idOf(one);
    setPicks(picked.some((other) => idOf(other) === id) ? picked.map(idOf).filter((other) => other !== id) : [...picked.map(idOf), id].slice(-MOST_PICKED));
  };
  const [off, setOff] = useState<QueueItem | null>(null);
  const later = bench.data?.later ?? [], beyond = bench.data?.beyond ?? 0;
  const together = picked.length > 0 && !mentions && !flows;
  const step = (by: number) => setAt(Math.max(0, Math.min(items.length - 1, index + by)));
  // On a narrow page the decision has a page of its own: beside the queue there is no room for it.
  const pick = (n: number) => {
    const one = items[n];
    if (one?.work && narrow()) { void go(addressOf(one)); return; }
    touched.current = true;
    setAt(n);
    if (n === index) show(pane.current);
  };
  useKeys({
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    x: () => toggle(chosen),
    z: () => { if (chosen?.entry && !me.mode && !together) setOff(chosen); },
    Enter: () => { if (chosen) void go(addressOf(chosen)); }, o: () => { if (chosen) void go(addressOf(chosen)); },
  }, !flows);
  useEffect(() => {
    if (touched.current) show(pane.current); else list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    touched.current = false;
  }, [index]);

  if (bench.isError) return <main className="page"><div className="bench-pad"><Refused problem={asProblem(bench.error)} /></div></main>;
  return (
    <main className="page bench" aria-label={t("shell.workbench")}>
      <header className="page-head"><h1>{t("shell.workbench")}</h1>
        <div className="tabs" role="tablist" aria-label={t("shell.workbench")}>
          <button role="tab" className="tab" aria-selected={!mentions && !flows} onClick={() => setTab("")}>{t("mention.all")} <span className="dim">{items.length + beyond || ""}</span></button>
          <button role="tab" className="tab" aria-selected={mentions} onClick={() => setTab("mentions")}>{t("mention.title")} <span className="dim">{mentioned || ""}</span></button>
          {FLOWS.filter((one) => (one !== "halted" && one !== "running") || me.administers?.includes("process")).map((one) => <button key={one} role="tab" className="tab" aria-selected={flows === one} onClick={() => setTab(one)}>{t(`bench.${one}`)}</button>)}
        </div>
        {bench.data ? <span className="chip">{w(bench.data.scope)}</span> : null}
        {flows ? null : <WhyNumber name={t(mentions ? "mention.title" : "queue.title")} figure={mentions ? "mentions" : "queue"} />}</header>
      <section className="figures" aria-label={t("bench.figures")}>
        {bench.data ? bench.data.figures.map((figure) => <Figure key={figure.code} figure={figure} />) : Array.from({ length: 5 }, (_, n) => <div key={n} className="figure"><div className="figure-link"><i className="bone" style={{ width: "50%" }} /><i className="bone" style={{ width: "70%", height: 22 }} /></div></div>)}
      </section>
      {flows ? <Suspense fallback={<div className="bench-pad"><Bones rows={8} height={54} /></div>}><MyFlows key={flows} scope={flows} /></Suspense> : <div className="bench-body">
        <section className="queue" aria-label={t("queue.title")}>
          {!mentions && bench.data?.sandboxes?.length ? <Suspense fallback={null}><MySandboxes items={bench.data.sandboxes} /></Suspense> : null}
          {mentions ? <Suspense fallback={<div className="bench-pad"><Bones rows={6} height={54} /></div>}><Mentions /></Suspense> : bench.isPending ? <div className="bench-pad"><Bones rows={8} height={54} /></div> : items.length === 0 ? <Blank icon="check" title={t(me.mode ? "queue.noneBoth" : "queue.none")}>{me.mode ? null : t("queue.noneText")}</Blank> : (
            <ul ref={list} role="listbox" aria-label={t("queue.title")} tabIndex={0} aria-activedescendant={chosen ? `queue-${index}` : undefined}>
              {items.map((item, n) => (
                <QueueRow key={`${item.kind}${item.type}${item.id}${n}`} item={item} n={n} selected={n === index} first={n === 0 || items[n - 1]?.group !== item.group} count={items.filter((one) => one.group === item.group).length} typeIcon={types.get(item.type)?.icon} onPick={() => pick(n)} onLater={item.entry && !me.mode && !together ? () => setOff(item) : undefined} picked={item.work?.together && !me.mode ? picked.includes(item) : undefined} onToggle={() => toggle(item)} wait={wait(item, lang, t)} />
              ))}
              {beyond ? <li role="presentation" className="queue-group">{t("queue.beyond", { n: beyond })}</li> : null}
            </ul>
          )}
          {!mentions && later.length ? <Suspense fallback={null}><WasPutOff items={later} /></Suspense> : null}
          {together ? <div className="queue-jump"><button className="tool on" onClick={() => show(document.getElementById("together"))}><Icon name="check" small />{t("queue.together", { n: picked.length })}<Icon name="down" small /></button></div> : null}
          {mentions ? null : <footer className="queue-foot hide-phone dim"><Key>J</Key><Key>K</Key>{t("keys.rows")}<Key>Enter</Key>{t("keys.open")}{items.some((one) => one.work?.together) ? <><Key>X</Key>{t("queue.pick")}</> : null}{chosen?.entry && !me.mode && !together ? <button className="link row tight" onClick={() => setOff(chosen)}><Key>Z</Key>{t("queue.later")}</button> : null}{items.length ? <span className="end">{t("queue.place", { n: index + 1, all: items.length + beyond })}</span> : null}</footer>}
        </section>
        {together ? <section className="bench-pane" id="together" aria-label={t("bench.about")}><Suspense fallback={<Bones rows={8} height={32} />}><Together picked={picked} alike={alike} onPick={setPicks} /></Suspense></section> :
        chosen?.work && !mentions ? <section className="bench-pane with-flow" aria-label={t("bench.about")}><Suspense fallback={<div className="bench-pad"><Bones rows={8} height={32} /></div>}><WorkChosen id={chosen.work.instance} next={items[index + 1]?.work?.instance} /></Suspense></section> :
        <section className="bench-pane" ref={pane} aria-label={t("bench.about")}>
          {chosen && !mentions ? <div className="bench-back"><button className="tool" onClick={() => show(document.getElementById(`queue-${index}`))}><Icon name="left" small />{t("bench.back")}</button>{chosen.entry && !me.mode ? <button className="tool" onClick={() => setOff(chosen)}><Icon name="clock" small />{t("queue.later")}</button> : null}</div> : null}
          {chosen?.kind === "review" && !mentions ? <ReviewChosen item={chosen} /> : null}
          {chosen && chosen.kind !== "review" && !mentions ? <Chosen key={`${chosen.type}/${chosen.id}`} item={chosen} /> : null}
          <div className="recent">
            <h2>{t("bench.recent")}</h2>
            <ul>
              {(bench.data?.recent ?? []).map((one) => (
                <li key={`${one.type}/${one.id}`}><Link className="recent-row" to={`/records/${one.type}/${one.id}`}><Icon name={iconOf(one.type, types.get(one.type)?.icon)} /><span className="cut grow">{one.title}</span><time className="dim" dateTime={one.at}>{moment(one.at, lang)}</time></Link></li>
              ))}
              {bench.data && bench.data.recent.length === 0 ? <li className="dim">{t("bench.noRecent")}</li> : null}
            </ul>
          </div>
        </section>}
      </div>}
      {off ? <Suspense fallback={null}><Later item={off} onClose={() => setOff(null)} /></Suspense> : null}
    </main>
  );
}


function QueueRow({ item, n, selected, first, count, typeIcon, onPick, onLater, picked, onToggle, wait: waiting }: { item: QueueItem; n: number; selected: boolean; first: boolean; count: number; typeIcon?: string; onPick: () => void; onLater?: () => void; /** Whether it is to be approved with others; undefined: it is decided by itself. */ picked?: boolean; onToggle: () => void; wait: string }) {
  const { t, w, lang } = useI18n();
  const late = item.group === "overdue";
  return (
    <>
      {first ? <li role="presentation" className={late ? "queue-group warn" : "queue-group"}>{t(GROUPS[item.group])} {count}</li> : null}
      <li id={`queue-${n}`} role="option" aria-selected={selected} aria-checked={picked} className="queue-row" onClick={onPick}>
        {picked === undefined ? null : <span className={picked ? "queue-pick on" : "queue-pick"} aria-hidden="true" onClick={(event) => { event.stopPropagation(); onToggle(); }}><i>{picked ? <Icon name="check" small /> : null}</i></span>}
        <span className={late ? "warn" : "dim"}><Icon name={ICONS[item.kind] ?? iconOf(item.type, typeIcon)} /></span>
        <span className="grow"><span className="cut queue-title">{titleOf(item, w)}</span><span className="cut soft queue-why">{w(item.why)}</span></span>
        <span className="queue-wait">
          <span className={late ? "row tight warn" : "soft"}>{late ? <Icon name="clock" small /> : null}{waiting}</span>
          {item.work?.usual ? <span className="soft">{t("queue.usual", { time: lasting(item.work.usual, lang, Math.ceil) })}</span> : null}
        </span>
        {onLater ? <span className="queue-off" aria-hidden="true" title={t("queue.later")} onClick={(event) => { event.stopPropagation(); onLater(); }}><Icon name="dots" small /></span> : null}
      </li>
    </>
  );
}
