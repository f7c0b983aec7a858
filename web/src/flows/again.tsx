/** Of a case that was rejected or withdrawn, to who began it: to begin it once more, with what was said, proposed and chosen before. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { RecordView, TypeMeta } from "../api/types";
import { useI18n } from "../i18n";
import { processesQuery } from "./queries";
import type { Flow } from "./types";

const BeginDialog = lazy(() => import("./begin-dialog"));

export default function Again({ flow, type, record }: { flow: Flow; type: TypeMeta; record: RecordView }) {
  const { t } = useI18n();
  const [begins, setBegins] = useState(false);
  const process = useQuery(processesQuery).data?.items.find((one) => one.code === flow.process && one.by_hand && one.version !== null);
  if (!process) return null;
  return (
    <>
      <button className="link" onClick={() => setBegins(true)}>{t("flow.again")}</button>
      {begins ? <Suspense fallback={null}><BeginDialog type={type} record={record} processes={[process]} before={flow} onClose={() => setBegins(false)} /></Suspense> : null}
    </>
  );
}
