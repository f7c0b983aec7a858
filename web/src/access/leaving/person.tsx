/** One person: all they hold at the left, who takes it over at the right, and what will happen before it does. */
import { Button } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, freshKey, get, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones, Face } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { Goes } from "./goes";
import { Held } from "./held";
import { Moving } from "./moving";
import { Fates, OpenThings, Working } from "./open-things";
import { PersonPicker } from "./person-picker";
import { Rules } from "./rules";
import { chosenOf, draftsOf, sendable, takersOf, type Holdings, type Preview, type RuleDraft, type Running } from "./types";
import type { PersonRef } from "../../api/types";
import "../../i18n/words-review";
import "../../i18n/words-centre";

const holdingsQuery = (id: string) => ({
  queryKey: ["holdings", id], queryFn: ({ signal }: { signal: AbortSignal }) => get<Holdings>(`/access/people/${id}/holdings`, signal),
});

export function Person({ id }: { id: string }) {
  const { t } = useI18n();
  const found = useQuery(holdingsQuery(id));
  const [mode, setMode] = useState<"leave" | "move">("leave");
  const [moves, setMoves] = useState(0);
  if (found.isPending) return <div className="bench-pad"><Bones rows={10} height={32} /></div>;
  if (found.isError) return <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>;
  const holds = found.data;
  const gone = holds.status === "left";
  return (
    <>
      <header className="review-top">
        <Face name={holds.person.name} size={34} />
        <h2 className="grow">{holds.person.name}</h2>
        {gone || holds.own ? null : <div className="tabs" role="tablist" aria-label={t("leaving.title")}>{(["leave", "move"] as const).map((one) => <button key={one} role="tab" className="tab" aria-selected={mode === one} onClick={() => setMode(one)}>{t(one === "leave" ? "leaving.modeLeave" : "leaving.modeMove")}</button>)}</div>}
      </header>
      <div className="review-scroll leaving" tabIndex={0} role="region" aria-label={holds.person.name}>
        <Held holds={holds} />
        <div className="stack">
          <Progress id={id} running={holds.handover} />
          {holds.own ? <p className="note amber">{t("leaving.own")}</p> : mode === "move" && !gone ? <Moving key={moves} id={id} holds={holds} onDone={() => setMoves((n) => n + 1)} /> : holds.handover?.state === "running" ? null : <Leave id={id} holds={holds} gone={gone} />}
        </div>
      </div>
    </>
  );
}

/** How far the records are; asked again while they move. */
function Progress({ id, running }: { id: string; running: Running | null }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ["handing", id], enabled: running !== null, initialData: running ?? undefined, staleTime: running?.state === "running" ? 0 : 60_000,
    queryFn: async ({ signal }) => {
      const now = await get<Running>(`/access/people/${id}/handover`, signal);
      if (now.state !== "running") void client.invalidateQueries({ queryKey: ["holdings", id] });
      return now;
    },
    refetchInterval: (query) => (query.state.data?.state === "running" ? 1500 : false),
  });
  const one = found.data;
  if (!one) return null;
  const said = one.state === "running" ? t("leaving.running", { done: one.done, all: one.total }) : one.state === "done" ? t("leaving.finished", { done: one.done }) : t("leaving.stuck", { done: one.done, n: one.refused });
  return (
    <div className={one.state === "stuck" ? "note amber stack tight" : "note stack tight"} role="status">
      <span className="row"><Icon name={one.state === "running" ? "clock" : one.state === "done" ? "check" : "alert"} small />{said}</span>
      <span className="bar"><i style={{ width: `${one.total ? (100 * (one.done + one.refused)) / one.total : 100}%` }} /></span>
      {one.why ? <span>{w(one.why)}</span> : null}
    </div>
  );
}

function Leave({ id, holds, gone }: { id: string; holds: Holdings; gone: boolean }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [rules, setRules] = useState<RuleDraft[]>(() => draftsOf(holds.leaving?.rules ?? []));
  const [successor, setSuccessor] = useState<PersonRef | null>(holds.leaving?.successor ?? null);
  const [asking, setAsking] = useState(false);
  const [chosen, setChosen] = useState(() => chosenOf(holds.leaving?.takers ?? []));
  const sent = sendable(rules);
  const takers = takersOf(chosen);
  const preview = useQuery({
    queryKey: ["handover-preview", id, sent, takers], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => send<Preview>("POST", `/access/people/${id}/handover/preview`, { rules: sent, takers }, { signal }),
  });
  const led = holds.departments.length > 0 || holds.reports.length > 0;
  const moving = preview.data ? preview.data.total - preview.data.left : 0;
  const act = async () => {
    const body = gone ? { rules: sent } : { rules: sent, takers, ...(successor ? { successor: successor.id } : {}) };
    await send("POST", `/access/people/${id}/${gone ? "handover" : "offboard"}`, body, { key: freshKey() });
    say(t(moving || gone ? "leaving.began" : "leaving.beganOnly"));
    await Promise.all([["holdings", id], ["handing", id], ["leavers"], ["people"], ["person"]].map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  return (
    <section className="sheet part stack" aria-label={t("leaving.handover")}>
      <h3>{t("leaving.handover")}</h3>
      {holds.leaving ? <p className="note row"><Icon name={holds.leaving.planned_at ? "check" : "clock"} small /><span className="grow">{t("leaving.lastDay")} {holds.leaving.last_day} · {holds.leaving.planned_by ? t("leaving.plannedFill", { name: holds.leaving.planned_by.name }) : t("leaving.notPlanned")}{holds.leaving.note ? ` “${holds.leaving.note}”` : ""}</span>{holds.leaving.case ? <Link className="link" to={`/flows/${holds.leaving.case}`}>{t("leaving.case")}</Link> : null}</p> : null}
      {!gone && led ? <PersonPicker label={t("leaving.successor")} value={successor} onPick={setSuccessor} /> : null}
      <Rules rules={rules} records={holds.records} onChange={setRules} />
      {!gone && holds.standing.length ? <OpenThings things={holds.standing} chosen={chosen} moving={false} onChange={setChosen} /> : null}
      <h3>{t("leaving.preview")}</h3>
      {preview.isError ? <Refused problem={asProblem(preview.error)} /> : <Told preview={preview.data} gone={gone} />}
      <div className="row wrap">{!gone && holds.needs_successor && !successor ? <span className="dim">{t("leaving.successorFirst")}</span> : null}<Button variant="filled" color={gone ? undefined : "bad"} className="end" disabled={preview.isError || (gone && !moving) || (!gone && holds.needs_successor && !successor)} onClick={() => setAsking(true)}>{t(gone ? "leaving.passOn" : "leaving.leave")}</Button></div>
      {asking ? <ActDialog title={`${t(gone ? "leaving.passOn" : "leaving.leave")} · ${holds.person.name}`} act={t(gone ? "leaving.passOn" : "leaving.leave")} danger={!gone} onClose={() => setAsking(false)} onAct={act}>{gone ? <Told preview={preview.data} gone /> : <><p>{t("leaving.ask", { name: holds.person.name, n: moving })}</p>{preview.data?.left ? <p className="note amber">{t("leaving.askLeft", { n: preview.data.left })}</p> : null}</>}</ActDialog> : null}
    </section>
  );
}

function Told({ preview, gone }: { preview: Preview | undefined; gone: boolean }) {
  const { t, w } = useI18n();
  return (
    <ul className="told-list">
      {gone ? null : <li className="row"><span className="bad"><Icon name="ban" small /></span>{t("leaving.allEnds")}</li>}
      {preview ? <Goes types={preview.types} /> : null}
      {preview?.types.filter((one) => one.left).map((one) => <li key={one.type} className="row warn"><Icon name="clock" small />{t("leaving.stays", { type: w(one.name), n: one.left })}</li>)}
      {gone || !preview ? null : <><Fates fates={preview.standing} moving={false} /><Working work={preview.work} named={preview.named} /></>}
    </ul>
  );
}
