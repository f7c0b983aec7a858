/** The boot payload: identity, metadata and the first page of data, written into the page by the server. */
import type { Boot } from "./api/types";

const EMPTY: Boot = { me: null, meta: null, first: null, demo: null };

export function readBoot(source: ParentNode = document): Boot {
  const text = source.querySelector("#boot")?.textContent?.trim();
  if (!text) return EMPTY;
  const parsed = JSON.parse(text) as Boot | null;
  return parsed ? { ...EMPTY, ...parsed } : EMPTY;
}
