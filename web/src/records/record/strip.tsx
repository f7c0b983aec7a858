/** From lead to cash on a customer: which department has the ball, what came before, what is next. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { stripQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { elapsed } from "../../kit/format";
import { Dept } from "../../kit/parts";
import "../../i18n/words-entry";

export function Strip({ type, id }: { type: string; id: string }) {
  const { t, w, lang } = useI18n();
  const strip = useQuery(stripQuery(type, id));
  const steps = strip.data?.steps ?? [];
  if (strip.isError || (strip.isSuccess && steps.length === 0)) return null;
  return (
    <ol className="strip" aria-label={t("strip.title")} tabIndex={0}>
      {strip.isPending ? <li className="strip-cell"><i className="bone" style={{ width: "60%" }} /></li> : steps.map((step) => (
        <li key={step.code} className={`strip-cell ${step.state}`} aria-current={step.state === "current" ? "step" : undefined}>
          <div className="row"><span className="grow cut">{step.department ? <Dept name={step.department.name} en={step.department.name_en} /> : w(step.title)}</span><span className={step.state === "current" ? "warn strong strip-state" : "dim strip-state"}>{t(`strip.${step.state}`)}</span></div>
          <div className="cut">{!step.department ? "\u00a0" : step.record?.title ? <Link className="strip-link" to={`/records/${step.record.type}/${step.record.id}`} title={step.record.title}>{w(step.title)}</Link> : w(step.title)}</div>
          <div className="cut dim strip-note">{[step.person?.name, step.since ? t(step.state === "current" ? "strip.since" : "strip.ago", { time: elapsed(step.since, lang) }) : null].filter(Boolean).join(" · ") || "\u00a0"}</div>
        </li>
      ))}
    </ol>
  );
}
