/** The rail: search, at most nine entries, and the person at the foot. */
import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { NavLink, useLocation, useNavigate } from "react-router";
import { usePreferences } from "../account/preferences";
import { signOut } from "../api/client";
import { mentionedQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { Icon, iconOf, type IconName } from "../kit/icons";
import { Face, Key } from "../kit/parts";
import { useSession } from "../kit/session";
import { useToasts } from "../kit/toast";
import { Bell } from "./bell";
import { Logo } from "./logo";
import { LETTERS, railOf } from "./navigation";

function Entry({ to, icon, label, keys, end, badge }: { to: string; icon: IconName; label: string; keys?: string; end?: boolean; badge?: { text: string; says: string } | null }) {
  return (
    <li><NavLink to={to} end={end} className="rail-entry" title={keys ? `${label} (${keys})` : label}><Icon name={icon} /><span className="cut">{label}</span>{badge ? <span className="chip brand end" title={badge.says} aria-label={badge.says} role="img">{badge.text}</span> : null}</NavLink></li>
  );
}

export function RailContent({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  const { t, w, lang } = useI18n();
  const { me, meta } = useSession();
  const { refuse } = useToasts();
  const { data: mentioned } = useQuery(mentionedQuery);
  const { shown, toggleTheme, toggleLanguage } = usePreferences();
  const go = useNavigate();
  const { pathname } = useLocation();
  const { main, more } = railOf(meta);
  const inMore = more.some((type) => pathname.startsWith(`/records/${type.code}`));

  const post = w(me.person.post);

  return (
    <>
      <div className="rail-top hide-phone"><Logo /></div>
      <button className="rail-search hide-phone" onClick={onSearch}><Icon name="search" /><span className="grow">{t("shell.searchOrDo")}</span><Key>Ctrl K</Key></button>
      <nav aria-label={t("shell.main")} className="rail-nav">
        <ul>
          {me.pages.includes("workbench") || me.pages.length === 0 ? <Entry to="/" end icon="inbox" label={t("shell.workbench")} keys="G W" badge={mentioned ? { text: `@${mentioned}`, says: t("mention.waiting", { n: mentioned }) } : null} /> : null}
          {main.map((type) => <Entry key={type.code} to={`/records/${type.code}`} icon={iconOf(type.code, type.icon)} label={w(type.plural)} keys={LETTERS[type.code] ? `G ${LETTERS[type.code]?.toUpperCase()}` : undefined} />)}
          {more.length ? (
            <li>
              <Menu position="right-start" width={200}>
                <Menu.Target><button className={inMore ? "rail-entry active" : "rail-entry"}><Icon name="grid" /><span>{t("shell.more")}</span><span className="end dim"><Icon name="right" small /></span></button></Menu.Target>
                <Menu.Dropdown>
                  {more.map((type) => <Menu.Item key={type.code} leftSection={<Icon name={iconOf(type.code, type.icon)} />} onClick={() => void go(`/records/${type.code}`)}>{w(type.plural)}</Menu.Item>)}
                </Menu.Dropdown>
              </Menu>
            </li>
          ) : null}
        </ul>
        <ul>
          {me.pages.includes("organisation") ? <Entry to="/organisation" icon="tree" label={t("shell.organisation")} keys="G G" /> : null}
          {me.designs || me.administers?.some((one) => one === "process" || one === "policy") ? <Entry to="/flows" icon="swap" label={t("shell.flows")} /> : null}
          {me.pages.includes("access") ? <Entry to="/access" icon="key" label={t("access.title")} /> : null}
          {me.pages.includes("audit") ? <Entry to="/audit" icon="shield" label={t("oversight.audit")} /> : null}
        </ul>
      </nav>
      <div className="rail-foot">
        <Menu position="top-start" width={208}>
          <Menu.Target>
            <button className="rail-me">
              <Face name={me.person.name} me size={24} />
              <span className="grow"><span className="cut rail-name">{me.person.name}</span><span className="cut dim rail-post" title={post}>{post}</span></span>
              <span className="unseen">{t("shell.account")}</span>
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{me.roles.map((role) => w(role.name)).join(t("oversight.comma")) || t("shell.noRole")}</Menu.Label>
            <Menu.Item leftSection={<Icon name="download" />} onClick={() => void go("/exports")}>{t("export.title")}</Menu.Item>
            <Menu.Item leftSection={<Icon name="user" />} onClick={() => void go("/account")}>{t("account.title")}</Menu.Item>
            <Menu.Item leftSection={<Icon name="globe" />} onClick={toggleLanguage}>{lang === "zh" ? "English" : "简体中文"}</Menu.Item>
            <Menu.Item leftSection={<Icon name={shown === "dark" ? "sun" : "moon"} />} onClick={toggleTheme}>{shown === "dark" ? t("shell.light") : t("shell.dark")}</Menu.Item>
            <Menu.Item leftSection={<Icon name="keyboard" />} rightSection={<Key>?</Key>} onClick={onKeys}>{t("shell.keys")}</Menu.Item>
            <Menu.Item leftSection={<Icon name="leave" />} onClick={() => { signOut().catch(refuse); }}>{t("shell.signOut")}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Bell />
        <button className="ib" onClick={toggleTheme} aria-label={shown === "dark" ? t("shell.light") : t("shell.dark")}><Icon name={shown === "dark" ? "sun" : "moon"} /></button>
      </div>
    </>
  );
}
