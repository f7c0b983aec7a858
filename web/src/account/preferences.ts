/** Language and theme: at once here, and kept by the server for the next device. */
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { send } from "../api/client";
import type { Lang, Theme } from "../api/types";
import { useI18n } from "../i18n";
import { useToasts } from "../kit/toast";

export function usePreferences() {
  const { lang, setLang } = useI18n();
  const { refuse } = useToasts();
  // Without keepTransitions Mantine writes a <style>, which the content policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const shown = useComputedColorScheme("light");
  const keep = (settings: { language?: Lang; theme?: Theme }) => { send("PATCH", "/me/settings", settings, { keepalive: true }).catch(refuse); };
  const setTheme = (theme: Theme) => { setColorScheme(theme); keep({ theme }); };
  const setLanguage = (language: Lang) => { setLang(language); keep({ language }); };
  return {
    lang, shown, theme: colorScheme as Theme, setTheme, setLanguage,
    toggleTheme: () => setTheme(shown === "dark" ? "light" : "dark"),
    toggleLanguage: () => setLanguage(lang === "zh" ? "en" : "zh"),
  };
}
