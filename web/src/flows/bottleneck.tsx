/** Where a process waits most: beside its versions, and in short in the list of all, so that the worst is found at one look. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { figuresQuery } from "./seeing/queries";
import "../i18n/words-processes";

function useFigures(code: string, enabled: boolean) {
  const figures = useQuery({ ...figuresQuery(code, { days: 90, department: "", version: 0 }), refetchInterval: false, retry: false, enabled }).data;
  const found = figures?.nodes.find((one) => one.id === figures.bottleneck);
  return { running: figures?.whole.running, worst: found?.figures ? { name: found.name, wip: found.wip, score: found.figures.score } : null };
}

export default function Bottleneck({ code }: { code: string }) {
  const { t, w } = useI18n();
  const { worst } = useFigures(code, true);
  if (!worst) return null;
  return (
    <p className="note row wrap process-worst">
      <span className="row tight grow"><span className="warn"><Icon name="clock" small /></span><span>{t("process.worst", { name: w(worst.name), score: worst.score.toFixed(2) })}{worst.wip ? <> · {t("process.runs", { n: worst.wip })}</> : null}</span></span>
      <Link className="link" to={`/flows/live/${code}`}>{t("process.worstSee")}</Link>
    </p>
  );
}

/** In the list: asked for when its row comes in sight, as each process is counted by itself. `counted`: how many of it run is said beside this. */
export function WaitsAt({ code, counted }: { code: string; counted: boolean }) {
  const { t, w } = useI18n();
  const place = useRef<HTMLSpanElement>(null);
  const [inSight, setInSight] = useState(false);
  useEffect(() => {
    if (!place.current || inSight) return;
    const watch = new IntersectionObserver((some) => { if (some.some((one) => one.isIntersecting)) setInSight(true); });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [inSight]);
  const { running, worst } = useFigures(code, inSight);
  return (
    <span ref={place} className="waits-at">
      {worst ? <span className="row tight"><span className="warn"><Icon name="clock" small /></span><span>{w(worst.name)}{worst.wip ? <> · {t("process.runs", { n: worst.wip })}</> : null}</span></span>
        : running && !counted ? <span className="dim">{t("process.runs", { n: running })}</span> : null}
    </span>
  );
}
