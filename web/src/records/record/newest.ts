/** The newest first; what happened in one second stays as it was told, which is the newest first too. */
export function newestFirst<T extends { at: string }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
}
