/** Filters: what the builder edits, what the server takes, and the way between. Pure. */
import type { FieldMeta, Json } from "../api/types";

export type Condition = { field: string; op: string; value: Json };
export interface FilterGroup { any: boolean; items: (Condition | FilterGroup)[] }

export const NOTHING: FilterGroup = { any: false, items: [] };
/** Operators without a right-hand side. */
const BARE = new Set(["empty", "filled"]);

export function isGroup(item: Condition | FilterGroup): item is FilterGroup { return "items" in item; }
export function takesValue(op: string): boolean { return !BARE.has(op); }

/** A condition counts only once it is whole; an unfinished row in the builder filters nothing. */
export function isWhole(condition: Condition): boolean {
  if (!condition.field || !condition.op) return false;
  if (!takesValue(condition.op)) return true;
  const { value } = condition;
  return !(value === null || value === "" || (Array.isArray(value) && value.length === 0));
}

/** The server's expression: ["field", "op", value], {"and": […]}, {"or": […]}; null filters nothing. */
export function toExpression(group: FilterGroup): Json | null {
  const parts: Json[] = [];
  for (const item of group.items) {
    if (isGroup(item)) {
      const inner = toExpression(item);
      if (inner) parts.push(inner);
    } else if (isWhole(item)) {
      parts.push([item.field, item.op, takesValue(item.op) ? item.value : true]);
    }
  }
  if (parts.length === 0) return null;
  if (parts.length === 1) return parts[0] ?? null;
  return { [group.any ? "or" : "and"]: parts };
}

/** Reads an expression back for editing; anything that is not one becomes "no filter". */
export function fromExpression(expression: Json | undefined): FilterGroup {
  const found = parse(expression);
  if (!found) return NOTHING;
  return isGroup(found) ? found : { any: false, items: [found] };
}

function parse(expression: Json | undefined): Condition | FilterGroup | null {
  if (Array.isArray(expression)) {
    const [field, op, value] = expression;
    return typeof field === "string" && typeof op === "string" ? { field, op, value: takesValue(op) ? (value ?? null) : null } : null;
  }
  if (expression && typeof expression === "object") {
    if (typeof expression.field === "string" && typeof expression.op === "string") return parse([expression.field, expression.op, expression.value ?? null]);
    const any = "or" in expression;
    if (!any && !("and" in expression)) return parseShort(expression);
    const parts = any ? expression.or : expression.and;
    if (!Array.isArray(parts)) return null;
    return { any, items: parts.map(parse).filter((one) => one !== null) };
  }
  return null;
}

/** The short form: {"stage": "won"}, {"stage": ["new", "won"]}, {"amount": {">=": "1000"}}, joined by AND. */
function parseShort(expression: { [field: string]: Json }): FilterGroup {
  const items = Object.entries(expression).flatMap(([field, value]): Condition[] => {
    if (Array.isArray(value)) return [{ field, op: "in", value }];
    if (value && typeof value === "object") return Object.entries(value).map(([op, one]) => ({ field, op, value: takesValue(op) ? one : null }));
    return [{ field, op: "=", value }];
  });
  return { any: false, items };
}

export function countConditions(group: FilterGroup): number {
  return group.items.reduce((sum, item) => sum + (isGroup(item) ? countConditions(item) : isWhole(item) ? 1 : 0), 0);
}

/** Both filters at once. */
export function both(a: Json | null, b: Json | null): Json | null {
  if (!a) return b;
  if (!b) return a;
  const parts = (one: Json): Json[] => (one && typeof one === "object" && !Array.isArray(one) && Array.isArray(one.and) ? one.and : [one]);
  return { and: [...parts(a), ...parts(b)] };
}

export function firstOperator(field: FieldMeta): string {
  const wanted = field.kind === "text" || field.kind === "long_text" ? "contains" : field.operators[0];
  return wanted && field.operators.includes(wanted) ? wanted : (field.operators[0] ?? "=");
}
