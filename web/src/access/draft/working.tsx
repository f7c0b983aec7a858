/** The draft one works in: chosen once, kept for the browser, changed through one door that can be taken back. */
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { asProblem, freshKey, get, Problem, send } from "../../api/client";
import type { Json } from "../../api/types";
import { bothOf, useI18n } from "../../i18n";
import { useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { readAgain } from "../queries";
import type { Draft, State } from "../types";
import { saidOf, touched, type Before } from "./undo";
import "../../i18n/words-configure";

export interface CellEdit { role: string; column: string; key: string; state: State | null }
interface Working {
  /** Whether this person may change drafts at all: else everything is shown and nothing offered. */
  may: boolean;
  id: string | null;
  draft: Draft | null;
  choose: (id: string | null) => void;
  create: (title: string) => Promise<string>;
  /** An act of its own on the draft one works in (one of this title is begun where there is none), remembered for one step back.
   * What refuses it is thrown and not shown; returns the draft's id. */
  write: (title: string, things: [string, string][], act: (draft: Draft) => Promise<unknown>) => Promise<string>;
  /** What the draft says of one thing now: who edits it for a while hands it to `put` as `since`. */
  mark: (kind: string, key: string) => string;
  /** Says what one thing shall be (null: removed), in the draft one works in; begins one when there is none. What somebody else has
   * said of the same thing meanwhile is never written over: a function works out the new state from what it is by then; a state
   * is refused where the draft no longer says what it said (`since`, or before the act). */
  put: (kind: string, key: string, after: unknown, since?: string) => Promise<void>;
  leaveOut: (kind: string, key: string) => Promise<void>;
  cells: (type: string, edits: CellEdit[]) => Promise<void>;
  /** The same while the page is being left: nobody waits for the answer. */
  cellsAtLast: (type: string, edits: CellEdit[]) => void;
  undo: (() => Promise<void>) | null;
}
const Context = createContext<Working | null>(null);
const STORE = "heli.access.draft";

/** Somebody else has said something else of the same thing: nothing is written over. */
export const meanwhile = () => new Problem({ type: "about:blank", title: "Conflict", status: 409, code: "meanwhile", message: bothOf("draft.meanwhile") });

export function useWorking(): Working {
  const found = use(Context);
  if (!found) throw new Error("WorkingProvider is missing");
  return found;
}

const change = (id: string, kind: string, key: string) => `/access/drafts/${id}/changes/${kind}/${encodeURIComponent(key)}`;
/** So often an act is tried again on what somebody else has made of the draft. */
const AGAIN = 2;
const tag = (draft: Draft) => `"r${draft.revision}"`;
/** Steps that can be taken back, of the draft one works in: they outlive the page that made them. */
let kept: { id: string | null; past: Before[][] } = { id: null, past: [] };

/** A change's answer is the draft as it now is: shown at once, while all else is read again. `false` where the answer tells something else. */
function shown(client: QueryClient, answer: unknown): boolean {
  const draft = answer as Partial<Draft> | undefined;
  if (draft?.id === undefined || draft.standing === undefined) return false;
  const queryKey = ["access", "draft", draft.id];
  void client.cancelQueries({ queryKey });
  client.setQueryData(queryKey, draft);
  return true;
}

export function WorkingProvider({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const { refuse } = useToasts();
  const may = me.administers?.includes("policy") === true;
  const [id, setId] = useState<string | null>(() => (may ? localStorage.getItem(STORE) : null));
  const lastId = useRef(id);
  lastId.current = id;
  const [past, keepPast] = useState<Before[][]>(() => (kept.id === id ? kept.past : []));
  const setPast = useCallback((next: (all: Before[][]) => Before[][]) => keepPast((all) => { const made = next(all); kept = { id: lastId.current, past: made }; return made; }), []);

  const choose = useCallback((next: string | null) => {
    if (next) localStorage.setItem(STORE, next); else localStorage.removeItem(STORE);
    lastId.current = next;
    setId(next);
    setPast(() => []);
  }, [setPast]);
  const found = useQuery({
    queryKey: ["access", "draft", id], enabled: id !== null,
    queryFn: async ({ signal }) => {
      try {
        const draft = await get<Draft>(`/access/drafts/${id}`, signal);
        if (draft.state === "published" || draft.state === "withdrawn") choose(null);
        return draft;
      } catch (cause) {
        if (asProblem(cause).status === 404) choose(null);
        throw cause;
      }
    },
  });

  const begin = useCallback(async (title: string) => {
    const made = await send<Draft>("POST", "/access/drafts", { title }, { key: freshKey() });
    choose(made.id);
    return made;
  }, [choose]);
  const create = useCallback(async (title: string) => {
    const made = await begin(title);
    await readAgain(client);
    return made.id;
  }, [begin, client]);

  /** The draft as the page knows it, or (`fresh`) as it is by now; one is begun when there is none yet. */
  const now = useCallback(async (fresh: boolean) => {
    const known = lastId.current ? client.getQueryData<Draft>(["access", "draft", lastId.current]) : undefined;
    if (known && !fresh) return known;
    return get<Draft>(`/access/drafts/${lastId.current ?? await create(t("draft.untitled", { date: new Date().toLocaleDateString() }))}`);
  }, [client, create, t]);

  /** Does one change; somebody else's change in between is met by doing it again on what the draft is by then. */
  const does = useCallback(async (things: (draft: Draft) => [string, string][], act: (draft: Draft) => Promise<unknown>, remember = true) => {
    try {
      for (let turn = 0; ; turn += 1) {
        const draft = await now(turn > 0);
        try {
          shown(client, await act(draft));
          if (remember) setPast((all) => [...all.slice(-49), touched(draft.changes, things(draft))]);
          break;
        } catch (cause) {
          if (!(cause instanceof Problem && cause.status === 412 && turn < AGAIN)) throw cause;
        }
      }
    } catch (cause) {
      refuse(cause);
      throw cause;
    } finally {
      await readAgain(client);
    }
  }, [client, now, refuse, setPast]);

  const write = useCallback(async (title: string, things: [string, string][], act: (draft: Draft) => Promise<unknown>) => {
    const draft = lastId.current ? await get<Draft>(`/access/drafts/${lastId.current}`) : await begin(title);
    try {
      // what was read when it was begun must not be shown as what it has become
      if (!shown(client, await act(draft))) void client.resetQueries({ queryKey: ["access", "draft", draft.id] });
      setPast((all) => [...all.slice(-49), touched(draft.changes, things)]);
    } finally {
      void readAgain(client);
    }
    return draft.id;
  }, [client, begin, setPast]);

  const mark = useCallback((kind: string, key: string) => saidOf((lastId.current ? client.getQueryData<Draft>(["access", "draft", lastId.current]) : undefined)?.changes ?? [], kind, key), [client]);
  const same = useCallback((draft: Draft, kind: string, key: string, since: string) => {
    if (saidOf(draft.changes, kind, key) !== since) throw meanwhile();
  }, []);
  const put = useCallback((kind: string, key: string, after: unknown, since?: string) => {
    const known = since ?? mark(kind, key);
    return does(() => [[kind, key]], async (draft) => {
      if (typeof after !== "function") same(draft, kind, key, known);
      const state: unknown = typeof after === "function" ? await after() : after;
      return send("PUT", change(draft.id, kind, key), { after: state as Json }, { etag: tag(draft) });
    });
  }, [does, mark, same]);
  const leaveOut = useCallback((kind: string, key: string) => {
    const known = mark(kind, key);
    return does(() => [[kind, key]], (draft) => { same(draft, kind, key, known); return send("DELETE", change(draft.id, kind, key), undefined, { etag: tag(draft) }); });
  }, [does, mark, same]);
  const cells = useCallback((type: string, edits: CellEdit[]) =>
    does(() => [...new Set(edits.map((one) => one.role))].map((role) => ["role", role] as [string, string]), (draft) => send("POST", `/access/drafts/${draft.id}/cells`, { type, edits })), [does]);

  const cellsAtLast = useCallback((type: string, edits: CellEdit[]) => {
    if (lastId.current) send("POST", `/access/drafts/${lastId.current}/cells`, { type, edits }, { keepalive: true }).catch(refuse);
  }, [refuse]);

  const undo = useMemo(() => (past.length === 0 ? null : async () => {
    const last = past.at(-1) ?? [];
    setPast((all) => all.slice(0, -1));
    for (const one of last) {
      await does(() => [], (draft) => {
        const there = draft.changes.some((found) => found.kind === one.kind && found.key === one.key);
        if (one.after !== undefined) return send("PUT", change(draft.id, one.kind, one.key), { after: one.after as Json }, { etag: tag(draft) });
        return there ? send("DELETE", change(draft.id, one.kind, one.key), undefined, { etag: tag(draft) }) : Promise.resolve();
      }, false);
    }
  }), [does, past, setPast]);

  const value = useMemo<Working>(() => ({ may, id, draft: found.data ?? null, choose, create, write, mark, put, leaveOut, cells, cellsAtLast, undo }), [may, id, found.data, choose, create, write, mark, put, leaveOut, cells, cellsAtLast, undo]);
  return <Context value={value}>{children}</Context>;
}
