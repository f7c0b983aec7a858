/** What a step in a draft touched, as it was before: enough to take the step back without touching what others did. Pure. */
export interface Before { kind: string; key: string; /** What the draft said of it; undefined: nothing. */ after: unknown }
interface Change { kind: string; key: string; after?: unknown }

/** What the draft says of one thing, to compare by; "" where it says nothing. */
export function saidOf(changes: readonly Change[], kind: string, key: string): string {
  const found = changes.find((one) => one.kind === kind && one.key === key);
  return found ? JSON.stringify(found.after ?? null) : "";
}

export function touched(changes: Change[], things: [string, string][]): Before[] {
  return things.map(([kind, key]) => ({ kind, key, after: changes.find((one) => one.kind === kind && one.key === key)?.after }));
}
