/** The ways that cases took, the most frequent first, with how many they cover together. */
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { waysQuery, type Asked } from "./queries";
import { percent, span } from "./told";
import type { Ways } from "./types";

export function Variants({ code, asked }: { code: string; asked: Asked }) {
  const found = useQuery(waysQuery(code, asked));
  if (found.isPending) return <div className="see-page"><Bones rows={8} height={44} /></div>;
  if (found.isError) return <div className="see-page"><Refused problem={asProblem(found.error)} /></div>;
  return <Listed ways={found.data} />;
}

export function Listed({ ways }: { ways: Ways }) {
  const { t, w, lang } = useI18n();
  const { variants } = ways;
  const name = (id: string) => { const found = ways.names[id]; return found ? w(found) : id; };
  return (
    <div className="see-page">
      <h2>{t("see.variantsHead", { n: variants.all, cases: variants.cases })}</h2>
      <ol className="see-variants">
        {variants.items.map((one, at) => (
          <li key={one.path.join(">")} aria-label={t("see.pathLabel", { n: at + 1 })}>
            <span className="see-variant-n"><b className="n">{one.cases}</b><span className="soft">{percent(one.share, 1)}</span><span className="bar"><i style={{ width: percent(one.share, 1) }} /></span><span className="dim">{t("see.coverage", { n: percent(one.coverage) })}</span></span>
            <span className="see-path">{one.path.map((id, step) => { const again = one.path.indexOf(id) < step; return <span key={`${id} ${step}`} className="row tight">{step ? <Icon name="right" small /> : null}<span className={again ? "chip amber" : "chip"}>{again ? <Icon name="undo" small /> : null}{name(id)}</span></span>; })}</span>
            <span className="soft nowrap see-variant-time">P50 <b>{span(one.p50, lang)}</b> · P90 {span(one.p90, lang)}</span>
          </li>
        ))}
      </ol>
      {variants.few ? <p className="dim">{t("see.variantsFew", { n: variants.few })}</p> : null}
    </div>
  );
}
