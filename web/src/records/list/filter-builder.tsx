/** Conditions joined by all or any, with one level of groups inside; each row speaks its field's own operators. */
import { Button } from "@mantine/core";
import { useState } from "react";
import type { FieldMeta, Json, TypeMeta } from "../../api/types";
import { kindOf } from "../../fields/registry";
import { useI18n, type Key } from "../../i18n";
import { Float } from "../../kit/float";
import { Icon } from "../../kit/icons";
import { firstOperator, isGroup, isWhole, takesValue, type Condition, type FilterGroup } from "../filter";
import "../../i18n/words-tools";
import "../../i18n/words-lists";

const WORDS: Record<string, Key> = {
  "=": "op.is", "!=": "op.isnt", in: "op.in", "<": "op.lt", "<=": "op.le", ">": "op.gt", ">=": "op.ge", empty: "op.empty", filled: "op.filled", contains: "op.contains", starts: "op.starts", has: "op.has",
};

function ValueInput({ field, op, value, onChange }: { field: FieldMeta; op: string; value: Json; onChange: (value: Json) => void }) {
  const { t, w } = useI18n();
  const label = t("filter.value", { field: w(field.name) });
  if (op === "in") {
    const chosen = Array.isArray(value) ? value : [];
    if (field.options) {
      return (
        <div role="group" aria-label={label} className="row wrap">
          {field.options.map((option) => (
            <label key={option.value} className="row tight"><input type="checkbox" checked={chosen.includes(option.value)} onChange={() => onChange(chosen.includes(option.value) ? chosen.filter((one) => one !== option.value) : [...chosen, option.value])} />{w(option.name)}</label>
          ))}
        </div>
      );
    }
    return <input className="box" aria-label={label} placeholder={t("filter.list")} defaultValue={chosen.join(", ")} onChange={(event) => onChange(event.target.value.split(/[,，、]/).map((one) => one.trim()).filter(Boolean))} />;
  }
  const kind = kindOf(field);
  const loose = op === "contains" || op === "starts" ? { ...field, kind: "text" } : { ...field, required: true };
  const one = field.kind === "choices" ? { ...loose, kind: "choice" } : field.kind === "links" ? { ...loose, kind: "link" } : loose;
  const Edit = kindOf(one).Edit ?? kind.Edit;
  return <Edit field={one} value={value} onChange={onChange} label={label} />;
}

function Row({ item, fields, onChange, onRemove }: { item: Condition; fields: FieldMeta[]; onChange: (item: Condition) => void; onRemove: () => void }) {
  const { t, w } = useI18n();
  const field = fields.find((one) => one.code === item.field);
  return (
    <div className="filter-row">
      <select className="box" aria-label={t("filter.field")} value={item.field} onChange={(event) => { const next = fields.find((one) => one.code === event.target.value); if (next) onChange({ field: next.code, op: firstOperator(next), value: null }); }}>
        {fields.map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}
      </select>
      <select className="box" aria-label={t("filter.operator")} value={item.op} onChange={(event) => onChange({ ...item, op: event.target.value, value: event.target.value === "in" || item.op === "in" ? null : item.value })}>
        {(field?.operators ?? []).map((op) => <option key={op} value={op}>{WORDS[op] ? t(WORDS[op]) : op}</option>)}
      </select>
      {field && takesValue(item.op) ? <ValueInput key={`${item.field}${item.op}`} field={field} op={item.op} value={item.value} onChange={(value) => onChange({ ...item, value })} /> : <span />}
      <button type="button" className="ib" aria-label={t("filter.remove")} onClick={onRemove}><Icon name="x" small /></button>
    </div>
  );
}

function GroupEditor({ group, fields, depth, onChange }: { group: FilterGroup; fields: FieldMeta[]; depth: number; onChange: (group: FilterGroup) => void }) {
  const { t } = useI18n();
  const replace = (index: number, item: Condition | FilterGroup | null) => onChange({ ...group, items: item ? group.items.map((one, at) => (at === index ? item : one)) : group.items.filter((_, at) => at !== index) });
  const first = fields[0];
  const fresh = (): Condition[] => (first ? [{ field: first.code, op: firstOperator(first), value: null }] : []);
  return (
    <div className={depth ? "filter-group inner" : "filter-group"}>
      <div className="row">
        <select className="box filter-match" aria-label={t("filter.match")} value={group.any ? "any" : "all"} onChange={(event) => onChange({ ...group, any: event.target.value === "any" })}>
          <option value="all">{t("filter.all")}</option>
          <option value="any">{t("filter.any")}</option>
        </select>
        <span className="dim">{t("filter.ofThese")}</span>
      </div>
      {group.items.map((item, index) => (isGroup(item)
        ? <div key={index} className="row filter-nested"><GroupEditor group={item} fields={fields} depth={depth + 1} onChange={(next) => replace(index, next)} /><button type="button" className="ib" aria-label={t("filter.removeGroup")} onClick={() => replace(index, null)}><Icon name="x" small /></button></div>
        : <Row key={index} item={item} fields={fields} onChange={(next) => replace(index, next)} onRemove={() => replace(index, null)} />))}
      <div className="row">
        <button type="button" className="tool" onClick={() => onChange({ ...group, items: [...group.items, ...fresh()] })}><Icon name="plus" small />{t("filter.add")}</button>
        {depth === 0 ? <button type="button" className="tool" onClick={() => onChange({ ...group, items: [...group.items, { any: !group.any, items: fresh() }] })}><Icon name="plus" small />{t("filter.addGroup")}</button> : null}
      </div>
    </div>
  );
}

export function FilterBuilder({ type, group, anchor, onApply, onClose }: { type: TypeMeta; group: FilterGroup; anchor: Element; onApply: (group: FilterGroup) => void; onClose: () => void }) {
  const { t } = useI18n();
  const usable = type.fields.filter((field) => field.operators.length > 0);
  const fields = [...usable.filter((field) => field.code === type.title), ...usable.filter((field) => field.code !== type.title)];
  const first = fields.find((field) => field.code === type.title) ?? fields[0];
  const [draft, setDraft] = useState<FilterGroup>(group.items.length || !first ? group : { any: false, items: [{ field: first.code, op: firstOperator(first), value: null }] });
  const unfinished = (one: FilterGroup): boolean => one.items.some((item) => (isGroup(item) ? unfinished(item) : !isWhole(item)));
  return (
    <Float anchor={anchor} label={t("list.filter")} onClose={onClose} width={620} className="filter-float">
      <form className="stack" onSubmit={(event) => { event.preventDefault(); onApply(draft); onClose(); }}>
        <GroupEditor group={draft} fields={fields} depth={0} onChange={setDraft} />
        {unfinished(draft) ? <p className="dim">{t("filter.unfinished")}</p> : null}
        <div className="row">
          <Button size="xs" onClick={() => { onApply({ any: false, items: [] }); onClose(); }}>{t("filter.clear")}</Button>
          <span className="end" />
          <Button size="xs" onClick={onClose}>{t("kit.cancel")}</Button>
          <Button size="xs" type="submit" variant="filled">{t("filter.apply")}</Button>
        </div>
      </form>
    </Float>
  );
}
