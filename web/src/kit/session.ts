/** Who is signed in and what may be named: given once at boot, read everywhere. */
import { createContext, use, useCallback, useState } from "react";
import type { FieldMeta, Me, Meta, TypeMeta } from "../api/types";

export interface Session {
  me: Me;
  meta: Meta;
  types: Map<string, TypeMeta>;
}

export const SessionContext = createContext<Session | null>(null);

export function makeSession(me: Me, meta: Meta): Session {
  return { me, meta, types: new Map(meta.types.map((type) => [type.code, type])) };
}

export function useSession(): Session {
  const found = use(SessionContext);
  if (!found) throw new Error("nobody is signed in");
  return found;
}

export function useMyId(): string | undefined { return use(SessionContext)?.me.person.id; }
export function useType(code: string): TypeMeta | undefined { return useSession().types.get(code); }
export function useCurrency(): string { return use(SessionContext)?.me.company.currency ?? "CNY"; }
export function fieldOf(type: TypeMeta | undefined, code: string): FieldMeta | undefined {
  return type?.fields.find((field) => field.code === code);
}

/** State that stands as long as nobody's rights move: a value shown on request is gone with them. */
export function useWhileRightsStand<T>(): [T | undefined, (value: T | undefined) => void] {
  const { epoch } = useSession().me;
  const [held, hold] = useState<{ epoch: string; value: T | undefined }>();
  return [held?.epoch === epoch ? held.value : undefined, useCallback((value: T | undefined) => hold({ epoch, value }), [epoch])];
}
