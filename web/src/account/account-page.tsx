/** My account: what I may set for myself, and what is known of my sign-ins. */
import "../i18n/words-account";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { OWN_TOKENS, TokenList } from "../admin/account";
import { SecretDialog, useSecret } from "../admin/secret";
import type { Lang, Theme } from "../api/types";
import { useI18n } from "../i18n";
import { Dept, Face } from "../kit/parts";
import { useSession } from "../kit/session";
import { NoticeSettings } from "../notices/notice-settings";
import { Deputies } from "./deputies";
import { Password } from "./password";
import { usePreferences } from "./preferences";
import { Sessions, SignIns } from "./sessions";
import "../admin/admin.css";
import "../records/record/record.css";
import "./account.css";

function Part({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return <section className="sheet part" aria-label={title}><h2>{title}</h2>{text ? <p className="soft">{text}</p> : null}{children}</section>;
}

export default function AccountPage() {
  const { t } = useI18n();
  const { me } = useSession();
  const [secret, setSecret] = useSecret("me");
  return (
    <main className="page" aria-label={t("account.title")}>
      <header className="record-head person-head"><div className="row record-title"><span className="row wrap"><Face name={me.person.name} me size={34} /><h1>{t("account.title")}</h1></span></div></header>
      <div className="parts account-parts">
        <Part title={t("account.profile")} text={t("account.profileNote")}><Profile /></Part>
        <Part title={t("account.password")} text={t("account.passwordText")}><Password /></Part>
        <Part title={t("account.sessions")}><Sessions /></Part>
        <Part title={t("account.deputies")} text={t("account.deputiesText")}><Deputies /></Part>
        <Part title={t("account.preferences")} text={t("account.keptEverywhere")}><Preferences /></Part>
        <Part title={t("account.tokens")} text={t("account.tokensText")}><TokenList at={OWN_TOKENS} about={me.person.name} roles={me.roles} onSecret={setSecret} /></Part>
        <Part title={t("account.signIns")} text={t("account.signInsText")}><SignIns /></Part>
        <div className="notices-part"><Part title={t("notices.part")} text={t("notices.partText")}><NoticeSettings /></Part></div>
      </div>
      {secret ? <SecretDialog secret={secret} onClose={() => setSecret(null)} /> : null}
    </main>
  );
}

function Profile() {
  const { t, w } = useI18n();
  const { me } = useSession();
  const { person } = me;
  const position = person.position ? w(person.post).split(" · ").at(-1) : null;
  return (
    <>
      <dl className="chain wide-chain">
        <div><dt>{t("organisation.name")}</dt><dd>{person.name}</dd></div>
        <div><dt>{t("organisation.username")}</dt><dd>{person.username}</dd></div>
        {person.department ? <div><dt>{t("organisation.assignments")}</dt><dd className="row wrap"><Dept name={person.department.name} en={person.department.name_en} />{position}</dd></div> : null}
        <div><dt>{t("organisation.roles")}</dt><dd className="row wrap">{me.roles.length ? me.roles.map((role) => <span key={role.code} className="chip">{w(role.name)}</span>) : <span className="dim">{t("account.noRoles")}</span>}</dd></div>
      </dl>
      {me.pages.includes("organisation") ? <div><Link className="link" to={`/organisation/people/${person.id}`}>{t("account.myPage")}</Link></div> : null}
    </>
  );
}

function Choice<Value extends string>({ label, value, options, onChoose }: { label: string; value: Value; options: [Value, string][]; onChoose: (value: Value) => void }) {
  return (
    <div><dt>{label}</dt><dd><span className="row wrap" role="group" aria-label={label}>
      {options.map(([one, name]) => <button key={one} className={one === value ? "tool on" : "tool"} aria-pressed={one === value} onClick={() => onChoose(one)}>{name}</button>)}
    </span></dd></div>
  );
}

function Preferences() {
  const { t } = useI18n();
  const { lang, theme, setTheme, setLanguage } = usePreferences();
  return (
    <dl className="chain wide-chain settings">
      <Choice<Lang> label={t("account.language")} value={lang} options={[["zh", "简体中文"], ["en", "English"]]} onChoose={setLanguage} />
      <Choice<Theme> label={t("account.theme")} value={theme} options={[["light", t("account.light")], ["dark", t("account.dark")], ["auto", t("account.auto")]]} onChoose={setTheme} />
    </dl>
  );
}
