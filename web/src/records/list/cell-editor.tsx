/** An editor over the cell, nothing moves. The record is read first, so that the change carries its ETag. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { asProblem } from "../../api/client";
import { recordQuery } from "../../api/queries";
import type { FieldMeta, Json, RecordView, TypeMeta } from "../../api/types";
import { kindOf } from "../../fields/registry";
import { useI18n } from "../../i18n";
import { Refused } from "../../kit/refused";
import { useChange } from "../use-change";
import "../../i18n/words-lists";

interface Props { type: TypeMeta; id: string; field: FieldMeta; rect: DOMRect; value: Json | undefined; onClose: () => void; onNext: () => void }

export function CellEditor({ type, id, field, rect, value, onClose, onNext }: Props) {
  const { t, w } = useI18n();
  const record = useQuery({ ...recordQuery(type.code, id), staleTime: 0 });
  const [draft, setDraft] = useState<Json>(value ?? null);
  const [busy, setBusy] = useState(false);
  const [save, conflict] = useChange(type);
  const box = useRef<HTMLDivElement>(null);
  // The record as it stood when editing began: its ETag tells whether anything has happened since.
  const opened = useRef<RecordView | null>(null);
  if (opened.current === null && record.data && record.isFetchedAfterMount) opened.current = record.data;
  const kind = kindOf(field);
  const wide = field.kind === "lines" || field.kind === "links" || field.kind === "choices" || field.kind.endsWith("_text");

  const commit = (final: Json) => {
    if (JSON.stringify(final ?? null) === JSON.stringify(value ?? null)) { onClose(); return; }
    setBusy(true);
    const read = opened.current ? Promise.resolve(opened.current) : record.refetch().then((answer) => answer.data);
    void read.then(async (found) => {
      if (!found) { setBusy(false); return; }
      const done = await save(id, field, final, found.etag, found.values[field.code] ?? null);
      setBusy(false);
      if (done) { onClose(); onNext(); }
    });
  };
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const target = event.target as Element;
      if (!box.current?.contains(target) && !target.closest(".picker-list, .mantine-Modal-root")) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [onClose]);

  return createPortal(
    <>
      <div
        ref={box} className="cell-editor" role="dialog" aria-label={t("record.edit", { field: w(field.name) })} aria-busy={busy}
        style={{ left: Math.max(4, Math.min(rect.left, window.innerWidth - Math.max(rect.width, wide ? 420 : 180) - 8)), top: Math.min(rect.top, window.innerHeight - 60), minWidth: Math.max(rect.width, wide ? 420 : 180), minHeight: rect.height }}
        onKeyDown={(event) => { if (event.key === "Escape" && !event.defaultPrevented) { event.preventDefault(); event.stopPropagation(); onClose(); } }}
      >
        <kind.Edit field={field} value={draft} onChange={setDraft} onCommit={commit} label={w(field.name)} autoFocus />
        {wide ? <div className="row"><button className="tool on" onClick={() => commit(draft)}>{t("kit.save")}</button><button className="tool" onClick={onClose}>{t("kit.cancel")}</button></div> : null}
        {record.isError ? <Refused problem={asProblem(record.error)} /> : null}
      </div>
      {conflict}
    </>, document.body);
}
