/** Draft sandboxes as they travel, and what is asked about them. */
import { queryOptions } from "@tanstack/react-query";
import { get, send } from "../../api/client";
import type { MySandbox, PersonRef, Words } from "../../api/types";

export type { MySandbox };
export interface Verdict { verdict: "signed" | "misses" | null; text: string; place: string; at: string | null; revision: number | null; stale: boolean }
export interface TesterView extends Verdict { person: PersonRef; department: Words | null; asked_at: string }
export interface SandboxView { draft: string; title: string; note: string; state: string; revision: number; testers: TesterView[]; may: string[] }

export const mySandboxesQuery = queryOptions({ queryKey: ["sandboxes"], queryFn: ({ signal }) => get<{ items: MySandbox[] }>("/access/sandboxes", signal) });
export const sandboxQuery = (draft: string) => queryOptions({ queryKey: ["sandbox", draft], queryFn: ({ signal }) => get<SandboxView>(`/access/drafts/${draft}/sandbox`, signal) });

/** The whole page is the draft's from here on: it is read anew. */
export async function enterSandbox(draft: string): Promise<void> {
  await send("POST", `/access/drafts/${draft}/sandbox/enter`);
  location.assign("/");
}
