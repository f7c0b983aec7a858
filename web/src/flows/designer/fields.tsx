/** A step's form: each field hidden, shown, filled in or required. */
import { useState } from "react";
import { useI18n } from "../../i18n";
import type { Kit, KitField } from "./types";
import "../../i18n/words-lists";

type Level = "" | "show" | "edit" | "require";
const LEVELS: readonly Level[] = ["", "show", "edit", "require"];
function codes(text: string | undefined): string[] { return (text ?? "").split(/\s+/).filter(Boolean); }

/** `only`: it is read and nobody fills anything in. */
export function FormFields({ form, kit, locked, only, onChange }: { form: Record<string, string>; kit: Kit; locked: boolean; only?: boolean; onChange: (form: Record<string, string | null>) => void }) {
  const { t, w } = useI18n();
  const [wanted, want] = useState("");
  const show = codes(form.show), edit = codes(form.edit), require = codes(form.require);
  const level = (code: string): Level => (require.includes(code) ? "require" : edit.includes(code) ? "edit" : show.includes(code) ? "show" : "");
  const known = new Set(kit.fields.map((one) => one.code));
  const foreign = [...new Set([...show, ...edit, ...require])].filter((code) => !known.has(code));
  const put = (code: string, next: Level) => {
    const without = (some: string[]) => some.filter((one) => one !== code);
    const shown = next === "show" ? [...without(show), code] : without(show), filled = next === "edit" || next === "require" ? [...without(edit), code] : without(edit), needed = next === "require" ? [...without(require), code] : without(require);
    onChange({ show: shown.join(" ") || null, edit: filled.join(" ") || null, require: needed.join(" ") || null });
  };
  const text = wanted.trim().toLowerCase();
  const used = (one: KitField) => (level(one.code) ? 0 : 1);
  const [order] = useState(() => new Map([...kit.fields].sort((a, b) => used(a) - used(b)).map((one, at) => [one.code, at])));
  const rows = [...kit.fields].sort((a, b) => (order.get(a.code) ?? 0) - (order.get(b.code) ?? 0)).filter((one) => !text || w(one.name).toLowerCase().includes(text) || one.code.includes(text));
  return (
    <>
      {kit.fields.length > 10 ? <input className="box" type="search" aria-label={t("design.findField")} placeholder={t("design.findField")} value={wanted} onChange={(event) => want(event.target.value)} /> : null}
      <ul className="draw-fields" tabIndex={0} aria-label={t("design.form")}>
        {rows.map((one) => (
          <li key={one.code} className={level(one.code) ? "on" : undefined}>
            <span className="cut grow">{w(one.name)}</span>
            {one.data_class === "sensitive" || one.data_class === "confidential" ? <span className="chip">{t(`class.${one.data_class}`)}</span> : null}
            <select className="box" aria-label={w(one.name)} disabled={locked} value={level(one.code)} onChange={(event) => put(one.code, event.target.value as Level)}>{LEVELS.filter((other) => (one.writable && !only) || other === "" || other === "show" || other === level(one.code)).map((other) => <option key={other} value={other}>{t(`design.f.${other}`)}</option>)}</select>
          </li>
        ))}
        {foreign.map((code) => <li key={code} className="on"><code className="cut grow">{code}</code><select className="box" aria-label={code} disabled={locked} value={level(code)} onChange={(event) => put(code, event.target.value as Level)}>{LEVELS.map((other) => <option key={other} value={other}>{t(`design.f.${other}`)}</option>)}</select></li>)}
      </ul>
    </>
  );
}

export function HoldFields({ holds, kit, locked, onChange }: { holds: string[]; kit: Kit; locked: boolean; onChange: (holds: string[]) => void }) {
  const { w } = useI18n();
  const foreign = holds.filter((code) => !kit.fields.some((one) => one.code === code));
  const all = [...kit.fields.filter((one) => one.writable || holds.includes(one.code)).map((one) => ({ code: one.code, name: w(one.name) })), ...foreign.map((code) => ({ code, name: code }))];
  return <div className="draw-options">{all.map((one) => <label key={one.code} className="row tight"><input type="checkbox" disabled={locked} checked={holds.includes(one.code)} onChange={(event) => onChange(event.target.checked ? [...holds, one.code] : holds.filter((code) => code !== one.code))} /><span>{one.name}</span></label>)}</div>;
}
