/** Words of the page in two languages. Keys are typed: a key that does not exist does not compile. */
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from "react";
import type { Lang, Words } from "../api/types";
import { dictionary, type Key } from "./dictionary";

type Values = Record<string, string | number>;
export interface I18n {
  lang: Lang;
  setLang: (lang: Lang) => void;
  /** A sentence of the page, with {name} places filled in. */
  t: (key: Key, values?: Values) => string;
  /** Words that came from the server. */
  w: (words: Said) => string;
}

const STORE = "heli.language";
const Context = createContext<I18n | null>(null);

export function translate(lang: Lang, key: Key, values?: Values): string {
  const text: string = dictionary[key][lang === "zh" ? 0 : 1];
  return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole)) : text;
}

/** A sentence of the page in both languages, for what is told as the server tells it. */
export const bothOf = (key: Key): Words => ({ zh: dictionary[key][0], en: dictionary[key][1] });

type Said = Words | { name: string; name_en?: string } | string | null | undefined;

export function pick(lang: Lang, words: Said): string {
  if (!words) return "";
  if (typeof words === "object" && "name" in words) return (lang === "en" && words.name_en) || words.name;
  return typeof words === "string" ? words : words[lang] || words.zh || words.en;
}

/** What a person has set on any device, else what was chosen in this browser, else what it prefers. */
export function firstLanguage(preferred: Lang | null): Lang {
  if (preferred) return preferred;
  const stored = localStorage.getItem(STORE);
  if (stored === "zh" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function I18nProvider({ first, children }: { first: Lang; children: ReactNode }) {
  const [lang, set] = useState<Lang>(first);
  const setLang = useCallback((next: Lang) => {
    localStorage.setItem(STORE, next);
    document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
    set(next);
  }, []);
  const value = useMemo<I18n>(() => ({
    lang,
    setLang,
    t: (key, values) => translate(lang, key, values),
    w: (words) => pick(lang, words),
  }), [lang, setLang]);
  return <Context value={value}>{children}</Context>;
}

export function useI18n(): I18n {
  const found = use(Context);
  if (!found) throw new Error("I18nProvider is missing");
  return found;
}
export type { Key };
