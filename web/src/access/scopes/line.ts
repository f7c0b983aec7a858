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
