/** Campaigns for who starts or oversees them: how far each is, by reviewer, and the evidence. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { BASE, freshKey, send } from "../../api/client";
import { useForm } from "../../admin/form";
import { useSession } from "../../kit/session";
import { useI18n } from "../../i18n";
import { dayOf, moment } from "../../kit/format";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Blank, Who } from "../../kit/parts";
import { useToasts } from "../../kit/toast";
import { Deadline } from "./deadline";
import { endedSaid } from "./ended";
import type { Asked, Progress } from "./types";
import "../../i18n/words-review";

const EndDialog = lazy(() => import("./end-dialog"));
const KINDS = ["all", "department", "sensitive", "leavers", "outsiders"] as const;
const WHO = 6;

/** `onStart`: before a campaign is begun, which may bring a batch of one's own that is not to be turned to at once. */
export function Campaigns({ campaigns, mayStart, onStart }: { campaigns: Progress[]; mayStart: boolean; onStart: () => void }) {
  const { t } = useI18n();
  const [starting, setStarting] = useState(false);
  return (
    <>
      <header className="review-top"><h2 className="grow">{t("review.campaigns")}</h2>{mayStart ? <Button variant="filled" leftSection={<Icon name="plus" />} onClick={() => { onStart(); setStarting(true); }}>{t("review.start")}</Button> : null}</header>
      <div className="review-scroll campaigns" tabIndex={0} role="region" aria-label={t("review.campaigns")}>
        {campaigns.length ? campaigns.map((one) => <Campaign key={one.id} one={one} mayEnd={mayStart} />) : <Blank icon="shield" title={t("review.none")} />}
      </div>
      {starting ? <StartDialog onClose={() => setStarting(false)} /> : null}
    </>
  );
}

function Campaign({ one, mayEnd }: { one: Progress; mayEnd: boolean }) {
  const { t, w, lang } = useI18n();
  const [ending, setEnding] = useState(false);
  const [all, setAll] = useState(false);
  const pending = one.states.pending ?? 0;
  const done = one.total - pending;
  const slow = one.reviewers.filter((who) => who.pending > 0);
  return (
    <section className="sheet part campaign">
      <div className="row wrap"><h3 className="grow">{w(one.title_words)}</h3><span className="dim">{one.ended ? t(one.closed_at ? "review.endedEarly" : "review.ending") : one.closed_at ? t("review.closed") : t("review.dueOn", { day: dayOf(one.due) })}</span>{mayEnd && !one.closed_at && !one.ended ? <button className="link row tight" onClick={() => setEnding(true)}><Icon name="ban" small />{t("review.end")}</button> : null}<Link className="link row tight" to={`/access/reviews?campaign=${one.id}`}><Icon name="eye" small />{t("review.byItem")}</Link><a className="link row tight" href={`${BASE}/access/reviews/${one.id}/evidence.csv?language=${lang}`} download><Icon name="download" small />{t("review.evidence")}</a></div>
      <span className="bar"><i style={{ width: `${one.total ? (100 * done) / one.total : 0}%` }} /></span>
      <p className="soft">{t("review.progress", { done, all: one.total, people: one.reviewers.length })}{(["kept", "revoked", "narrowed", "drafted", "lapsed", "gone", "left"] as const).filter((state) => one.states[state]).map((state) => ` · ${t(one.ended && state === "lapsed" ? "review.endedLapsed" : `review.${state}`)} ${one.states[state]}`)}</p>
      <Deadline one={one} />
      {one.asked ? <AskedLine one={one} asked={one.asked} mayEnd={mayEnd} onOpen={() => setEnding(true)} /> : null}
      {one.ended ? <p className="note">{endedSaid(one.ended, t, lang)}</p> : null}
      {ending ? <Suspense fallback={null}><EndDialog one={one} onClose={() => setEnding(false)} /></Suspense> : null}
      {slow.length && !one.ended ? <div className="row wrap">{(all ? slow : slow.slice(0, WHO)).map((who) => <span key={who.person.id} className="row tight"><Who person={who.person} /><span className="dim">{who.total - who.pending}/{who.total}</span></span>)}{slow.length > WHO && !all ? <button className="link" onClick={() => setAll(true)}>{t("review.allWho", { n: slow.length })}</button> : null}</div> : null}
    </section>
  );
}

/** That somebody asks to end it, with what whoever reads this can do about it. */
function AskedLine({ one, asked, mayEnd, onOpen }: { one: Progress; asked: Asked; mayEnd: boolean; onOpen: () => void }) {
  const { t, lang } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const mine = asked.by.id === me.person.id;
  const back = () => send("DELETE", `/access/reviews/${one.id}/end`).then(() => { say(t("review.endedNo")); return client.invalidateQueries({ queryKey: ["reviews"] }); }, refuse);
  return (
    <div className="note amber stack tight">
      <p>{t("review.endAsked", { name: asked.by.name, at: moment(asked.at, lang), how: t(`review.unanswered.${asked.unanswered}`), why: asked.reason })}</p>
      {mine ? <p className="soft">{t("review.endWaits")}</p> : null}
      {mayEnd ? <div className="row wrap">{mine ? null : <Button size="xs" variant="filled" onClick={onOpen}>{t("review.endLook")}</Button>}<Button size="xs" onClick={() => void back()}>{t(mine ? "review.endBack" : "review.endNo")}</Button></div> : null}
    </div>
  );
}

function StartDialog({ onClose }: { onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const kinds = KINDS.map((value) => { const name = t(`review.kind.${value}`); return { value, name: { zh: name, en: name } }; });
  const form = useForm({ kind: "department", department: null, title: "", days: 14 });
  const department = form.values.kind === "department";
  const act = async () => {
    const sent = form.body({ kind: "text", ...(department ? { department: "department" } : {}), days: "number" });
    const title = form.text("title");
    await send("POST", "/access/reviews", { ...sent, days: Number(sent.days), ...(title ? { title } : {}) }, { key: freshKey() });
    await client.invalidateQueries({ queryKey: ["reviews"] });
    say(t("review.started"));
  };
  return (
    <ActDialog title={t("review.start")} act={t("review.start")} disabled={department && !form.values.department} places={form.places} onClose={onClose} onAct={act}>
      <div className="form-two">
        {form.input("kind", "review.circle", "choice", { required: true, options: kinds })}
        {department ? form.input("department", "review.department", "department", { required: true }) : null}
        {form.input("days", "review.days", "number", { required: true })}
        {form.input("title", "review.name", "text")}
      </div>
    </ActDialog>
  );
}
