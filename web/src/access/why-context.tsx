/** One shared popover for every "why": a masked cell, a lock, a refused button. */
import { createContext, lazy, Suspense, use, useCallback, useMemo, useState, type ReactNode } from "react";
import type { AbsentWish, WhyWish } from "../api/queries";
import type { Words } from "../api/types";

export interface WhyAsk extends WhyWish {
  anchor: Element | DOMRect;
  title: string;
  /** A refusal that is already known, shown at once while the chain loads. */
  known?: Words;
  /** About something that is not there, or about what a sum covers, instead of a record. */
  absent?: AbsentWish;
  /** The value may be revealed here (audited). */
  reveal?: { type: string; id: string; field: string };
}
interface WhyDoor { ask: (wish: WhyAsk) => void; close: () => void }

const Context = createContext<WhyDoor | null>(null);
const WhyPopover = lazy(() => import("./why-popover"));

export function useWhy(): WhyDoor {
  const found = use(Context);
  if (!found) throw new Error("WhyProvider is missing");
  return found;
}

export function WhyProvider({ children }: { children: ReactNode }) {
  const [wish, set] = useState<WhyAsk | null>(null);
  const close = useCallback(() => set(null), []);
  const door = useMemo<WhyDoor>(() => ({ ask: set, close }), [close]);
  return (
    <Context value={door}>
      {children}
      <Suspense fallback={null}>{wish ? <WhyPopover wish={wish} onClose={close} /> : null}</Suspense>
    </Context>
  );
}
