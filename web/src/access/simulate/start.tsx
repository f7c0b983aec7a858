/** Where to begin: a draft, a question without one, and roles that their use says could be narrower. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { moment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { departmentsQuery, draftsQuery, narrowerQuery, peopleQuery, positionsQuery, rulesQuery } from "./queries";
import type { What } from "./types";
import "../../i18n/words-simulate";

export function Start({ onAsk }: { onAsk: (what: What) => void }) {
  const { t } = useI18n();
  return (
    <div className="sim-start">
      <header><h2>{t("simulate.start")}</h2><p className="soft">{t("simulate.startHint")}</p></header>
      <Drafts />
      <Ask onAsk={onAsk} />
      <Narrower />
    </div>
  );
}

function Drafts() {
  const { t, lang } = useI18n();
  const found = useQuery(draftsQuery);
  const open = (found.data?.items ?? []).filter((one) => one.state === "open" || one.state === "submitted");
  return (
    <section className="sheet sim-part" aria-label={t("simulate.drafts")}>
      <header className="sim-head"><Icon name="file" small /><h2>{t("simulate.drafts")}</h2></header>
      {found.isPending ? <Bones rows={2} height={36} /> : null}
      {found.isError ? <Refused problem={asProblem(found.error)} /> : null}
      {found.data && open.length === 0 ? <p className="dim">{t("simulate.noDrafts")}</p> : null}
      <ul className="sim-list">
        {open.map((one) => <li key={one.id}><Link className="row sim-draft" to={`/access/simulate?draft=${one.id}`}><b className="cut">{one.title}</b><span className={one.state === "open" ? "chip amber" : "chip brand"}>{t(`simulate.state.${one.state}`)}</span><span className="dim end">{one.created_by?.name} · {t("simulate.size", { n: one.size })} · {moment(one.changed_at, lang)}</span></Link></li>)}
      </ul>
    </section>
  );
}

const KINDS = ["move", "leave", "role"] as const;
interface Choice { value: string; label: string }

function Ask({ onAsk }: { onAsk: (what: What) => void }) {
  const { t, w } = useI18n();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("move");
  const [values, setValues] = useState({ person: "", department: "", position: "", role: "" });
  const departments = useQuery(departmentsQuery);
  const positions = useQuery(positionsQuery);
  const roles = useQuery({ ...rulesQuery, enabled: kind === "role" });
  const people = useQuery({ ...peopleQuery(values.person), enabled: kind !== "role" });
  const ready = kind === "role" ? values.role : kind === "leave" ? values.person : values.person && values.department;
  const set = (name: keyof typeof values, value: string) => setValues((now) => ({ ...now, [name]: value }));
  const ask = (event: FormEvent) => {
    event.preventDefault();
    const { person, department, position, role } = values;
    if (kind === "move") onAsk({ kind, person, department, position: position || null });
    else if (kind === "leave") onAsk({ kind, person });
    else onAsk({ kind, role });
  };
  const select = (name: keyof typeof values, label: string, empty: string, choices: Choice[]) => (
    <label className="grow"><span className="field-label">{label}</span>
      <select className="box" value={values[name]} onChange={(event) => set(name, event.currentTarget.value)}><option value="">{empty}</option>{choices.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}</select>
    </label>
  );
  return (
    <section className="sheet sim-part" aria-label={t("simulate.whatIf")}>
      <header className="sim-head"><Icon name="bulb" small /><h2>{t("simulate.whatIf")}</h2></header>
      <form className="stack" onSubmit={ask}>
        <div className="tabs" role="group" aria-label={t("simulate.whatIf")}>{KINDS.map((one) => <button type="button" key={one} className="tab" aria-pressed={kind === one} onClick={() => setKind(one)}>{t(`simulate.what.${one}`)}</button>)}</div>
        <div className="row wrap sim-fields">
          {kind === "role" ? select("role", t("simulate.which"), t("simulate.choose"), (roles.data?.roles ?? []).map((one) => ({ value: one.code, label: w(one.name) }))) : (
            <label className="grow"><span className="field-label">{t("simulate.whose")}</span>
              <input className="box" list="sim-people" value={values.person} maxLength={150} autoComplete="off" onChange={(event) => set("person", event.currentTarget.value.trim())} />
              <datalist id="sim-people">{(people.data?.items ?? []).map((one) => <option key={one.id} value={one.username}>{one.name}</option>)}</datalist>
            </label>
          )}
          {kind === "move" ? select("department", t("simulate.to"), t("simulate.choose"), (departments.data?.items ?? []).map((one) => ({ value: one.code, label: one.name }))) : null}
          {kind === "move" ? select("position", t("simulate.as"), t("simulate.noPosition"), (positions.data?.items ?? []).map((one) => ({ value: one.code, label: one.name }))) : null}
          <Button className="btn" type="submit" variant="filled" disabled={!ready}>{t("simulate.ask")}</Button>
        </div>
      </form>
    </section>
  );
}

function Narrower() {
  const { t, w } = useI18n();
  const found = useQuery(narrowerQuery);
  return (
    <section className="sheet sim-part" aria-label={t("simulate.narrower")}>
      <header className="sim-head"><Icon name="filter" small /><h2>{t("simulate.narrower")}</h2><span className="dim">{t("simulate.narrowerHint")}</span></header>
      {found.isPending ? <Bones rows={3} height={32} /> : null}
      {found.isError ? <Refused problem={asProblem(found.error)} /> : null}
      {found.data && !found.data.enough ? <p className="dim">{t("simulate.notEnough")}</p> : null}
      {found.data?.enough && found.data.items.length === 0 ? <p className="dim">{t("simulate.allUsed")}</p> : null}
      <ul className="sim-list">{(found.data?.items ?? []).map((one) => <li key={`${one.role}${one.line}${one.kind}${one.action}`} className="row"><b className="cut sim-role">{w(one.role_words)}</b><span className="dim">{t("simulate.line", { n: one.line + 1 })}</span><span className="cut grow">{w(one.words)}</span></li>)}</ul>
    </section>
  );
}
