/** For who looks after processes: whose turn it is in a case whose content and way they may not know, to give it away, try again or end it. Asking needs a reason and is kept. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Link } from "react-router";
import { asProblem, send, type Problem } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { elapsed, fullMoment } from "../kit/format";
import { Icon } from "../kit/icons";
import { Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { HandDialog } from "./flow-dialogs";
import { Due } from "./flow-steps";
import { afterMove, move } from "./queries";
import type { Flow, Tended } from "./types";

type Asked = { reassign: Tended["work"][number] } | { retry: Tended["halted"][number] } | "end";

export default function Tend({ flow }: { flow: Flow }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [why, setWhy] = useState("");
  const [told, setTold] = useState<Tended | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const id = useId();
  const look = async () => {
    setBusy(true);
    setProblem(null);
    try { setTold(await send<Tended>("POST", `/flows/instances/${flow.id}/tend`, { text: why.trim() })); } catch (cause) { setTold(null); setProblem(asProblem(cause)); } finally { setBusy(false); }
  };
  const settle = async (act: string, answer: Flow | null) => {
    say(t("flow.did", { act }));
    await afterMove(client, flow, answer);
    if (answer?.may.tend) await look();
  };
  const retry = typeof asked === "object" && asked && "retry" in asked ? asked.retry : null;
  return (
    <details className="flow-tend" open={flow.partly}>
      <summary><Icon name="shield" small /><b>{t("flow.tend")}</b></summary>
      {told === null ? (
        <form className="stack" onSubmit={(event) => { event.preventDefault(); if (why.trim()) void look(); }}>
          <p className="soft">{t("flow.tendText")}</p>
          <label className="flow-say-field" htmlFor={id}><span className="field-label">{t("flow.tendWhy")}<i aria-hidden="true">*</i></span><textarea id={id} className="box" rows={2} maxLength={500} required value={why} onChange={(event) => setWhy(event.target.value)} /></label>
          <div><Button type="submit" variant="filled" loading={busy} disabled={!why.trim()}>{t("flow.tendLook")}</Button></div>
        </form>
      ) : (
        <div className="stack" role="status">
          {told.work.length + told.halted.length + told.below.length === 0 ? <p className="soft">{t("flow.tendNobody")}</p> : null}
          <ul className="flow-tended">
            {told.halted.map((one) => <li key={one.id}><span className="row wrap"><b>{w(one.name)}</b><span className="chip amber"><Icon name="alert" small />{t("flow.halted")}</span><Button className="end" size="xs" aria-label={t("flow.retry", { node: w(one.name) })} onClick={() => setAsked({ retry: one })}>{t("flow.tendRetry")}</Button></span></li>)}
            {told.below.map((one) => <li key={one.id}><span className="row wrap"><Icon name="swap" small /><span>{t("flow.tendBelow")}</span><Link className="link" to={`/flows/${one.id}`}>{w(one.name)} #{one.id}</Link></span></li>)}
            {told.work.map((one) => (
              <li key={one.number}>
                <span className="row wrap"><b>{w(one.node.name)}</b>{one.person ? <Who person={one.person} /> : null}<Button className="end" size="xs" aria-label={t("flow.reassignOf", { name: one.person?.name ?? "" })} onClick={() => setAsked({ reassign: one })}>{t("flow.reassign")}</Button></span>
                <span className="row wrap soft">{one.opened_at ? <span title={fullMoment(one.opened_at)}>{t("flow.waits", { time: elapsed(one.opened_at, lang) })}</span> : null}<Due due={one.due_at} /></span>
              </li>
            ))}
          </ul>
          {told.end ? <div><Button size="xs" color="bad" leftSection={<Icon name="ban" small />} onClick={() => setAsked("end")}>{t("flow.tendEnd")}</Button></div> : null}
        </div>
      )}
      {problem ? <Refused problem={problem} /> : null}
      {asked && asked !== "end" && "reassign" in asked ? <HandDialog what="reassign" title={t("flow.reassignOf", { name: asked.reassign.person?.name ?? "" })} text={why} onText={setWhy} onClose={() => setAsked(null)} onAct={async (body) => settle(t("flow.reassign"), await move(flow.id, "reassign", body, asked.reassign.number))} /> : null}
      {retry ? <WhyDialog title={t("flow.retry", { node: w(retry.name) })} why={why} onWhy={setWhy} onClose={() => setAsked(null)} onAct={async () => settle(t("flow.retried"), await move(flow.id, "retry", { node: retry.id, text: why.trim() }))} /> : null}
      {asked === "end" ? <WhyDialog title={t("flow.tendEnd")} danger text={t("flow.tendEndText")} why={why} onWhy={setWhy} onClose={() => setAsked(null)} onAct={async () => settle(t("flow.tendEnd"), await move(flow.id, "end", { text: why.trim() }))} /> : null}
    </details>
  );
}

function WhyDialog({ title, text, why, danger, onWhy, onAct, onClose }: { title: string; text?: string; why: string; danger?: boolean; onWhy: (text: string) => void; onAct: () => Promise<unknown>; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <ActDialog title={title} act={title} danger={danger} disabled={!why.trim()} onClose={onClose} onAct={onAct}>
      {text ? <p>{text}</p> : null}
      <label className="flow-say-field"><span className="field-label">{t("flow.tendWhy")}<i aria-hidden="true">*</i></span><textarea className="box" data-autofocus maxLength={500} required value={why} onChange={(event) => onWhy(event.target.value)} /></label>
    </ActDialog>
  );
}
