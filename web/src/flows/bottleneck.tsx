/** Where a process waits most, beside its versions: one look, and one click to the whole picture. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { figuresQuery } from "./seeing/queries";
import "../i18n/words-processes";

export default function Bottleneck({ code }: { code: string }) {
  const { t, w } = useI18n();
  const figures = useQuery({ ...figuresQuery(code, { days: 90, department: "", version: 0 }), refetchInterval: false, retry: false }).data;
  const worst = figures?.nodes.find((one) => one.id === figures.bottleneck);
  if (!figures || !worst?.figures) return null;
  return (
    <p className="note row wrap process-worst">
      <span className="row tight grow"><span className="warn"><Icon name="clock" small /></span><span>{t("process.worst", { name: w(worst.name), score: worst.figures.score.toFixed(2) })}{worst.wip ? <> · {t("process.runs", { n: worst.wip })}</> : null}</span></span>
      <Link className="link" to={`/flows/live/${code}`}>{t("process.worstSee")}</Link>
    </p>
  );
}
