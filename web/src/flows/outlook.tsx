/** The steps to come of a process that is about to begin, and who gets it first: as far as the record tells them now. */
import type { Json, PersonRef } from "../api/types";
import { isEmpty } from "../fields/kind";
import { useI18n, type Key } from "../i18n";
import { Icon } from "../kit/icons";
import { Bones, Who } from "../kit/parts";
import { groupsOf, namesOf } from "./told";
import type { Beginning, Coming } from "./types";
import "../i18n/words-begin";
import "../i18n/words-flows";
import "./outlook.css";

const MOST_NAMED = 3;

/** Who does a step; `chosen`: whom who begins it has chosen already. */
function By({ step, chosen }: { step: Coming; chosen?: Json }) {
  const { t, w, lang } = useI18n();
  if (step.who === "itself") return <span className="dim">{step.does ? t("begin.itselfDoes", { does: w(step.does) }) : t("begin.itself")}</span>;
  const people: readonly PersonRef[] = step.who === "chosen" && !isEmpty(chosen) ? [chosen as unknown as PersonRef] : step.people;
  if (people.length) {
    const more = people.length - MOST_NAMED + step.more;
    return (
      <>
        {step.kind === "send" ? <span className="dim">{t("begin.told")}</span> : null}
        {people.slice(0, MOST_NAMED).map((one) => <Who key={one.id} person={one} />)}
        {more > 0 ? <span className="dim nowrap">{t("begin.more", { n: people.length + step.more })}</span> : null}
        {people === step.people && step.deputies.length ? <span className="dim">{t("flow.w.deputies", { names: namesOf(step.deputies, lang) })}</span> : null}
        {people.length > 1 && step.mode && step.kind === "user" && step.same !== "all" ? <span className="dim">{t(`flow.m.${step.mode}` as Key)}</span> : null}
      </>
    );
  }
  if (step.kind === "send") return <span className="dim">{t("begin.toldLater")}</span>;
  return <span className="dim">{t(step.who === "chosen" ? "begin.chosen" : step.who === "later" ? "begin.later" : step.kind === "call" ? "begin.called" : step.kind === "timer" ? "begin.waits" : "begin.happens")}</span>;
}

export function Outlook({ found, chosen }: { found: Beginning | undefined; chosen: Record<string, Json> }) {
  const { t, w } = useI18n();
  if (!found) return <Bones rows={3} height={24} />;
  if (found.refusal) return null;
  const groups = groupsOf(found.steps);
  /** Whose turn it is first: neither what the process does by itself nor whom it only tells. */
  const first = found.steps.find((step) => step.who !== "itself" && step.kind !== "send");
  return (
    <section className="begin-way" aria-label={t("begin.way")}>
      <h3 className="field-label">{t("begin.way")}</h3>
      {groups.length ? (
        <ol>
          {groups.map((steps, at) => (
            <li key={steps[0]?.id} className={first && steps.includes(first) ? "begin-step first" : "begin-step"}>
              <span className="begin-mark" aria-hidden="true">{at + 1}</span>
              <div className="grow">
                {steps.map((step) => (
                  <div key={step.id} className="row wrap begin-line">
                    {step === first ? <span className="chip brand">{t("begin.first")}</span> : null}
                    <b>{w(step.name)}</b>
                    <By step={step} chosen={chosen[step.id]} />
                    {step.same ? <span className="dim">{t(step.same === "all" ? "begin.sameAll" : "begin.sameSome")}</span> : null}
                    {step.sure ? null : <span className="dim begin-when">{step.when ? w(step.when) : t("begin.perhaps")}</span>}
                    {step.sure && step !== steps[0] ? <span className="dim">{t("begin.beside")}</span> : null}
                  </div>
                ))}
              </div>
            </li>
          ))}
        </ol>
      ) : null}
      {first || found.partly ? null : <p className="soft">{t("begin.nobody")}</p>}
      {found.partly ? <p className="soft row tight"><Icon name="info" small />{t("begin.partly")}</p> : null}
    </section>
  );
}
