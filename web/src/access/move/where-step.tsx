/** Where they go: department and position, manager, projects; what is left alone stays. */
import { useRef } from "react";
import type { PersonRef } from "../../api/types";
import { useRoleName } from "../../admin/words";
import type { components } from "../../api/schema";
import { findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { NONE, OUT, type Mover, type Part, type Wish } from "./asked";

const ROLES = ["member", "lead", "viewer"];
const MOST = 20;

export function WhereStep({ places, people, wish, onChange }: { places: components["schemas"]["MovePlaces"]; people: Mover[]; wish: Wish; onChange: (wish: Wish) => void }) {
  const { t, w } = useI18n();
  const next = useRef(wish.projects.length);
  const set = (some: Partial<Wish>) => onChange({ ...wish, ...some });
  const choice: Choice | null = wish.boss ? { id: wish.boss.username, title: wish.boss.name, value: { ...wish.boss } } : null;
  const own = people.find((one) => one.username === wish.boss?.username);
  return (
    <>
      <p className="soft">{t("move.whereHint")}</p>
      <div className="form-two">
        <label><span className="field-label">{t("move.department")}</span>
          <select className="box" value={wish.department} onChange={(event) => set({ department: event.target.value })}><option value="">{t("move.same")}</option>{places.departments.filter((one) => !one.closes).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
        <label><span className="field-label">{t("move.position")}</span>
          <select className="box" value={wish.position} onChange={(event) => set({ position: event.target.value })}><option value="">{t("move.keep")}</option><option value={NONE}>{t("move.noPosition")}</option>{places.positions.map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
        <label><span className="field-label">{t("move.manager")}</span>
          <select className="box" value={wish.manager} onChange={(event) => set({ manager: event.target.value as Wish["manager"] })}><option value="">{t("move.same")}</option><option value="person">{t("move.newManager")}</option><option value="nobody">{t("move.noManager")}</option></select></label>
        {wish.manager === "person" ? (
          <div><span className="field-label">{t("move.managerIs")}</span>
            <Picker label={t("move.managerIs")} chosen={choice} find={findPeople} onChoose={(found) => { const who = found?.value as PersonRef | undefined; set({ boss: who?.username ? { username: who.username, name: who.name } : null }); }} />
            {own ? <span className="field-help">{t("move.managerSelf", { name: own.name })}</span> : null}</div>
        ) : null}
      </div>
      <fieldset className="move-step"><legend className="field-label">{t("move.projects")}</legend>
        {wish.projects.map((one) => <ProjectRow key={one.key} part={one} places={places} onChange={(part) => set({ projects: wish.projects.map((other) => (other.key === one.key ? part : other)) })} onDrop={() => set({ projects: wish.projects.filter((other) => other.key !== one.key) })} />)}
        {wish.projects.length < MOST ? <button type="button" className="link row" onClick={() => set({ projects: [...wish.projects, { key: next.current++, project: "", role: "member" }] })}><Icon name="plus" small />{t("move.addProject")}</button> : null}
      </fieldset>
    </>
  );
}

function ProjectRow({ part, places, onChange, onDrop }: { part: Part; places: components["schemas"]["MovePlaces"]; onChange: (part: Part) => void; onDrop: () => void }) {
  const { t } = useI18n();
  const roleName = useRoleName();
  return (
    <div className="move-project">
      <label><span className="field-label">{t("move.project")}</span>
        <select className="box" value={part.project} onChange={(event) => onChange({ ...part, project: event.target.value })}><option value="">{t("move.choose")}</option>{places.projects.map((one) => <option key={one.id} value={one.id} disabled={!one.open && part.role !== OUT}>{one.name}{one.open ? "" : t("move.finished")}</option>)}</select></label>
      <label><span className="field-label">{t("move.as")}</span>
        <select className="box" value={part.role} onChange={(event) => onChange({ ...part, role: event.target.value })}>{ROLES.map((one) => <option key={one} value={one}>{roleName(one)}</option>)}<option value={OUT}>{t("move.out")}</option></select></label>
      <button type="button" className="ib" aria-label={t("move.dropProject")} onClick={onDrop}><Icon name="x" small /></button>
    </div>
  );
}
