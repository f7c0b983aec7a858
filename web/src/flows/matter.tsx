/** What a case is about that is no record, where the part that decides it shows it. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { requestQuery } from "../access/lend/data";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Bones } from "../kit/parts";
import type { Flow } from "./types";

const RequestPane = lazy(async () => ({ default: (await import("../access/lend/request-pane")).RequestPane }));
const PlanPane = lazy(() => import("../access/leaving/plan-pane"));
const SharePane = lazy(() => import("../access/review/share-pane"));

export function Matter({ flow, onDone }: { flow: Flow; onDone: () => void }) {
  return (
    <Suspense fallback={<Bones rows={6} height={34} />}>
      {flow.matter?.code === "leaving" ? <PlanPane id={flow.record} onDone={onDone} /> : flow.matter?.code === "access_review" ? <SharePane flow={flow} onDone={onDone} /> : <Asked flow={flow} onDone={onDone} />}
    </Suspense>
  );
}

/** A request, answered here by whose turn it is. */
function Asked({ flow, onDone }: { flow: Flow; onDone: () => void }) {
  const { t } = useI18n();
  const found = useQuery(requestQuery(flow.record));
  if (found.isPending) return <Bones rows={6} height={34} />;
  if (found.isError) return <p className="note row"><Icon name="lock" small /><span>{t("flow.noMatter")}</span></p>;
  return <RequestPane id={flow.record} keys={flow.mine?.step != null} inside onDone={onDone} />;
}
