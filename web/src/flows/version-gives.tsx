/** What a version gives, step by step, for whoever confirms it and before that for who draws it: what its author does not hold is marked, and
 * what differs from the version in use. */
import { useState, type ReactNode } from "react";
import type { Words } from "../api/types";
import { useI18n } from "../i18n";
import "../i18n/words-giving";
import { Icon } from "../kit/icons";
import type { FlowVersion } from "./types";
import "./giving.css";

export type Gift = FlowVersion["gives"][number];
type On = Gift["holds"][number];
type Thing = On["reads"][number];
type Fact = Gift["facts"][number];
/** Seeing fields and filling them in say it already. */
const SAID: Record<string, "reads" | "writes"> = { read: "reads", edit: "writes" };
type Only = "" | "beyond" | "differs";

const typesOf = (gift: Gift) => [...gift.holds, ...gift.acts, ...gift.part];
const thingsOf = (one: On) => [...one.reads, ...one.writes, ...actsOf(one)];
function actsOf(one: On): Thing[] {
  return one.acts.filter((act) => { const said = SAID[act.code]; return said === undefined || one[said].length === 0; });
}
const beyondOf = (gift: Gift) => typesOf(gift).flatMap(thingsOf).filter((one) => one.beyond);
/** How much is given anew, no more, and otherwise. Pure. */
export function differences(gives: readonly Gift[]): { added: number; removed: number; changed: number } {
  const things = gives.flatMap((one) => typesOf(one).flatMap(thingsOf));
  const said = gives.flatMap((one) => [...one.facts.filter((fact) => fact.change), ...(one.did ? [one.did] : [])]);
  return { added: things.filter((one) => one.change === "added").length, removed: things.filter((one) => one.change === "removed").length, changed: said.length };
}

/** `drawn`: it is a draft, told to who draws it; `against`: there is a version in use that it is compared with. */
export default function VersionGives({ gives, drawn, against }: { gives: Gift[]; drawn?: boolean; against: boolean }) {
  const { t, w } = useI18n();
  const [only, setOnly] = useState<Only>("");
  const things = gives.flatMap((one) => typesOf(one).flatMap(thingsOf)).filter((one) => one.change !== "removed");
  const every = things.length, beyond = gives.flatMap(beyondOf).length;
  // Where all of it is beyond in the same way, a sentence says so: a mark on every one would hide what is confidential.
  const kinds = new Set(things.map((one) => one.beyond));
  const marked = kinds.size > 1;
  const { added, removed, changed } = differences(gives);
  const differs = added + removed + changed > 0;
  const shown = only === "beyond" ? gives.filter((one) => beyondOf(one).length) : only === "differs" ? gives.filter((one) => one.change) : gives;
  const title = t(drawn ? "gives.drawn" : "gives.title");
  const choice = (one: Only, said: string) => <label className="row tight"><input type="checkbox" checked={only === one} onChange={(event) => setOnly(event.target.checked ? one : "")} /><span>{said}</span></label>;
  return (
    <section className="gives" aria-label={title}>
      <div className="row wrap">
        <h3>{title}</h3>
        <span className="row wrap end">
          {differs ? choice("differs", t("gives.onlyDiffers")) : null}
          {beyond && beyond < every ? choice("beyond", t("gives.only")) : null}
        </span>
      </div>
      {against ? <p className="gives-why"><Icon name="edit" small /><span>{differs ? t("gives.differs", { added, removed, changed }) : t("gives.same")}</span></p> : null}
      {beyond ? (
        <p className="gives-why">
          <Icon name="shield" small />
          <span>{drawn ? t(beyond === every ? "gives.drawnAll" : "gives.drawnWhy", { n: beyond, all: every }) : marked ? t("gives.why", { n: beyond, all: every }) : t(kinds.has("all") ? "gives.whyAll" : "gives.whyPart", { n: every })}{marked ? (["all", "part"] as const).filter((one) => kinds.has(one)).map((one) => <span key={one}> <span className="gift-thing" data-beyond={one}><Icon name="alert" small />{t(drawn ? `gives.mine.${one}` : `gives.${one}`)}</span></span>) : null}</span>
        </p>
      ) : null}
      {gives.length ? (
        <div className={marked ? "gives-list marked" : "gives-list"} tabIndex={0} role="group" aria-label={title}><ul>
          {shown.map((gift, at) => (
            <li key={at} className="gift">
              <h4 className="row">{[gift.process ? w(gift.process) : "", gift.node ? w(gift.node) : t("gives.itself")].filter(Boolean).join(" · ")}{gift.change ? <span className={`chip gift-${gift.change}`}>{t(`gives.${gift.change}`)}</span> : null}</h4>
              <dl>
                {only === "beyond" ? null : gift.facts.filter((fact) => only !== "differs" || fact.change).map((fact, place) => <Row key={place} name={w(fact.name)}><FactText fact={fact} /></Row>)}
                {gift.holds.map((one, place) => <Types key={place} one={one} only={only} drawn={drawn} />)}
                {(gift.does ?? gift.did) && (only !== "differs" || gift.did || (gift.does && gift.change === "added")) ? <Row name={t("gives.does")}>{gift.does ? <b>{w(gift.does)}</b> : null}{gift.did ? <Was words={gift.did} /> : null}</Row> : null}
                {gift.acts.map((one, place) => <Types key={place} one={one} only={only} drawn={drawn} as="gives.forIt" />)}
                {gift.part.map((one, place) => <Types key={place} one={one} only={only} drawn={drawn} as="gives.inProject" />)}
              </dl>
            </li>
          ))}
        </ul></div>
      ) : <p className="soft">{t("gives.nothing")}</p>}
    </section>
  );
}

function Was({ words }: { words: Words }) {
  const { t, w } = useI18n();
  return <del className="dim"><span className="unseen">{t("gives.was")}</span>{w(words)}</del>;
}

function FactText({ fact }: { fact: Fact }) {
  const { t, w } = useI18n();
  if (fact.change === "removed") return <del className="dim"><span className="unseen">{t("gives.removed")}{t("kit.colon")}</span>{w(fact.text)}</del>;
  return <>{fact.change ? <ins>{w(fact.text)}<span className="unseen">{t("gives.mark", { why: t(`gives.${fact.change}`) })}</span></ins> : w(fact.text)}{fact.before ? <Was words={fact.before} /> : null}</>;
}

function Types({ one, only, drawn, as }: { one: On; only: Only; drawn: boolean | undefined; as?: "gives.forIt" | "gives.inProject" }) {
  const { t, w } = useI18n();
  const type = w(one.type);
  const acts = actsOf(one);
  const rows: [string, Thing[]][] = [[t("gives.reads", { type }), one.reads], [t("gives.writes", { type }), one.writes], [t("gives.acts", { type }), acts]];
  return rows.map(([name, things]) => {
    const some = only === "beyond" ? things.filter((each) => each.beyond) : only === "differs" ? things.filter((each) => each.change) : things;
    return some.length ? <Row key={name} name={as ? t(as, { name }) : name}>{some.map((each) => <Given key={`${each.code}${each.limit ?? ""}${each.change ?? ""}`} one={each} drawn={drawn} />)}</Row> : null;
  });
}

function Given({ one, drawn }: { one: Thing; drawn: boolean | undefined }) {
  const { t, w } = useI18n();
  const why = [one.change ? t(`gives.${one.change}`) : "", one.beyond ? t(drawn ? `gives.mine.${one.beyond}` : `gives.${one.beyond}`) : ""].filter(Boolean).join(t("kit.semicolon"));
  const close = one.data_class ? <span className="gift-class" data-class={one.data_class}>{t(`gives.${one.data_class}`)}</span> : null;
  const name = one.code === "read" ? t("gives.there") : w(one.name);
  return (
    <span className="gift-thing" data-beyond={one.beyond ?? undefined} data-change={one.change ?? undefined} title={why || undefined}>
      {one.change ? <span className="gift-sign" aria-hidden="true">{one.change === "added" ? "+" : "−"}</span> : null}{one.beyond ? <Icon name="alert" small /> : null}{one.change === "removed" ? <del>{name}</del> : name}{close}{one.limit ? ` ≤ ${one.limit}` : ""}{why ? <span className="unseen">{t("gives.mark", { why })}</span> : null}
    </span>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
