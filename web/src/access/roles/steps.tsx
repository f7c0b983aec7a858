/** How two versions of a role's lines differ, in sentences. */
import { useI18n } from "../../i18n";
import type { RoleStep } from "../types";
import "../../i18n/words-configure";

/** Lines that differ, before and after one under the other. */
export function Steps({ steps, conflicts }: { steps: RoleStep[]; conflicts?: number[] }) {
  const { t, w } = useI18n();
  const full = (line: RoleStep["before"]) => (line ? [w(line.sentence), ...line.levels.map((one) => w(one)), ...(line.writes ? [w(line.writes)] : [])].join(t("oversight.comma")) : "");
  return (
    <ul className="rule-lines steps">
      {steps.map((step, index) => (
        <li key={index} className="rule-line">
          <span className={step.kind === "changed" ? "chip amber" : step.kind === "added" ? "chip brand" : "chip"}>{t(`step.${step.kind}`)}</span>
          <div className="grow">{step.before ? <p className={step.after ? "was" : ""}>{full(step.before)}</p> : null}{step.after ? <p>{full(step.after)}</p> : null}{conflicts?.includes(step.at) ? <p className="warn">{t("role.bothChanged")}</p> : null}</div>
        </li>
      ))}
    </ul>
  );
}
