/** /flows/design/{id}: one draft of a process, drawn, checked, tried, compared and published. The file is the model; it is saved as it is drawn. */
import { Button, Menu } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { asProblem, send, type Problem } from "../../api/client";
import { useI18n, type Key } from "../../i18n";
import "../../i18n/words-designer";
import { Icon, type IconName } from "../../kit/icons";
import { useKeys } from "../../kit/keys";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { checked, opened, unreadable } from "../opening";
import { Canvas, Legend, type Mark } from "./canvas";
import { Broken, Checks } from "./checks";
import { Changes } from "./changes";
import { Gives } from "./gives";
import { DiscardDialog, HandInDialog, PublishDialog, RemarksPane, ReturnDialog, ShareDialog } from "./dialogs";
import * as edit from "./edit";
import { holderOf, parse, read, Unreadable } from "./file";
import { step } from "./history";
import { SuggestionBar, useSuggestion } from "./suggestion-bar";
import { endNames, names } from "./names";
import { Panel } from "./panel";
import { Raci } from "./raci";
import { called, nodeText } from "./told";
import { tree } from "./tree";
import { TrialPane } from "./trial";
import { checkQuery, draftQuery, kitQuery, tagOf, type Draft } from "./types";
import "./designer.css";

const Expert = lazy(() => import("./expert"));
const TABS = ["draw", "trial", "raci", "changes", "gives", "expert"] as const;
type Tab = (typeof TABS)[number];
const STATES: Record<Draft["state"] | "waiting" | "refused", IconName> = { waiting: "shield", refused: "ban", open: "edit", submitted: "clock", published: "check", discarded: "ban" };
const PAUSE = 800;

export default function DesignerPage() {
  const { id = "" } = useParams();
  const found = useQuery(draftQuery(id));
  const { t } = useI18n();
  if (found.isPending) return <main className="page" aria-label={t("design.title")}><Bones rows={8} height={40} /></main>;
  if (found.isError) return <main className="page" aria-label={t("design.title")}><Refused problem={asProblem(found.error)} /></main>;
  return <Designer key={id} draft={found.data} />;
}

export function download(name: string, source: string): void {
  const url = URL.createObjectURL(new Blob([source], { type: "application/xml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name}.bpmn`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Whether the panel stands beside the drawing, and not over it. */
function wide(): boolean { return !matchMedia("(max-width: 720px)").matches; }

function useDebounced(value: string, pause: number): string {
  const [late, set] = useState(value);
  useEffect(() => { const timer = setTimeout(() => set(value), pause); return () => clearTimeout(timer); }, [value, pause]);
  return late;
}

function Designer({ draft }: { draft: Draft }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const [history, act] = useReducer(step, { source: draft.source, past: [], future: [] });
  const { source } = history;
  const [search, setSearch] = useSearchParams();
  const tab = (TABS as readonly string[]).includes(search.get("tab") ?? "") ? (search.get("tab") as Tab) : "draw";
  const [chosen, setChosen] = useState<string | null>(null);
  const [panel, setPanel] = useState<string | null>(null);
  const [dialog, setDialog] = useState<"publish" | "hand_in" | "return" | "share" | "discard" | "remarks" | null>(null);
  const [stale, setStale] = useState<Problem | null>(null);
  const may = (what: string) => draft.may.includes(what);
  const locked = !may("change");
  // What is published may wait for security yet.
  const stood = draft.state === "published" && draft.version_state ? draft.version_state : draft.state;
  // A version of it that security refused, and why: it is the author's again to be mended.
  const refused = draft.state === "open" && draft.version_state === "refused" ? draft.remarks.findLast((one) => one.kind === "returned") : undefined;

  // -- saving ----------------------------------------------------------------------------------------------------------
  const [kept, setKept] = useState(draft.source);
  const [failed, setFailed] = useState<Problem | null>(null);
  const running = useRef<Promise<void> | null>(null);
  const current = useRef({ source, kept, draft });
  current.current = { source, kept, draft };
  const save = useCallback(async (): Promise<void> => {
    while (running.current) await running.current;
    const now = current.current.source;
    if (now === current.current.kept || locked) return;
    const one = (async () => {
      try {
        const latest = client.getQueryData(draftQuery(current.current.draft.id).queryKey) ?? current.current.draft;
        const saved = await send<Draft>("PUT", `/flows/drafts/${latest.id}`, { source: now }, { etag: tagOf(latest) });
        client.setQueryData(draftQuery(saved.id).queryKey, saved);
        current.current.kept = now;
        setKept(now);
        setFailed(null);
      } catch (cause) {
        const problem = asProblem(cause);
        if (problem.status === 412) setStale(problem); else setFailed(problem);
        throw problem;
      }
    })();
    running.current = one.catch(() => undefined);
    try { await one; } finally { running.current = null; }
  }, [client, locked]);
  useEffect(() => {
    if (source === kept || locked || stale) return undefined;
    const timer = setTimeout(() => void save().catch(() => undefined), PAUSE);
    return () => clearTimeout(timer);
  }, [source, kept, locked, stale, save]);
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => { if (current.current.source !== current.current.kept) event.preventDefault(); };
    window.addEventListener("beforeunload", leave);
    return () => { window.removeEventListener("beforeunload", leave); void save().catch(() => undefined); };
  }, [save]);
  const load = async () => {
    const fresh = await client.fetchQuery({ ...draftQuery(draft.id), staleTime: 0 });
    act({ do: "load", source: fresh.source });
    setKept(fresh.source);
    setStale(null);
    setFailed(null);
  };
  const take = (next: Draft) => client.setQueryData(draftQuery(next.id).queryKey, next);

  // -- the drawing -----------------------------------------------------------------------------------------------------
  const drawn = useMemo(() => {
    try { const model = read(parse(source)); return { model, ...tree(model) }; } catch (cause) { if (cause instanceof Unreadable) return null; throw cause; }
  }, [source]);
  const kit = useQuery({ ...kitQuery(drawn?.model.subject?.type ?? ""), placeholderData: (before) => before });
  const late = useDebounced(source, 400);
  const check = useQuery({ ...checkQuery(late), placeholderData: (before) => before });
  const people = check.data?.people;
  const known = useMemo(() => kit.data && { ...kit.data, people }, [kit.data, people]);
  const noted = useMemo(() => [...(check.data?.problems ?? []), ...(check.data?.concerns ?? [])], [check.data]);
  const marks = useMemo(() => {
    const made = new Map<string, Mark>();
    const worse: Record<Mark, number> = { note: 0, warning: 1, error: 2 };
    for (const one of noted) { const mark: Mark = one.level ?? "error"; if (worse[mark] >= (made.has(one.place) ? worse[made.get(one.place) as Mark] : -1)) made.set(one.place, mark); }
    return made;
  }, [noted]);

  const focus = (place: string | undefined) => { if (place) requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-stop="${CSS.escape(place)}"]`)?.focus()); };
  const change = useCallback((what: edit.Edit, merge?: string): string | undefined => {
    try {
      const made = edit.edited(current.current.source, what);
      current.current.source = made.source;
      act({ do: "change", source: made.source, merge, at: Date.now() });
      return made.chosen;
    } catch (cause) {
      if (cause instanceof edit.NotHere) { say(t(`design.not.${cause.key}`)); return undefined; }
      refuse(cause);
      return undefined;
    }
  }, [say, refuse, t]);
  /** The step whose panel opens beside it without taking the keyboard: it has just been added, and may be waited for. */
  const [freshly, setFreshly] = useState<string | null>(null);
  const choose = (id: string | null, open = false) => { setFreshly(null); setChosen(id); if (open || id === null || panel !== null) setPanel(id); };
  const gone = (id: string) => { if (panel === id) setPanel(null); };
  const remove = (id: string) => {
    const node = drawn ? holderOf(drawn.model, id).nodes.get(id) : undefined;
    const before = current.current.source;
    const next = change((doc) => edit.remove(doc, id));
    if (before === current.current.source) return;
    gone(id);
    setChosen(next ?? null);
    focus(next);
    if (node) say(t("design.removed", { name: nodeText(node, lang, t) }), () => act({ do: "undo" }));
  };
  const prune = (split: string, line: string) => { const next = change((doc) => edit.prune(doc, split, line)); gone(line); setChosen(next ?? null); focus(next); };
  const added = (next: string | undefined) => { if (!next) return; setFreshly(next); setChosen(next); if (panel !== null || wide()) setPanel(next); focus(next); };
  const undo = () => act({ do: "undo" }), redo = () => act({ do: "redo" });
  useKeys({ "ctrl+z": () => undo(), "ctrl+y": () => redo() }, tab !== "expert");

  const doing = async (path: string, body: unknown): Promise<Draft> => {
    await save();
    const latest = client.getQueryData(draftQuery(draft.id).queryKey) ?? draft;
    const made = await send<Draft>("POST", `/flows/drafts/${draft.id}/${path}`, body, { etag: tagOf(latest) });
    take(made);
    void client.invalidateQueries({ queryKey: ["flow-drafts"] });
    return made;
  };
  const [unread, setUnread] = useState<Problem | string | null>(null);
  const bring = async (file: File | undefined) => {
    if (!file || !drawn) return;
    setUnread(null);
    try {
      const chosen = await opened(file, t);
      if ("wrong" in chosen) { setUnread(chosen.wrong); return; }
      const { process } = await checked(chosen.source); // it says in words what is wrong with a file that cannot be read
      if (process !== drawn.model.id) { setUnread(t("design.importWrong", { other: process, code: drawn.model.id })); return; }
      act({ do: "change", source: chosen.source, at: Date.now() });
      say(t("design.imported", { name: file.name }), () => act({ do: "undo" }));
    } catch (cause) { setUnread(unreadable(asProblem(cause), t, w)); }
  };

  const suggestion = useSuggestion({ draft, model: drawn?.model, kit: known, locked, source, change, onChoose: (place) => { setChosen(place); if (wide()) setPanel(place); } });

  const picked = useRef<HTMLInputElement>(null);
  const model = drawn?.model;
  const beside = model && panel ? holderOf(model, panel) : undefined;
  const errors = check.data?.problems.length ?? 0, warnings = (check.data?.concerns ?? []).filter((one) => one.level === "warning").length;
  const name = model ? called(model.name, lang) : w(draft.name);
  const state = failed ? "design.saveFailed" : stale ? "design.unsaved" : source !== kept ? "design.saving" : "design.saved";
  /** To the step that a check speaks of, on the drawing. */
  const goTo = (place: string) => { if (tab !== "draw") setSearch({}, { replace: true }); choose(place, true); focus(place); };
  const checks = model ? <Checks check={check.data} busy={check.isFetching || late !== source} error={check.error} errors={errors} warnings={warnings} model={model} onGo={goTo} /> : null;
  const broken = (said: Key) => (errors > 0 && model ? <Broken said={t(said)} check={check.data} model={model} onGo={goTo} /> : null);
  return (
    <main className="page draw-page" aria-label={t("design.title")}>
      <header className="page-head draw-head">
        <Link className="ib" to="/flows" aria-label={t("shell.flows")}><Icon name="left" small /></Link>
        <h1 className="cut" title={name}>{name}</h1>
        <span className={stood === "submitted" || stood === "waiting" ? "chip amber" : stood === "refused" ? "chip red" : stood === "published" ? "chip brand" : "chip"}><Icon name={STATES[stood]} small /><span>{t(`design.s.${stood}`)}</span></span>
        <span className="dim hide-phone">{draft.base ? t("design.fromVersion", { n: draft.base }) : t("design.isNew")}</span>
        <nav className="tabs" aria-label={t("design.title")}>{TABS.map((one) => <button key={one} className="tab" aria-current={tab === one ? "page" : undefined} onClick={() => setSearch(one === "draw" ? {} : { tab: one }, { replace: true })}>{t(`design.tab.${one}` as Key)}</button>)}</nav>
        <span className="end row draw-acts">
          {locked ? null : <span className={`draw-saved ${failed || stale ? "bad" : "dim"}`} role="status">{t(state)}</span>}
          {locked ? null : <><button className="ib" aria-label={t("design.undo")} title={`${t("design.undo")} Ctrl+Z`} disabled={history.past.length === 0} onClick={undo}><Icon name="undo" small /></button><button className="ib draw-redo" aria-label={t("design.redo")} title={`${t("design.redo")} Ctrl+Y`} disabled={history.future.length === 0} onClick={redo}><Icon name="undo" small /></button></>}
          <Menu position="bottom-end" width={200}>
            <Menu.Target><button className="ib" aria-label={t("design.more")}><Icon name="dots" small /></button></Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<Icon name="comment" small />} onClick={() => setDialog("remarks")}>{t("design.remarks")}{draft.remarks.length ? ` (${draft.remarks.length})` : ""}</Menu.Item>
              {may("share") ? <Menu.Item leftSection={<Icon name="users" small />} onClick={() => setDialog("share")}>{t("design.share")}</Menu.Item> : null}
              <Menu.Item leftSection={<Icon name="download" small />} onClick={() => download(draft.code, source)}>{t("design.export")}</Menu.Item>
              {locked ? null : <Menu.Item leftSection={<Icon name="upload" small />} onClick={() => picked.current?.click()}>{t("design.import")}</Menu.Item>}
              {may("discard") ? <Menu.Item color="bad" leftSection={<Icon name="trash" small />} onClick={() => setDialog("discard")}>{t("design.discard")}</Menu.Item> : null}
            </Menu.Dropdown>
          </Menu>
          {may("return") ? <Button onClick={() => setDialog("return")}>{t(may("publish") ? "design.return" : "design.takeBack")}</Button> : null}
          {may("publish") ? <Button variant="filled" onClick={() => setDialog("publish")}>{t("design.publish")}</Button> : may("hand_in") ? <Button variant="filled" onClick={() => setDialog("hand_in")}>{t("design.handIn")}</Button> : null}
        </span>
        <input ref={picked} className="unseen" type="file" tabIndex={-1} aria-hidden="true" accept=".bpmn,.xml,application/xml,text/xml" onChange={(event) => { const file = event.target.files?.[0]; event.target.value = ""; void bring(file); }} />
      </header>
      {stale ? <div className="note red draw-bar" role="alert"><Icon name="alert" small /><span className="grow"><b>{w(stale.words)}</b> {t("design.stale")}</span><Button size="xs" onClick={() => download(`${draft.code}-mine`, source)}>{t("design.downloadMine")}</Button><Button size="xs" onClick={() => void load()}>{t("design.load")}</Button></div> : null}
      {suggestion.told && model ? <SuggestionBar told={suggestion.told} model={model} code={draft.code} undoable={suggestion.told.after === source} undone={source === suggestion.told.before} onUndo={undo} onOpen={() => setPanel(chosen)} onClose={suggestion.close} /> : null}
      {failed ? <div className="draw-bar"><Refused problem={failed} /></div> : null}
      {unread ? <div className="draw-bar row"><div className="grow">{typeof unread === "string" ? <p className="note red" role="alert">{unread}</p> : <Refused problem={unread} />}</div><button className="ib" aria-label={t("design.close")} onClick={() => setUnread(null)}><Icon name="x" small /></button></div> : null}
      {refused ? <div className="note red draw-bar"><Icon name="ban" small /><span className="grow"><b>{t("design.refusedVersion", { n: draft.version ?? 0 })}</b> {refused.text} <span className="dim">{refused.by?.name}</span></span></div> : null}
      {locked ? <p className="note draw-bar row"><Icon name="lock" small /><span className="grow">{draft.state === "submitted" ? t("design.handedIn") : stood === "waiting" ? t("design.confirming") : stood === "published" && draft.version ? t("design.publishedAs", { n: draft.version }) : t("design.closed")}</span>{stood === "published" || stood === "waiting" ? <Link className="link nowrap" to={`/flows?process=${draft.code}`}>{t("design.toVersions")}</Link> : null}</p> : null}
      <div className="draw-body">
        {!drawn || !model ? <p className="note red">{t("design.changesBroken")}</p> : tab === "draw" ? (
          <>
            <div className="draw-main">
              <div className="draw-scroll">
                <Canvas {...drawn} kit={known} chosen={chosen} marks={marks} locked={locked} onChoose={choose} onBegin={() => added(change(edit.shown((doc) => edit.begin(doc, endNames()), known)))} onInsert={(line, what) => added(change(edit.shown((doc) => edit.insert(doc, line, what, names()), known)))} onBranch={(split) => added(change(edit.shown((doc) => edit.branch(doc, split, names()), known)))} onRemove={remove} onPrune={prune} onStart={(first) => { change((doc) => edit.start(doc, first)); focus(first); }} onMove={(one, line) => { const next = change((doc) => edit.move(doc, one, line)); focus(next); }} />
              </div>
              <footer className="draw-foot">
                {checks}
                <button className="tool end" aria-pressed={panel === model.id} onClick={() => setPanel(panel === model.id ? null : model.id)}><Icon name="edit" small />{t("design.openProcess")}</button>
              </footer>
              {locked ? null : <Legend>{t("design.keys")}</Legend>}
            </div>
            {panel && known && beside && (panel === model.id || beside.nodes.has(panel) || beside.lines.has(panel)) ? <Panel model={panel === model.id ? model : beside} whole={model} kit={known} id={panel} quiet={freshly === panel} noted={noted} locked={locked} onEdit={(what) => change(what, panel)} onRemove={remove} onPrune={prune} onClose={() => { const at = panel; setPanel(null); focus(at); }} onChoose={(one) => choose(one, true)} /> : null}
          </>
        ) : tab === "trial" ? <TrialPane source={late} drawn={drawn} kit={known} broken={broken("design.trialBroken")} />
          : tab === "raci" ? <div className="draw-main"><div className="draw-scroll draw-raci-hold"><Raci model={model} items={drawn.items} kit={known} locked={locked} onEdit={(what) => { change(what); }} /></div><footer className="draw-foot">{checks}</footer></div>
          : tab === "changes" ? <Changes source={late} broken={broken("design.changesBroken")} drawn={drawn} kit={known} />
          : tab === "gives" ? <Gives source={late} broken={broken("design.givesBroken")} />
          : <Suspense fallback={<Bones rows={6} height={40} />}><Expert source={source} locked={locked} onChange={(next) => act({ do: "change", source: next, at: Date.now() })} /></Suspense>}
      </div>
      {dialog === "publish" ? <PublishDialog draft={draft} name={name} source={source} check={check.data} onClose={() => setDialog(null)} onAct={async (note, over, closes) => { await save(); const latest = client.getQueryData(draftQuery(draft.id).queryKey) ?? draft; const made = await send<{ number: number; state: string }>("POST", `/flows/drafts/${draft.id}/publish`, { note, closes, ...(over === undefined ? {} : { over }) }, { etag: tagOf(latest) }); say(t(made.state === "waiting" ? "process.submitted" : "process.published", { n: made.number })); await Promise.all(["flow-draft", "flow-drafts", "processes", "process-versions", "flow-improvements"].map((one) => client.invalidateQueries({ queryKey: [one] }))); }} /> : null}
      {dialog === "hand_in" ? <HandInDialog source={source} check={check.data} onClose={() => setDialog(null)} onAct={async (text) => { await doing("hand-in", { text }); say(t("design.handedInToast")); }} /> : null}
      {dialog === "return" ? <ReturnDialog back={!may("publish")} onClose={() => setDialog(null)} onAct={async (text) => { await doing("return", { text }); }} /> : null}
      {dialog === "share" ? <ShareDialog draft={draft} onClose={() => setDialog(null)} onAct={async (people) => { await doing("people", { people }); }} /> : null}
      {dialog === "discard" ? <DiscardDialog onClose={() => setDialog(null)} onAct={async () => { await doing("discard", {}); }} /> : null}
      {dialog === "remarks" ? <RemarksPane draft={draft} onClose={() => setDialog(null)} onAct={async (text) => { take(await send<Draft>("POST", `/flows/drafts/${draft.id}/remarks`, { text })); }} /> : null}
    </main>
  );
}
