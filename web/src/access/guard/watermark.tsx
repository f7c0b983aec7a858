/** On-screen watermark: who looks and when, over pages on which confidential cells stand in full. Light enough to read through. */
import { useEffect, useId, useState, useSyncExternalStore } from "react";
import { useSession } from "../../kit/session";
import { fullMoment } from "../../kit/format";
import type { RecordView, Row, TypeMeta } from "../../api/types";
import "./guard.css";

let shown = 0;
const listeners = new Set<() => void>();
function add(by: number): void { shown += by; for (const one of listeners) one(); }

/** Tells that confidential cells stand on the page, for as long as they do. */
export function useConfidential(here: boolean): void {
  useEffect(() => {
    if (!here) return undefined;
    add(1);
    return () => add(-1);
  }, [here]);
}

const FULL = new Set(["read", "edit"]);
const secret = (type: TypeMeta) => type.fields.filter((field) => field.data_class === "confidential").map((field) => field.code);
const filled = (value: unknown) => value !== null && value !== undefined && value !== "";

/** Whether a record shows a confidential cell in full. */
export function confidentialIn(type: TypeMeta, record: Pick<RecordView, "values" | "access"> | undefined): boolean {
  return record !== undefined && secret(type).some((code) => FULL.has(record.access[code] ?? "") && filled(record.values[code]));
}

/** Whether one of a list's rows does. */
export function confidentialAmong(type: TypeMeta, rows: Row[], access: (Record<string, string> | undefined)[]): boolean {
  const codes = secret(type);
  return codes.length > 0 && rows.some((row, at) => codes.some((code) => FULL.has(access[at]?.[code] ?? "") && filled(row[code])));
}

export function Watermark() {
  const { me } = useSession();
  const on = useSyncExternalStore((tell) => { listeners.add(tell); return () => listeners.delete(tell); }, () => shown > 0);
  const id = useId();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (!on) return undefined;
    setNow(new Date());
    const timer = setInterval(() => setNow(new Date()), 60_000);
    return () => clearInterval(timer);
  }, [on]);
  if (!on || !me.watermark) return null;
  return (
    <div className="watermark" aria-hidden="true">
      <svg width="100%" height="100%">
        <defs><pattern id={id} width="300" height="170" patternUnits="userSpaceOnUse" patternTransform="rotate(-22)"><text x="6" y="60">{`${me.person.name} ${me.person.username}`}</text><text x="6" y="80">{fullMoment(now.toISOString())}</text></pattern></defs>
        <rect width="100%" height="100%" fill={`url(#${id})`} />
      </svg>
    </div>
  );
}
