/** Where to begin: a draft, a question without one, and roles that their use says could be narrower. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";
import { asProblem } from "../../api/client";
import type { PersonRef, Words } from "../../api/types";
import { findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { moment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Narrower } from "./narrower";
import { departmentsQuery, draftsQuery, grantsQuery, positionsQuery, rulesQuery } from "./queries";
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

const KINDS = ["move", "leave", "role", "grant"] as const;
/** No code: as they are now. */
const KEPT = "=";
interface Option { value: string; label: string }

function Ask({ onAsk }: { onAsk: (what: What) => void }) {
  const { t, w } = useI18n();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("move");
  const [who, setWho] = useState<Choice | null>(null);
  const [values, setValues] = useState({ department: "", position: KEPT, role: "", grant: "" });
  const departments = useQuery(departmentsQuery);
  const positions = useQuery(positionsQuery);
  const roles = useQuery({ ...rulesQuery, enabled: kind === "role" });
  const person = (who?.value as PersonRef | undefined)?.username ?? "";
  const grants = useQuery({ ...grantsQuery(who?.id ?? ""), enabled: kind === "grant" && who !== null });
  const held = [...new Map((grants.data?.grants ?? []).map((one) => [one.id, one])).values()];
  const ready = kind === "role" ? values.role : kind === "grant" ? held.some((one) => one.id === values.grant) : kind === "leave" ? person : person && values.department;
  const set = (name: keyof typeof values, value: string) => setValues((now) => ({ ...now, [name]: value }));
  const ask = (event: FormEvent) => {
    event.preventDefault();
    const { department, position, role, grant } = values;
    if (kind === "move") onAsk({ kind, person, department, ...(position === KEPT ? {} : { position: position || null }) });
    else if (kind === "leave") onAsk({ kind, person });
    else if (kind === "role") onAsk({ kind, role });
    else onAsk({ kind, grant });
  };
  const select = (name: keyof typeof values, label: string, empty: string, choices: Option[]) => (
    <label className="grow"><span className="field-label">{label}</span>
      <select className="box" value={values[name]} onChange={(event) => set(name, event.currentTarget.value)}><option value="">{empty}</option>{choices.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}</select>
    </label>
  );
  return (
    <section className="sheet sim-part" aria-label={t("simulate.whatIf")}>
      <header className="sim-head"><Icon name="bulb" small /><h2>{t("simulate.whatIf")}</h2></header>
      <form className="stack" onSubmit={ask}>
        <div className="tabs wraps" role="group" aria-label={t("simulate.whatIf")}>{KINDS.map((one) => <button type="button" key={one} className="tab" aria-pressed={kind === one} onClick={() => setKind(one)}>{t(`simulate.what.${one}`)}</button>)}</div>
        <div className="row wrap sim-fields">
          {kind === "role" ? select("role", t("simulate.which"), t("simulate.choose"), (roles.data?.roles ?? []).map((one) => ({ value: one.code, label: w(one.name) }))) : (
            <div className="grow"><span className="field-label">{t("simulate.whose")}</span>
              <Picker label={t("simulate.whose")} chosen={who} onChoose={setWho} find={findPeople} />
            </div>
          )}
          {kind === "move" ? select("department", t("simulate.to"), t("simulate.choose"), (departments.data?.items ?? []).map((one) => ({ value: one.code, label: w(one) }))) : null}
          {kind === "move" ? select("position", t("simulate.as"), t("simulate.noPosition"), [{ value: KEPT, label: t("simulate.samePosition") }, ...(positions.data?.items ?? []).map((one) => ({ value: one.code, label: w(one) }))]) : null}
          {kind === "grant" ? select("grant", t("simulate.grantsOf"), grants.data && !held.length ? t("simulate.noGrants") : t("simulate.choose"), held.map((one) => ({ value: one.id, label: [w(one.name as Words), w(one.via as Words)].filter(Boolean).join(" · ") }))) : null}
          <Button className="btn" type="submit" variant="filled" disabled={!ready}>{t("simulate.ask")}</Button>
        </div>
      </form>
    </section>
  );
}
