/** How much of a record may be seen at most: by data class, and by field where that is said apart. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { Vocabulary } from "../types";
import "../../i18n/words-configure";

const CLASSES = ["public", "internal", "sensitive", "confidential"] as const;
const LEVELS = ["hidden", "masked", "read"] as const;
type Read = Record<string, string>;

export function Levels({ fields, read, onChange }: { fields: Vocabulary["fields"]; read: Read; onChange: (read: Read) => void }) {
  const { t, w } = useI18n();
  const set = (key: string, level: string) => { const { [key]: _, ...rest } = read; onChange(level ? { ...rest, [key]: level } : rest); };
  const own = fields.filter((one) => one.code in read);
  const pick = (key: string, name: string, blank: boolean) => (
    <label key={key}><span className="field-label">{name}</span>
      <select className="box" value={read[key] ?? ""} onChange={(event) => set(key, event.target.value)}>
        {blank ? <option value="">{t("ceiling.usual")}</option> : null}{LEVELS.map((level) => <option key={level} value={level}>{t(`ceiling.level.${level}`)}</option>)}
      </select>
    </label>
  );
  return (
    <fieldset className="choices">
      <legend className="field-label">{t("ceiling.levels")}</legend>
      <div className="form-four">{CLASSES.map((key) => pick(key, t(`ceiling.class.${key}`), true))}</div>
      {own.length ? <div className="form-four">{own.map((one) => <div key={one.code} className="row">{pick(one.code, w(one.name), false)}<button type="button" className="ib" aria-label={`${t("ceiling.dropField")} · ${w(one.name)}`} title={t("ceiling.dropField")} onClick={() => set(one.code, "")}><Icon name="x" small /></button></div>)}</div> : null}
      <label><span className="unseen">{t("ceiling.addField")}</span><select className="box" value="" onChange={(event) => { if (event.target.value) set(event.target.value, "hidden"); }}><option value="">{t("ceiling.addField")}</option>{fields.filter((one) => !(one.code in read)).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
    </fieldset>
  );
}
