/** Rights have changed, mine or another's: what was read is read anew, and what does not come back goes from the page. */
import { replaceEqualDeep, type QueryClient } from "@tanstack/react-query";
import { page } from "./client";
import type { Me, Meta } from "./types";

/** How long an old answer may stand while the new one is under way. */
const PATIENCE = 4_000;
/** How long at most the page stays veiled under what is being typed. */
const VEILED = 60_000;

export interface Identity { me: Me | null; meta: Meta | null }

/** The parts stand still while the page is kept, so that only what is read below them moves. Under what is being typed
 * nothing is taken apart for being late: it is veiled until its answer has come, for as long as that takes. */
export async function readAnew(client: QueryClient, typing: () => boolean = () => false): Promise<void> {
  const since = Date.now();
  const cache = client.getQueryCache();
  for (const query of cache.findAll({ type: "inactive" })) {
    if (query.options.initialData !== undefined) continue; // a figure that the pulse keeps
    if (query.getObserversCount()) query.reset(); else cache.remove(query);
  }
  const wait = (time: number) => new Promise<boolean>((done) => setTimeout(() => done(true), time));
  page.anew = true;
  const all = client.invalidateQueries().then(() => { page.anew = false; return false; });
  if (await Promise.race([all, wait(PATIENCE)]) && typing()) {
    const { dataset } = document.documentElement;
    dataset.late = "";
    await Promise.race([all, wait(VEILED)]);
    delete dataset.late;
  }
  for (const query of cache.findAll({ type: "active" })) {
    const { data, dataUpdatedAt, status } = query.state;
    // Refused, lost or late: a refetch that fails keeps the old answer by itself, here it may no longer stand.
    if (data !== undefined && dataUpdatedAt < since) query.setState({ data: undefined, status: status === "error" ? status : "pending" });
  }
}

function told({ me, meta }: Identity): unknown {
  if (!me) return null;
  const { epoch: _, language: _language, theme: _theme, mode, ...rest } = me;
  return { meta, me: { ...rest, mode: mode ? { ...mode, seconds: 0 } : null } };
}

/** Whether these two say the same of who I am and what I may: the epoch moves with everybody's rights. */
export function sameRights(before: Identity, after: Identity): boolean {
  const was = told(before);
  return replaceEqualDeep(was, told(after)) === was;
}

/** Whether somebody else is meant, or the same person looking as another. */
export function sameViewer(before: Identity, after: Identity): boolean {
  return before.me?.person.id === after.me?.person.id && before.me?.mode?.of === after.me?.mode?.of;
}
