/** A new password for who knows the present one. */
import "../i18n/words-account";
import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { asProblem, send, type Problem } from "../api/client";
import { useI18n } from "../i18n";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { useToasts } from "../kit/toast";
import "../i18n/words-signin";

export function Password() {
  const { t, w } = useI18n();
  const { me } = useSession();
  const { say } = useToasts();
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const done = await send<{ ended: number }>("POST", "/me/password", { current, new: next });
      setCurrent("");
      setNext("");
      say(t("account.changed", { n: done.ended }));
      await client.invalidateQueries({ queryKey: ["my-sessions"] });
    } catch (cause) {
      setProblem(asProblem(cause));
    } finally {
      setBusy(false);
    }
  };
  if (me.person.kind === "service") return <p className="dim">{t("account.service")}</p>;
  const at = (place: string) => { const found = problem?.problems.find((one) => one.place === place); return found ? w(found.message) : undefined; };
  const elsewhere = problem && !at("current") && !at("new");
  const label = { visibilityToggleButtonProps: { "aria-label": t("signin.show") }, withAsterisk: false, required: true } as const;
  return (
    <form onSubmit={submit} className="stack">
      <input type="text" name="username" autoComplete="username" value={me.person.username} readOnly hidden />
      <PasswordInput {...label} label={t("account.current")} value={current} onChange={(event) => setCurrent(event.currentTarget.value)} autoComplete="current-password" error={at("current")} />
      <PasswordInput {...label} label={t("account.new")} value={next} onChange={(event) => setNext(event.currentTarget.value)} autoComplete="new-password" error={at("new")} />
      {elsewhere ? <Refused problem={problem} /> : null}
      <div><Button type="submit" variant="filled" loading={busy} disabled={!current || !next}>{t("account.change")}</Button></div>
    </form>
  );
}
