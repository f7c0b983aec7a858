import { useEffect, useRef, type RefObject } from "react";

/** A strip of tabs that may be wider than its place: the chosen one (`aria-current`) is brought into sight whenever `chosen` changes. */
export function useStrip(chosen: string | undefined): RefObject<HTMLElement | null> {
  const strip = useRef<HTMLElement>(null);
  useEffect(() => { strip.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); }, [chosen]);
  return strip;
}
