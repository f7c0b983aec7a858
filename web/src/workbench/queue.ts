/** What entries of the queue are called, where they open and what is done with them; their order is the server's. */
import type { QueryClient } from "@tanstack/react-query";
import { send } from "../api/client";
import type { QueueItem, Words } from "../api/types";
import type { Key } from "../i18n";
import type { IconName } from "../kit/icons";

export const GROUPS: Record<QueueItem["group"], Key> = { overdue: "queue.g.overdue", today: "queue.g.today", week: "queue.g.week", later: "queue.g.later" };
/** Where an entry opens: what is no record says so itself. */
export function addressOf(item: QueueItem): string { return item.href ?? `/records/${item.type}/${item.id}`; }
/** Of work: the case and the number of the work, as it is picked by. */
export function idOf(item: QueueItem): string { return item.work ? `${item.work.instance}/${item.work.number}` : ""; }
export function titleOf(item: Pick<QueueItem, "title" | "title_words">, w: (words: Words) => string): string { return item.title_words ? w(item.title_words) : item.title; }
/** Until when an entry is out of sight, as the server names it; null: no longer. */
export async function putOff(client: QueryClient, item: Pick<QueueItem, "entry">, until: string | null): Promise<void> {
  await send("POST", "/workbench/later", { entry: item.entry, until });
  await client.invalidateQueries({ queryKey: ["workbench"] });
}
export const ICONS: Partial<Record<string, IconName>> = { mention: "comment", change: "shield", review: "shield", request: "key", loan: "key", export: "out", work: "swap", alert: "shield", draft: "edit" };
