/** What differs from a version: drawn on the process and told in words, each with its sign. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Canvas, type Beside, type Mark } from "./canvas";
import type { Model } from "./file";
import type { Item } from "./tree";
import { ChangeList } from "./change-list";
import { compareQuery, type Kit } from "./types";

const NOTHING = () => undefined;
const NO_MARKS: ReadonlyMap<string, Mark> = new Map();

export function Changes({ source, broken, drawn, kit }: { source: string; /** What is to be mended first; null: nothing. */ broken: ReactNode; drawn: { model: Model; items: Item[]; loose: Item[][] }; kit: Kit | undefined }) {
  const { t } = useI18n();
  const found = useQuery({ ...compareQuery(source), enabled: broken === null });
  const beside = useMemo(() => {
    const made = new Map<string, Beside>();
    for (const one of found.data?.items ?? []) if (one.what === "node" && one.how !== "removed") made.set(one.place, { tone: one.how === "added" ? "added" : "changed", words: t(`design.c.${one.how}`) });
    return made;
  }, [found.data, t]);
  if (broken !== null) return broken;
  if (found.isPending) return <div className="draw-pad"><Bones rows={5} height={36} /></div>;
  if (found.isError) return <div className="draw-pad"><Refused problem={asProblem(found.error)} /></div>;
  return (
    <div className="draw-split">
      <div className="draw-scroll"><Canvas {...drawn} kit={kit} chosen={null} marks={NO_MARKS} beside={beside} locked onChoose={NOTHING} onBegin={NOTHING} onInsert={NOTHING} onBranch={NOTHING} onRemove={NOTHING} onPrune={NOTHING} onMove={NOTHING} /></div>
      <section className="draw-told" aria-label={t("design.tab.changes")}><ChangeList found={found.data} kit={kit} /></section>
    </div>
  );
}
