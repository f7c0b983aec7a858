/** What stands open with a person besides records: who takes over which kind, and (of who stays) what ends. */
import { useI18n, type Key } from "../../i18n";
import { dayOf } from "../../kit/format";
import { Icon, type IconName } from "../../kit/icons";
import { PersonPicker } from "./person-picker";
import { PASSED, type Chosen, type Fate, type OpenKind, type OpenThing, type Preview } from "./types";
import "../../i18n/words-review";

interface Props { things: OpenThing[]; chosen: Chosen; moving: boolean; onChange: (chosen: Chosen) => void }

export function OpenThings({ things, chosen, moving, onChange }: Props) {
  const { t, w } = useI18n();
  const kinds = [...new Set(things.map((one) => one.kind))];
  const ended = (one: OpenThing) => chosen.ends.some((other) => other.kind === one.kind && other.id === one.id);
  const end = (one: OpenThing, on: boolean) => onChange({ ...chosen, ends: on ? [...chosen.ends, { kind: one.kind, id: one.id }] : chosen.ends.filter((other) => other.kind !== one.kind || other.id !== one.id) });
  return (
    <fieldset className="open-things">
      <legend className="field-label">{t("leaving.open")} <span className="dim">{t(moving ? "leaving.openStays" : "leaving.openEnds")}</span></legend>
      {kinds.map((kind) => (
        <div key={kind} className="open-kind">
          <div className="stack tight">
            <b>{t(`leaving.kind.${kind}`)}</b>
            <ul>
              {things.filter((one) => one.kind === kind).map((one) => {
                const text = <><span className="grow">{w(one.what)}{one.other ? <span className="soft"> · {one.other.name}</span> : null}</span>{one.until ? <span className="dim nowrap">{t("leaving.until", { day: dayOf(one.until) })}</span> : null}</>;
                return <li key={one.id}>{moving && kind !== "emergencies" && kind !== "declared" ? <label className="row"><input type="checkbox" checked={ended(one)} aria-label={`${t("leaving.endIt")} · ${w(one.what)}`} onChange={(event) => end(one, event.target.checked)} />{text}</label> : <span className="row">{text}</span>}</li>;
              })}
            </ul>
          </div>
          {PASSED.has(kind) ? (
            <div className="row">
              <PersonPicker label={t("leaving.taker", { kind: t(`leaving.kind.${kind}`) })} value={chosen.takers[kind]} onPick={(to) => onChange({ ...chosen, takers: { ...chosen.takers, [kind]: to } })} />
              {chosen.takers[kind] ? <button type="button" className="ib" aria-label={t("leaving.noTaker")} title={t("leaving.noTaker")} onClick={() => onChange({ ...chosen, takers: { ...chosen.takers, [kind]: undefined } })}><Icon name="x" small /></button> : null}
            </div>
          ) : null}
        </div>
      ))}
    </fieldset>
  );
}

const SIGN: Record<Fate["outcome"], [IconName, string]> = {
  goes: ["arrow", "brand-ink"], ends: ["ban", "dim"], withdrawn: ["x", "bad"], week: ["clock", "warn"], nobody: ["alert", "warn"], stays: ["clock", "dim"],
};

/** What will become of each, in a line; for who moves only what does not stay. */
export function Fates({ fates, moving }: { fates: Fate[]; moving: boolean }) {
  const { t, w } = useI18n();
  const told = moving ? fates.filter((one) => one.outcome !== "stays") : fates;
  return told.map((one) => {
    const [sign, tone] = SIGN[one.outcome];
    const word: Key = one.outcome === "goes" && !one.to ? "leaving.fate.line" : one.outcome === "week" && !one.to ? "leaving.fate.weekNobody" : `leaving.fate.${one.outcome}`;
    return <li key={`${one.kind} ${one.id}`} className="row"><span className={tone}><Icon name={sign} small /></span>{t(word, { kind: t(kindWord(one.kind)), what: w(one.what), name: one.to?.name ?? "" })}</li>;
  });
}

/** Work in processes goes by itself when they leave: how much, and to whom; and which steps name them, so that somebody else is drawn in. */
export function Working({ work, named }: Pick<Preview, "work" | "named">) {
  const { t, w } = useI18n();
  return (
    <>
      {work.map((one) => one.person
        ? <li key={one.person.id} className="row"><span className="brand-ink"><Icon name="swap" small /></span>{t("leaving.work", { n: one.count, name: one.person.name })}</li>
        : <li key="nobody" className="row warn"><Icon name="alert" small />{t("leaving.workNobody", { n: one.count })}</li>)}
      {named.map((one, at) => <li key={at} className="row warn"><Icon name="alert" small />{t(one.signs ? "leaving.namedSigns" : "leaving.named", { process: w(one.process), node: w(one.node) })}</li>)}
    </>
  );
}

const kindWord = (kind: OpenKind): Key => `leaving.kind.${kind}`;
