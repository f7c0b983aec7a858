import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";

export function useTheme() {
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true }); // else it writes a <style>, which the policy forbids
  const now = useComputedColorScheme("light");
  return { now, toggle: () => setColorScheme(now === "dark" ? "light" : "dark") };
}

export function ThemeButton() {
  const { t } = useI18n();
  const { now, toggle } = useTheme();
  const label = now === "dark" ? t("shell.light") : t("shell.dark");
  return <button className="ib" onClick={toggle} aria-label={label} title={label}><Icon name={now === "dark" ? "sun" : "moon"} /></button>;
}
