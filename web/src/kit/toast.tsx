/** Short messages in a live region; a refusal stays until it is dismissed. */
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { asProblem } from "../api/client";
import type { Words } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "./icons";

interface Toast { id: number; tone: "good" | "bad"; title: string; lines: string[]; undo?: () => void }
interface Toaster {
  say: (title: string, undo?: () => void) => void;
  /** Shows why something did not happen: message, every problem by place, and what is missing. `places` says what the page calls them. */
  refuse: (cause: unknown, places?: Record<string, string>) => void;
}
const MOST = 4;
/** The messages with a new one: a refusal that stands there already is not said twice over. Pure. */
export function beside(all: readonly Toast[], next: Toast): Toast[] {
  const said = (one: Toast) => one.tone === "bad" && next.tone === "bad" && one.title === next.title && one.lines.join("\n") === next.lines.join("\n");
  return [...all.filter((one) => !said(one)).slice(1 - MOST), next];
}
const Context = createContext<Toaster | null>(null);

export function useToasts(): Toaster {
  const found = use(Context);
  if (!found) throw new Error("ToastProvider is missing");
  return found;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, set] = useState<Toast[]>([]);
  const next = useRef(1);
  const { t, w } = useI18n();
  const drop = useCallback((id: number) => set((all) => all.filter((one) => one.id !== id)), []);
  const add = useCallback((toast: Omit<Toast, "id">, lasting: number) => {
    const id = next.current++;
    set((all) => beside(all, { ...toast, id }));
    if (lasting) setTimeout(() => drop(id), lasting);
  }, [drop]);
  const value = useMemo<Toaster>(() => ({
    say: (title, undo) => add({ tone: "good", title, lines: [], undo }, undo ? 8000 : 3500),
    refuse: (cause, places) => {
      const problem = asProblem(cause);
      if (problem.code === "sandbox_done") { add({ tone: "good", title: w(problem.words), lines: [] }, 6000); return; }
      const lines = problem.problems.map((one) => { const name = places ? places[one.place] : one.place; return (name ? `${name}${t("kit.colon")}` : "") + w(one.message); });
      const first = problem.problems[0];
      const title = first?.place && w(problem.words).startsWith(first.place) ? lines.shift() : undefined; // the server's sentence is that of the first
      const missing = problem.why?.missing?.[0]?.map((atom) => w(atom.words as Words)) ?? [];
      if (missing.length) lines.push(t("why.missing") + missing.join(t("kit.semicolon")));
      const ask = problem.why?.ask?.map((person) => person.name) ?? [];
      if (ask.length) lines.push(t("why.ask", { names: ask.slice(0, 3).join(t("oversight.comma")) }));
      add({ tone: "bad", title: title ?? w(problem.words), lines }, 12000);
    },
  }), [add, t, w]);
  return (
    <Context value={value}>
      {children}
      <div className="toasts" role="region" aria-label={t("kit.messages")}>
        {toasts.map((toast) => (
          <div key={toast.id} className={`toast ${toast.tone}-toast`} role={toast.tone === "bad" ? "alert" : "status"}>
            <Icon name={toast.tone === "bad" ? "ban" : "check"} />
            <div className="grow">
              <div className={toast.tone === "bad" ? "strong" : ""}>{toast.title}</div>
              {toast.lines.map((line) => <div key={line} className="soft">{line}</div>)}
            </div>
            {toast.undo ? <button className="link" onClick={() => { toast.undo?.(); drop(toast.id); }}>{t("kit.undo")}</button> : null}
            <button className="ib" aria-label={t("kit.close")} onClick={() => drop(toast.id)}><Icon name="x" small /></button>
          </div>
        ))}
      </div>
    </Context>
  );
}
