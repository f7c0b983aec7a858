/** The guard's settings: one line each, with what ships. */
import { useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { asProblem, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { settingsQuery } from "./queries";
import type { GuardSetting } from "./types";
import "../../i18n/words-guard";

export function Settings() {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const found = useQuery(settingsQuery);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  if (found.isPending) return <Bones rows={10} height={40} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  const may = found.data.may_change;
  const set = (one: GuardSetting, value: number | boolean) => {
    const note = (text: string) => setWrong((now) => ({ ...now, [one.key]: text }));
    note("");
    if (value === one.value) return;
    // Never sent for an empty box: nothing is not nought, at which nobody would be frozen any more.
    if (typeof value === "number" && !Number.isInteger(value)) { note(t("guard.needsNumber")); return; }
    send("PATCH", "/access/guard/settings", { [one.key]: value }).then(() => say(t("guard.saved")), (cause: unknown) => {
      const place = asProblem(cause).problems.find((problem) => problem.place === one.key);
      if (place) note(w(place.message)); else refuse(cause);
    }).finally(() => void client.invalidateQueries({ queryKey: ["guard", "settings"] }));
  };
  return (
    <div className="sheet settings-list">{found.data.items.map((one) => (
      <div key={`${one.key} ${String(one.value)}`} className="setting">
        <label htmlFor={`guard-${one.key}`}>{w(one.words)}</label>
        {one.value === one.shipped ? null : <span className="dim">{t("guard.shipped", { value: typeof one.shipped === "boolean" ? t(one.shipped ? "field.yes" : "field.no") : one.shipped })}</span>}
        {typeof one.value === "boolean"
          ? <input id={`guard-${one.key}`} type="checkbox" role="switch" checked={one.value} disabled={!may} onChange={(event) => set(one, event.target.checked)} />
          : <input id={`guard-${one.key}`} className="box" type="number" min={one.least} max={one.most} defaultValue={one.value} disabled={!may} onKeyDown={(event) => { if (event.key === "Enter") event.currentTarget.blur(); }} onBlur={(event) => set(one, event.target.value.trim() ? Number(event.target.value) : Number.NaN)} aria-invalid={wrong[one.key] ? true : undefined} aria-describedby={wrong[one.key] ? `guard-${one.key}-wrong` : undefined} />}
        {wrong[one.key] ? <p id={`guard-${one.key}-wrong`} className="field-error" role="alert">{wrong[one.key]}</p> : null}
      </div>
    ))}</div>
  );
}
