/** A step that receives a hand-off: who hands over, and what: fields, files, notes, and what has to be so before. */
import { useState } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { ConditionBox } from "./condition";
import * as edit from "./edit";
import { nameOf, PARTS, type Handoff, type HandoffPart, type Model, type Node } from "./file";
import { NameFields, NEW_PARTS } from "./names";
import { Choice } from "./rules";
import { called, nodeText } from "./told";
import type { Kit } from "./types";

interface Props { node: Node; model: Model; kit: Kit; locked: boolean; onEdit: (change: edit.Edit) => void }
type Kind = (typeof PARTS)[number];
const MOST = 30;

export function HandoffPanel({ node, model, kit, locked, onEdit }: Props) {
  const { t } = useI18n();
  const { id, task: { handoff } } = node;
  const givers = [...model.nodes.values()].filter((one) => one.id !== id && (one.kind === "user" || one.kind === "service"));
  const before = node.incoming.map((line) => model.nodes.get(model.lines.get(line)?.source ?? "")).find((one) => one !== undefined && givers.includes(one));
  const turn = (on: boolean) => onEdit((doc) => { if (on) edit.set(doc, id, "handoff", { from: (before ?? givers[0])?.id ?? "" }); else edit.unset(doc, id, "handoff"); });
  const put = (attributes: Record<string, string | null>) => onEdit((doc) => edit.set(doc, id, "handoff", attributes));
  const parts = (kind: Kind, next: readonly HandoffPart[]) => onEdit((doc) => edit.setParts(doc, id, kind, next));
  return (
    <>
      <p className="field-help">{t("design.handoffText")}</p>
      <label className="row tight"><input type="checkbox" disabled={locked || (!handoff && !givers.length)} checked={handoff !== null} onChange={(event) => turn(event.target.checked)} /><span>{t("design.handoffOn")}</span></label>
      {handoff ? (
        <>
          <Choice label={t("design.handoffFrom")} disabled={locked} value={handoff.from} options={givers.map((one) => ({ code: one.id, name: { zh: nodeText(one, "zh", t), en: nodeText(one, "en", t) } }))} onChange={(from) => put({ from })} />
          {model.nodes.get(handoff.from)?.kind === "service" ? <p className="field-help">{t("design.handoffItself")}</p> : null}
          {model.subject ? <Fields handoff={handoff} kit={kit} locked={locked} onChange={put} /> : null}
          {PARTS.map((kind) => <Parts key={kind} kind={kind} parts={handoff[kind]} kit={kit} locked={locked} onChange={(next) => parts(kind, next)} />)}
        </>
      ) : null}
    </>
  );
}

type Level = "" | "give" | "require";
function Fields({ handoff, kit, locked, onChange }: { handoff: Handoff; kit: Kit; locked: boolean; onChange: (attributes: Record<string, string | null>) => void }) {
  const { t, w } = useI18n();
  const [wanted, want] = useState("");
  const level = (code: string): Level => (handoff.require.includes(code) ? "require" : handoff.fields.includes(code) ? "give" : "");
  const [order] = useState(() => new Map([...kit.fields].sort((a, b) => (level(a.code) ? 0 : 1) - (level(b.code) ? 0 : 1)).map((one, at) => [one.code, at])));
  const put = (code: string, next: Level) => {
    const fields = handoff.fields.filter((one) => one !== code), require = handoff.require.filter((one) => one !== code);
    onChange({ fields: (next ? [...fields, code] : fields).join(" ") || null, require: (next === "require" ? [...require, code] : require).join(" ") || null });
  };
  const text = wanted.trim().toLowerCase();
  const rows = [...kit.fields].sort((a, b) => (order.get(a.code) ?? 0) - (order.get(b.code) ?? 0)).filter((one) => !text || w(one.name).toLowerCase().includes(text) || one.code.includes(text));
  return (
    <div className="stack">
      <h3 className="field-label">{t("design.handoffFields")}</h3>
      {kit.fields.length > 10 ? <input className="box" type="search" aria-label={t("design.findHanded")} placeholder={t("design.findField")} value={wanted} onChange={(event) => want(event.target.value)} /> : null}
      <ul className="draw-fields" tabIndex={0} aria-label={t("design.handoffFields")}>
        {rows.map((one) => (
          <li key={one.code} className={level(one.code) ? "on" : undefined}><span className="cut grow">{w(one.name)}</span>
            <select className="box" aria-label={t("design.handed", { field: w(one.name) })} disabled={locked} value={level(one.code)} onChange={(event) => put(one.code, event.target.value as Level)}>{(["", "give", "require"] as const).map((other) => <option key={other} value={other}>{t(`design.h.${other || "none"}`)}</option>)}</select></li>
        ))}
      </ul>
    </div>
  );
}

/** A code that no other part of the kind has. */
function fresh(parts: readonly HandoffPart[], kind: Kind): string { let n = parts.length + 1; while (parts.some((one) => one.code === `${kind}_${n}`)) n++; return `${kind}_${n}`; }

function Parts({ kind, parts, kit, locked, onChange }: { kind: Kind; parts: readonly HandoffPart[]; kit: Kit; locked: boolean; onChange: (next: readonly HandoffPart[]) => void }) {
  const { t } = useI18n();
  const put = (at: number, next: HandoffPart) => onChange(parts.map((one, place) => (place === at ? next : one)));
  return (
    <fieldset className="plain stack">
      <legend className="field-label">{t(`design.parts.${kind}`)}</legend>
      {parts.map((one, at) => <Part key={at} kind={kind} one={one} kit={kit} locked={locked} onChange={(next) => put(at, next)} onRemove={() => onChange(parts.filter((_, place) => place !== at))} />)}
      {locked || parts.length >= MOST ? null : <div><button type="button" className="tool" onClick={() => onChange([...parts, { code: fresh(parts, kind), name: NEW_PARTS[kind], ...(kind === "criterion" ? { when: "" } : {}) }])}><Icon name="plus" small />{t(`design.add.${kind}`)}</button></div>}
    </fieldset>
  );
}

function Part({ kind, one, kit, locked, onChange, onRemove }: { kind: Kind; one: HandoffPart; kit: Kit; locked: boolean; onChange: (next: HandoffPart) => void; onRemove: () => void }) {
  const { t, lang } = useI18n();
  const name = one.name ?? "";
  return (
    <div className="draw-packet-part">
      <div className="row"><span className="grow"><NameFields text={name} label={t(`design.called.${kind}`)} most={140} locked={locked} onChange={(next) => onChange({ ...one, name: next })} /></span>{locked ? null : <button type="button" className="ib" aria-label={t("design.removeHanded", { name: called(nameOf(name), lang) })} onClick={onRemove}><Icon name="x" small /></button>}</div>
      {kind === "criterion" ? <ConditionBox text={one.when ?? ""} kit={kit} locked={locked} onChange={(when) => onChange({ ...one, when })} />
        : <label className="row tight"><input type="checkbox" disabled={locked} checked={one.required === "true"} onChange={(event) => onChange({ ...one, required: event.target.checked ? "true" : "" })} /><span>{t("design.handoffRequired")}</span></label>}
    </div>
  );
}
