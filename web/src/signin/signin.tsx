/** Sign-in; in demo mode a card per persona signs in at once. */
import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { asProblem, send, type Problem } from "../api/client";
import type { Boot, Persona } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Face } from "../kit/parts";
import { Refused } from "../kit/refused";
import { Logo } from "../shell/logo";
import { ThemeButton } from "../shell/theme-button";
import { linkOf, SetPassword } from "./set-password";
import "../i18n/words-org";
import "./signin.css";
import "../i18n/words-signin";

/** Only paths of this page: a link may not send a freshly signed-in person elsewhere. */
function nextPath(): string {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(wanted) && !wanted.startsWith("/signin") ? wanted : "/";
}

export default function SignIn({ boot }: { boot: Boot }) {
  const { t, w, lang, setLang } = useI18n();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [link, setLink] = useState(linkOf);
  const [halves, setHalves] = useState(false);
  const [renewed, setRenewed] = useState(false);

  const enter = async (name: string, secret: string) => {
    setBusy(name);
    setProblem(null);
    try {
      await send("POST", "/session", { username: name, password: secret });
      location.assign(nextPath());
    } catch (cause) {
      setProblem(asProblem(cause));
      setBusy(null);
    }
  };
  const submit = (event: FormEvent) => { event.preventDefault(); void enter(username.trim(), password); };
  const { demo } = boot;

  return (
    <div className={demo && !link ? "signin with-demo" : "signin"}>
      <main className="signin-form">
        <header className="row">
          <Logo />
          <button className="tool end" onClick={() => setLang(lang === "zh" ? "en" : "zh")} lang={lang === "zh" ? "en" : "zh-CN"}>
            <Icon name="globe" />{lang === "zh" ? "English" : "简体中文"}
          </button>
          <ThemeButton />
        </header>
        {link || halves ? <SetPassword link={link} onSet={(name) => { setLink(""); setHalves(false); setUsername(name); setRenewed(true); }} /> : <form onSubmit={submit} className="stack">
          <div>
            <h1>{boot.company ? t("signin.title", { company: boot.company }) : t("signin.plain")}</h1>
            <p className="soft">{t("signin.motto")}</p>
          </div>
          <TextInput label={t("signin.name")} value={username} onChange={(event) => setUsername(event.currentTarget.value)} autoComplete="username" autoFocus={!demo} required withAsterisk={false} />
          <PasswordInput label={t("signin.password")} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="current-password" required withAsterisk={false}
            visibilityToggleButtonProps={{ "aria-label": t("signin.show") }} />
          {renewed ? <p className="note" role="status">{t("org.passwordSet")}</p> : null}
          {problem ? <Refused problem={problem} /> : null}
          <Button type="submit" variant="filled" loading={busy === username.trim() && busy !== ""} fullWidth>{t("signin.enter")}</Button>
          <p className="row dim signin-note"><Icon name="shield" small />{t("signin.audited")}<button type="button" className="link end" onClick={() => setHalves(true)}>{t("org.halves")}</button></p>
        </form>}
        <footer className="dim">Heli {demo ? `· ${t("signin.demoData")}` : ""}</footer>
      </main>
      {demo && !link ? (
        <aside className="signin-demo" aria-label={t("signin.demo")}>
          <div className="row wrap">
            <h2>{t("signin.others")}</h2><span className="chip amber">{t("signin.demo")}</span>
            <span className="end soft">{t("signin.shared")} <code className="chip">{demo.password}</code></span>
          </div>
          <p className="soft">{t("signin.same")}</p>
          <ul className="personas">
            {demo.personas.map((persona: Persona) => (
              <li key={persona.username}>
                <button className="persona" disabled={busy !== null} aria-busy={busy === persona.username} onClick={() => void enter(persona.username, demo.password)}>
                  <Face name={persona.name} size={34} />
                  <span className="grow">
                    <span className="row tight"><b className="nowrap">{persona.name}</b><span className="soft cut">{w(persona.role)}</span></span>
                    <span className="soft persona-sees">{w(persona.sees)}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </aside>
      ) : null}
    </div>
  );
}
