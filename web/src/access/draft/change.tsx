/** One change as people read it: what it is about; a role's lines as sentences, anything else part by part, struck and new. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Steps } from "../roles/steps";
import type { Draft } from "../types";
import { parts } from "./parts";
import "../../i18n/words-configure";

/** `shown`: opened from the beginning. */
export function Change({ change, shown = false }: { change: Draft["changes"][number]; shown?: boolean }) {
  const { t, w } = useI18n();
  const kind = change.before === null ? "added" : change.after === null ? "removed" : "changed";
  const found = parts(change.before, change.after).filter((one) => !change.steps.length || !/^lines(\/|$)/.test(one.place));
  return (
    <details className="grow change" open={shown}>
      <summary className="row"><span className="turn" aria-hidden="true"><Icon name="right" small /></span><span className={kind === "added" ? "chip brand" : kind === "removed" ? "chip" : "chip amber"}>{t(`step.${kind}`)}</span><span className="cut grow">{w(change.words)}</span></summary>
      {change.steps.length ? <Steps steps={change.steps} /> : null}
      <dl>{found.map((one) => <div key={one.place}><dt>{one.place}</dt>{one.before === null ? null : <dd className="was">{one.before}</dd>}{one.after === null ? null : <dd>{one.after}</dd>}</div>)}</dl>
    </details>
  );
}
