/** Writing with @: the word that is being typed, the list that it offers by keys, and where the caret goes when a name was put in. */
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { wordAt } from "./mention";

/** `start`: where the caret stands first, in a box that is given the focus; null leaves the focus alone. */
export function useAt(start: number | null) {
  const box = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number | null>(start);
  const [word, setWord] = useState<{ from: number; text: string } | null>(null);
  const [at, setAt] = useState(0);
  useLayoutEffect(() => {
    if (caret.current === null) return;
    box.current?.focus();
    box.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const look = () => {
    const input = box.current;
    const next = input && input.selectionStart === input.selectionEnd ? wordAt(input.value, input.selectionStart) : null;
    setWord(next);
    if (next?.text !== word?.text) hasty.current = false;
    if (next?.text !== word?.text) setAt(0);
  };
  const placeIn = (n: number) => Math.min(at, Math.max(0, n - 1));
  /** Whoever types on and presses Enter means what they have typed, not who was found for what stood there before (``stale``): it waits. */
  const hasty = useRef(false);
  const settle = (n: number, choose: (index: number) => void, stale: boolean): void => {
    if (!hasty.current || stale) return;
    hasty.current = false;
    if (n && word) choose(0);
  };
  /** Whether a key was the list's, of so many people. */
  const keys = (event: KeyboardEvent, n: number, choose: (index: number) => void, stale: boolean): boolean => {
    if (!n || !word) return false;
    const place = placeIn(n);
    if (event.key === "ArrowDown") setAt(Math.min(n - 1, place + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, place - 1));
    else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) { if (stale) hasty.current = true; else choose(place); }
    else if (event.key === "Escape") { event.stopPropagation(); setWord(null); }
    else return false;
    event.preventDefault();
    return true;
  };
  return { box, caret, word, setWord, setAt, look, placeIn, keys, settle };
}
