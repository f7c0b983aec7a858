/** One change as people read it: what it is about, and each part of it struck and new. */
import { useI18n } from "../../i18n";
import type { Draft } from "../types";
import { parts } from "./parts";

export function Change({ change }: { change: Draft["changes"][number] }) {
  const { t, w } = useI18n();
  const kind = change.before === null ? "added" : change.after === null ? "removed" : "changed";
  const found = parts(change.before, change.after);
  return (
    <details className="grow change">
      <summary className="row"><span className={kind === "added" ? "chip brand" : kind === "removed" ? "chip" : "chip amber"}>{t(`step.${kind}`)}</span><span className="dim">{w(change.kind_words)}</span><span className="cut grow">{w(change.words)}</span></summary>
      <dl>{found.map((one) => <div key={one.place}><dt>{one.place}</dt>{one.before === null ? null : <dd className="was">{one.before}</dd>}{one.after === null ? null : <dd>{one.after}</dd>}</div>)}</dl>
    </details>
  );
}
