/** Setting a new password by the link of one use that came by e-mail. */
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { asProblem, send, type Problem } from "../api/client";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Refused } from "../kit/refused";
import "../i18n/words-org";
import "../i18n/words-signin";

/** The link's secret stands behind #, which no browser sends and no server logs; it leaves the address bar at once. */
export function linkOf(): string {
  const found = /^#link=([0-9a-z-]{1,200})$/.exec(location.hash)?.[1] ?? "";
  if (found) history.replaceState(history.state, "", location.pathname);
  return found;
}

/** By a link, or without one by the two halves of a code that two people handed over. */
export function SetPassword({ link, onSet }: { link: string; onSet: (username: string) => void }) {
  const { t } = useI18n();
  const [halves, setHalves] = useState({ username: "", first: "", second: "" });
  const whole = link !== "" || Object.values(halves).every((one) => one.trim());
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const given = Object.fromEntries(Object.entries(halves).map(([name, text]) => [name, text.trim()]));
      const asked = link ? send<{ username: string }>("POST", "/session/password", { link, password }) : send<{ username: string }>("POST", "/session/password/halves", { ...given, password });
      onSet((await asked).username);
    } catch (cause) {
      setProblem(asProblem(cause));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className="stack">
      <div><h1>{t("org.setPasswordTitle")}</h1><p className="soft">{t(link ? "org.setPasswordText" : "org.halvesText")}</p></div>
      {link ? null : ([["username", "signin.name"], ["first", "org.firstHalf"], ["second", "org.secondHalf"]] as const).map(([name, word], n) => (
        <TextInput key={name} label={t(word)} value={halves[name]} onChange={(event) => { const { value } = event.currentTarget; setHalves((now) => ({ ...now, [name]: value })); }}
          autoComplete={name === "username" ? "username" : "off"} autoFocus={n === 0} required withAsterisk={false} />
      ))}
      <PasswordInput label={t("org.newPassword")} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="new-password" autoFocus={link !== ""} required withAsterisk={false}
        visibilityToggleButtonProps={{ "aria-label": t("signin.show") }} />
      {problem ? <Refused problem={problem} places={{ password: t("org.newPassword"), username: t("signin.name"), first: t("org.firstHalf"), second: t("org.secondHalf") }} /> : null}
      <Button type="submit" variant="filled" loading={busy} disabled={!password || !whole} fullWidth>{t("org.setPassword")}</Button>
      <p className="row dim signin-note"><Icon name="shield" small />{t("signin.audited")}</p>
    </form>
  );
}
