/** Keyboard: one listener, two-key sequences (G then a letter), and silence while someone is typing. */
import { useEffect, useRef } from "react";

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

/** The name of a pressed key as the maps write it: "j", "?", "ctrl+k", "[", "Enter", "Space". */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const held = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "");
  return held + key;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) || target.getAttribute("role") === "combobox";
}

/** Whether the key is the focused thing's own: a button or a link is pressed by it. */
export function isPressing(name: string, target: EventTarget | null): boolean {
  return (name === "Enter" || name === "Space") && target instanceof Element && target.closest("button, a[href], summary") !== null;
}

/** What a key press means, given the letter pressed before it (a leader such as "g"), if still fresh. */
export function resolve(map: KeyMap, name: string, leader: string | null): string | null {
  if (leader && map[`${leader} ${name}`]) return `${leader} ${name}`;
  return map[name] ? name : null;
}

const FRESH = 1200;

export function useKeys(map: KeyMap, enabled = true): void {
  const current = useRef(map);
  current.current = map;
  useEffect(() => {
    if (!enabled) return undefined;
    let leader: { name: string; at: number } | null = null;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = nameOf(event);
      const always = name.startsWith("ctrl+");
      if (!always && (isTyping(event.target) || document.querySelector('[role="dialog"][aria-modal="true"]'))) return;
      if (isPressing(name, event.target)) return;
      const fresh = leader && Date.now() - leader.at < FRESH ? leader.name : null;
      leader = null;
      const found = resolve(current.current, name, fresh);
      if (found) {
        event.preventDefault();
        current.current[found]?.(event);
      } else if (Object.keys(current.current).some((key) => key.startsWith(`${name} `))) {
        leader = { name, at: Date.now() };
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [enabled]);
}
