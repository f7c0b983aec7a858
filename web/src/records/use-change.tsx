/** Changing values: shown at once, sent with the ETag that was read, undone with the reason when refused. */
import { Button, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState, type ReactNode } from "react";
import { get, Problem, send } from "../api/client";
import type { FieldMeta, Json, RecordView, TypeMeta } from "../api/types";
import { kindOf } from "../fields/registry";
import { Value } from "../fields/value";
import { useI18n } from "../i18n";
import { useToasts } from "../kit/toast";
import { showChange, takeRecord } from "./cache";
import "../i18n/words-conflict";

interface Conflict { field: FieldMeta; mine: Json; theirs: RecordView; settle: (done: boolean) => void }
/** `base` is the value that editing began with, `etag` the record's at that moment: live updates may have come since. */
export type Save = (id: string, field: FieldMeta, value: Json, etag: string, base: Json) => Promise<boolean>;

const same = (a: Json | undefined, b: Json | undefined) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export function useChange(type: TypeMeta): [Save, ReactNode] {
  const client = useQueryClient();
  const { refuse, say } = useToasts();
  const { t, w } = useI18n();
  const [conflict, setConflict] = useState<Conflict | null>(null);

  const again = useRef<Save>(() => Promise.resolve(false));

  const save = useCallback<Save>(async (id, field, value, etag, base) => {
    const restore = showChange(client, type.code, id, { [field.code]: value });
    try {
      const sent = kindOf(field).send?.(value) ?? value;
      takeRecord(client, await send<RecordView>("PATCH", `/records/${type.code}/${id}`, { [field.code]: sent }, { etag }));
      say(t("record.saved", { field: w(field.name) }));
      return true;
    } catch (cause) {
      restore();
      if (cause instanceof Problem && cause.status === 412) {
        const theirs = await get<RecordView>(`/records/${type.code}/${id}`);
        takeRecord(client, theirs);
        // Something else in the record changed: both changes fit together.
        if (same(theirs.values[field.code], base)) return again.current(id, field, value, theirs.etag, base);
        return new Promise<boolean>((settle) => setConflict({ field, mine: value, theirs, settle }));
      }
      refuse(cause, { [field.code]: w(field.name) });
      return false;
    }
  }, [client, refuse, say, t, type.code, w]);

  again.current = save;

  const dialog = conflict ? (
    <Modal opened onClose={() => { setConflict(null); conflict.settle(false); }} title={t("conflict.title")} closeButtonProps={{ "aria-label": t("kit.close") }}>
      <div className="stack">
        <p className="soft">{t("conflict.text", { field: w(conflict.field.name) })}</p>
        <dl className="conflict">
          <div><dt>{t("conflict.mine")}</dt><dd><Value field={conflict.field} value={conflict.mine} /></dd></div>
          <div><dt>{t("conflict.theirs")}</dt><dd><Value field={conflict.field} value={conflict.theirs.values[conflict.field.code]} /></dd></div>
        </dl>
        <div className="row" style={{ justifyContent: "flex-end" }}>
          <Button onClick={() => { setConflict(null); conflict.settle(true); }}>{t("conflict.keepTheirs")}</Button>
          <Button variant="filled" onClick={() => { setConflict(null); void save(conflict.theirs.id, conflict.field, conflict.mine, conflict.theirs.etag, conflict.theirs.values[conflict.field.code] ?? null).then(conflict.settle); }}>{t("conflict.useMine")}</Button>
        </div>
      </div>
    </Modal>
  ) : null;
  return [save, dialog];
}
