/** What a lane still needs, asked for at the moment of moving instead of refusing. */
import { useState } from "react";
import type { FieldMeta, Json, Option, Row, TypeMeta } from "../../api/types";
import { kindOf } from "../../fields/registry";
import { isEmpty } from "../../fields/kind";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { fieldOf } from "../../kit/session";
import { FormField } from "../form-field";
import { asked, textOf, type Act } from "./lanes";
import "../../i18n/words-lists";

export function FillDialog({ type, lane, act, missing, row, onClose, onAct }: { type: TypeMeta; lane: Option; act: Act; missing: string[]; row: Row; onClose: () => void; onAct: (values: Record<string, Json>) => Promise<unknown> }) {
  const { t, w } = useI18n();
  const [values, setValues] = useState<Record<string, Json>>({});
  const params = asked(type, act);
  const wanted: FieldMeta[] = [...missing.filter((code) => !params.some((one) => one.code === code)).flatMap((code) => { const field = fieldOf(type, code); return field ? [{ ...field, required: true }] : []; }), ...params];
  const sendable = () => Object.fromEntries(wanted.map((field) => { const value = values[field.code] ?? null; return [field.code, kindOf(field).send?.(value) ?? value]; }));
  return (
    <ActDialog title={t("board.fillTitle", { name: textOf(row, type.title), lane: w(lane.name) })} act={t("board.move")} disabled={wanted.some((field) => field.kind !== "yes_no" && isEmpty(values[field.code]))} onClose={onClose} onAct={() => onAct(sendable())}>
      {wanted.map((field, index) => <FormField key={field.code} field={field} value={values[field.code] ?? null} autoFocus={index === 0} onChange={(value) => setValues((now) => ({ ...now, [field.code]: value }))} />)}
    </ActDialog>
  );
}
