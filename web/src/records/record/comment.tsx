/** One comment: its words, that they were changed, and what its author (or who may delete the record) may do with it. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import type { CommentItem, RecordView, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { fullMoment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { useMyId } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { Composer } from "./composer";
import "../../i18n/words-entry";

/** A comment's text with the people it mentions; everything else in it is text and nothing more. */
export function Said({ item }: { item: Pick<CommentItem, "body" | "parts"> }) {
  const me = useMyId();
  return <p className="said">{(item.parts ?? [{ text: item.body }]).map((part, index) => ("person" in part ? <span key={index} className={part.person.id === me ? "mention me" : "mention"}>@{part.person.name}</span> : <span key={index}>{part.text}</span>))}</p>;
}

const toBox = () => document.getElementById("comment-box")?.focus();

export function Comment({ type, record, item }: { type: TypeMeta; record: RecordView; item: CommentItem }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const [mode, setMode] = useState<"read" | "edit" | "delete">("read");
  const name = item.author?.name ?? t("stream.system");
  const fresh = () => { for (const part of ["comments", "history"]) void client.invalidateQueries({ queryKey: [part, type.code, record.id] }); };
  const back = () => setMode("read");
  const remove = async () => {
    await send("DELETE", `/records/${type.code}/${record.id}/comments/${item.id}`, undefined, { etag: item.etag });
    say(t("comment.deleted"));
    toBox();
    fresh();
  };

  if (mode === "edit") return <Composer type={type} record={record} item={item} onClose={back} />;
  return (
    <div className="comment">
      <Said item={item} />
      <span className="comment-acts row tight">
        {item.edited ? <span className="dim" title={fullMoment(item.edited)}>{t("comment.edited")}</span> : null}
        {item.can?.edit ? <button className="ib" aria-label={t("comment.edit")} title={t("comment.edit")} onClick={() => setMode("edit")}><Icon name="edit" small /></button> : null}
        {item.can?.delete ? <button className="ib" aria-label={t("comment.deleteOf", { name })} title={t("comment.delete")} onClick={() => setMode("delete")}><Icon name="trash" small /></button> : null}
      </span>
      {mode === "delete" ? (
        <ActDialog title={t("comment.deleteOf", { name })} act={t("kit.delete")} danger onClose={back} onAct={remove}>
          <Said item={item} />
          <p className="soft">{t("comment.deleteText")}</p>
        </ActDialog>
      ) : null}
    </div>
  );
}
