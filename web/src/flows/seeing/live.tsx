/** The picture with its panel: one step is chosen, the bottleneck unless somebody chooses another. */
import { useState } from "react";
import { useSearchParams } from "react-router";
import { useI18n } from "../../i18n";
import { Canvas } from "./canvas";
import { Panel } from "./panel";
import type { Clock, Figures } from "./types";

export function Live({ figures, code, clock }: { figures: Figures; code: string; clock: Clock }) {
  const { t } = useI18n();
  const [search] = useSearchParams();
  const [picked, setPicked] = useState<string | null>(search.get("node"));
  const known = figures.nodes.some((one) => one.id === picked);
  const chosen = known ? picked : (figures.bottleneck ?? figures.nodes[0]?.id ?? null);
  const node = figures.nodes.find((one) => one.id === chosen);
  return (
    <div className="see-live">
      <Canvas figures={figures} clock={clock} chosen={chosen} onChoose={setPicked} />
      {node ? <Panel key={node.id} code={code} figures={figures} node={node} clock={clock} /> : <aside className="see-panel" aria-label={t("see.panel")}><p className="soft see-nothing">{t("see.nothingYet")}</p></aside>}
    </div>
  );
}
