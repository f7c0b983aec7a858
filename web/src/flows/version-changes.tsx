/** What a published version changed from the one before it. */
import { useQuery } from "@tanstack/react-query";
import { asProblem, get } from "../api/client";
import "../i18n/words-designer";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { ChangeList } from "./designer/change-list";
import type { Changes } from "./designer/types";
import "./designer/designer.css";

export default function VersionChanges({ code, number }: { code: string; number: number }) {
  const found = useQuery({ queryKey: ["process-changes", code, number], staleTime: Infinity, queryFn: ({ signal }) => get<Changes>(`/flows/processes/${code}/versions/${number}/changes`, signal) });
  if (found.isPending) return <Bones rows={2} height={28} />;
  return found.isError ? <Refused problem={asProblem(found.error)} /> : <div className="draw-told in-dialog"><ChangeList found={found.data} /></div>;
}
