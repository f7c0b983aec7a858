/** Small pieces that every page shows: people, statuses, departments, keys, empty states, skeletons. */
import type { ReactNode } from "react";
import type { FieldMeta, Json, PersonRef } from "../api/types";
import { useI18n } from "../i18n";
import { initial } from "./format";
import { Icon, type IconName } from "./icons";
import { useMyId } from "./session";

export function Face({ name, me, size }: { name: string; me?: boolean; size?: 24 | 34 }) {
  return <span className={`face${me ? " me" : ""}${size ? ` s${size}` : ""}`} aria-hidden="true">{initial(name)}</span>;
}

export function Who({ person, size, inList }: { person: PersonRef; size?: 24 | 34; inList?: boolean }) {
  const mine = useMyId() === person.id;
  if (inList) return <span className={mine ? "who-flat me cut" : "who-flat cut"} data-face={initial(person.name)}>{person.name}</span>;
  return <span className="who"><Face name={person.name} me={mine} size={size} /><span className="cut">{person.name}</span></span>;
}

const TONES = ["v1", "v2", "v3", "v4", "v5", "v6"];
export function toneOf(text: string): string {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return TONES[sum % TONES.length] ?? "v5";
}

export function Dept({ name, en, inList }: { name: string; en?: string; inList?: boolean }) {
  const said = (useI18n().lang === "en" && en) || name;
  const style = { "--dot": `var(--${toneOf(name)})` } as React.CSSProperties;
  if (inList) return <span className="dept flat cut" style={style}>{said}</span>;
  return <span className="dept" style={style}><span className="cut">{said}</span></span>;
}

/** In a list one element instead of two: thirty rows of eight cells add up. */
export function Status({ field, value, inList }: { field: FieldMeta; value: Json; inList?: boolean }) {
  const { w } = useI18n();
  const option = field.options?.find((one) => one.value === value);
  const tone = option?.color && /^v[1-6]$/.test(option.color) ? option.color : "v5";
  const style = { "--dot": `var(--${tone})` } as React.CSSProperties;
  const text = option ? w(option.name) : String(value);
  return inList ? <span className="status flat cut" style={style}>{text}</span> : <span className="status" style={style}><span className="cut">{text}</span></span>;
}

export function Key({ children }: { children: ReactNode }) { return <kbd className="key">{children}</kbd>; }

export function Blank({ icon, title, children, act }: { icon: IconName; title: string; children?: ReactNode; act?: ReactNode }) {
  return <div className="blank"><Icon name={icon} /><h2>{title}</h2>{children ? <p>{children}</p> : null}{act}</div>;
}

const WIDTHS = [62, 84, 48, 74, 56, 90, 66, 78];
export function Bones({ rows, height }: { rows: number; height: number }) {
  const { t } = useI18n();
  return (
    <div role="status" aria-label={t("kit.loading")}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ height, display: "flex", alignItems: "center" }}><i className="bone" style={{ width: `${WIDTHS[index % WIDTHS.length]}%` }} /></div>
      ))}
    </div>
  );
}
