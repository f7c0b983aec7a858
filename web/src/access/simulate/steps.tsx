/** The footer: what is still open, in words, and the draft's next step. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { useToasts } from "../../kit/toast";
import { sandboxQuery } from "../modes/sandbox";
import type { DraftView, Simulation, Step } from "./types";
import "../../i18n/words-simulate";

const STEPS: Step[] = ["return", "submit", "approve", "publish"];
const CODES = ["duty", "promise", "self", "nobody"] as const;

export function Steps({ draft, sim, stale }: { draft: DraftView; sim: Simulation | undefined; stale: boolean }) {
  const { t } = useI18n();
  const [step, setStep] = useState<Step | null>(null);
  const blockers = sim?.blockers ?? [];
  const told = CODES.map((code) => [code, blockers.filter((one) => one.code === code).length] as const).filter(([, n]) => n);
  const other = blockers.length - told.reduce((sum, [, n]) => sum + n, 0);
  const parts = [...told.map(([code, n]) => t(`simulate.open.${code}`, { n })), ...(other ? [t("simulate.open.other", { n: other })] : [])];
  const corners = sim?.figures.corners ?? 0;
  const approved = draft.standing?.approved_by ?? [];
  const lifted = draft.standing?.lifted ?? [];
  const waits = (draft.standing?.approvals ?? 0) - approved.length;
  const offered = STEPS.filter((one) => draft.may.includes(one));
  const jade = offered[offered.length - 1];
  return (
    <footer className="sim-foot">
      <div className="row wrap sim-open" role="status">
        {!sim ? null : parts.length ? <span className="row tight bad"><Icon name="ban" small />{t("simulate.missing")}<b>{parts.join(t("simulate.comma"))}</b></span> : <span className="row tight"><Icon name="check" small />{t("simulate.ready")}</span>}
        {corners ? <span className="row tight warn"><Icon name="alert" small />{t("simulate.mayWith", { n: corners })}</span> : null}
        {approved.length ? <span className="soft">{t("simulate.approvedBy", { names: approved.map((one) => one.name).join(t("simulate.comma")) })}</span> : null}
        {lifted.length ? <Link className="row tight bad" to={`/access/drafts/${draft.id}`}><Icon name="alert" small />{t("simulate.lifts", { k: lifted.length, n: waits })}</Link> : waits > 0 ? <span className="dim">{t("simulate.secondPerson")}</span> : null}
        <SignedOff draft={draft.id} />
      </div>
      <div className="row end">
        {offered.map((one) => <Button key={one} className="btn" variant={one === jade ? "filled" : "default"} disabled={!sim || stale || (one !== "return" && parts.length > 0)} leftSection={parts.length && one !== "return" ? <Icon name="lock" small /> : undefined} onClick={() => setStep(one)}>{t(`simulate.step.${one}`)}</Button>)}
      </div>
      {step ? <StepDialog draft={draft} step={step} onClose={() => setStep(null)} /> : null}
    </footer>
  );
}

/** What the testers of each department have said so far; nothing while nobody is asked. */
function SignedOff({ draft }: { draft: string }) {
  const { t } = useI18n();
  const testers = useQuery(sandboxQuery(draft)).data?.testers ?? [];
  if (!testers.length) return <Link className="link" to={`/access/drafts/${draft}`}>{t("simulate.askTesters")}</Link>;
  const fresh = testers.filter((one) => !one.stale);
  const signed = fresh.filter((one) => one.verdict === "signed").length;
  const misses = fresh.filter((one) => one.verdict === "misses").length;
  return (
    <Link className={misses ? "row tight warn link" : "row tight link"} to={`/access/drafts/${draft}`}><Icon name={misses ? "alert" : signed === testers.length ? "check" : "clock"} small />
      {t("simulate.signedOff", { signed, all: testers.length })}{misses ? t("simulate.missed", { n: misses }) : ""}</Link>
  );
}

function StepDialog({ draft, step, onClose }: { draft: DraftView; step: Step; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [text, setText] = useState("");
  const act = async () => {
    await send("POST", `/access/drafts/${draft.id}/${step}`, { text }, { etag: `"r${draft.revision}"` });
    say(t(`simulate.done.${step}`));
    await client.invalidateQueries({ queryKey: ["access"] });
  };
  return (
    <ActDialog title={t(`simulate.step.${step}`)} act={t(`simulate.step.${step}`)} disabled={step === "return" && !text.trim()} onClose={onClose} onAct={act}>
      <label className="field-label" htmlFor="step-text">{t(step === "return" ? "simulate.why" : "simulate.text")}</label>
      <textarea id="step-text" className="box" maxLength={4000} value={text} data-autofocus onChange={(event) => setText(event.currentTarget.value)} />
    </ActDialog>
  );
}
