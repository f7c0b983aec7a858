/** A permission line under the pickers. Pure. */
import type { RawLine } from "../types";

export type Condition = [string, string, unknown?];
export const SIGN: Record<string, string> = { "=": "=", "<": "<", "<=": "≤", ">": ">", ">=": "≥" };

/** Without what says nothing: no empty list of conditions, no limit where nothing is limited, no value beside "is empty". */
export function clean(line: RawLine): RawLine {
  const { where, limit, read, write, ...rest } = line;
  const conditions = (where ?? []).map((one): Condition => (one[1] === "empty" ? [one[0], "empty"] : one));
  const limited = rest.actions.includes("approve") || rest.actions.includes("export");
  const writes = rest.actions.includes("edit") || rest.actions.includes("create");
  return {
    ...rest,
    ...(conditions.length ? { where: conditions } : {}),
    ...(read && Object.keys(read).length ? { read } : {}),
    ...(write !== undefined && writes ? { write } : {}),
    ...(limited && limit !== null && limit !== undefined && limit !== "" ? { limit } : {}),
  };
}

const told = (line: RawLine): string => JSON.stringify(Object.entries(line).filter(([, value]) => value !== null && value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Where a line stands among a role's lines: at its old place if it is still that line, else wherever it has gone; -1 where it is no more. */
export function placeOf(lines: RawLine[], line: RawLine, at: number): number {
  const wanted = told(line);
  const there = lines[at];
  return there && told(there) === wanted ? at : lines.findIndex((one) => told(one) === wanted);
}
