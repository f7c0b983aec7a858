/** One change as people read it: what it is about; a role's lines as sentences, anything else part by part, struck and new. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { roleQuery } from "../queries";
import { Steps } from "../roles/steps";
import type { Draft } from "../types";
import { parts } from "./parts";
import "../../i18n/words-configure";

/** `draft`: the open draft that it stands in; a published change is told by its parts. `shown`: opened from the beginning. */
export function Change({ change, draft, shown = false }: { change: Draft["changes"][number]; draft?: string; shown?: boolean }) {
  const { t, w } = useI18n();
  const [open, setOpen] = useState(shown);
  const kind = change.before === null ? "added" : change.after === null ? "removed" : "changed";
  const said = change.kind === "role" && kind === "changed" && draft !== undefined;
  const role = useQuery({ ...roleQuery(change.key, draft ?? null), enabled: said && open });
  const found = parts(change.before, change.after).filter((one) => !said || !one.place.startsWith("lines/"));
  return (
    <details className="grow change" open={shown} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="row"><span className="turn" aria-hidden="true"><Icon name="right" small /></span><span className={kind === "added" ? "chip brand" : kind === "removed" ? "chip" : "chip amber"}>{t(`step.${kind}`)}</span><span className="cut grow">{w(change.words)}</span></summary>
      {said && role.data ? <Steps steps={role.data.changes} /> : null}
      <dl>{found.map((one) => <div key={one.place}><dt>{one.place}</dt>{one.before === null ? null : <dd className="was">{one.before}</dd>}{one.after === null ? null : <dd>{one.after}</dd>}</div>)}</dl>
    </details>
  );
}
