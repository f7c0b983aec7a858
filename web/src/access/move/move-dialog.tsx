/** Moving people in a draft, in three steps: who, where to, what it does. Nothing is written before the last one. */
import { Button } from "@mantine/core";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, get, query, send } from "../../api/client";
import type { Json } from "../../api/types";
import type { components } from "../../api/schema";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { Change } from "../draft/change";
import { useWorking } from "../draft/working";
import { draftsQuery } from "../queries";
import type { Draft } from "../types";
import { askedOf, complete, NOTHING, type Asked, type Mover, type Wish } from "./asked";
import { Beside } from "./beside";
import { Effects } from "./effects";
import { PeopleStep } from "./people-step";
import { WhereStep } from "./where-step";
import "../../i18n/words-forms";
import "../centre/configure.css";
import "./move.css";

const NAMES = 3;
const STEPS = ["who", "where", "effect"] as const;
type Preview = components["schemas"]["MovePreview"];
/** Where people can be moved to, with what only this draft has. */
export const placesQuery = (draft: string | null) => queryOptions({ queryKey: ["access", "moves", draft], queryFn: ({ signal }) => get<components["schemas"]["MovePlaces"]>(`/access/moves${query({ draft })}`, signal) });
export const previewQuery = (asked: Asked | { department: Json }, draft: string | null) => queryOptions({
  queryKey: ["access", "move", JSON.stringify(asked), draft], retry: false,
  queryFn: ({ signal }) => send<Preview>("POST", "/access/moves/preview", { ...asked, ...(draft ? { draft } : {}) } as Json, { signal }),
});

export interface MoveProps { people?: Mover[]; department?: { id: string; name: string }; onClose: () => void }

export function MoveDialog({ people: first = [], department, onClose }: MoveProps) {
  const { t } = useI18n();
  const go = useNavigate();
  const client = useQueryClient();
  const { say } = useToasts();
  const { id: working, choose, write } = useWorking();
  const [at, setAt] = useState(first.length ? 1 : 0);
  const [people, setPeople] = useState<Mover[]>(first);
  const [wish, setWish] = useState<Wish>(NOTHING);
  const [into, setInto] = useInto(working);
  const head = useRef<HTMLHeadingElement>(null);
  const begun = useRef(false);
  useEffect(() => { if (begun.current) head.current?.focus(); begun.current = true; }, [at]); // whoever goes on by keyboard goes on from there
  const places = useQuery(placesQuery(into));
  const asked = askedOf(people, wish);
  const preview = useQuery({ ...previewQuery(asked, into), enabled: at === 2 });
  const names = people.slice(0, NAMES).map((one) => one.name).join(t("oversight.comma"));
  const title = t("move.untitled", { names: people.length > NAMES ? t("move.andMore", { names, n: people.length }) : names }).slice(0, 200);
  const ready = at === 0 ? people.length > 0 : at === 1 ? complete(wish) && places.isSuccess : preview.isSuccess;
  const labels: Record<string, string> = { people: t("move.who"), post: t("move.where"), ...Object.fromEntries(people.map((one, i) => [`people/${i}`, one.name])) };
  const act = async () => {
    const seen = preview.data;
    if (at < 2 || !seen) return;
    if (into !== working) choose(into);
    try {
      const id = await write(title, seen.changes.map((one) => [one.kind, one.key]), (draft: Draft) =>
        send("POST", `/access/drafts/${draft.id}/moves`, asked as Json, { etag: `"r${seen.revision ?? draft.revision}"` }));
      say(t("move.done", { id }));
      onClose();
      void go(`/access/drafts/${id}`);
    } catch (cause) {
      await client.invalidateQueries({ queryKey: ["access", "move"] }); // as it is by now
      throw cause;
    }
  };
  return (
    <ActDialog title={t("move.title")} act={t(at < 2 ? "move.next" : "move.toDraft")} size={680} disabled={!ready} places={labels} onClose={onClose} onDone={() => { if (at < 2) setAt(at + 1); }} onAct={act}>
      <ol className="move-steps" aria-label={t("move.steps")}>{STEPS.map((one, i) => <li key={one} aria-current={i === at ? "step" : undefined}><span className="n" aria-hidden="true">{i < at ? <Icon name="check" small /> : i + 1}</span>{t(`move.${one}`)}</li>)}{at ? <li className="end"><button type="button" className="link row tight" onClick={() => setAt(at - 1)}><Icon name="left" small />{t("move.back")}</button></li> : null}</ol>
      <div className="move-step">
        <h3 ref={head} tabIndex={-1} className="unseen">{t(`move.${STEPS[at] ?? "who"}`)}</h3>
        {at === 0 ? <PeopleStep people={people} department={department} onChange={setPeople} /> : null}
        {at === 1 ? places.isError ? <Refused problem={asProblem(places.error)} /> : places.data ? <WhereStep places={places.data} people={people} wish={wish} onChange={setWish} /> : <Bones rows={4} height={36} /> : null}
        {at === 2 ? <EffectStep title={title} into={into} onInto={setInto} preview={preview.data} busy={preview.isPending} failed={preview.isError ? preview.error : null} places={labels} /> : null}
      </div>
    </ActDialog>
  );
}

/** Which draft it goes into: the one that is worked in, as long as nobody has published it or given it up. */
export function useInto(working: string | null): [string | null, (id: string | null) => void] {
  const [into, setInto] = useState<string | null>(working);
  const first = useRef(working);
  useEffect(() => { if (working === null) setInto((now) => (now === first.current ? null : now)); }, [working]);
  return [into, setInto];
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
