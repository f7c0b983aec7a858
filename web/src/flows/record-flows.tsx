/** On a record: who has it in which process, since when, what ran before, and beginning one. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Link } from "react-router";
import type { RecordView, TypeMeta } from "../api/types";
import { useI18n } from "../i18n";
import { elapsed, fullMoment, moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { Who } from "../kit/parts";
import { FlowState } from "./flow-state";
import { LIVE, processesQuery, recordFlowsQuery, SOON } from "./queries";
import { ahead, isLate, limitOf, namesOf } from "./told";
import type { FlowHead, Handoff } from "./types";
import { Waited } from "./waited";
import "../i18n/words-flows";
import "./record-flows.css";

const BeginDialog = lazy(() => import("./begin-dialog"));
const MOST_HELD = 3;

/** A hand-off as it stands: between which departments, who has it, since when, and until when. */
function HandedOver({ one, handoff }: { one: FlowHead; handoff: Handoff }) {
  const { t, w, lang } = useI18n();
  const limit = limitOf(handoff.within);
  const said = { giver: handoff.giver ? w(handoff.giver) : "", taker: handoff.taker ? w(handoff.taker) : "", names: namesOf(one.holders, lang), time: one.since ? elapsed(one.since, lang) : "" };
  const late = isLate(handoff.due_at);
  return (
    <>
      <span className={handoff.state === "returned" ? "chip amber" : "chip"}><Icon name={handoff.state === "returned" ? "undo" : "swap"} small />{t("packet.chip")}</span>
      <span title={one.since ? fullMoment(one.since) : undefined}>{t(`packet.live.${handoff.state}`, said)}{limit ? <>{t("packet.sep")}{t(`packet.limit.${limit.unit}`, { n: limit.n })}</> : null}</span>
      {handoff.number > 1 ? <span className="dim">{t("flow.round", { n: handoff.number })}</span> : null}
      {late && handoff.due_at ? <span className="row tight warn nowrap"><Icon name="alert" small />{t("flow.late", { time: elapsed(handoff.due_at, lang) })}</span> : null}
    </>
  );
}

function Standing({ one }: { one: FlowHead }) {
  const { t, w, lang } = useI18n();
  return (
    <>
      {one.waits ? <span className="row tight soft nowrap" title={fullMoment(one.waits.until)}><Icon name="clock" small />{w(one.waits.name)}{lang === "zh" ? "：" : ": "}{t("flow.until", { time: ahead(one.waits.until, lang) })}</span> : null}
      {one.waits?.or.length ? <span className="soft cut">{t("flow.or", { names: one.waits.or.map(w).join(lang === "zh" ? "、" : ", ") })}</span> : null}
      {one.waits?.then.length ? <span className="soft">{t("flow.then", { then: one.waits.then.map(w).join(lang === "zh" ? "、" : ", ") })}</span> : null}
      {one.now.length ? <span className="cut">{one.now.map((node) => w(node.name)).join(lang === "zh" ? "、" : ", ")}</span> : null}
      {one.holders.slice(0, MOST_HELD).map((person) => <Who key={person.id} person={person} />)}
      {one.holders.length > MOST_HELD ? <span className="dim">+{one.holders.length - MOST_HELD}</span> : null}
      {one.deputies.length ? <span className="dim">{t("flow.w.deputies", { names: namesOf(one.deputies, lang) })}</span> : null}
      {one.waits ? null : one.since ? <Waited className="dim" since={one.since} usual={one.usual} /> : <time className="dim nowrap" dateTime={one.ended_at ?? one.started_at} title={fullMoment(one.ended_at ?? one.started_at)}>{moment(one.ended_at ?? one.started_at, lang)}</time>}
    </>
  );
}

function Line({ one }: { one: FlowHead }) {
  const { w } = useI18n();
  return (
    <Link className="flows-line" to={`/flows/${one.id}`}>
      <span className="strong nowrap">{w(one.name)} #{one.id}</span>
      <FlowState one={one} />
      {one.handoff ? <HandedOver one={one} handoff={one.handoff} /> : <Standing one={one} />}
    </Link>
  );
}

export default function RecordFlows({ type, record }: { type: TypeMeta; record: RecordView }) {
  const { t } = useI18n();
  const [beginning, setBeginning] = useState(false);
  const [all, setAll] = useState(false);
  const client = useQueryClient(), key = recordFlowsQuery(type.code, record.id);
  const known = useQuery(processesQuery).data?.items.filter((one) => one.type === type.code) ?? [], processes = known.filter((one) => one.by_hand);
  const found = useQuery({ ...key, enabled: known.length > 0, refetchInterval: LIVE });
  // what has just been done to the record may begin a process by itself, a moment later
  useEffect(() => {
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: key.queryKey, exact: true }), SOON);
    return () => clearTimeout(timer);
  }, [record.id, record.etag]);
  const items = found.data?.items ?? [];
  const running = items.filter((one) => one.state === "running");
  const first = running.length ? running : items.slice(0, 1);
  const rest = items.length - first.length;
  const open = processes.filter((one) => one.version !== null && !running.some((other) => other.process === one.code));
  if (!found.data || (items.length === 0 && open.length === 0)) return null;
  return (
    <section className="flows-strip" aria-label={t("flows.strip")}>
      <Icon name="swap" small />
      <div className="flows-lines">
        {items.length === 0 ? <span className="soft flows-line">{t("flows.never")}</span> : (all ? items : first).map((one) => <Line key={one.id} one={one} />)}
      </div>
      {rest > 0 && !all ? <button className="link nowrap" onClick={() => setAll(true)}>{t("flows.earlier", { n: rest })}</button> : null}
      {open.length ? <Button size="xs" onClick={() => setBeginning(true)}>{t("flows.begin")}</Button> : null}
      {beginning ? <Suspense fallback={null}><BeginDialog type={type} record={record} processes={open} onClose={() => setBeginning(false)} /></Suspense> : null}
    </section>
  );
}
