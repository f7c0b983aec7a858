/** Who is signed in and what may be named: given once at boot, read everywhere. */
import { createContext, use } from "react";
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
