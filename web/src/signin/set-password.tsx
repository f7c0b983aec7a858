/** Setting a new password by the link of one use that an administrator handed over. */
import { Button, PasswordInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { asProblem, send, type Problem } from "../api/client";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Refused } from "../kit/refused";

/** The link's secret stands behind #, which no browser sends and no server logs; it leaves the address bar at once. */
export function linkOf(): string {
  const found = /^#link=([0-9a-z-]{1,200})$/.exec(location.hash)?.[1] ?? "";
  if (found) history.replaceState(history.state, "", location.pathname);
  return found;
}

export function SetPassword({ link, onSet }: { link: string; onSet: (username: string) => void }) {
  const { t } = useI18n();
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      onSet((await send<{ username: string }>("POST", "/session/password", { link, password })).username);
    } catch (cause) {
      setProblem(asProblem(cause));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="stack">
      <div><h1>{t("org.setPasswordTitle")}</h1><p className="soft">{t("org.setPasswordText")}</p></div>
      <PasswordInput label={t("org.newPassword")} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="new-password" autoFocus required withAsterisk={false}
        visibilityToggleButtonProps={{ "aria-label": t("signin.show") }} />
      {problem ? <Refused problem={problem} places={{ password: t("org.newPassword") }} /> : null}
      <Button type="submit" variant="filled" loading={busy} disabled={!password} fullWidth>{t("org.setPassword")}</Button>
      <p className="row dim signin-note"><Icon name="shield" small />{t("signin.audited")}</p>
    </form>
  );
}
