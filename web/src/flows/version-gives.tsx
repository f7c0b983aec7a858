/** What a version gives, step by step, for whoever confirms it; what its author does not hold is marked, and told why it waits. */
import { useState, type ReactNode } from "react";
import { useI18n } from "../i18n";
import "../i18n/words-giving";
import { Icon } from "../kit/icons";
import type { FlowVersion } from "./types";
import "./giving.css";

type Gift = FlowVersion["gives"][number];
type On = Gift["holds"][number];
type Thing = On["reads"][number];
/** Seeing fields and filling them in say it already. */
const SAID: Record<string, "reads" | "writes"> = { read: "reads", edit: "writes" };

const typesOf = (gift: Gift) => [...gift.holds, ...gift.acts, ...gift.part];
const thingsOf = (one: On) => [...one.reads, ...one.writes, ...actsOf(one)];
function actsOf(one: On): Thing[] {
  return one.acts.filter((act) => { const said = SAID[act.code]; return said === undefined || one[said].length === 0; });
}
const beyondOf = (gift: Gift) => typesOf(gift).flatMap(thingsOf).filter((one) => one.beyond);

export default function VersionGives({ gives }: { gives: Gift[] }) {
  const { t, w } = useI18n();
  const [only, setOnly] = useState(false);
  const every = gives.flatMap((one) => typesOf(one).flatMap(thingsOf)).length;
  const beyond = gives.flatMap(beyondOf).length;
  // Where all of it is beyond in the same way, a sentence says so: a mark on every one would hide what is confidential.
  const kinds = new Set(gives.flatMap((one) => typesOf(one).flatMap(thingsOf)).map((one) => one.beyond));
  const marked = kinds.size > 1;
  const shown = only ? gives.filter((one) => beyondOf(one).length) : gives;
  return (
    <section className="gives">
      <div className="row wrap">
        <h3>{t("gives.title")}</h3>
        {beyond && beyond < every ? <label className="row tight end"><input type="checkbox" checked={only} onChange={(event) => setOnly(event.target.checked)} /><span>{t("gives.only")}</span></label> : null}
      </div>
      {beyond ? (
        <p className="gives-why">
          <Icon name="shield" small />
          <span>{marked ? t("gives.why", { n: beyond, all: every }) : t(kinds.has("all") ? "gives.whyAll" : "gives.whyPart", { n: every })}{marked ? (["all", "part"] as const).filter((one) => kinds.has(one)).map((one) => <span key={one}> <span className="gift-thing" data-beyond={one}><Icon name="alert" small />{t(`gives.${one}`)}</span></span>) : null}</span>
        </p>
      ) : null}
      <div className={marked ? "gives-list marked" : "gives-list"} tabIndex={0} role="group" aria-label={t("gives.title")}><ul>
        {shown.map((gift, at) => (
          <li key={at} className="gift">
            <h4>{[gift.process ? w(gift.process) : "", gift.node ? w(gift.node) : t("gives.itself")].filter(Boolean).join(" · ")}</h4>
            <dl>
              {only ? null : gift.facts.map((fact, place) => <Row key={place} name={w(fact.name)}>{w(fact.text)}</Row>)}
              {gift.holds.map((one, place) => <Types key={place} one={one} only={only} />)}
              {gift.does ? <Row name={t("gives.does")}><b>{w(gift.does)}</b></Row> : null}
              {gift.acts.map((one, place) => <Types key={place} one={one} only={only} as="gives.forIt" />)}
              {gift.part.map((one, place) => <Types key={place} one={one} only={only} as="gives.inProject" />)}
            </dl>
          </li>
        ))}
      </ul></div>
    </section>
  );
}

function Types({ one, only, as }: { one: On; only: boolean; as?: "gives.forIt" | "gives.inProject" }) {
  const { t, w } = useI18n();
  const type = w(one.type);
  const acts = actsOf(one);
  const rows: [string, Thing[]][] = [[t("gives.reads", { type }), one.reads], [t("gives.writes", { type }), one.writes], [t("gives.acts", { type }), acts]];
  return rows.map(([name, things]) => {
    const some = only ? things.filter((each) => each.beyond) : things;
    return some.length ? <Row key={name} name={as ? t(as, { name }) : name}>{some.map((each) => <Given key={`${each.code}${each.limit ?? ""}`} one={each} />)}</Row> : null;
  });
}

function Given({ one }: { one: Thing }) {
  const { t, w } = useI18n();
  const why = one.beyond ? t(`gives.${one.beyond}`) : "";
  const close = one.data_class ? <span className="gift-class" data-class={one.data_class}>{t(`gives.${one.data_class}`)}</span> : null;
  const name = one.code === "read" ? t("gives.there") : w(one.name);
  return (
    <span className="gift-thing" data-beyond={one.beyond ?? undefined} title={why || undefined}>
      {one.beyond ? <Icon name="alert" small /> : null}{name}{close}{one.limit ? ` ≤ ${one.limit}` : ""}{why ? <span className="unseen">{t("gives.mark", { why })}</span> : null}
    </span>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
