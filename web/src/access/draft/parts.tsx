/** That what is changed is brought by parts in projects, and which running cases make somebody part of one: their people come to hold it too. */
import { Link } from "react-router";
import type { Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { PartGiven } from "../types";
import "../../i18n/words-configure";

/** By process: how many of its running cases give which part. Pure. */
export function byProcess(parts: readonly PartGiven[]): { code: string; name: Words; cases: { part: Words; running: number }[] }[] {
  const found = new Map<string, { code: string; name: Words; cases: { part: Words; running: number }[] }>();
  for (const one of parts) {
    for (const { code, name, running } of one.processes) {
      const here = found.get(code) ?? { code, name, cases: [] };
      here.cases.push({ part: one.part, running });
      found.set(code, here);
    }
  }
  return [...found.values()];
}

/** `drafted`: the draft changes what the parts bring; else the role is what they bring as it is. */
export function Parts({ parts, drafted }: { parts: readonly PartGiven[]; drafted?: boolean }) {
  const { t, w } = useI18n();
  if (parts.length === 0) return null;
  const running = byProcess(parts);
  const comma = t("oversight.comma");
  return (
    <section className={drafted ? "note amber" : "note"} aria-label={t("parts.title")}>
      <p className="row"><Icon name={drafted ? "alert" : "users"} small /><span>{t(drafted ? "parts.changed" : "parts.brings", { parts: parts.map((one) => w(one.part)).join(comma) })}</span></p>
      {running.length ? <><p>{t("parts.running")}</p><ul>{running.map((one) => <li key={one.code}><Link className="link" to={`/flows?process=${one.code}`}>{w(one.name)}</Link>{t("kit.colon")}{one.cases.map((each) => t("parts.cases", { part: w(each.part), n: each.running })).join(comma)}</li>)}</ul></> : null}
    </section>
  );
}
