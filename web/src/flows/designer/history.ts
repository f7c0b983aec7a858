/** The file with what it was before each change: undo, redo. Pure. */
export interface History { source: string; past: string[]; future: string[]; merge?: string; at?: number }
export type Act = { do: "change"; source: string; /** Changes of one box in a row are taken back as one. */ merge?: string; at: number } | { do: "undo" } | { do: "redo" } | { do: "load"; source: string };
const MOST = 100;
const WITHIN = 1500;

export function step(state: History, act: Act): History {
  switch (act.do) {
    case "change": {
      if (act.source === state.source) return state;
      const merged = act.merge !== undefined && state.merge === act.merge && act.at - (state.at ?? 0) < WITHIN && state.past.length > 0;
      return { source: act.source, past: merged ? state.past : [...state.past, state.source].slice(-MOST), future: [], merge: act.merge, at: act.at };
    }
    case "undo": { const before = state.past[state.past.length - 1]; return before === undefined ? state : { source: before, past: state.past.slice(0, -1), future: [state.source, ...state.future].slice(0, MOST) }; }
    case "redo": { const [next, ...rest] = state.future; return next === undefined ? state : { source: next, past: [...state.past, state.source], future: rest }; }
    case "load": return { source: act.source, past: [], future: [] };
  }
}
