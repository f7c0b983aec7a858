/** Roles that their use says could be narrower; what one agrees with goes into a draft in one press. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, send, type Problem } from "../../api/client";
import type { components } from "../../api/schema";
import type { Json } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { useWorking } from "../draft/working";
import { vocabularyQuery } from "../queries";
import { keyOf, picked, type Pick } from "./picked";
import { narrowerQuery } from "./queries";
import type { Proposal } from "./types";
import "../../i18n/words-configure";
import "../../i18n/words-forms";
import "../../i18n/words-simulate";
import "../centre/configure.css";
import "../move/move.css";
import "./simulate.css";

export function Narrower({ role }: { role?: string }) {
  const { t, w } = useI18n();
  const found = useQuery(narrowerQuery(role ?? null));
  const byRole = new Map<string, Proposal[]>();
  for (const one of found.data?.items ?? []) byRole.set(one.role, [...(byRole.get(one.role) ?? []), one]);
  return (
    <section className="sheet sim-part" aria-label={t("simulate.narrower")}>
      <header className="sim-head"><Icon name="filter" small /><h2>{t("simulate.narrower")}</h2><span className="dim">{t("simulate.narrowerHint")}</span></header>
      {found.isPending ? <Bones rows={3} height={32} /> : null}
      {found.isError ? <Refused problem={asProblem(found.error)} /> : null}
      {found.data && !found.data.enough ? <p className="dim">{t("simulate.notEnough")}</p> : null}
      {found.data?.enough && found.data.items.length === 0 ? <p className="dim">{t("simulate.allUsed")}</p> : null}
      {[...byRole.values()].map((of) => (
        <details key={of[0]?.role} className="sim-narrow" open={role !== undefined}><summary className="row"><span className="turn" aria-hidden="true"><Icon name="right" small /></span><b className="cut">{w(of[0]?.role_words)}</b><span className="dim">{t("simulate.proposals", { n: of.length })}</span></summary>
          <OneRole of={of} />
        </details>
      ))}
    </section>
  );
}

const FIELDS = new Set(["read", "create", "edit"]);

function OneRole({ of }: { of: Proposal[] }) {
  const { t, w } = useI18n();
  const go = useNavigate();
  const client = useQueryClient();
  const { say } = useToasts();
  const { may, draft, write } = useWorking();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [some, setSome] = useState<Record<string, Pick>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const role = of[0]?.role ?? "";
  const title = t("narrow.title", { role: w(of[0]?.role_words) });
  const items = picked(of, left, some);
  const lines = new Map<number, Proposal[]>();
  for (const one of of) lines.set(one.line, [...(lines.get(one.line) ?? []), one]);
  const toggle = (one: Proposal, on: boolean) => setLeft((now) => { const next = new Set(now); if (on) next.delete(keyOf(one)); else next.add(keyOf(one)); return next; });
  const act = async () => {
    setBusy(true);
    setProblem(null);
    try {
      let told = { taken: 0, already: 0 };
      const things: [string, string][] = [["role", role], ...items.filter((one) => one.keep).map((one): [string, string] => ["grant", `keep-${role}-${one.line}-${one.action}`.slice(0, 120)])];
      const id = await write(title, things, async (now) => { told = await send<components["schemas"]["NarrowerTaken"]>("POST", `/access/drafts/${now.id}/narrower`, { role, items } as unknown as Json); });
      say(t("narrow.done", { n: told.taken, id }) + (told.already ? t("narrow.already", { n: told.already }) : ""));
      void go(`/access/drafts/${id}`);
    } catch (cause) {
      setProblem(asProblem(cause));
      if (asProblem(cause).code === "moved") await client.invalidateQueries({ queryKey: ["access", "narrower"] });
    } finally { setBusy(false); }
  };
  return (
    <>
      {may ? <p className="soft">{t("narrow.hint")}</p> : null}
      <ul>{[...lines.entries()].map(([line, few]) => (
        <li key={line} className="narrow-line"><p className="soft"><span className="dim">{t("simulate.line", { n: line + 1 })}</span> {w(few[0]?.line_words)}</p>
          {few.map((one) => <Row key={keyOf(one)} one={one} may={may} on={!left.has(keyOf(one))} pick={some[keyOf(one)] ?? {}} onToggle={(on) => toggle(one, on)} onPick={(pick) => setSome((now) => ({ ...now, [keyOf(one)]: pick }))} />)}
        </li>
      ))}</ul>
      {problem ? <Refused problem={problem} /> : null}
      {may ? (
        <p className="narrow-foot">
          <button type="button" className="link" onClick={() => setLeft(left.size ? new Set() : new Set(of.map(keyOf)))}>{t(left.size ? "narrow.all" : "narrow.none")}</button>
          <span className="dim end">{draft ? t("narrow.into", { id: draft.id, title: draft.title }) : t("narrow.intoNew", { title })}</span>
          <Button size="xs" variant="filled" disabled={!items.length} loading={busy} onClick={() => void act()}>{t("narrow.take", { n: items.length })}</Button>
        </p>
      ) : null}
    </>
  );
}

interface RowProps { one: Proposal; may: boolean; on: boolean; pick: Pick; onToggle: (on: boolean) => void; onPick: (pick: Pick) => void }

function Row({ one, may, on, pick, onToggle, onPick }: RowProps) {
  const { t, w } = useI18n();
  if (!may) return <p className="narrow-pick">{w(one.words)}</p>;
  const fields = one.kind !== "scope" && FIELDS.has(one.action);
  return (
    <div className="narrow-pick">
      <label><input type="checkbox" checked={on} onChange={(event) => onToggle(event.target.checked)} /><span>{w(one.words)}</span></label>
      {on && one.kind === "alone" && one.person ? <label><input type="checkbox" checked={pick.keep ?? true} onChange={(event) => onPick({ ...pick, keep: event.target.checked })} />{t("narrow.keep", { name: one.person.name })}</label> : null}
      {on && fields ? <button type="button" className="link end" aria-expanded={pick.fields !== undefined} onClick={() => onPick({ ...pick, fields: pick.fields === undefined ? [] : undefined })}>{t(pick.fields === undefined ? "narrow.fields" : "narrow.whole")}</button> : null}
      {on && fields && pick.fields !== undefined ? <FieldsOf one={one} chosen={pick.fields} onChange={(next) => onPick({ ...pick, fields: next })} /> : null}
    </div>
  );
}

function FieldsOf({ one, chosen, onChange }: { one: Proposal; chosen: string[]; onChange: (fields: string[]) => void }) {
  const { t, w } = useI18n();
  const found = useQuery(vocabularyQuery(one.type));
  if (!found.data) return <Bones rows={1} height={28} />;
  const fields = found.data.fields.filter((field) => one.action === "read" || !field.readonly);
  return (
    <fieldset className="choices"><legend className="field-label">{t("narrow.fieldsOf")}</legend>
      {fields.map((field) => <label key={field.code} className="chip-choice"><input type="checkbox" checked={chosen.includes(field.code)} onChange={(event) => onChange(event.target.checked ? [...chosen, field.code] : chosen.filter((code) => code !== field.code))} />{w(field.name)}</label>)}
    </fieldset>
  );
}
