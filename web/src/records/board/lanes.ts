/** What a board is made of. Pure. */
import type { FieldMeta, Group, LaneVerdict, Option, Row, TypeMeta } from "../../api/types";

/** Lanes in the options' order; a hidden one only while something is in it. */
export function lanesOf(field: FieldMeta, groups: Record<string, Group> | undefined): Option[] {
  return (field.options ?? []).filter((option) => !option.hidden || (groups?.[option.value]?.count ?? 0) > 0);
}

/** The field that says since when a card is in its lane. */
export function sinceField(type: TypeMeta): string {
  const named = [`${type.kanban}_since`, `${type.kanban}_at`];
  return named.find((code) => type.fields.some((field) => field.code === code)) ?? "updated_at";
}

export interface Age { days: number; usual: number; late: boolean; share: number }
/** Days in this lane against what is usual there: the median of its cards, at least a week. */
export function ageOf(days: number, usual: number): Age {
  const norm = Math.max(7, usual);
  return { days, usual: norm, late: days > norm, share: Math.min(1, (days / norm) * 0.62) };
}
export function median(numbers: number[]): number {
  if (numbers.length === 0) return 0;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The lane to the left or right of this one, if any. */
export function neighbour(lanes: Option[], value: unknown, step: -1 | 1): Option | undefined {
  const at = lanes.findIndex((lane) => lane.value === value);
  return at < 0 ? undefined : lanes[at + step];
}

/** Refused only because fields are empty: those can be asked for on release. A refusal by right cannot be filled in. */
export function isFillable(verdict: LaneVerdict): boolean {
  return !verdict.allowed && (verdict.missing?.length ?? 0) > 0 && (!verdict.rule || !verdict.words || verdict.words.en.includes(verdict.rule));
}

export interface Act { verb: string; params: Record<string, unknown> }
/** Which verb takes a card there: the verdict's own, with the lane as the parameter that fits the stage field. */
export function actOf(type: TypeMeta, lane: string, verdict: LaneVerdict): Act {
  const verb = verdict.verb ?? verdict.by ?? "move";
  if (verdict.params) return { verb, params: verdict.params };
  const found = type.verbs.find((one) => one.code === verb);
  const target = found?.params.find((param) => param.code === type.kanban || param.code === "to" || param.code === "stage");
  return { verb, params: target ? { [target.code]: lane } : {} };
}

/** Parameters of the verb that still have to be asked for. */
export function asked(type: TypeMeta, act: Act): FieldMeta[] {
  return type.verbs.find((one) => one.code === act.verb)?.params.filter((param) => param.required && !(param.code in act.params)) ?? [];
}

export function textOf(row: Row, code: string): string {
  const value = row[code];
  if (value && typeof value === "object" && !Array.isArray(value)) return String(value.title ?? value.name ?? "");
  return value === null || value === undefined ? "" : String(value);
}
