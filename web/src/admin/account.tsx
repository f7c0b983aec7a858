/** Signing in: resetting a person's password, and the tokens of a service account. */
import "../i18n/words-account";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, get, send } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { dayOf, fullMoment } from "../kit/format";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { useDone, useForm } from "./form";
import { AskDialog } from "./person-dialogs";
import type { Secret } from "./secret";
import type { PersonView, Tokens, TokenView } from "./types";
import "../i18n/words-org";

type Show = (secret: Omit<Secret, "about">) => void;

export function ResetDialog({ person, onClose, onSecret }: { person: PersonView; onClose: () => void; onSecret: Show }) {
  const { t } = useI18n();
  const done = useDone();
  const { say } = useToasts();
  const act = async () => {
    const made = await send<{ sent_to?: string; expires_at?: string; first_half?: string }>("POST", `/organisation/people/${person.id}/reset`, {});
    if (made.first_half) onSecret({ title: `${t("org.firstHalf")} · ${person.name}`, text: made.first_half, note: t("org.firstHalfNote") });
    else if (made.sent_to) say(t("org.resetSent", { to: made.sent_to, until: fullMoment(made.expires_at ?? "") }));
    if (!made.sent_to) await done();
  };
  return (
    <ActDialog title={`${t("org.reset")} · ${person.name}`} act={t("org.reset")} danger places={{}} onClose={onClose} onAct={act}>
      <p>{t(person.email ? "org.resetAsk" : "org.resetHalves", { name: person.name, to: person.email ?? "" })}</p>
    </ActDialog>
  );
}

const DAYS = [30, 90, 180, 365];

function TokenDialog({ at, about, roles, onClose, onSecret }: { at: string; about: string; roles: Tokens["roles"]; onClose: () => void; onSecret: Show }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ name: "", role: roles[0]?.code ?? null, days: "90" });
  const days = DAYS.map((n) => { const name = t("org.days", { n }); return { value: String(n), name: { zh: name, en: name } }; });
  const act = async () => {
    const made = await send<TokenView & { token: string }>("POST", at, { ...form.body({ name: "text", role: "text" }), days: Number(form.values.days) });
    if (made.token) onSecret({ title: `${t("org.tokens")} · ${made.name}`, text: made.token, note: t("org.tokenNote") });
    await done();
  };
  return (
    <ActDialog title={`${t("org.newToken")} · ${about}`} act={t("org.newToken")} disabled={!form.text("name") || !form.values.role} places={form.places} onClose={onClose} onAct={act}>
      {roles.length ? null : <p className="note amber">{t(at === OWN_TOKENS ? "account.tokenNoRoles" : "org.tokenNoRoles")}</p>}
      {form.input("name", "org.tokenName", "text", { required: true, focus: true })}
      <div className="form-two">
        {form.input("role", "org.tokenRole", "choice", { required: true, options: roles.map((one) => ({ value: one.code, name: one.name })) })}
        {form.input("days", "org.tokenDays", "choice", { required: true, options: days })}
      </div>
    </ActDialog>
  );
}

/** Where one's own tokens are kept; a service account's stand below its person. */
export const OWN_TOKENS = "/tokens";

interface TokenProps { at: string; about: string; roles?: Tokens["roles"]; onSecret: Show }

/** The live tokens of a service account, for administrators, or one's own. `roles`: those held, where the server does not say. */
export function TokenList({ at, about, roles: held, onSecret }: TokenProps) {
  const { t, w } = useI18n();
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<TokenView | null>(null);
  const tokens = useQuery({ queryKey: ["tokens", at], queryFn: ({ signal }) => get<{ items: TokenView[]; roles?: Tokens["roles"] }>(at, signal) });
  if (tokens.isPending) return <Bones rows={2} height={32} />;
  if (tokens.isError) return <Refused problem={asProblem(tokens.error)} />;
  const { items } = tokens.data;
  const roles = tokens.data.roles ?? held ?? [];
  const roleOf = (code: string) => { const found = roles.find((one) => one.code === code); return found ? w(found.name) : code; };
  return (
    <>
      {items.length ? (
        <ul>{items.map((one) => (
          <li key={one.id} className="row wrap part-row">
            <b>{one.name}</b><span className="chip">{roleOf(one.role)}</span>
            <span className="dim">{t("org.expires", { day: dayOf(one.expires_at) })} · {one.last_used_on ? t("org.lastUsed", { day: one.last_used_on }) : t("org.neverUsed")}</span>
            <button className="link end" onClick={() => setEnding(one)}>{t("org.revoke")}</button>
          </li>
        ))}</ul>
      ) : <p className="dim">{t("organisation.none")}</p>}
      <div><button className="link" onClick={() => setMaking(true)}>{t("org.newToken")}</button></div>
      {making ? <TokenDialog at={at} about={about} roles={roles} onClose={() => setMaking(false)} onSecret={onSecret} /> : null}
      {ending ? (
        <AskDialog title={`${t("org.revoke")} · ${ending.name}`} text={t("org.revokeAsk", { name: ending.name })} act={t("org.revoke")} danger onClose={() => setEnding(null)}
          onAct={() => send("DELETE", `${at}/${ending.id}`)} />
      ) : null}
    </>
  );
}
