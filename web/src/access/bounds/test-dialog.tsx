/** A policy test as a sentence of pickers: [who] [never | always] may [action] [object] [field] outside / within [scopes]. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { useWorking } from "../draft/working";
import { rolesQuery, testsQuery, vocabularyQuery } from "../queries";
import { codeOf } from "./code";
import "../../i18n/words-configure";
import "../../records/form.css";

export interface Promise_ { name: string; name_en: string; who: Record<string, unknown>; rule: string; type: string; action: string; field: string | null; level: string; scopes: string[]; [more: string]: unknown }
const FIRST: Promise_ = { name: "", name_en: "", who: {}, rule: "never", type: "account", action: "read", field: null, level: "read", scopes: [] };
const KINDS = ["employee", "contractor", "service"] as const;

export function TestDialog({ code, promise, onClose }: { code: string | null; promise: Promise_ | null; onClose: () => void }) {
  const { t, w } = useI18n();
  const { draft, mark, put, id } = useWorking();
  const [since] = useState(() => (code ? mark("promise", code) : undefined));
  const [test, setTest] = useState<Promise_>(promise ?? FIRST);
  const all = useQuery(vocabularyQuery(null));
  const vocabulary = useQuery(vocabularyQuery(test.type));
  const roles = useQuery(rolesQuery(id));
  const change = (part: Partial<Promise_>) => setTest((now) => ({ ...now, ...part }));
  const by = (["role", "not_role", "kind"] as const).find((one) => one in test.who) ?? "everyone";
  const named = test.who[by];
  const without = Array.isArray(test.who.without) ? (test.who.without as string[]) : [];
  const tests = useQuery(testsQuery);
  const taken = [...(tests.data?.items ?? []).map((one) => one.code), ...(draft?.changes ?? []).filter((one) => one.kind === "promise").map((one) => one.key)];
  const names = Array.isArray(named) ? (named as string[]) : [];
  const choices: [string, string][] = by === "kind" ? KINDS.map((one) => [one, t(`bounds.kind.${one}`)]) : (roles.data?.items ?? []).map((one) => [one.code, w(one.name)]);
  const ready = test.name.trim() && (by === "everyone" || names.length > 0);
  return (
    <ActDialog title={t(code ? "bounds.test" : "bounds.newTest")} act={t("line.toDraft")} size={680} disabled={!ready} onClose={onClose} onAct={() => put("promise", code ?? codeOf("test", test.name_en || test.name, taken), test, since)}>
      <label><span className="field-label">{t("bounds.testName")}</span><input className="box" value={test.name} maxLength={200} data-autofocus onChange={(event) => change({ name: event.target.value })} /></label>
      <label><span className="field-label">{t("role.nameEn")}</span><input className="box" value={test.name_en} maxLength={200} onChange={(event) => change({ name_en: event.target.value })} /></label>
      <div className="form-two">
        <label><span className="field-label">{t("bounds.who")}</span><select className="box" value={by} onChange={(event) => change({ who: event.target.value === "everyone" ? {} : { [event.target.value]: [] } })}>{(["everyone", "role", "not_role", "kind"] as const).map((one) => <option key={one} value={one}>{t(`bounds.by.${one}`)}</option>)}</select></label>
        <label><span className="field-label">{t("bounds.rule")}</span><select className="box" value={test.rule} onChange={(event) => change({ rule: event.target.value })}><option value="never">{t("bounds.never")}</option><option value="always">{t("bounds.always")}</option></select></label>
      </div>
      {by === "everyone" ? null : <fieldset className="choices"><legend className="unseen">{t("bounds.who")}</legend>{choices.map(([one, name]) => <label key={one} className="chip-choice"><input type="checkbox" checked={names.includes(one)} onChange={(event) => change({ who: { ...test.who, [by]: event.target.checked ? [...names, one] : names.filter((found) => found !== one) } })} />{name}</label>)}</fieldset>}
      {by === "role" ? <details open={without.length > 0}><summary className="soft">{t("bounds.without")}</summary><fieldset className="choices"><legend className="unseen">{t("bounds.without")}</legend>{choices.filter(([one]) => !names.includes(one)).map(([one, name]) => <label key={one} className="chip-choice"><input type="checkbox" checked={without.includes(one)} onChange={(event) => { const next = event.target.checked ? [...without, one] : without.filter((found) => found !== one); const { without: _, ...rest } = test.who; change({ who: next.length ? { ...rest, without: next } : rest }); }} />{name}</label>)}</fieldset></details> : null}
      <div className="form-two">
        <label><span className="field-label">{t("configure.object")}</span><select className="box" value={test.type} onChange={(event) => change({ type: event.target.value, action: "read", field: null })}>{[...(all.data?.types ?? []), ...(all.data?.pages ?? [])].map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
        <label><span className="field-label">{t("bounds.action")}</span><select className="box" value={test.action} onChange={(event) => change({ action: event.target.value })}>{(vocabulary.data?.actions ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
        <label><span className="field-label">{t("matrix.field")}</span><select className="box" value={test.field ?? ""} onChange={(event) => change({ field: event.target.value || null })}><option value="">{t("bounds.wholeRecord")}</option>{(vocabulary.data?.fields ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
        <label><span className="field-label">{t("matrix.level")}</span><select className="box" value={test.level} onChange={(event) => change({ level: event.target.value })}>{(vocabulary.data?.levels ?? []).filter((one) => one.code === "masked" || one.code === "read").map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
      </div>
      <fieldset className="choices"><legend className="field-label">{t(test.rule === "never" ? "bounds.butIn" : "bounds.inOne")}</legend>{(vocabulary.data?.scopes ?? []).map((one) => <label key={one.code} className="chip-choice"><input type="checkbox" checked={test.scopes.includes(one.code)} onChange={(event) => change({ scopes: event.target.checked ? [...test.scopes, one.code] : test.scopes.filter((found) => found !== one.code) })} />{w(one.name)}</label>)}</fieldset>
    </ActDialog>
  );
}
