/** What can be done with a record: its own verbs, then the ones every record has. A refused one says why. */
import { Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { send } from "../../api/client";
import type { FieldMeta, Json, RecordView, TypeMeta, VerbMeta, Words } from "../../api/types";
import { useWhy } from "../../access/why-context";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import type { FlowProcess } from "../../flows/types";
import { refreshType, takeRecord } from "../cache";
import "./record.css";

// Their fields come with them: most records are looked at without an act that asks for values.
const CreateDialog = lazy(() => import("../create-dialog"));
const VerbDialog = lazy(async () => ({ default: (await import("./verb-dialog")).VerbDialog }));

const ByProcess = lazy(() => import("../../flows/by-process"));
const RunningNote = lazy(() => import("../../flows/running-note"));
const BeginDialog = lazy(() => import("../../flows/begin-dialog"));

const field = (code: string, kind: string, zh: string, en: string, required: boolean): FieldMeta => ({ code, kind, name: { zh, en }, data_class: "internal", required, readonly: false, operators: [], sortable: false });
/** Verbs that every type has, for a server that does not describe their parameters. */
const BUILT_IN: VerbMeta[] = [
  { code: "transfer", name: { zh: "移交", en: "Transfer" }, danger: false, params: [field("owner", "person", "新负责人", "New owner", true), field("keep_until", "date", "原负责人保留只读至", "Former owner may read until", false)] },
  { code: "assign", name: { zh: "分配", en: "Assign" }, danger: false, params: [field("owner", "person", "负责人", "Owner", true)] },
  { code: "claim", name: { zh: "认领", en: "Claim" }, danger: false, params: [] },
  { code: "return", name: { zh: "退回公海", en: "Return to the pool" }, danger: true, params: [] },
];
const QUIET = new Set(["reveal", "team_add", "team_remove", "comment", "restore", "delete", "edit", "read", "create"]);

export function verbsOf(type: TypeMeta): VerbMeta[] {
  const own = type.verbs.filter((verb) => !QUIET.has(verb.code));
  return [...own, ...BUILT_IN.filter((verb) => !own.some((one) => one.code === verb.code))];
}

export function Actions({ type, record }: { type: TypeMeta; record: RecordView }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const go = useNavigate();
  const { say, refuse } = useToasts();
  const { ask } = useWhy();
  const { types } = useSession();
  const [verb, setVerb] = useState<VerbMeta | null>(null);
  const [deleting, setDeleting] = useState(false);
  const [logging, setLogging] = useState(false);
  const [asking, setAsking] = useState<FlowProcess | null>(null);
  const more = useRef<HTMLButtonElement>(null);
  const all = verbsOf(type).filter((one) => one.code in record.actions);
  const allowed = all.filter((one) => record.actions[one.code]);
  const refused = all.filter((one) => !record.actions[one.code]);
  const asks = [...refused.map((one) => ({ code: one.code, name: w(one.name) })), { code: "delete", name: t("kit.delete") }].filter((one) => record.refusals[one.code]?.code === "by_process" || (one.code === "delete" && record.actions.delete === false));
  const primary = allowed.find((one) => !one.danger && type.verbs.some((own) => own.code === one.code) && !["transfer", "assign", "return", "share"].includes(one.code)) ?? allowed.find((one) => one.code === "claim");
  const activity = types.get("activity");
  const canLog = type.code !== "activity" && activity?.can.create === true && (type.code === "account" || activity.fields.some((one) => one.target === type.code));

  const done = (name: string) => (answer: RecordView | null) => {
    if (answer && answer.id === record.id && answer.values) takeRecord(client, answer);
    else void client.invalidateQueries({ queryKey: ["record", type.code, record.id] });
    refreshType(client, type.code);
    say(t("record.done", { verb: name }));
    if (answer && answer.id === record.id && !answer.etag) void go(`/records/${type.code}`);
    if (answer && answer.type !== type.code && answer.id) void go(`/records/${answer.type}/${answer.id}`);
  };
  const press = (one: VerbMeta) => {
    if (one.params.length || one.danger) { setVerb(one); return; }
    send<RecordView>("POST", `/records/${type.code}/${record.id}/actions/${one.code}`, {}, { etag: record.etag }).then(done(w(one.name)), refuse);
  };
  const why = (action: string, name: string, known: Words | undefined) => { if (more.current) ask({ anchor: more.current, title: t("why.cannotDo", { verb: name }), action, type: type.code, id: record.id, known }); };
  const remove = async () => {
    await send("DELETE", `/records/${type.code}/${record.id}`, undefined, { etag: record.etag });
    const restore = () => { send<RecordView>("POST", `/records/${type.code}/${record.id}/restore`).then(() => { refreshType(client, type.code); void client.invalidateQueries({ queryKey: ["record", type.code, record.id] }); void go(`/records/${type.code}/${record.id}`); }, refuse); };
    say(t("record.deleted", { name: record.title }), restore);
    await go(`/records/${type.code}`); // left first: its page would ask for it again, and say that it is missing
    client.removeQueries({ queryKey: ["record", type.code, record.id] });
    refreshType(client, type.code, record.id);
  };
  const given: Record<string, Json> = { ...(activity?.fields.some((one) => one.code === type.code) ? { [type.code]: { id: record.id, type: type.code, title: record.title } } : {}), ...(type.code !== "account" && record.values.account ? { account: record.values.account } : {}) };

  return (
    <span className="row record-acts">
      {canLog ? <Button leftSection={<Icon name="phone" />} onClick={() => setLogging(true)}>{t("record.log")}</Button> : null}
      {allowed.filter((one) => one !== primary && !one.danger && one.code !== "assign").slice(0, 3).map((one) => <Button key={one.code} onClick={() => press(one)}>{w(one.name)}</Button>)}
      {primary ? <Button variant="filled" onClick={() => press(primary)}>{w(primary.name)}</Button> : null}
      <Menu position="bottom-end" width={220}>
        <Menu.Target><button ref={more} className="ib framed" aria-label={t("record.more")} title={t("record.more")}><Icon name="dots" /></button></Menu.Target>
        <Menu.Dropdown>
          {allowed.filter((one) => one !== primary).map((one) => <Menu.Item key={one.code} color={one.danger ? "bad" : undefined} onClick={() => press(one)}>{w(one.name)}</Menu.Item>)}
          {record.actions.delete ? <Menu.Item color="bad" leftSection={<Icon name="trash" small />} onClick={() => setDeleting(true)}>{t("kit.delete")}</Menu.Item> : null}
          {asks.length ? <Suspense fallback={null}><ByProcess type={type} acts={asks} onAsk={setAsking} /></Suspense> : null}
          {refused.length || record.actions.delete === false ? <Menu.Label>{t("record.notAllowed")}</Menu.Label> : null}
          {refused.filter((one) => !asks.some((other) => other.code === one.code)).map((one) => <Menu.Item key={one.code} leftSection={<Icon name="lock" small />} onClick={() => why(one.code, w(one.name), record.refusals[one.code]?.words)}><span className="soft">{w(one.name)}</span></Menu.Item>)}
          {record.actions.delete === false && record.refusals.delete?.code !== "by_process" ? <Menu.Item leftSection={<Icon name="lock" small />} onClick={() => why("delete", t("kit.delete"), record.refusals.delete?.words)}><span className="soft">{t("kit.delete")}</span></Menu.Item> : null}
        </Menu.Dropdown>
      </Menu>
      {asking ? <Suspense fallback={null}><BeginDialog type={type} record={record} processes={[asking]} onClose={() => setAsking(null)} /></Suspense> : null}
      {verb ? <Suspense fallback={null}><VerbDialog type={type} record={record} verb={verb} onClose={() => setVerb(null)} onDone={done(w(verb.name))} /></Suspense> : null}
      {deleting ? <ActDialog title={t("record.deleteTitle", { name: record.title })} act={t("kit.delete")} danger onClose={() => setDeleting(false)} onAct={remove}><p>{t("record.deleteAsk")}</p><Suspense fallback={null}><RunningNote type={type.code} id={record.id} /></Suspense></ActDialog> : null}
      {logging && activity ? <Suspense fallback={null}><CreateDialog type={activity} given={given} onClose={() => setLogging(false)} onClosed={() => setLogging(false)} /></Suspense> : null}
    </span>
  );
}
