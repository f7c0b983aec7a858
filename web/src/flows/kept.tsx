/** Beside a field that is not edited by hand now: the case that holds it, or the process by which it is changed. */
import { lazy, Suspense, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { FieldMeta, RecordView, TypeMeta } from "../api/types";
import { useWhy } from "../access/why-context";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { processesQuery } from "./queries";
import "../i18n/words-flows";

const BeginDialog = lazy(() => import("./begin-dialog"));

export default function Kept({ type, record, field, kept }: { type: TypeMeta; record: RecordView; field: FieldMeta; kept: NonNullable<RecordView["kept"]>[string] }) {
  const { t, w } = useI18n();
  const [asking, setAsking] = useState(false);
  const process = useQuery({ ...processesQuery, enabled: kept.case === null }).data?.items.find((one) => one.code === kept.process);
  const { ask } = useWhy();
  const why = (anchor: Element) => ask({ anchor, title: t("why.readonly", { field: w(field.name) }), action: "edit", type: type.code, id: record.id, field: field.code });
  if (kept.case !== null) return <button className="chip amber" title={w(kept.words)} onClick={(event) => why(event.currentTarget)}><Icon name="lock" small />{t("flows.heldBy", { id: kept.case })}</button>;
  return (
    <>
      <button className="chip" title={w(kept.words)} aria-label={t("flows.proposeOf", { field: w(field.name) })} disabled={!process} onClick={() => setAsking(true)}><Icon name="swap" small />{t("flows.propose")}</button>
      {asking && process ? <Suspense fallback={null}><BeginDialog type={type} record={record} processes={[process]} field={field.code} onClose={() => setAsking(false)} /></Suspense> : null}
    </>
  );
}
