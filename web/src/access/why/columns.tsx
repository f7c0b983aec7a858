/** Two people before one question: a shared spine of five steps, the one where they part tinted, what follows it grey. */
import type { Words } from "../../api/types";
import { useI18n, type Key } from "../../i18n";
import { Icon, type IconName } from "../../kit/icons";
import { Face } from "../../kit/parts";
import type { Compared, WhySide } from "./wish";
import "../../i18n/words-why";
import "../../i18n/words-centre";
import "../../i18n/words-answer";

const STEPS = ["person", "path", "fact", "level", "ceiling"] as const;
type Step = WhySide["steps"][number];
const MARKS: Record<Step["state"], IconName> = { yes: "check", no: "x", open: "info", skipped: "minus" };

function Head({ side, onRights }: { side: WhySide; onRights?: () => void }) {
  const { t, w } = useI18n();
  const level = side.level === "masked" || side.level === "hidden" ? t(`whyPage.level.${side.level}`) : "";
  return (
    <div className="why-head">
      <Face name={side.person.name} me={side.me} size={34} />
      <div className="grow cut">
        <b className="cut">{side.person.name}{side.me ? ` ${t("why.you")}` : ""}</b>
        <div className="dim cut">{[w(side.department), side.position ? w(side.position) : ""].filter(Boolean).join(" · ")}</div>
        {onRights ? <button className="link" onClick={onRights}>{t("whyPage.rights")}</button> : null}
      </div>
      <div className="why-verdict">
        <span className={side.allowed ? "row verdict good" : side.depends ? "row" : "row verdict bad"}><Icon name={side.allowed ? "check" : side.depends ? "info" : "x"} /><b>{t(side.allowed ? "whyPage.yes" : side.depends ? "whyPage.depends" : "whyPage.no")}</b></span>
        {level ? <span className="dim">{level}</span> : null}
      </div>
    </div>
  );
}

function Cell({ step }: { step: Step }) {
  const { w } = useI18n();
  return (
    <div className={`why-step ${step.state}`}>
      <span className="why-mark"><Icon name={MARKS[step.state]} small /></span>
      <span><span className="why-said">{w(step.words as Words)}</span>{step.note ? <span className="dim">{w(step.note as Words)}</span> : null}</span>
    </div>
  );
}

function word(left: Step, right: Step | undefined, split: boolean): Key | null {
  if (split) return "whyPage.parts";
  if (!right) return null;
  if ((left.state === "skipped") !== (right.state === "skipped")) return "whyPage.oneSide";
  return JSON.stringify([left.words, left.state]) === JSON.stringify([right.words, right.state]) ? "whyPage.same" : "whyPage.differs";
}

export function Columns({ answer, onSwap, onRights }: { answer: Compared; onSwap?: () => void; onRights: (person: string) => ((() => void) | undefined) }) {
  const { t } = useI18n();
  const { left, right, parted } = answer;
  return (
    <div className={right ? "why-columns" : "why-columns single"} role="table" aria-label={t("whyPage.title")}>
      <div role="row" className="why-row head">
        <div role="cell"><Head side={left} onRights={onRights(left.person.id)} /></div>
        <div role="cell" className="spine">{onSwap ? <button className="ib" aria-label={t("whyPage.swap")} title={t("whyPage.swap")} onClick={onSwap}><Icon name="swap" /></button> : null}</div>
        {right ? <div role="cell"><Head side={right} onRights={onRights(right.person.id)} /></div> : null}
      </div>
      {STEPS.map((name, index) => {
        const [one, other] = [left.steps[index], right?.steps[index]];
        if (!one) return null;
        const split = parted === name || (!right && one.state === "no");
        const said = word(one, other, parted === name);
        return (
          <div role="row" key={name} className={split ? "why-row split" : "why-row"}>
            <div role="cell" className={one.state}><Cell step={one} /></div>
            <div role="cell" className="spine"><span>{t(`whyPage.step.${name}`)}</span>{said ? <span className={parted === name ? "bad strong" : "dim"}>{t(said)}</span> : null}</div>
            {other ? <div role="cell" className={other.state}><Cell step={other} /></div> : null}
          </div>
        );
      })}
      {left.also || right?.also ? (
        <div role="row" className="why-row foot">
          <div role="cell" className="dim">{left.also ? t("whyPage.also", { n: left.also }) : null}</div><div role="cell" className="spine" />
          {right ? <div role="cell" className="dim">{right.also ? t("whyPage.also", { n: right.also }) : null}</div> : null}
        </div>
      ) : null}
    </div>
  );
}
