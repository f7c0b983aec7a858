/** A refusal on screen: what happened, at which places, what is missing, and whom to ask. */
import type { Problem } from "../api/client";
import { useI18n } from "../i18n";
import { Icon } from "./icons";

export function Refused({ problem, hidePlaces }: { problem: Problem; hidePlaces?: boolean }) {
  const { t, w } = useI18n();
  const missing = problem.why?.missing ?? [];
  const ask = problem.why?.ask ?? [];
  return (
    <div className="note red" role="alert">
      <div className="row"><Icon name="ban" /><span className="strong">{w(problem.words)}</span></div>
      {hidePlaces ? null : problem.problems.map((one) => <div key={one.place + one.code}>{one.place ? `${one.place}：` : ""}{w(one.message)}</div>)}
      {missing.length ? <div>{t("why.missing")}{missing[0]?.map((atom) => w(atom.words)).join("；")}</div> : null}
      {ask.length ? <div>{t("why.ask", { names: ask.slice(0, 3).map((person) => person.name).join("、") })}</div> : null}
    </div>
  );
}
