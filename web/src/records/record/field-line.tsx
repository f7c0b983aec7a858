/** One value of a record: read it, change it in place, reveal it, or ask why not. */
import { lazy, Suspense, useRef, useState } from "react";
import { send } from "../../api/client";
import type { FieldMeta, Json, RecordView, TypeMeta } from "../../api/types";
import { Only } from "../../access/modes/only";
import { isBroken, isMasked, isRevealable, onlyLevel } from "../levels";
import { useWhy } from "../../access/why-context";
import { isEmpty } from "../../fields/kind";
import { kindOf } from "../../fields/registry";
import { BrokenCell, Value } from "../../fields/value";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Key } from "../../kit/parts";
import { useWhileRightsStand } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import type { Save } from "../use-change";
import "../../i18n/words-bulk";
import "../../i18n/words-lists";

const Kept = lazy(() => import("../../flows/kept"));

interface Props { type: TypeMeta; record: RecordView; field: FieldMeta; save: Save; firstEditable?: boolean }

export function FieldLine({ type, record, field, save, firstEditable }: Props) {
  const { t, w } = useI18n();
  const { ask } = useWhy();
  const { refuse } = useToasts();
  const [draft, setDraft] = useState<Json | undefined>(undefined);
  const start = useRef<{ etag: string; value: Json }>({ etag: record.etag, value: null });
  const [revealed, setRevealed] = useWhileRightsStand<Json>();
  const [busy, setBusy] = useState(false);
  const level = record.access[field.code] ?? "read";
  const value = revealed !== undefined ? revealed : (record.values[field.code] ?? null);
  const masked = isMasked(level) && revealed === undefined;
  const editing = draft !== undefined;
  const kind = kindOf(field);
  const name = w(field.name);
  const wide = (field.kind === "lines" || field.kind.endsWith("_text")) && (draft !== undefined || !isEmpty(record.values[field.code]));
  const kept = record.kept?.[field.code];
  const editable = level === "edit" && !field.readonly && !field.flow;
  // A sensitive value that one may read and change arrives masked too: it is revealed (and recorded) before it is edited.
  const sensitive = level === "masked_edit";

  const commit = async (final: Json) => {
    if (JSON.stringify(final) === JSON.stringify(start.current.value)) { setDraft(undefined); return; }
    setBusy(true);
    const done = await save(record.id, field, final, start.current.etag, start.current.value);
    setBusy(false);
    if (done) { setDraft(undefined); setRevealed(undefined); }
  };
  const open = (from: Json) => { start.current = { etag: record.etag, value: from }; setDraft(from); };
  const begin = () => { if (masked && !isEmpty(value)) void reveal().then((shown) => { if (shown !== undefined) open(shown); }); else open(value); };
  const reveal = async (): Promise<Json | undefined> => {
    try {
      const answer = await send<{ value: Json }>("POST", `/records/${type.code}/${record.id}/actions/reveal`, { field: field.code }, { etag: record.etag });
      setRevealed(answer.value);
      return answer.value;
    } catch (cause) { refuse(cause); return undefined; }
  };
  const why = (anchor: Element) => ask({ anchor, title: t(level === "masked" ? "why.hidden" : isRevealable(level) ? "why.masked" : "why.readonly", { field: name }), action: isMasked(level) ? "read" : "edit", type: type.code, id: record.id, field: field.code });

  if (editing) {
    return (
      <div className={wide ? "line editing wide" : "line editing"}>
        <dt>{name}</dt>
        <dd onKeyDown={(event) => { if (event.key === "Escape" && !event.defaultPrevented) { event.stopPropagation(); setDraft(undefined); } }} aria-busy={busy}>
          <kind.Edit field={field} value={draft} onChange={setDraft} onCommit={(final) => void commit(final)} label={name} autoFocus />
          <span className="row line-acts">
            <button className="tool on" disabled={busy} onClick={() => void commit(draft)}>{t("kit.save")}{wide ? null : <Key>Enter</Key>}</button>
            <button className="tool" onClick={() => setDraft(undefined)}>{t("kit.cancel")}</button>
          </span>
        </dd>
      </div>
    );
  }
  const only = onlyLevel(level);
  if (only) return <div className="line"><dt>{name}</dt><dd><span className="line-value"><Only level={only} /></span></dd></div>;
  const shown = isBroken(level) ? <BrokenCell /> : <Value field={field} value={value} masked={masked} />;
  return (
    <div className={wide ? "line wide" : "line"}>
      <dt>{name}</dt>
      <dd>
        {editable
          ? field.kind === "lines" || field.kind === "link" || field.kind === "links" || field.kind === "url"
            ? <><span className="line-value">{shown}</span><button className="ib line-edit-button" data-first-edit={firstEditable || undefined} aria-label={t("record.edit", { field: name })} onClick={begin}><Icon name="edit" small /></button></>
            : <button className="line-value editable" data-first-edit={firstEditable || undefined} onClick={begin}><span className="unseen">{t("record.edit", { field: name })}{t("kit.colon")}</span>{shown}<span className="line-pen"><Icon name="edit" small /></span></button>
          : <span className="line-value">{shown}</span>}
        {isRevealable(level) && revealed === undefined && !isEmpty(value) ? <button className="chip" onClick={() => void reveal()}><Icon name="eye" small />{t("why.reveal")}</button> : null}
        {sensitive ? <button className="ib line-edit-button" aria-label={t("record.edit", { field: name })} onClick={begin}><Icon name="edit" small /></button> : null}
        {level === "masked" ? <button className="chip" onClick={(event) => why(event.currentTarget)}><Icon name="lock" small />{t("field.masked")}</button> : null}
        {kept ? <Suspense fallback={null}><Kept type={type} record={record} field={field} kept={kept} /></Suspense> : !editable && !sensitive && level !== "masked" ? <button className="ib line-lock" aria-label={t("why.readonlyLabel", { field: name })} title={field.flow ? t("field.flow") : field.readonly ? t("field.system") : t("why.readonlyLabel", { field: name })} onClick={(event) => why(event.currentTarget)}><Icon name="lock" small /></button> : null}
      </dd>
    </div>
  );
}
