/** A ceiling under the pickers. Pure. */
import type { RawLine } from "../types";

export interface CeilingState { name: string; name_en: string; type: string; kinds: string[] | null; actions: string[] | null; roles: string[] | null; lines: RawLine[]; active: boolean }
/** What passes: what its lines say, only what certain roles give, or nothing. */
export const MODES = ["lines", "roles", "none"] as const;
export type Mode = (typeof MODES)[number];

export function modeOf(one: CeilingState): Mode { return one.roles !== null ? "roles" : one.lines.length ? "lines" : "none"; }

/** About another object nothing of the old one's actions, conditions and fields holds. */
export function withType(one: CeilingState, type: string): CeilingState {
  return { ...one, type, actions: null, lines: type === "*" ? [] : [{ type, actions: [type.includes(":") ? "open" : "read"], scope: [type.includes(":") ? "all" : "own"] }] };
}

/** What is sent: only what its mode speaks of. */
export function bound(one: CeilingState, mode: Mode): CeilingState {
  return { ...one, roles: mode === "roles" ? one.roles ?? [] : null, lines: mode === "lines" ? one.lines : [] };
}
