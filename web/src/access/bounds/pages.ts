/** Page rights as lines of a role. Pure. */
import type { RawLine } from "../types";

export function opens(lines: RawLine[], page: string): boolean { return lines.some((line) => line.type === page && line.actions.includes("open")); }

export function toggled(lines: RawLine[], page: string): RawLine[] {
  return opens(lines, page) ? lines.filter((line) => line.type !== page) : [...lines, { type: page, actions: ["open"], scope: ["all"] }];
}
