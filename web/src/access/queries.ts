/** What the permission centre asks for; a draft's id makes it "as that draft would have it". */
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { get, query } from "../api/client";
import type { CeilingList, DraftBrief, DutyList, Matrix, PersonChain, PolicyTests, PolicyVersion, RoleList, RoleState, RoleView, ScopeList, Vocabulary } from "./types";

export type DraftId = string | null;
const KEY = "access";

export const matrixQuery = (type: string, draft: DraftId) => queryOptions({ queryKey: [KEY, "matrix", type, draft], queryFn: ({ signal }) => get<Matrix>(`/access/matrix${query({ type, draft })}`, signal) });
export const rolesQuery = (draft: DraftId) => queryOptions({ queryKey: [KEY, "roles", draft], queryFn: ({ signal }) => get<RoleList>(`/access/roles${query({ draft })}`, signal) });
export const roleQuery = (code: string, draft: DraftId) => queryOptions({ queryKey: [KEY, "role", code, draft], queryFn: ({ signal }) => get<RoleView>(`/access/roles/${encodeURIComponent(code)}${query({ draft })}`, signal) });
/** A role as the draft has it by now, for what is worked out from it. */
export const roleNow = async (client: QueryClient, code: string, draft: DraftId): Promise<RoleState> => (await client.fetchQuery({ ...roleQuery(code, draft), staleTime: 0 })).state as unknown as RoleState;
export const scopesQuery = (type: string, draft: DraftId) => queryOptions({ queryKey: [KEY, "scopes", type, draft], queryFn: ({ signal }) => get<ScopeList>(`/access/scopes${query({ type, draft })}`, signal) });
export const vocabularyQuery = (type: string | null) => queryOptions({ queryKey: [KEY, "vocabulary", type], staleTime: 600_000, queryFn: ({ signal }) => get<Vocabulary>(`/access/vocabulary${query({ type })}`, signal) });
export const ceilingsQuery = (draft: DraftId) => queryOptions({ queryKey: [KEY, "ceilings", draft], queryFn: ({ signal }) => get<CeilingList>(`/access/ceilings${query({ draft })}`, signal) });
export const dutiesQuery = (draft: DraftId) => queryOptions({ queryKey: [KEY, "duties", draft], queryFn: ({ signal }) => get<DutyList>(`/access/duties${query({ draft })}`, signal) });
export const testsQuery = queryOptions({ queryKey: [KEY, "promises"], queryFn: ({ signal }) => get<PolicyTests>("/access/promises", signal) });
export const draftsQuery = (state: string) => queryOptions({ queryKey: [KEY, "drafts", state], queryFn: ({ signal }) => get<{ items: DraftBrief[] }>(`/access/drafts${query({ state })}`, signal) });
export const versionsQuery = queryOptions({ queryKey: [KEY, "versions"], queryFn: ({ signal }) => get<{ items: PolicyVersion[]; next: string | null }>("/access/versions", signal) });
export const chainQuery = (person: string) => queryOptions({ queryKey: [KEY, "chain", person], queryFn: ({ signal }) => get<PersonChain>(`/access/people/${person}/chain`, signal) });

/** What is worked out at length: nobody waits for it. */
const SLOW = new Set(["draft", "promises", "simulation", "what", "replay", "narrower", "move"]);

/** Reads again all that a change of a draft may have changed; what is checked at length is not waited for. */
export async function readAgain(client: QueryClient): Promise<void> {
  const slow = (key: readonly unknown[]) => SLOW.has(String(key[1]));
  void client.invalidateQueries({ queryKey: [KEY], predicate: (one) => slow(one.queryKey) });
  await client.invalidateQueries({ queryKey: [KEY], predicate: (one) => !slow(one.queryKey) && one.queryKey[1] !== "preview" && one.queryKey[1] !== "vocabulary" });
}
