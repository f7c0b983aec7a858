/** How two versions of a role's lines differ, in sentences. */
import { useI18n } from "../../i18n";
import type { RoleStep } from "../types";
import "../../i18n/words-configure";

/** Lines that differ. Of a line that changed only what differs is said: the rest of it would hide that. */
export function Steps({ steps, conflicts }: { steps: RoleStep[]; conflicts?: number[] }) {
  const { t, w } = useI18n();
  const details = (line: RoleStep["before"]) => (line ? [...line.levels, ...(line.writes ? [line.writes] : [])].map((one) => w(one)) : []);
  const full = (line: RoleStep["before"]) => (line ? [w(line.sentence), ...details(line)].join(t("kit.semicolon")) : "");
  return (
    <ul className="rule-lines steps">
      {steps.map((step, index) => {
        const { before, after } = step;
        const [had, has] = [details(before), details(after)];
        const [gone, come] = [had.filter((one) => !has.includes(one)), has.filter((one) => !had.includes(one))];
        const same = has.length - come.length;
        return (
          <li key={index} className="rule-line">
            <span className={step.kind === "changed" ? "chip amber" : step.kind === "added" ? "chip brand" : "chip"}>{t(`step.${step.kind}`)}</span>
            <div className="grow">
              {before && after ? (
                <>
                  {w(before.sentence) === w(after.sentence) ? null : <p className="was">{w(before.sentence)}</p>}
                  <p>{w(after.sentence)}</p>
                  {gone.length || come.length ? <p>{gone.length ? <del className="was">{gone.join(t("kit.semicolon"))}</del> : null}{gone.length && come.length ? " → " : null}{come.length ? <ins>{come.join(t("kit.semicolon"))}</ins> : null}{same ? <span className="dim">{gone.length || come.length ? t("kit.semicolon") : null}{t("step.same", { n: same })}</span> : null}</p> : null}
                </>
              ) : <p>{full(before ?? after)}</p>}
              {conflicts?.includes(step.at) ? <p className="warn">{t("role.bothChanged")}</p> : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
