/** Running cases taken over to a version: what would become of each first, what takes the place of steps that are there no more, then all at once. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, send } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { Icon, type IconName } from "../kit/icons";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import type { FlowMigration, FlowProcess, FlowTrial } from "./types";
import "../i18n/words-processes";

const MARKS: Record<FlowTrial["groups"][number]["state"], IconName> = { automatic: "check", mapping: "alert", blocked: "ban" };
const LOOKS = { automatic: "row tight soft", mapping: "row tight warn", blocked: "row tight bad" } as const;
const FEW = 5;

export default function MigrateDialog({ process, to, onClose }: { process: FlowProcess; to: number; onClose: () => void }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [steps, setSteps] = useState<Record<string, { zh: string; en: string }>>({});
  const [choices, setChoices] = useState<FlowTrial["candidates"]>([]);
  const given = Object.fromEntries(Object.entries(mapping).filter(([, node]) => node !== ""));
  const found = useQuery({
    queryKey: ["migration-trial", process.code, to, given],
    queryFn: async () => {
      const tried = await send<FlowTrial>("POST", `/flows/processes/${process.code}/migrations/trial`, { to, mapping: given });
      // A step keeps its line and its choices once something takes its place, so that this can be changed.
      setChoices((before) => [...before, ...tried.candidates.filter((one) => !before.some((other) => other.id === one.id))]);
      setSteps((before) => ({ ...before, ...Object.fromEntries(tried.groups.filter((one) => one.state === "mapping" && one.node).map((one) => [one.node!.id, one.node!.name])) }));
      return tried;
    },
    placeholderData: (before) => before, gcTime: 0,
  });
  const tried = found.data;
  const act = async () => {
    const made = await send<FlowMigration>("POST", `/flows/processes/${process.code}/migrations`, { to, mapping: given });
    say(t(made.running ? "process.m.going" : "process.m.done", { n: made.counts.moved, stayed: made.counts.stayed }));
    await Promise.all([["processes"], ["process-versions", process.code], ["migrations", process.code]].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  const go = tried?.counts.automatic ?? 0;
  return (
    <ActDialog title={`${w(process.name)} · ${t("process.m.title", { n: to })}`} act={t("process.m.act", { n: go })} size={640} disabled={go === 0 || found.isFetching} onClose={onClose} onAct={act}>
      {found.isPending ? <Bones rows={3} height={32} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : null}
      {tried ? (
        tried.total === 0 ? <p className="soft">{t("process.m.none")}</p> : (
          <>
            <p className="soft">{t("process.m.text")}</p>
            <ul className="migrate-groups" aria-busy={found.isFetching}>
              {tried.groups.map((one) => (
                <li key={`${one.version}${one.state}${one.node?.id ?? ""}`} className="migrate-group">
                  <div className="row wrap"><span className={LOOKS[one.state]}><Icon name={MARKS[one.state]} small />{t(`process.m.${one.state}`, { n: one.count })}</span><span className="dim">{t("flow.version", { n: one.version })}</span></div>
                  {one.reason ? <p>{w(one.reason)}</p> : null}
                  {one.state === "automatic" ? null : <p className="row wrap dim">{one.cases.slice(0, FEW).map((id) => <Link key={id} className="link" to={`/flows/${id}`}>#{id}</Link>)}{one.cases.length && one.count > Math.min(FEW, one.cases.length) ? <span>+{one.count - Math.min(FEW, one.cases.length)}</span> : null}</p>}
                </li>
              ))}
            </ul>
            {Object.entries(steps).map(([id, name]) => (
              <label key={id} className="flow-say-field">
                <span className="field-label">{t("process.m.place", { node: w(name) })}</span>
                <select className="box" value={mapping[id] ?? ""} onChange={(event) => setMapping({ ...mapping, [id]: event.target.value })}>
                  <option value="">{t("process.m.nothing")}</option>
                  {choices.map((one) => <option key={one.id} value={one.id}>{w(one.name)}</option>)}
                </select>
              </label>
            ))}
          </>
        )
      ) : null}
    </ActDialog>
  );
}
