/** The chain of an answer in its fixed order: who, role, path, range, fact, level, ceiling. */
import type { Because, Instead, Why } from "../api/types";
import { useI18n, type Key } from "../i18n";
import { Icon } from "../kit/icons";
import "./access.css";
import "../i18n/words-answer";

const STEPS: [keyof Because, Key][] = [["via", "why.via"], ["role", "why.role"], ["scope", "why.scope"], ["fact", "why.fact"], ["level", "why.level"], ["ceiling", "why.ceiling"]];

export function Chain({ because }: { because: Because }) {
  const { t, w } = useI18n();
  const steps = STEPS.filter(([name]) => because[name]);
  return <dl className="chain">{steps.map(([name, word]) => <div key={name}><dt>{t(word)}</dt><dd>{w(because[name])}</dd></div>)}</dl>;
}

/** What is missing: each set alone would be enough. */
export function Missing({ why }: { why: Pick<Why, "missing" | "ask"> }) {
  const { t, w } = useI18n();
  // Ways of one condition each are one list; "or" stands only between ways of several.
  const single = why.missing.length > 1 && why.missing.every((set) => set.length === 1);
  const ways = single ? [why.missing.flat()] : why.missing;
  return (
    <>
      {ways.map((set, index) => (
        <div key={index} className="missing">
          {single ? <div className="dim">{t("why.eitherOne")}</div> : why.missing.length > 1 ? <div className="dim">{index === 0 ? t("why.either") : t("why.or")}</div> : <div className="dim">{t("why.missing")}</div>}
          <ul>{set.map((atom, at) => <li key={`${atom.code}-${at}`} className="row"><span className={single ? "dim" : "bad"}><Icon name={single ? "plus" : "x"} small /></span><span>{w(atom.words)}</span></li>)}</ul>
        </div>
      ))}
      {why.ask.length ? <p className="soft">{t("why.ask", { names: why.ask.slice(0, 4).map((person) => person.name).join(t("oversight.comma")) })}</p> : null}
    </>
  );
}

/** Where asking for access cannot help: what would, whom to turn to, and when it ends. */
export function InsteadOf({ instead }: { instead: Instead }) {
  const { t, w } = useI18n();
  return (
    <div className="note amber instead" role="note">
      <p className="row"><Icon name={instead.code === "frozen" || instead.code === "ceiling" ? "lock" : "clock"} small /><b>{t(`why.instead.${instead.code}`)}</b></p>
      <p>{w(instead.words)}</p>
      {instead.ends ? <p>{w(instead.ends)}</p> : null}
      {instead.people.length ? <p>{t(instead.code === "process" ? "why.insteadAt" : "why.insteadWho", { names: instead.people.map((one) => one.name).join(t("oversight.comma")) })}</p> : null}
    </div>
  );
}

/** What a number does not count, whether or not there is any of it. */
function LeftOut({ facts }: { facts: Why["missing"][number] }) {
  const { t, w } = useI18n();
  return facts.length ? <p className="dim">{t("whyPage.leftOut")}{facts.map((one) => w(one.words)).join(t("kit.semicolon"))}</p> : null;
}

/** Whether more is missing than what asking cannot help with. */
const lacks = (why: Why) => why.missing.some((set) => set.some((one) => !/^(ceiling:|process$|by_process$)/.test(one.code ?? "")));

/** `number`: it is asked what a number covers, which nobody may or may not. */
export function Answer({ why, number = false }: { why: Why; number?: boolean }) {
  const { t, w } = useI18n();
  return (
    <div className="stack tight">
      {number && why.allowed ? null : <div className={why.allowed ? "row verdict good" : "row verdict bad"}><Icon name={why.allowed ? "check" : "x"} /><b>{why.allowed ? t("why.yes") : t("why.no")}</b></div>}
      {why.words && w(why.words) !== w(why.instead?.words) ? <p>{w(why.words)}</p> : null}
      {why.because[0] ? <Chain because={why.because[0]} /> : null}
      {why.because.length > 1 ? <p className="dim">{t("why.also", { n: why.because.length - 1 })}</p> : null}
      {why.allowed ? <LeftOut facts={why.missing.flat()} /> : <>{why.instead ? <InsteadOf instead={why.instead} /> : null}{why.instead && !lacks(why) ? null : <Missing why={why} />}</>}
    </div>
  );
}
