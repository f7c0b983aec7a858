/** Who gets which records: rules by type and department; the first that fits decides. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { PersonPicker } from "./person-picker";
import type { Owned, RuleDraft } from "./types";
import "../../i18n/words-review";

interface Props { rules: RuleDraft[]; records: Owned[]; onChange: (rules: RuleDraft[]) => void }

export function Rules({ rules, records, onChange }: Props) {
  const { t, w } = useI18n();
  const change = (key: number, part: Partial<RuleDraft>) => onChange(rules.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const places = (type: string) => {
    const found = new Map<string, string>();
    for (const one of records) if (type === "*" || one.type === type) for (const place of one.departments) if (place.id) found.set(place.id, w(place.name));
    return [...found];
  };
  // What is added stands before the general rule, which would else take everything.
  const add = () => { const key = Math.max(0, ...rules.map((one) => one.key)) + 1; onChange([{ key, type: records[0]?.type ?? "*", department: null, to: null }, ...rules]); };
  return (
    <fieldset className="rules-form">
      <legend className="field-label">{t("leaving.rule")} <span className="dim">{t("leaving.ruleHelp")}</span></legend>
      {rules.map((one, at) => (
        <div key={one.key} className="rule-row">
          <label><span className="field-label">{t("leaving.type")}</span><select className="box" value={one.type} onChange={(event) => change(one.key, { type: event.target.value, department: null })}><option value="*">{t("leaving.any")}</option>{records.map((kind) => <option key={kind.type} value={kind.type}>{w(kind.name)} {kind.count}</option>)}</select></label>
          <label><span className="field-label">{t("leaving.where")}</span><select className="box" value={one.department ?? ""} onChange={(event) => change(one.key, { department: event.target.value || null })}><option value="">{t("leaving.anywhere")}</option>{places(one.type).map(([id, name]) => <option key={id} value={id}>{name}</option>)}</select></label>
          <PersonPicker label={t("leaving.to")} value={one.to} onPick={(to) => change(one.key, { to })} />
          <button type="button" className="ib" disabled={rules.length === 1} aria-label={`${t("leaving.removeRule")} ${at + 1}`} title={t("leaving.removeRule")} onClick={() => onChange(rules.filter((other) => other.key !== one.key))}><Icon name="x" small /></button>
        </div>
      ))}
      <button type="button" className="tool" onClick={add}><Icon name="plus" small />{t("leaving.addRule")}</button>
    </fieldset>
  );
}
