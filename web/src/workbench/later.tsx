/** 稍后处理: until when an entry of the queue is put off. */
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { QueueItem } from "../api/types";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { isoDate } from "../kit/format";
import { useToasts } from "../kit/toast";
import { putOff, titleOf } from "./queue";
import "../i18n/words-later";
import "./later.css";

const TIMES = ["hours", "tomorrow", "week"] as const;
const DAY = 86_400_000;
/** As far ahead as the server takes it. */
const MOST_DAYS = 59;

export default function Later({ item, onClose, onDone }: { item: Pick<QueueItem, "entry" | "title" | "title_words">; onClose: () => void; onDone?: () => void }) {
  const { t, w } = useI18n();
  const { say, refuse } = useToasts();
  const client = useQueryClient();
  const id = useId();
  const [when, setWhen] = useState<string>(TIMES[0]);
  const [day, setDay] = useState(() => isoDate(new Date(Date.now() + DAY)));
  const title = titleOf(item, w);
  const undo = () => { putOff(client, item, null).catch(refuse); };
  return (
    <ActDialog title={t("later.title", { title })} act={t("later.act")} disabled={when === "day" && !day} places={{ until: "" }} onClose={onClose} onDone={onDone} onAct={async () => { await putOff(client, item, when === "day" ? day : when); say(t("queue.wasPutOff", { title }), undo); }}>
      <fieldset className="plain later-ways"><legend className="field-label">{t("later.when")}</legend>
        {TIMES.map((one, at) => <label key={one} className="row"><input type="radio" name={id} value={one} checked={when === one} data-autofocus={at === 0 || undefined} onChange={() => setWhen(one)} />{t(`later.${one}`)}</label>)}
        <label className="row"><input type="radio" name={id} value="day" checked={when === "day"} onChange={() => setWhen("day")} />{t("later.day")}</label>
        {when === "day" ? <input className="box" type="date" aria-label={t("later.day")} value={day} min={isoDate(new Date(Date.now() + DAY))} max={isoDate(new Date(Date.now() + MOST_DAYS * DAY))} onChange={(event) => setDay(event.target.value)} /> : null}
      </fieldset>
      <p className="soft">{t("later.help")}</p>
    </ActDialog>
  );
}
