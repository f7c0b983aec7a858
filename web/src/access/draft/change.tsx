/** One change as people read it: what it is about; what it says, in sentences; what no longer holds is struck. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Steps } from "../roles/steps";
import type { Draft } from "../types";
import "../../i18n/words-configure";

/** `shown`: opened from the beginning. */
export function Change({ change, shown = false }: { change: Draft["changes"][number]; shown?: boolean }) {
  const { t, w } = useI18n();
  const kind = change.before === null ? "added" : change.after === null ? "removed" : "changed";
  return (
    <details className="grow change" open={shown}>
      <summary className="row"><span className="turn" aria-hidden="true"><Icon name="right" small /></span><span className={kind === "added" ? "chip brand" : kind === "removed" ? "chip" : "chip amber"}>{t(`step.${kind}`)}</span><span className="cut grow">{w(change.words)}</span></summary>
      {change.steps.length ? <Steps steps={change.steps} /> : null}
      {change.told.length ? <ul className="change-told">{change.told.map((one, at) => <li key={at} className={one.was ? "row was" : "row"}><span className={one.was ? "bad" : "brand-ink"}><Icon name={one.was ? "minus" : "plus"} small /><span className="unseen">{t(one.was ? "change.was" : "change.becomes")}</span></span>{w(one.words)}</li>)}</ul> : null}
    </details>
  );
}
