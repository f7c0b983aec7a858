/** What a tester said, in a chip; a verdict on what the draft no longer says is told as such. */
import "../../i18n/words-modes";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { Verdict } from "./sandbox";

export function VerdictChip({ said }: { said: Verdict }) {
  const { t } = useI18n();
  if (!said.verdict) return <span className="chip">{t("sandbox.waiting")}</span>;
  if (said.stale) return <span className="chip amber"><Icon name="clock" small />{t(said.verdict === "signed" ? "sandbox.signedStale" : "sandbox.missesStale")}</span>;
  return said.verdict === "signed"
    ? <span className="chip brand"><Icon name="check" small />{t("sandbox.signed")}</span>
    : <span className="chip red"><Icon name="alert" small />{t("sandbox.missed")}</span>;
}
