/** The versions of a process: who published what and when, the file of each, and security's answer to one that gives more than its author may. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem, BASE, freshKey, send } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { fullMoment, moment } from "../kit/format";
import { Icon, type IconName } from "../kit/icons";
import { Bones, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { useToasts } from "../kit/toast";
import { migrationsQuery, versionsQuery } from "./queries";
import type { FlowMigration, FlowProcess, FlowVersion } from "./types";
import "../i18n/words-processes";

const Bottleneck = lazy(() => import("./bottleneck"));
const MigrateDialog = lazy(() => import("./migrate-dialog"));

const VersionGives = lazy(() => import("./version-gives"));
const VersionChanges = lazy(() => import("./version-changes"));
const STATES: Record<FlowVersion["state"], IconName> = { waiting: "clock", published: "check", refused: "ban" };

const SHOWN = 5;

export function Versions({ process, designs }: { process: FlowProcess; designs: boolean }) {
  const { t, w, lang } = useI18n();
  const { me } = useSession();
  const administers = me.administers?.includes("process") === true;
  const { refuse } = useToasts();
  const go = useNavigate();
  const [shown, show] = useState<number | null>(null);
  const draw = async (from: { process: string } | { shipped: string }) => {
    const made = await send<{ id: string }>("POST", "/flows/drafts", from, { key: freshKey() });
    void go(`/flows/design/${made.id}${"shipped" in from ? "?tab=changes" : ""}`);
  };
  const ours = () => void draw({ shipped: process.code }).catch(refuse);
  const found = useQuery(versionsQuery(process.code));
  const [all, setAll] = useState(false);
  const [migrating, setMigrating] = useState<number | null>(null);
  const [answering, setAnswering] = useState<{ one: FlowVersion; yes: boolean } | null>(null);
  if (found.isPending) return <Bones rows={3} height={36} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  // the one in use is among those shown, however old it is
  const listed = all || found.data.items.length <= SHOWN + 1 ? found.data.items : found.data.items.filter((one, at) => at < SHOWN || one.current);
  return (
    <section className="versions" aria-label={t("process.versions", { name: w(process.name) })}>
      <div className="row"><h2>{t("process.versions", { name: w(process.name) })}</h2>{designs && process.version !== null ? <Button className="end" size="xs" leftSection={<Icon name="edit" small />} onClick={() => void draw({ process: process.code }).catch(refuse)}>{t("process.change")}</Button> : null}</div>
      {process.version !== null ? <Suspense fallback={null}><Bottleneck code={process.code} /></Suspense> : null}
      {process.shipped === "newer" && !found.data.items.some((one) => one.state === "waiting") ? <div className="note row wrap"><span className="row grow"><Icon name="info" small /><span>{t("process.newer")}</span></span><Button size="xs" onClick={ours}>{t("process.newerTake")}</Button></div> : null}
      {process.shipped === "own" ? <p className="soft row wrap"><span>{t("process.own")}</span><button className="link" onClick={ours}>{t("process.ownCompare")}</button></p> : null}
      <ol>
        {listed.map((one) => (
          <li key={one.id} className="version">
            <div className="row wrap">
              <b>{t("flow.version", { n: one.number })}</b>
              <span className={one.state === "waiting" ? "row tight warn" : one.state === "refused" ? "row tight bad" : "row tight soft"}><Icon name={STATES[one.state]} small />{t(`process.v.${one.state}`)}</span>
              {one.current ? <span className="chip brand">{t("process.current")}</span> : null}
              {one.by ? <Who person={one.by} /> : null}
              <time className="dim" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time>
              {one.running ? <span className="soft">{t("process.runs", { n: one.running })}</span> : null}
              {one.answered_by ? <span className="dim">{t("process.answered", { name: one.answered_by.name })}</span> : null}
              {administers && one.state === "published" && found.data.items.some((other) => other !== one && other.running) ? <Button className="end" variant="default" onClick={() => setMigrating(one.number)}>{t("process.m.open")}</Button> : <span className="end" />}
              <a className="ib" href={`${BASE}/flows/processes/${process.code}/versions/${one.number}/source`} download={`${process.code}-${one.number}.bpmn`} aria-label={t("process.download", { n: one.number })} title={t("process.download", { n: one.number })}><Icon name="download" small /></a>
            </div>
            {one.note ? <p className="soft">{one.note}</p> : null}
            {one.answer ? <p className={one.state === "refused" ? "row tight bad" : "row tight soft"}><Icon name="comment" small /><span>{one.answer}</span></p> : null}
            {one.number > 1 ? <button className="link process-drawn" aria-expanded={shown === one.number} onClick={() => show(shown === one.number ? null : one.number)}>{t("process.changes", { n: one.number - 1 })}</button> : null}
            {shown === one.number ? <Suspense fallback={<Bones rows={2} height={28} />}><VersionChanges code={process.code} number={one.number} /></Suspense> : null}
            {one.why_not ? <p className="note amber row"><Icon name="shield" small /><span>{w(one.why_not)}</span></p> : null}
            {one.may_answer ? (
              <div className="note amber version-asks">
                <div className="row"><Icon name="shield" small /><span>{t("process.answerTitle", { n: one.number })}</span></div>
                <div className="row wrap"><Button variant="filled" onClick={() => setAnswering({ one, yes: true })}>{t("process.yes")}</Button><Button color="bad" onClick={() => setAnswering({ one, yes: false })}>{t("process.no")}</Button></div>
              </div>
            ) : null}
            {one.may_answer && one.gives.length ? <Suspense fallback={<Bones rows={4} height={28} />}><VersionGives gives={one.gives} against={process.version !== null} /></Suspense> : null}
          </li>
        ))}
      </ol>
      {listed.length < found.data.items.length ? <button type="button" className="link process-drawn" onClick={() => setAll(true)}>{t("process.versionsAll", { n: found.data.items.length })}</button> : null}
      {administers ? <Migrations process={process} /> : null}
      {migrating !== null ? <Suspense fallback={null}><MigrateDialog process={process} to={migrating} onClose={() => setMigrating(null)} /></Suspense> : null}
      {answering ? <Answer process={process} one={answering.one} yes={answering.yes} onClose={() => setAnswering(null)} /> : null}
    </section>
  );
}

/** What was taken over before; the latest can be taken back. */
function Migrations({ process }: { process: FlowProcess }) {
  const { t, w, lang } = useI18n();
  const found = useQuery(migrationsQuery(process.code));
  const [reverting, setReverting] = useState<FlowMigration | null>(null);
  const client = useQueryClient();
  const { say } = useToasts();
  const items = found.data?.items ?? [];
  if (!items.length) return null;
  const act = async (one: FlowMigration) => {
    const made = await send<FlowMigration>("POST", `/flows/migrations/${one.id}/revert`, {});
    say(t("process.m.returned", { n: made.counts.returned }));
    await Promise.all([["processes"], ["process-versions", process.code], ["migrations", process.code]].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  return (
    <>
      <h2>{t("process.m.before")}</h2>
      <ol>
        {items.map((one) => (
          <li key={one.id} className="version">
            <div className="row wrap">
              <b>{t("process.m.to", { n: one.to })}</b>
              {one.by ? <Who person={one.by} /> : null}
              <time className="dim" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time>
              <span className="soft">{t(one.running ? "process.m.going" : "process.m.done", { n: one.counts.moved + one.counts.returned + one.counts.kept, stayed: one.counts.stayed })}</span>
              {one.reverted_at ? <span className="row tight soft"><Icon name="undo" small />{t("process.m.returned", { n: one.counts.returned })}</span> : !one.running && one.counts.moved ? <Button className="end" variant="default" onClick={() => setReverting(one)}>{t("process.m.revert")}</Button> : null}
            </div>
            {one.stayed.length ? <ul className="process-problems">{one.stayed.map((stay) => <li key={stay.case ?? stay.node}>{stay.case ? <><Link className="link" to={`/flows/${stay.case}`}>#{stay.case}</Link> </> : null}{w(stay.reason)}</li>)}</ul> : null}
          </li>
        ))}
      </ol>
      {reverting ? <ActDialog title={t("process.m.revertTitle", { n: reverting.to })} act={t("process.m.revert")} onClose={() => setReverting(null)} onAct={() => act(reverting)}><p>{t("process.m.revertText", { n: reverting.counts.moved })}</p></ActDialog> : null}
    </>
  );
}

function Answer({ process, one, yes, onClose }: { process: FlowProcess; one: FlowVersion; yes: boolean; onClose: () => void }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [text, setText] = useState("");
  const act = async () => {
    await send("POST", `/flows/versions/${one.id}/answer`, { yes, text: text.trim() });
    say(yes ? t("process.published", { n: one.number }) : t("flow.did", { act: t("process.no") }));
    await Promise.all([client.invalidateQueries({ queryKey: ["processes"] }), client.invalidateQueries({ queryKey: ["process-versions", process.code] })]);
  };
  return (
    <ActDialog title={`${w(process.name)} · ${t("flow.version", { n: one.number })}`} act={t(yes ? "process.yes" : "process.no")} danger={!yes} size={760} disabled={!yes && !text.trim()} onClose={onClose} onAct={act}>
      <p>{t("process.answerTitle", { n: one.number })}</p>
      {yes ? <p className="soft">{t("process.answerText")}</p> : null}
      {one.gives.length ? <Suspense fallback={<Bones rows={4} height={28} />}><VersionGives gives={one.gives} against={process.version !== null} /></Suspense> : null}
      {one.number > 1 ? <Suspense fallback={null}><VersionChanges code={process.code} number={one.number} /></Suspense> : null}
      <label className="flow-say-field"><span className="field-label">{t("process.reason")}{yes ? null : <i aria-hidden="true">*</i>}</span><textarea className="box" data-autofocus maxLength={500} value={text} onChange={(event) => setText(event.target.value)} /></label>
    </ActDialog>
  );
}
