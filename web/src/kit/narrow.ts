/** Whether the page is as narrow as a phone: for what takes another form there, and not only another size. */
import { useSyncExternalStore } from "react";

const NARROW = "(max-width: 720px)";

function listen(changed: () => void) {
  const query = matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

export const useNarrow = (): boolean => useSyncExternalStore(listen, () => matchMedia(NARROW).matches);
