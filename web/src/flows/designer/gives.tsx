/** What the draft would give, and to whom, before it is handed in: as a tab of its own, and folded in the dialogs that hand it in and publish it. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { givesQuery } from "./types";

const VersionGives = lazy(() => import("../version-gives"));

function Given({ source }: { source: string }) {
  const found = useQuery(givesQuery(source));
  if (found.isPending) return <Bones rows={4} height={28} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return <Suspense fallback={<Bones rows={4} height={28} />}><VersionGives gives={found.data.items} drawn against={found.data.against !== null} /></Suspense>;
}

export function Gives({ source, broken }: { source: string; /** What is to be mended first; null: nothing. */ broken: ReactNode }) {
  const { t } = useI18n();
  return broken ?? <div className="draw-scroll draw-gives"><p className="soft">{t("design.givesText")}</p><Given source={source} /></div>;
}

export function GivesFolded({ source }: { source: string }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return <details className="draw-gives-folded" onToggle={(event) => setOpen(event.currentTarget.open)}><summary className="link">{t("design.gives")}</summary>{open ? <Given source={source} /> : null}</details>;
}
