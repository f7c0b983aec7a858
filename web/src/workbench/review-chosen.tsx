/** A batch of rights to review, or the end of a review that waits for a second word, as the chosen entry of the queue. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import type { QueueItem } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { addressOf } from "./queue";
import "../i18n/words-review";
import "../i18n/words-centre";

export function ReviewChosen({ item }: { item: QueueItem }) {
  const { t, w } = useI18n();
  const ending = item.id.startsWith("end"); // somebody asks that a review ends early, and for a second word
  return (
    <article className="chosen">
      <div className="row soft"><Icon name="shield" />{t("review.title")}</div>
      <h2 className="chosen-title">{item.title_words ? w(item.title_words) : item.title}</h2>
      {item.why ? <p>{w(item.why)}</p> : null}
      {ending ? null : <p className="soft">{t("review.waits")}</p>}
      <div className="row"><Button variant="filled" component={Link} to={addressOf(item)}>{t(ending ? "review.endLook" : "review.open")}</Button></div>
    </article>
  );
}
