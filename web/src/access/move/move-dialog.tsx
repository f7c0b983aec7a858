/** Moving people in a draft, in three steps: who, where to, what it does. Nothing is written before the last one. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Change } from "../draft/change";
import { useWorking } from "../draft/working";
import { draftsQuery } from "../queries";
import { askedOf, complete, NOTHING, type Mover, type Wish } from "./asked";
import { Beside } from "./beside";
import { Effects } from "./effects";
import { Steps, useInto, usePreview, type Preview } from "./into";
import { PeopleStep } from "./people-step";
import { WhereStep } from "./where-step";
import "../../i18n/words-forms";
import "../centre/configure.css";
import "./move.css";

const NAMES = 3;
const STEPS = ["who", "where", "effect"] as const;
export interface MoveProps { people?: Mover[]; department?: { id: string; name: string }; onClose: () => void }

export function MoveDialog({ people: first = [], department, onClose }: MoveProps) {
  const { t } = useI18n();
  const { into, setInto, places, write } = useInto(onClose);
  const [at, setAt] = useState(first.length ? 1 : 0);
  const [people, setPeople] = useState<Mover[]>(first);
  const [wish, setWish] = useState<Wish>(NOTHING);
  const head = useRef<HTMLHeadingElement>(null);
  const begun = useRef(false);
  useEffect(() => { if (begun.current) head.current?.focus(); begun.current = true; }, [at]); // whoever goes on by keyboard goes on from there
  const asked = askedOf(people, wish);
  const preview = usePreview(asked, into, at === 2);
  const names = people.slice(0, NAMES).map((one) => one.name).join(t("oversight.comma"));
  const title = t("move.untitled", { names: people.length > NAMES ? t("move.andMore", { names, n: people.length }) : names }).slice(0, 200);
  const ready = at === 0 ? people.length > 0 : at === 1 ? complete(wish) && places.isSuccess : preview.isSuccess;
  const labels: Record<string, string> = { people: t("move.who"), post: t("move.where"), ...Object.fromEntries(people.map((one, i) => [`people/${i}`, one.name])) };
  const act = async () => { if (at === 2 && preview.data) await write(title, asked, preview.data); };
  return (
    <ActDialog title={t("move.title")} act={t(at < 2 ? "move.next" : "move.toDraft")} size={680} disabled={!ready} places={labels} onClose={onClose} onDone={() => { if (at < 2) setAt(at + 1); }} onAct={act}>
      <Steps names={STEPS.map((one) => t(`move.${one}`))} at={at} onBack={() => setAt(at - 1)} />
      <div className="move-step">
        <h3 ref={head} tabIndex={-1} className="unseen">{t(`move.${STEPS[at] ?? "who"}`)}</h3>
        {at === 0 ? <PeopleStep people={people} department={department} onChange={setPeople} /> : null}
        {at === 1 ? places.isError ? <Refused problem={asProblem(places.error)} /> : places.data ? <WhereStep places={places.data} people={people} wish={wish} onChange={setWish} /> : <Bones rows={4} height={36} /> : null}
        {at === 2 ? <EffectStep title={title} into={into} onInto={setInto} preview={preview.data} busy={preview.isPending} failed={preview.isError ? preview.error : null} places={labels} /> : null}
      </div>
    </ActDialog>
  );
}

interface EffectProps { title: string; into: string | null; onInto: (id: string | null) => void; preview: Preview | undefined; busy: boolean; failed: unknown; places: Record<string, string> }

export function EffectStep({ title, into, onInto, preview, busy, failed, places }: EffectProps) {
  const { t } = useI18n();
  const drafts = useQuery(draftsQuery("open"));
  const items = drafts.data?.items ?? [];
  return (
    <>
      <label><span className="field-label">{t("move.which")}</span>
        <select className="box" value={into ?? ""} onChange={(event) => onInto(event.target.value || null)}>
          <option value="">{t("move.newDraft", { title })}</option>
          {into && !items.some((one) => one.id === into) ? <option value={into}>{`D-${into}`}</option> : null}
          {items.map((one) => <option key={one.id} value={one.id}>{`D-${one.id} ${one.title}`}</option>)}
        </select>
      </label>
      {failed ? <Refused problem={asProblem(failed)} places={places} /> : null}
      {busy ? <div aria-live="polite"><p className="dim">{t("effect.counting")}</p><Bones rows={4} height={32} /></div> : null}
      {preview ? (
        <>
          <section aria-label={t("move.changes")}><h4>{t("move.changes")} <span className="dim">{preview.changes.length}</span></h4>
            <ul className="rule-lines">{preview.changes.map((one) => <li key={`${one.kind}/${one.key}`} className="rule-line"><Change change={one} shown={preview.changes.length <= NAMES} /></li>)}</ul></section>
          {preview.replaces.length ? <section className="note amber" aria-label={t("move.replaces")}><h4 className="row"><Icon name="alert" small />{t("move.replaces")}</h4><ul>{preview.replaces.map((one) => <li key={`${one.kind}/${one.key}`}><Change change={one} shown /></li>)}</ul></section> : null}
          <Beside others={preview.beside} />
          {into ? <p className="dim">{t("move.onTop", { id: into })}</p> : null}
          <Effects sim={preview.simulation as never} blockers />
        </>
      ) : null}
    </>
  );
}

/** The button that opens it; only for who works on drafts. */
export function MoveButton({ label, size, ...props }: Omit<MoveProps, "onClose"> & { label: string; size?: string }) {
  const { may } = useWorking();
  const [open, setOpen] = useState(false);
  if (!may) return null;
  return <><Button size={size} leftSection={<Icon name="swap" small />} onClick={() => setOpen(true)}>{label}</Button>{open ? <MoveDialog {...props} onClose={() => setOpen(false)} /> : null}</>;
}
