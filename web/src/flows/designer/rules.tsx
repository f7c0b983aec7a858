/** Rules that find people: which rule, and what it takes. What the server knows of rules decides what is asked. */
import { useId } from "react";
import { PersonPicker } from "../../access/leaving/person-picker";
import { useI18n, type Key } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { Rule } from "./file";
import { personName } from "./told";
import type { Kit, KitRule, Named } from "./types";

interface Props { label: string; rules: readonly Rule[]; kit: Kit; locked: boolean; onChange: (rules: Rule[]) => void; /** At most so many. */ most?: number }

export function Rules({ label, rules, kit, locked, onChange, most = 10 }: Props) {
  const { t } = useI18n();
  const change = (at: number, next: Rule) => onChange(rules.map((one, place) => (place === at ? next : one)));
  return (
    <fieldset className="plain draw-rules" disabled={locked}>
      <legend className="field-label">{label}</legend>
      {rules.map((one, at) => <One key={at} one={one} kit={kit} onChange={(next) => change(at, next)} onRemove={() => onChange(rules.filter((_, place) => place !== at))} />)}
      {rules.length < most && !locked ? <button type="button" className="tool" onClick={() => onChange([...rules, { rule: "position", given: {} }])}><Icon name="plus" small />{t(rules.length ? "design.addRule" : "design.raciAdd")}</button> : null}
    </fieldset>
  );
}

function One({ one, kit, onChange, onRemove }: { one: Rule; kit: Kit; onChange: (next: Rule) => void; onRemove: () => void }) {
  const { t, w } = useI18n();
  const rule = kit.rules.find((other) => other.code === one.rule);
  const set = (name: string, value: string) => { const given = { ...one.given, [name]: value }; if (!value) delete given[name]; onChange({ ...one, given }); };
  const choose = (code: string) => {
    const next = kit.rules.find((other) => other.code === code);
    onChange({ rule: code, given: Object.fromEntries(Object.entries(one.given).filter(([name]) => next && name in next.takes)) });
  };
  return (
    <div className="draw-rule">
      <div className="row"><select className="box" aria-label={t("design.rule")} value={one.rule} onChange={(event) => choose(event.target.value)}>{rule ? null : <option value={one.rule}>{one.rule}</option>}{kit.rules.map((other) => <option key={other.code} value={other.code}>{w(other.name)}</option>)}</select><button type="button" className="ib" aria-label={t("design.removeRule")} onClick={onRemove}><Icon name="x" small /></button></div>
      {rule ? <Takes one={one} rule={rule} kit={kit} set={set} onChange={onChange} /> : null}
    </div>
  );
}

function Takes({ one, rule, kit, set, onChange }: { one: Rule; rule: KitRule; kit: Kit; set: (name: string, value: string) => void; onChange: (next: Rule) => void }) {
  const { t } = useI18n();
  const names = Object.keys(rule.takes);
  const placed = names.includes("department") && names.includes("of");
  const person = kit.fields.filter((field) => field.person);
  return (
    <>
      {names.map((name) => {
        if (placed && (name === "department" || name === "of")) return null;
        const values = rule.takes[name] ?? [];
        if (name === "person") return <div key={name}><PersonPicker key={one.given.person ? `${one.given.person}/${personName(kit, one.given.person)}` : ""} label={t("design.p.person")} value={one.given.person ? { id: "0", name: personName(kit, one.given.person), username: one.given.person } : null} onPick={(who) => { if (who.username) set("person", who.username); }} /></div>;
        if (name === "of") return <Choice key={name} name={name} value={one.given.of ?? "initiator"} options={values.map((value) => ({ code: value, name: { zh: t(`design.of.${value}` as Key), en: t(`design.of.${value}` as Key) } }))} onChange={(value) => set("of", value === "initiator" ? "" : value)} />;
        if (name === "position") return <Choice key={name} name={name} value={one.given.position ?? ""} options={kit.positions} empty onChange={(value) => set("position", value)} />;
        if (name === "department") return <Choice key={name} name={name} value={one.given.department ?? ""} options={tree(kit)} empty onChange={(value) => set("department", value)} />;
        if (name === "role") return <Choice key={name} name={name} value={one.given.role ?? ""} options={rule.code === "project" ? [{ code: "lead", name: both(t("design.project.lead")) }, { code: "member", name: both(t("design.project.member")) }] : kit.roles} empty onChange={(value) => set("role", value)} />;
        if (name === "field") return <Choice key={name} name={name} value={one.given.field ?? ""} options={person.map((field) => ({ code: field.code, name: field.name }))} empty onChange={(value) => set("field", value)} />;
        if (values.length) return <Choice key={name} name={name} value={one.given[name] ?? values[0] ?? ""} options={values.map((value) => ({ code: value, name: both(value) }))} onChange={(value) => set(name, value)} />;
        return <label key={name} className="draw-take"><span className="field-label">{t(`design.p.${name}` as Key)}</span><input className="box" value={one.given[name] ?? ""} onChange={(event) => set(name, event.target.value)} /></label>;
      })}
      {placed ? <Where one={one} whole={rule.code !== "head"} kit={kit} of={rule.takes.of ?? []} onChange={onChange} /> : null}
    </>
  );
}
function both(text: string) { return { zh: text, en: text }; }
/** Departments with how deep they lie before their names. */
function tree(kit: Kit): Named[] {
  const made: Named[] = [];
  const walk = (parent: string | null, depth: number) => { for (const one of kit.departments) if (one.parent === parent) { const lead = "  ".repeat(depth); made.push({ code: one.code, name: { zh: lead + one.name.zh, en: lead + one.name.en } }); if (depth < 12) walk(one.code, depth + 1); } };
  walk(null, 0);
  return made.length ? made : kit.departments;
}

/** A department: somebody's, or a named one, or none in particular. */
function Where({ one, whole, kit, of, onChange }: { one: Rule; whole: boolean; kit: Kit; of: string[]; onChange: (next: Rule) => void }) {
  const { t } = useI18n();
  const value = one.given.department ? `d:${one.given.department}` : one.given.of ? `o:${one.given.of}` : whole ? "" : "o:initiator";
  const choose = (next: string) => {
    const { department: _d, of: _o, ...given } = one.given;
    if (next.startsWith("d:")) onChange({ ...one, given: { ...given, department: next.slice(2) } });
    else if (next.startsWith("o:") && (whole || next !== "o:initiator")) onChange({ ...one, given: { ...given, of: next.slice(2) } });
    else onChange({ ...one, given });
  };
  const options: Named[] = [...(whole ? [{ code: "", name: both(t("design.anyDepartment")) }] : []), ...of.map((who) => ({ code: `o:${who}`, name: both(t("design.deptOf", { who: t(`design.of.${who}` as Key) })) })), ...tree(kit).filter((dept) => dept.code).map((dept) => ({ code: `d:${dept.code}`, name: dept.name }))];
  return <Choice name="department" value={value} options={options} onChange={choose} />;
}

export function Choice({ name, label, value, options, empty, disabled, onChange }: { name?: string; label?: string; value: string; options: readonly Named[]; empty?: boolean; disabled?: boolean; onChange: (value: string) => void }) {
  const { t, w } = useI18n();
  const id = useId();
  const known = options.some((one) => one.code === value);
  return (
    <div className="draw-take">
      <label className="field-label" htmlFor={id}>{label ?? t(`design.p.${name}` as Key)}</label>
      <select id={id} className="box" disabled={disabled} value={value} onChange={(event) => onChange(event.target.value)}>
        {empty || !value ? (options.some((one) => one.code === "") ? null : <option value="">{t("design.choose")}</option>) : null}
        {!known && value ? <option value={value}>{value}</option> : null}
        {options.map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}
      </select>
    </div>
  );
}
