/** How many records of each kind go to whom. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { Preview } from "./types";
import "../../i18n/words-review";

export function Goes({ types }: { types: Preview["types"] }) {
  const { t, w } = useI18n();
  return types.flatMap((one) => one.to.map((to) => <li key={`${one.type} ${to.person.id}`} className="row"><span className="brand-ink"><Icon name="arrow" small /></span>{t("leaving.goes", { type: w(one.name), n: to.count, name: to.person.name })}</li>));
}
