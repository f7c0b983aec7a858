/** What was put off: until when, and back again. */
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import type { QueueItem } from "../api/types";
import { useI18n } from "../i18n";
import { moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { useToasts } from "../kit/toast";
import { addressOf, putOff, titleOf } from "./queue";
import "../i18n/words-later";
import "./later.css";

export default function WasPutOff({ items }: { items: readonly QueueItem[] }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { refuse } = useToasts();
  return (
    <details className="queue-later"><summary><span className="turn" aria-hidden="true"><Icon name="right" small /></span>{t("queue.putOff", { n: items.length })}</summary>
      <ul>{items.map((item) => <li key={item.entry} className="row"><Link className="grow cut" to={addressOf(item)}>{titleOf(item, w)}</Link>{item.until ? <span className="soft nowrap">{t("queue.until", { time: moment(item.until, lang) })}</span> : null}<button className="link" onClick={() => { putOff(client, item, null).catch(refuse); }}>{t("queue.now")}</button></li>)}</ul>
    </details>
  );
}
