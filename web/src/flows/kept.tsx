/** Beside a field that is not edited by hand now: the case that holds it, or the process by which it is changed. */
import { lazy, Suspense, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { FieldMeta, RecordView, TypeMeta } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { processesQuery } from "./queries";
import "../i18n/words-flows";

const BeginDialog = lazy(() => import("./begin-dialog"));

export default function Kept({ type, record, field, kept }: { type: TypeMeta; record: RecordView; field: FieldMeta; kept: NonNullable<RecordView["kept"]>[string] }) {
  const { t, w } = useI18n();
  const [asking, setAsking] = useState(false);
  const process = useQuery({ ...processesQuery, enabled: kept.case === null }).data?.items.find((one) => one.code === kept.process);
  if (kept.case !== null) return <Link className="chip amber" to={`/flows/${kept.case}`} title={w(kept.words)}><Icon name="lock" small />{t("flows.heldBy", { id: kept.case })}</Link>;
  return (
    <>
      <button className="chip" title={w(kept.words)} aria-label={t("flows.proposeOf", { field: w(field.name) })} disabled={!process} onClick={() => setAsking(true)}><Icon name="swap" small />{t("flows.propose")}</button>
      {asking && process ? <Suspense fallback={null}><BeginDialog type={type} record={record} processes={[process]} field={field.code} onClose={() => setAsking(false)} /></Suspense> : null}
    </>
  );
}
