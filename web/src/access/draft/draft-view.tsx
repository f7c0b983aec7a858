/** One draft: its changes before and after, what stands against it, what is said of it, and the steps it can take. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, get, send } from "../../api/client";
import type { Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { readAgain } from "../queries";
import type { Draft } from "../types";
import { Beside } from "../move/beside";
import { Effects } from "../move/effects";
import { MoveButton } from "../move/move-dialog";
import { simulationQuery } from "../simulate/queries";
import { Change } from "./change";
import { Parts } from "./parts";
import SandboxPanel from "../modes/sandbox-panel";
import { useWorking } from "./working";
import "../../i18n/words-configure";
import "../../i18n/words-forms";

const STEPS = ["submit", "approve", "return", "publish", "withdraw"] as const;
type Step = (typeof STEPS)[number];
/** The one solid button: what brings the draft on. */
const MAIN: Step[] = ["publish", "approve", "submit"];

/** So few changes are shown in full from the beginning. */
const FEW = 3;

export function DraftView({ id }: { id: string }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { refuse, say } = useToasts();
  const { may: administers, id: working, choose, leaveOut, undo } = useWorking();
  const [step, setStep] = useState<Step | null>(null);
  const [text, setText] = useState("");
  const [choice, setChoice] = useState<Record<string, "mine" | "theirs">>({});
  const found = useQuery({ queryKey: ["access", "draft", id], queryFn: ({ signal }) => get<Draft>(`/access/drafts/${id}`, signal) });
  if (found.isError) return asProblem(found.error).status === 404 ? <Blank icon="edit" title={t("draft.gone")} /> : <Refused problem={asProblem(found.error)} />;
  if (!found.data) return <Bones rows={10} height={36} />;
  const draft = found.data;
  const tag = `"r${draft.revision}"`;
  const standing = draft.standing;
  const steps = STEPS.filter((one) => draft.may.includes(one));
  const main = MAIN.find((one) => steps.includes(one));
  const conflicts = standing?.conflicts ?? [];
  const contested = standing?.contested ?? [];
  const things = contested.map((one) => `${one.kind}/${one.key}`);
  const does = (act: Promise<unknown>, said: string) => { act.then(() => say(said), refuse).finally(() => void readAgain(client)); };
  const remark = () => { does(send("POST", `/access/drafts/${id}/remarks`, { text: text.trim() }).then(() => setText("")), t("draft.said")); };
  return (
    <>
      <header className="role-head">
        <Link to="/access/drafts" className="ib only-phone" aria-label={t("draft.list")}><Icon name="left" /></Link>
        <div className="grow"><h2>{draft.title} <span className="dim">D-{draft.id}</span></h2><p className="row wrap soft"><span className="chip">{t(`draft.${draft.state}`)}</span>{draft.authors.map((who) => <Who key={who.id} person={who} />)}{draft.version ? <><span>{t("draft.becameVersion", { n: draft.version })}</span><Link className="link" to="/access/drafts/versions">{t("draft.undoThere")}</Link></> : null}</p>{draft.note ? <p className="soft">{draft.note}</p> : null}</div>
        <span className="row wrap">
          {administers && draft.may.includes("change") && working !== draft.id ? <Button size="xs" onClick={() => choose(draft.id)}>{t("draft.workIn")}</Button> : null}
          {working === draft.id && undo ? <Button size="xs" leftSection={<Icon name="undo" small />} onClick={() => void undo().catch(() => undefined)}>{t("draft.undo")}</Button> : null}
          {draft.changes.length ? <Button size="xs" component={Link} to={`/access/simulate?draft=${draft.id}`}>{t("draft.simulate")}</Button> : null}
          {steps.filter((one) => one !== main).map((one) => <Button key={one} size="xs" variant={one === "withdraw" ? "subtle" : undefined} color={one === "withdraw" ? "bad" : undefined} onClick={() => setStep(one)}>{t(`draft.act.${one}`)}</Button>)}
          {main ? <Button size="xs" variant="filled" disabled={conflicts.length > 0} onClick={() => setStep(main)}>{t(`draft.act.${main}`)}</Button> : null}
        </span>
      </header>
      {conflicts.length ? (
        <section className="note amber" aria-label={t("draft.conflicts")}>
          <h3 className="row"><Icon name="alert" small />{t("draft.conflicts")}</h3>
          <p>{t("draft.conflictsHow")}</p>
          <ul>{contested.map((one) => {
            const thing = `${one.kind}/${one.key}`;
            return (
              <li key={thing} className="sheet contested">
                <Change change={one} shown />
                {administers && draft.may.includes("change") ? <span className="switch" role="group" aria-label={w(one.words)}>{(["theirs", "mine"] as const).map((side) => <button key={side} aria-pressed={choice[thing] === side} onClick={() => setChoice((now) => ({ ...now, [thing]: side }))}>{t(`draft.${side}`)}</button>)}</span> : null}
              </li>
            );
          })}</ul>
          {administers && draft.may.includes("change") ? (
            <>
              <Button size="xs" disabled={things.some((thing) => !choice[thing])} onClick={() => does(send("POST", `/access/drafts/${id}/rebase`, { choose: choice }, { etag: tag }), t("draft.rebased"))}>{t("draft.rebase")}</Button>
            </>
          ) : null}
        </section>
      ) : null}
      {standing?.lifted.length ? <Lifted draft={draft} /> : null}
      {standing ? <Parts parts={draft.parts} drafted /> : null}
      {standing && draft.changes.length && !conflicts.length ? <Standing draft={draft} /> : null}
      <Beside others={draft.beside} />
      <section className="sheet part-lines">
        <div className="row wrap"><h3 className="grow">{t("draft.n", { n: draft.changes.length })}</h3>{draft.may.includes("change") && working === draft.id ? <MoveButton size="xs" label={t("move.people")} /> : null}</div>
        {draft.changes.length ? <ul className="rule-lines">{draft.changes.map((one) => (
          <li key={`${one.kind}/${one.key}`} className="rule-line"><Change change={one} shown={draft.changes.length <= FEW} />{draft.may.includes("change") && working === draft.id ? <button className="link" onClick={() => void leaveOut(one.kind, one.key).catch(() => undefined)}>{t("draft.leaveOut")}</button> : null}</li>
        ))}</ul> : <p className="dim">{t("draft.empty")}</p>}
      </section>
      {standing && draft.changes.length && !conflicts.length ? <Effect id={draft.id} revision={draft.revision} /> : null}
      {standing && draft.changes.length ? <div className="sheet part-lines"><SandboxPanel draft={draft.id} /></div> : null}
      <section className="sheet part-lines">
        <h3>{t("draft.discussion")}</h3>
        <ul className="remarks">{draft.remarks.map((one, index) => (
          <li key={index}><span className="row">{one.by ? <Who person={one.by} /> : null}{one.kind === "said" ? null : <span className="chip">{t(`draft.did.${one.kind}`)}</span>}<time className="dim end" dateTime={one.at}>{new Date(one.at).toLocaleString(undefined, { hour12: false })}</time></span>{one.text ? <p>{one.text}</p> : null}</li>
        ))}</ul>
        <label><span className="unseen">{t("draft.say")}</span><textarea className="box" value={text} maxLength={4000} placeholder={t("draft.say")} onChange={(event) => setText(event.target.value)} /></label>
        <p className="row"><Button size="xs" className="end" disabled={!text.trim()} onClick={remark}>{t("draft.send")}</Button></p>
      </section>
      {step ? <StepDialog draft={draft} step={step} onClose={() => setStep(null)} onDone={async () => { setStep(null); say(t(`draft.done.${step}`)); await readAgain(client); }} /> : null}
    </>
  );
}

/** Rules that the draft takes away and would break: said before everything else, for approvers decide on exactly this. */
function Lifted({ draft }: { draft: Draft }) {
  const { t, w } = useI18n();
  return (
    <section className="note red" aria-label={t("draft.lifts")}>
      <h3 className="row"><Icon name="alert" small />{t("draft.lifts")}</h3>
      <ul>{draft.standing?.lifted.map((one) => (
        <li key={`${one.kind}/${one.key}`}><b>{w(one.name)}</b> <span className="chip">{t(one.earlier ? "draft.liftedBefore" : "draft.liftedHere")}</span>
          <ul>{one.how.map((how, index) => <li key={index}>{w(how)}</li>)}</ul></li>
      ))}</ul>
      <p>{t("draft.liftsTakes", { n: draft.standing?.approvals ?? 2, have: draft.standing?.approved_by.length ?? 0 })}</p>
    </section>
  );
}

/** What the draft does to whom, in short; what blocks it is said among the checks. */
function Effect({ id, revision }: { id: string; revision: number }) {
  const { t } = useI18n();
  const found = useQuery({ ...simulationQuery(id, revision, null), retry: false });
  if (found.isError) return null; // the checks above say why
  return <section className="sheet part-lines" aria-busy={found.isFetching}>{found.data ? <Effects sim={found.data} draft={id} /> : <><h3>{t("effect.title")}</h3><p className="dim">{t("effect.counting")}</p><Bones rows={2} height={32} /></>}</section>;
}

function Standing({ draft }: { draft: Draft }) {
  const { t, w } = useI18n();
  const { standing } = draft;
  if (!standing) return null;
  const { blockers, tests } = standing;
  const approved = standing.approved_by.map((who) => who.name).join(t("oversight.comma"));
  const waits = standing.approvals - standing.approved_by.length;
  return (
    <ul className="checks" aria-label={t("draft.checks")}>
      <li className={blockers.length ? "bad row" : "row"}><Icon name={blockers.length ? "ban" : "check"} small />{blockers.length ? t("draft.blocked", { n: blockers.length }) : t("draft.free")}</li>
      {blockers.map((one, index) => <li key={index} className="bad inner">{w((one as { message?: Words; words?: Words }).message ?? (one as { words?: Words }).words)}</li>)}
      {tests ? <li className={tests.failed && blockers.length ? "bad row" : "row"}><Icon name={tests.failed ? "alert" : "check"} small />{t("draft.tests", { passed: tests.passed, failed: tests.failed })}</li> : null}
      {tests?.failures.length ? (
        <li className="inner"><details open={blockers.length > 0}><summary className="soft">{t(blockers.length ? "draft.broken" : "draft.brokenBefore")}</summary>
          <ul>{tests.failures.map((one) => <li key={one.code} className="soft">{w(one.name)}{one.how.length ? `${t("kit.colon")}${one.how.map((how) => w(how)).join(t("kit.semicolon"))}` : ""}</li>)}</ul></details></li>
      ) : null}
      {standing.sight.map((one, index) => <li key={index} className="row warn"><Icon name="eye" small />{w(one)}</li>)}
      {approved ? <li className="row"><Icon name="check" small />{t("draft.approvedBy", { names: approved })}</li> : null}
      {waits > 0 ? <li className="row"><Icon name="clock" small />{t(standing.approvals > 1 ? "draft.needsApprovals" : "draft.needsApproval", { n: waits })}</li> : null}
    </ul>
  );
}

function StepDialog({ draft, step, onClose, onDone }: { draft: Draft; step: Step; onClose: () => void; onDone: () => void }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  return (
    <ActDialog title={`${t(`draft.act.${step}`)} · ${draft.title}`} act={t(`draft.act.${step}`)} danger={step === "withdraw"} disabled={step === "return" && !text.trim()} places={{}} onClose={onClose} onDone={onDone}
      onAct={() => send("POST", `/access/drafts/${draft.id}/${step}`, { text: text.trim() }, { etag: `"r${draft.revision}"` })}>
      <p className="soft">{t(`draft.ask.${step}`, { n: draft.size })}</p>
      <label><span className="field-label">{t(step === "return" ? "draft.reason" : "draft.remark")}</span><textarea className="box" value={text} maxLength={4000} data-autofocus onChange={(event) => setText(event.target.value)} /></label>
    </ActDialog>
  );
}
