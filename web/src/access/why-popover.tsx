/** Why a value is masked, locked or refused; with a colleague beside, or the value itself by one audited click. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, get, send } from "../api/client";
import { reasonQuery, type WhyWish } from "../api/queries";
import type { RecordView } from "../api/types";
import { useI18n } from "../i18n";
import { Float } from "../kit/float";
import { Icon } from "../kit/icons";
import { Bones } from "../kit/parts";
import { useSession, useWhileRightsStand } from "../kit/session";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { Answer } from "./chain";
import { CompareDialog } from "./compare";
import { RefusalActions } from "./refusal-actions";
import type { WhyAsk } from "./why-context";
import "../i18n/words-why";
import "./access.css";
import "../i18n/words-answer";

export default function WhyPopover({ wish, onClose }: { wish: WhyAsk; onClose: () => void }) {
  const { t, w } = useI18n();
  const { refuse } = useToasts();
  const { me } = useSession();
  const { anchor, title, known, reveal, absent, ...asked } = wish;
  const question: WhyWish = { action: asked.action, type: asked.type, id: asked.id, field: asked.field };
  const why = useQuery(reasonQuery(question, absent));
  const [comparing, setComparing] = useState(false);
  const [shown, setShown] = useWhileRightsStand<string>();
  const show = async () => {
    if (!reveal) return;
    try {
      const record = await get<RecordView>(`/records/${reveal.type}/${reveal.id}`);
      const answer = await send<{ value: unknown }>("POST", `/records/${reveal.type}/${reveal.id}/actions/reveal`, { field: reveal.field }, { etag: record.etag });
      setShown(String(answer.value ?? ""));
    } catch (cause) { refuse(cause); }
  };
  if (comparing && asked.id) return <CompareDialog wish={{ action: asked.action, type: asked.type, id: asked.id, field: asked.field }} title={title} onClose={onClose} />;
  return (
    <Float anchor={anchor} label={title} onClose={onClose} width={360}>
      <div className="stack">
        <div className="row"><Icon name="shield" /><h2 className="grow">{title}</h2><button className="ib" aria-label={t("kit.close")} onClick={onClose}><Icon name="x" small /></button></div>
        {known && (why.isPending || w(known) !== w(why.data?.words)) ? <p className="note red">{w(known)}</p> : null}
        {why.isPending ? <Bones rows={4} height={22} /> : why.isError ? <Refused problem={asProblem(why.error)} /> : <Answer why={why.data} number={Boolean(absent?.sum || absent?.figure)} />}
        {shown !== undefined ? <div className="note" role="status"><div className="dim">{t("why.revealed")}</div><b className="revealed">{shown}</b></div> : null}
        <div className="row wrap">
          {reveal && shown === undefined ? <Button size="xs" variant="filled" leftSection={<Icon name="eye" small />} onClick={() => void show()}>{t("why.reveal")}</Button> : null}
          {why.data && !why.data.allowed ? <RefusalActions asked={question} why={why.data} onClose={onClose} /> : null}
          {absent?.type && why.data?.allowed && me.pages.includes("access") ? <Link className="link" to={`/access/why?type=${absent.type}`} onClick={onClose}>{t("whyPage.notHere")}</Link> : null}
          {asked.id ? <Button size="xs" leftSection={<Icon name="swap" small />} onClick={() => setComparing(true)}>{t("why.compare")}</Button> : null}
        </div>
      </div>
    </Float>
  );
}
