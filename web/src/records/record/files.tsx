/** Attachments; they have the rights of their record. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { BASE, send } from "../../api/client";
import { filesQuery } from "../../api/queries";
import type { FileItem, RecordView, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { bytes } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { useToasts } from "../../kit/toast";
import "../../i18n/words-entry";

export function Files({ type, record }: { type: TypeMeta; record: RecordView }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { refuse, say } = useToasts();
  const files = useQuery(filesQuery(type.code, record.id));
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const path = `/records/${type.code}/${record.id}/files`;
  const may = record.actions.edit === true;
  const fresh = () => client.invalidateQueries({ queryKey: ["files", type.code, record.id] });
  const upload = async (list: FileList | null) => {
    setBusy(true);
    try {
      for (const file of list ?? []) {
        const form = new FormData();
        form.append("file", file);
        await send("POST", path, form);
        say(t("files.added", { name: file.name }));
      }
    } catch (cause) { refuse(cause); } finally {
      setBusy(false);
      if (input.current) input.current.value = "";
      void fresh();
    }
  };
  const remove = (file: FileItem) => { send("DELETE", `${path}/${file.id}`).then(() => { say(t("files.removed", { name: file.name })); return fresh(); }, refuse); };
  const items = files.data?.items ?? [];
  if (!may && items.length === 0) return null;
  return (
    <section className="side-box" aria-label={t("files.title")}>
      <div className="row"><h2>{t("files.title")}</h2>{may ? <button className="ib end" aria-label={t("files.add")} disabled={busy} onClick={() => input.current?.click()}><Icon name="upload" small /></button> : null}
        <input ref={input} type="file" multiple hidden aria-label={t("files.add")} onChange={(event) => void upload(event.target.files)} /></div>
      {busy ? <progress aria-label={t("files.sending")} className="progress" /> : null}
      <ul>
        {items.map((file) => (
          <li key={file.id} className="row side-row"><Icon name="clip" small /><a className="link-quiet cut grow" href={`${BASE}${path}/${file.id}`} download={file.name}>{file.name}</a><span className="dim n">{bytes(file.size)}</span>
            {may && file.can_delete !== false ? <button className="ib" aria-label={t("files.remove", { name: file.name })} onClick={() => remove(file)}><Icon name="x" small /></button> : null}</li>
        ))}
        {items.length === 0 ? <li className="dim">{t("files.none")}</li> : null}
      </ul>
    </section>
  );
}
