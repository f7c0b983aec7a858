/** Ctrl+K: go somewhere, find something, do something. */
import { tabsOf } from "../access/centre/tabs";
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { usePreferences } from "../account/preferences";
import { searchQuery } from "../api/queries";
import { signOut } from "../api/client";
import { useI18n } from "../i18n";
import { Icon, iconOf, type IconName } from "../kit/icons";
import { Key } from "../kit/parts";
import { useSession } from "../kit/session";
import { useToasts } from "../kit/toast";
import "../i18n/words-palette";

interface Item { id: string; group: string; title: string; hint?: string; icon: IconName; act: () => void }

function useSettled(text: string): string {
  const [settled, set] = useState(text);
  useEffect(() => { const timer = setTimeout(() => set(text), 90); return () => clearTimeout(timer); }, [text]);
  return settled;
}

export default function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const { t, w, lang } = useI18n();
  const { meta, types, me } = useSession();
  const { refuse } = useToasts();
  const { shown, toggleTheme, toggleLanguage } = usePreferences();
  const go = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useQuery(searchQuery(useSettled(text)));
  const listId = useId();

  const fixed = useMemo<Item[]>(() => {
    const visit = (path: string) => () => { void go(path); };
    const pages: Item[] = [{ id: "p:workbench", group: t("palette.go"), title: t("shell.workbench"), icon: "inbox", act: visit("/") }];
    for (const type of meta.types) pages.push({ id: `p:${type.code}`, group: t("palette.go"), title: w(type.plural), icon: iconOf(type.code, type.icon), act: visit(`/records/${type.code}`) });
    if (me.pages.includes("organisation")) {
      pages.push({ id: "p:organisation", group: t("palette.go"), title: t("shell.organisation"), icon: "tree", act: visit("/organisation") });
      pages.push({ id: "p:projects", group: t("palette.go"), title: t("organisation.projects"), icon: "folder", act: visit("/projects") });
    }
    pages.push({ id: "p:flows", group: t("palette.go"), title: t("shell.flows"), icon: "swap", act: visit("/flows") });
    for (const tab of tabsOf(me)) pages.push({ id: `p:access:${tab.code}`, group: t("palette.go"), title: `${t("access.title")} · ${t(tab.title)}`, icon: "key", act: visit(`/access/${tab.code}`) });
    pages.push({ id: "p:exports", group: t("palette.go"), title: t("export.title"), icon: "download", act: visit("/exports") });
    pages.push({ id: "p:account", group: t("palette.go"), title: t("account.title"), icon: "user", act: visit("/account") });
    const acts: Item[] = meta.types.filter((type) => type.can.create).map((type) => ({ id: `c:${type.code}`, group: t("palette.do"), title: t("record.create", { type: w(type.name) }), icon: "plus", act: visit(`/records/${type.code}?new=1`) }));
    for (const type of meta.types) if (type.kanban) acts.push({ id: `k:${type.code}`, group: t("palette.do"), title: t("palette.board", { type: w(type.name) }), icon: "board", act: visit(`/records/${type.code}?view=kanban`) });
    acts.push(
      { id: "theme", group: t("palette.do"), title: shown === "dark" ? t("shell.light") : t("shell.dark"), icon: shown === "dark" ? "sun" : "moon", act: toggleTheme },
      { id: "language", group: t("palette.do"), title: lang === "zh" ? "Switch to English" : "切换到简体中文", icon: "globe", act: toggleLanguage },
      { id: "keys", group: t("palette.do"), title: t("shell.keys"), icon: "keyboard", act: onKeys },
      { id: "leave", group: t("palette.do"), title: t("shell.signOut"), icon: "leave", act: () => { signOut().catch(refuse); } },
    );
    return [...acts, ...pages];
  }, [go, lang, me, meta, onKeys, refuse, shown, t, toggleLanguage, toggleTheme, w]);

  const wanted = text.trim().toLowerCase();
  const hits: Item[] = wanted ? (found.data?.items ?? []).filter((hit) => types.has(hit.type)).map((hit) => ({
    id: `${hit.type}/${hit.id}`, group: w(types.get(hit.type)?.name), title: hit.title, hint: hit.subtitle ?? hit.matched ?? undefined, icon: iconOf(hit.type), act: () => { void go(`/records/${hit.type}/${hit.id}`); },
  })) : [];
  const named = fixed.filter((item) => !wanted || item.title.toLowerCase().includes(wanted) || item.id.includes(wanted));
  const items = wanted ? [...named.slice(0, 6), ...hits] : [...named.filter((item) => item.group === t("palette.go")).slice(0, 7), ...named.filter((item) => item.group !== t("palette.go")).slice(0, 7)];
  const current = Math.min(at, Math.max(0, items.length - 1));
  const run = (item: Item | undefined) => { if (item) { onClose(); item.act(); } };

  useEffect(() => { document.getElementById(`${listId}-${current}`)?.scrollIntoView({ block: "nearest" }); }, [current, listId]);

  return (
    <Modal opened onClose={onClose} withCloseButton={false} size={600} yOffset="14vh" className="palette" attributes={{ content: { "aria-label": t("shell.search") } }}>
      <div className="palette-input">
        <Icon name="search" />
        <input
          data-autofocus role="combobox" aria-label={t("shell.searchOrDo")} aria-expanded="true" aria-controls={listId} aria-activedescendant={items.length ? `${listId}-${current}` : undefined} autoComplete="off"
          placeholder={t("palette.hint")} value={text} onChange={(event) => { setText(event.target.value); setAt(0); }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "ArrowDown") { event.preventDefault(); setAt(Math.min(current + 1, items.length - 1)); }
            else if (event.key === "ArrowUp") { event.preventDefault(); setAt(Math.max(current - 1, 0)); }
            else if (event.key === "Enter") { event.preventDefault(); run(items[current]); }
          }}
        />
        <Key>Esc</Key>
      </div>
      {wanted && found.data?.note ? <p className="palette-item warn" role="status"><Icon name="alert" small />{w(found.data.note)}</p> : null}
      <div className="palette-list" role="listbox" id={listId} aria-label={t("palette.results")}>
        {items.map((item, index) => (
          <div key={item.id}>
            {index === 0 || items[index - 1]?.group !== item.group ? <div className="palette-group" role="presentation">{item.group}</div> : null}
            <div id={`${listId}-${index}`} role="option" aria-selected={index === current} className="palette-item" onPointerEnter={() => setAt(index)} onClick={() => run(item)}>
              <Icon name={item.icon} /><span className="cut">{item.title}</span>{item.hint ? <span className="dim cut end">{item.hint}</span> : null}
            </div>
          </div>
        ))}
        {items.length === 0 ? <div className="palette-item dim" role="option" aria-selected="false" aria-disabled="true">{found.isFetching ? t("kit.loading") : t("palette.nothing", { text })}</div> : null}
      </div>
    </Modal>
  );
}
