/** Live: one small conditional question every two seconds while the page is looked at, thirty when it is not. */
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { get, Problem, query } from "./client";

interface Pulse { now: number; changed: { type: string; id: string }[] | null; epoch?: string; moves?: number | null; mentions?: number; notices?: number; mentioned?: string; emergencies?: number }
const SEEN = 2_000;
const HIDDEN = 30_000;
const PATIENCE = 60_000;

/** Who reads too much is slowed down, not shut out: what was refused for a while is asked again once that is over. */
export function goOn(client: QueryClient, now = Date.now()): void {
  for (const one of client.getQueryCache().findAll({ type: "active" })) {
    const { error, errorUpdatedAt, fetchMeta } = one.state;
    if (error instanceof Problem && error.status === 429 && now > errorUpdatedAt + error.wait * 1_000) void one.fetch(undefined, { meta: fetchMeta ?? undefined }).catch(() => undefined); // refused again: later
  }
}

let wake = () => {};

/** Ask now: who has just changed rights sees the page as it then is at once, not amid the next thing they do. */
export function pulseNow(): void { wake(); }

/** `onRights` is called when this person's rights have changed: nothing that was read before may stay on the page. */
export function usePulse(epoch: string, onRights: () => void): void {
  const client = useQueryClient();
  const rights = useRef({ epoch, onRights });
  rights.current = { epoch, onRights };
  useEffect(() => {
    let after: number | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let stopped = false;
    let asking = false;
    let again = false;
    let mark: string | null = null;
    let moves = HIDDEN;
    const beat = async () => {
      asking = true;
      again = false;
      try {
        const answer = await get<Pulse>(`/pulse${query({ after })}`);
        if (stopped) return;
        failures = 0;
        moves = (answer.moves ?? 60) * 1_000 + 20;
        if (answer.epoch !== undefined && answer.epoch !== rights.current.epoch) rights.current.onRights();
        const told = answer.notices ?? 0;
        if (client.getQueryData(["told"]) !== told) void client.invalidateQueries({ queryKey: ["notices"] });
        client.setQueryData(["told"], told);
        client.setQueryData(["mentioned"], answer.mentions ?? 0);
        client.setQueryData(["emergencies", "open"], answer.emergencies ?? 0);
        const first = after === null;
        if (!first && answer.now !== after) {
          const types = answer.changed ? new Set(answer.changed.map((one) => one.type)) : null;
          const ids = answer.changed ? new Set(answer.changed.map((one) => one.id)) : null;
          void client.invalidateQueries({
            predicate: ({ queryKey: [name, type, id] }) => {
              if (name === "workbench" || name === "mentions" || name === "exports") return true;
              if (typeof type !== "string" || name === "views" || name === "why") return false;
              if (typeof id === "string") return ids === null || ids.has(id);
              return types === null || types.has(type);
            },
          });
        }
        // A mention is told to whom it means at once, even while a long import holds the position back.
        if (mark !== null && answer.mentioned !== mark) for (const name of ["workbench", "mentions"]) void client.invalidateQueries({ queryKey: [name] });
        mark = answer.mentioned ?? "";
        after = answer.now;
        goOn(client);
      } catch {
        failures += 1; // the next beat comes later; a broken connection shows on the next thing a person does
      }
      asking = false;
      // What ends by itself, a loan for one, goes from the page at that very second.
      if (!stopped) timer = setTimeout(beat, again ? 0 : failures ? Math.min(PATIENCE, SEEN * 2 ** failures) : Math.min(moves, document.hidden ? HIDDEN : SEEN));
    };
    timer = setTimeout(beat, SEEN);
    const look = () => {
      again = true; // a question under way was asked before what is to be seen: the next follows it, never beside it
      if (asking || document.hidden) return;
      clearTimeout(timer);
      timer = setTimeout(beat, 0);
    };
    wake = look;
    document.addEventListener("visibilitychange", look);
    return () => { stopped = true; wake = () => {}; clearTimeout(timer); document.removeEventListener("visibilitychange", look); };
  }, [client]);
}
