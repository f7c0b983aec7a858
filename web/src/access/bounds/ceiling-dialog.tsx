/** A ceiling through pickers: whom it bounds, on what, and what passes at most; its sentence and what it would take stand below. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, send } from "../../api/client";
import type { Json } from "../../api/types";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { grouped } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Refused } from "../../kit/refused";
import { useWorking } from "../draft/working";
import { ceilingsQuery, rolesQuery, vocabularyQuery } from "../queries";
import { Bound, useSettled } from "../scopes/count";
import { clean } from "../scopes/line";
import { Choices, Conditions } from "../scopes/line-dialog";
import type { CeilingPreview, RawLine, Vocabulary } from "../types";
import { bound, modeOf, MODES, withType, type CeilingState, type Mode } from "./ceiling";
import { codeOf } from "./code";
import { Levels } from "./levels";
import "../../i18n/words-configure";
import "../../records/form.css";

const KINDS = ["employee", "contractor", "service"] as const;
const FIRST: CeilingState = { name: "", name_en: "", type: "account", kinds: ["contractor"], actions: null, roles: null, lines: [{ type: "account", actions: ["read"], scope: ["own"] }], active: true };

export function CeilingDialog({ code, state, onClose }: { code: string | null; state: CeilingState | null; onClose: () => void }) {
  const { t, w } = useI18n();
  const { mark, put, id } = useWorking();
  const taken = (useQuery(ceilingsQuery(id)).data?.items ?? []).map((found) => found.code);
  const [since] = useState(() => (code ? mark("ceiling", code) : undefined));
  const [one, setOne] = useState<CeilingState>(state ?? FIRST);
  const [mode, setMode] = useState<Mode>(modeOf(state ?? FIRST));
  const [own] = useState(() => code ?? codeOf("ceiling", ""));
  const all = useQuery(vocabularyQuery(null));
  const vocabulary = useQuery({ ...vocabularyQuery(one.type), enabled: one.type !== "*" });
  const roles = useQuery(rolesQuery(id));
  const change = (part: Partial<CeilingState>) => setOne((now) => ({ ...now, ...part }));
  const line = (at: number, part: Partial<RawLine>) => change({ lines: one.lines.map((found, index) => (index === at ? { ...found, ...part } : found)) });
  const after = bound({ ...one, lines: one.lines.map(clean) }, mode);
  const whole = after.name.trim() !== "" && (mode !== "roles" || (after.roles ?? []).length > 0) && (after.kinds === null || after.kinds.length > 0) && after.lines.every((found) => found.actions.length > 0 && found.scope.length > 0);
  const actions = vocabulary.data?.actions ?? [];
  return (
    <ActDialog title={t(code ? "ceiling.edit" : "ceiling.new")} act={t("line.toDraft")} size={720} disabled={!whole} onClose={onClose} onAct={() => put("ceiling", code ?? (one.name_en ? codeOf("ceiling", one.name_en, taken) : own), after, since)}>
      <div className="form-two">
        <label><span className="field-label">{t("role.name")}</span><input className="box" value={one.name} maxLength={200} data-autofocus onChange={(event) => change({ name: event.target.value })} /></label>
        <label><span className="field-label">{t("role.nameEn")}</span><input className="box" value={one.name_en} maxLength={200} onChange={(event) => change({ name_en: event.target.value })} /></label>
      </div>
      <fieldset className="choices"><legend className="field-label">{t("ceiling.whom")}</legend>
        <label className="chip-choice"><input type="checkbox" checked={one.kinds === null} onChange={(event) => change({ kinds: event.target.checked ? null : ["contractor"] })} />{t("ceiling.everybody")}</label>
        {KINDS.map((kind) => <label key={kind} className="chip-choice"><input type="checkbox" disabled={one.kinds === null} checked={one.kinds?.includes(kind) ?? false} onChange={(event) => change({ kinds: event.target.checked ? [...(one.kinds ?? []), kind] : (one.kinds ?? []).filter((found) => found !== kind) })} />{t(`bounds.kind.${kind}`)}</label>)}
      </fieldset>
      <div className="form-two">
        <label><span className="field-label">{t("configure.object")}</span><select className="box" value={one.type} onChange={(event) => { setOne(withType(one, event.target.value)); if (event.target.value === "*" && mode === "lines") setMode("none"); }}>
          <option value="*">{t("ceiling.anyType")}</option>{[...(all.data?.types ?? []), ...(all.data?.pages ?? [])].map((found) => <option key={found.code} value={found.code}>{w(found.name)}</option>)}
        </select></label>
        <label><span className="field-label">{t("ceiling.mode")}</span><select className="box" value={mode} onChange={(event) => setMode(event.target.value as Mode)}>{MODES.filter((found) => found !== "lines" || one.type !== "*").map((found) => <option key={found} value={found}>{t(`ceiling.mode.${found}`)}</option>)}</select></label>
      </div>
      {one.type === "*" ? null : (
        <details className="ceiling-more" open={one.actions !== null || mode !== "lines"}>
          <summary>{one.actions === null ? t("ceiling.allActions") : t("ceiling.someActions", { n: one.actions.length })}</summary>
          <label className="row"><input type="checkbox" checked={one.actions === null} onChange={(event) => change({ actions: event.target.checked ? null : actions.filter((found) => found.code !== "read").map((found) => found.code) })} />{t("ceiling.allActions")}</label>
          {one.actions === null ? null : <Choices title={t("ceiling.actions")} all={actions} chosen={one.actions} onChange={(next) => change({ actions: next })} />}
        </details>
      )}
      {mode === "roles" ? <Choices title={t("ceiling.roles")} all={roles.data?.items ?? []} chosen={one.roles ?? []} onChange={(next) => change({ roles: next })} /> : null}
      {mode === "lines" && vocabulary.data ? one.lines.map((found, at) => (
        <Passes key={at} line={found} vocabulary={vocabulary.data} onChange={(part) => line(at, part)} onRemove={one.lines.length > 1 ? () => change({ lines: one.lines.filter((_, index) => index !== at) }) : undefined} />
      )) : null}
      {mode === "lines" ? <button type="button" className="link row" onClick={() => change({ lines: [...one.lines, { type: one.type, actions: ["read"], scope: ["own"] }] })}><Icon name="plus" small />{t("ceiling.addLine")}</button> : null}
      <label className="row"><input type="checkbox" checked={one.active} onChange={(event) => change({ active: event.target.checked })} />{t("ceiling.active")}</label>
      {whole || !after.name.trim() ? <Weighed code={code ?? own} after={after.name.trim() ? after : { ...after, name: "…" }} /> : null}
    </ActDialog>
  );
}

/** One way to pass: what it lets do, where, under which conditions, seeing what, up to what. */
function Passes({ line, vocabulary, onChange, onRemove }: { line: RawLine; vocabulary: Vocabulary; onChange: (part: Partial<RawLine>) => void; onRemove?: () => void }) {
  const { t } = useI18n();
  const limited = line.actions.some((one) => one === "approve" || one === "export");
  const known = vocabulary.scopes;
  return (
    <section className="ceiling-line" aria-label={t("ceiling.passes")}>
      <div className="row"><h3 className="grow">{t("ceiling.passes")}</h3>{onRemove ? <button type="button" className="ib" aria-label={t("line.remove")} title={t("line.remove")} onClick={onRemove}><Icon name="x" small /></button> : null}</div>
      <Choices title={t("line.actions")} all={vocabulary.actions} chosen={line.actions} onChange={(actions) => onChange({ actions })} />
      <Choices title={t("line.scopes")} all={[...known, ...line.scope.filter((one) => !known.some((found) => found.code === one)).map((code) => ({ code, name: { zh: code, en: code } }))]} chosen={line.scope} onChange={(scope) => onChange({ scope })} />
      <Conditions fields={vocabulary.fields} where={line.where ?? []} onChange={(where) => onChange({ where })} />
      {vocabulary.fields.length && line.actions.includes("read") ? <Levels fields={vocabulary.fields} read={line.read ?? {}} onChange={(read) => onChange({ read })} /> : null}
      {limited ? <label><span className="field-label">{line.actions.includes("export") ? t("line.rows") : t("line.amount")}</span><input className="box" inputMode="decimal" value={line.limit ?? ""} onChange={(event) => onChange({ limit: event.target.value.trim() || null })} /></label> : null}
    </section>
  );
}

/** The sentence, and what it would take from whom if it held now. */
export function Weighed({ code, after }: { code: string; after: CeilingState | null }) {
  const { t, w } = useI18n();
  const settled = useSettled(after);
  const found = useQuery({
    queryKey: ["access", "preview", "ceiling", code, settled], staleTime: 30_000, placeholderData: keepPreviousData, retry: false,
    queryFn: ({ signal }) => send<CeilingPreview>("POST", "/access/ceilings/preview", { code, after: settled as unknown as Json }, { signal }),
  });
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  if (!found.data) return <p className="note"><i className="bone" style={{ width: 200, height: 18 }} /></p>;
  const { says, takes, gives, unread, exact } = found.data;
  const upTo = (n: number, atMost: boolean) => `${atMost && n ? "≤ " : ""}${grouped(String(n))}`;
  const figures = (one: typeof takes) => t("ceiling.figures", { p: grouped(String(one.people)), r: upTo(one.records, one.records_at_most), c: upTo(one.cells, one.cells_at_most) });
  return (
    <div className="note" aria-live="polite">
      {says.map((one, at) => <p key={at}>{w(one)}</p>)}
      {takes.people ? <p className="row warn"><Icon name="minus" small />{t("ceiling.takes")} {figures(takes)}</p> : null}
      {takes.items.length ? <ul className="soft">{takes.items.map((one, at) => <li key={at}>{t("ceiling.item", { what: w(one.words), p: one.people })}</li>)}{takes.in_all > takes.items.length ? <li>{t("ceiling.more", { n: takes.in_all - takes.items.length })}</li> : null}</ul> : null}
      {gives.people ? <p className="row brand-ink"><Icon name="plus" small />{t("ceiling.gives")} {figures(gives)}</p> : null}
      {takes.people || gives.people ? <Bound unread={unread} exact={exact} /> : null}
      {takes.people || gives.people ? null : <p className="soft">{t("ceiling.nothing")}</p>}
    </div>
  );
}
