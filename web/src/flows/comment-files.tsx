/** Files that go with what is said on a case: added here, sent with the comment, read by whoever follows it. */
import { useRef, useState } from "react";
import { BASE, send } from "../api/client";
import { useI18n } from "../i18n";
import { bytes } from "../kit/format";
import { Icon } from "../kit/icons";
import { useToasts } from "../kit/toast";
import type { CaseFile, Flow } from "./types";

interface Props { flow: Flow; files: readonly CaseFile[]; onFiles: (files: CaseFile[]) => void }

export function AttachButton({ flow, files, onFiles }: Props) {
  const { t } = useI18n();
  const { refuse } = useToasts();
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const upload = async (list: FileList | null) => {
    setBusy(true);
    const made = [...files];
    try {
      for (const file of list ?? []) {
        const form = new FormData();
        form.append("file", file);
        made.push(await send<CaseFile>("POST", `/flows/instances/${flow.id}/files`, form));
      }
    } catch (cause) { refuse(cause); } finally { setBusy(false); onFiles(made); }
  };
  return (
    <>
      <button type="button" className="ib framed flow-more" disabled={busy} aria-label={t("flow.attach")} title={t("flow.attachTitle")} onClick={() => input.current?.click()}><Icon name="clip" /></button>
      <input ref={input} type="file" multiple hidden aria-label={t("flow.attach")} onChange={(event) => { void upload(event.target.files); event.target.value = ""; }} />
    </>
  );
}

export function Attached({ flow, files, onFiles }: Props) {
  const { t } = useI18n();
  const { refuse } = useToasts();
  const remove = (file: CaseFile) => { send("DELETE", `/flows/instances/${flow.id}/files/${file.id}`).then(() => onFiles(files.filter((one) => one.id !== file.id)), refuse); };
  return <ul className="row wrap" aria-label={t("flow.attached")}>{files.map((one) => <li key={one.id} className="chip"><Icon name="clip" small />{one.name}<span className="dim n">{bytes(one.size)}</span><button type="button" className="flow-drop" aria-label={t("kit.remove", { name: one.name })} onClick={() => remove(one)}>×</button></li>)}</ul>;
}

export function SaidFiles({ flow, files }: { flow: Flow; files: readonly CaseFile[] }) {
  if (!files.length) return null;
  return <ul className="flow-said-files">{files.map((one) => <li key={one.id} className="row tight"><Icon name="clip" small /><a className="link" href={`${BASE}/flows/instances/${flow.id}/files/${one.id}`} download={one.name}>{one.name}</a><span className="dim n">{bytes(one.size)}</span></li>)}</ul>;
}
