/** Who is moved: people of the department one came from, and anybody else. */
import { useQuery } from "@tanstack/react-query";
import { get, query } from "../../api/client";
import type { PersonRef } from "../../api/types";
import type { Paged, PersonRow } from "../../admin/types";
import { findPeople } from "../../fields/find";
import { Picker } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import type { Mover } from "./asked";

const MOST = 100;

export function PeopleStep({ people, department, onChange }: { people: Mover[]; department?: { id: string; name: string }; onChange: (people: Mover[]) => void }) {
  const { t } = useI18n();
  const has = (username: string) => people.some((one) => one.username === username);
  const add = (some: Mover[]) => onChange([...people, ...some.filter((one) => one.username && !has(one.username))].slice(0, MOST));
  const drop = (names: string[]) => onChange(people.filter((one) => !names.includes(one.username)));
  return (
    <>
      <p className="soft">{t("move.whoHint")}</p>
      {department ? <OfDepartment department={department} has={has} onAdd={add} onDrop={drop} /> : null}
      <div><span className="field-label">{t("move.add")}</span>
        <Picker label={t("move.add")} adds chosen={null} find={findPeople} autoFocus={!department}
          onChoose={(choice) => { const who = choice?.value as PersonRef | undefined; if (who) add([{ username: who.username ?? "", name: who.name }]); }} />
      </div>
      {people.length ? (
        <div><p className="field-label" aria-live="polite">{t("move.chosen", { n: people.length })}{people.length >= MOST ? ` · ${t("move.most", { n: MOST })}` : ""}</p>
          <ul className="move-chosen">{people.map((one) => <li key={one.username} className="chip">{one.name}<button type="button" className="ib tiny" aria-label={t("move.drop", { name: one.name })} onClick={() => drop([one.username])}><Icon name="x" small /></button></li>)}</ul></div>
      ) : <p className="dim">{t("move.nobody")}</p>}
    </>
  );
}

function OfDepartment({ department, has, onAdd, onDrop }: { department: { id: string; name: string }; has: (username: string) => boolean; onAdd: (some: Mover[]) => void; onDrop: (names: string[]) => void }) {
  const { t } = useI18n();
  const found = useQuery({ queryKey: ["people", department.id, "move"], queryFn: ({ signal }) => get<Paged<PersonRow>>(`/organisation/people${query({ department: department.id, limit: MOST })}`, signal) });
  if (!found.data) return <Bones rows={2} height={32} />;
  const rows = found.data.items.filter((one) => one.status !== "left" && one.username).map((one) => ({ username: one.username ?? "", name: one.name }));
  const all = rows.length > 0 && rows.every((one) => has(one.username));
  return (
    <fieldset className="choices move-choices">
      <legend className="field-label"><span className="row">{t("move.of", { place: department.name })}<button type="button" className="link" onClick={() => (all ? onDrop(rows.map((one) => one.username)) : onAdd(rows))}>{t(all ? "move.none" : "move.all")}</button></span></legend>
      {rows.map((one) => <label key={one.username} className="chip-choice"><input type="checkbox" checked={has(one.username)} onChange={(event) => (event.target.checked ? onAdd([one]) : onDrop([one.username]))} />{one.name}</label>)}
    </fieldset>
  );
}
