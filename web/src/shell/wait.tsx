/** While a page's code arrives: its final geometry in grey, and a spinner only after 400 ms (by CSS delay). */
import { useI18n } from "../i18n";
import { Bones } from "../kit/parts";

export function Wait() {
  const { t } = useI18n();
  return <div className="page" aria-busy="true"><div className="page-head"><span className="unseen">{t("kit.loading")}</span></div><div style={{ padding: 20 }}><Bones rows={12} height={36} /></div></div>;
}
