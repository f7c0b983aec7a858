/** What differs between two states of a thing, place by place. Pure. */
export interface Part { place: string; before: string | null; after: string | null }
type Json = unknown;
const MOST = 60;

function isMap(value: Json): value is Record<string, Json> { return typeof value === "object" && value !== null && !Array.isArray(value); }
function said(value: Json): string | null { return value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value); }

/** Lists of things are compared by what stands in both, so that one line taken out does not move all that follow. */
function walk(before: Json, after: Json, place: string, found: Part[]): void {
  if (found.length >= MOST || JSON.stringify(before) === JSON.stringify(after)) return;
  const below = (key: string | number) => (place ? `${place}/${key}` : String(key));
  if (isMap(before) && isMap(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) walk(before[key], after[key], below(key), found);
  } else if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].some(isMap)) {
    const same = (a: Json, b: Json) => JSON.stringify(a) === JSON.stringify(b);
    const gone = before.filter((one) => !after.some((other) => same(one, other)));
    const came = after.filter((one) => !before.some((other) => same(one, other)));
    const key = (line: Json) => (isMap(line) ? JSON.stringify([line.type, line.actions, line.scope, line.where]) : said(line));
    for (const one of gone) {
      const at = came.findIndex((other) => key(other) === key(one));
      const number = before.indexOf(one) + 1;
      if (at >= 0) walk(one, came.splice(at, 1)[0], below(number), found); else found.push({ place: below(number), before: said(one), after: null });
    }
    for (const one of came) found.push({ place: below(after.indexOf(one) + 1), before: null, after: said(one) });
  } else found.push({ place, before: said(before), after: said(after) });
}

export function parts(before: Json, after: Json): Part[] {
  const found: Part[] = [];
  walk(before ?? (isMap(after) ? {} : undefined), after ?? (isMap(before) ? {} : undefined), "", found);
  return found.slice(0, MOST);
}
