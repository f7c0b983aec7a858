/** What can be done now, always in the same place: the comment, then the decision. One solid button. */
import { Button, Menu } from "@mantine/core";
import { useId } from "react";
import { useI18n, type Key as Word } from "../i18n";
import { Icon } from "../kit/icons";
import { Key } from "../kit/parts";
import { useSession } from "../kit/session";
import type { Named } from "../records/record/mention";
import type { Hand } from "./flow-dialogs";
import { AttachButton, Attached } from "./comment-files";
import { Say } from "./say";
import { noWord } from "./told";
import type { CaseFile, Flow, Need } from "./types";

export type Ask = "reject" | "later" | "remove" | "copy" | "withdraw" | Hand;
interface Props {
  /** `still`: nothing is decided now. */
  flow: Flow; still: boolean; approveLabel: string; busy: boolean; text: string; onText: (text: string) => void; named: readonly Named[]; onNamed: (named: Named[]) => void; files: readonly CaseFile[]; onFiles: (files: CaseFile[]) => void;
  /** What is still missing before it can be approved; `onGo` leads there. */
  missing: readonly Need[]; onGo: (place: string) => void;
  onApprove: () => void; onAsk: (what: Ask) => void; onClaim: () => void; onComment: () => void; onUrge: () => void; onTakeBack: (node: string) => void; onRetry: (node: string) => void;
}

export function FlowBar({ flow, still, approveLabel, busy, text, onText, named, onNamed, files, onFiles, missing, onGo, onApprove, onAsk, onClaim, onComment, onUrge, onTakeBack, onRetry }: Props) {
  const { t, w, lang } = useI18n();
  const { me } = useSession();
  const { may } = flow;
  const lacks = useId();
  // a step of what the case is about is answered where that is shown
  const mine = still || flow.mine?.step ? null : flow.mine;
  const moves = new Set(mine?.moves ?? []);
  if (!mine && !may.comment) return null;
  const more: { code: string; label: string; act: () => void; danger?: boolean }[] = [];
  for (const code of ["delegate", "add_signer"] as const) if (moves.has(code)) more.push({ code, label: t(`flow.${code}`), act: () => onAsk(code) });
  if (moves.has("remove_signer") && mine?.others.length) more.push({ code: "remove", label: t("flow.remove_signer"), act: () => onAsk("remove") });
  if (flow.mine && !me.mode) more.push({ code: "later", label: t("flow.later"), act: () => onAsk("later") });
  if (may.comment) more.push({ code: "copy", label: t("flow.copy"), act: () => onAsk("copy") });
  if (may.comment) more.push({ code: "print", label: t("flow.print"), act: () => window.open(`/api/v1/flows/instances/${flow.id}/sheet?language=${lang}`, "_blank", "noopener") });
  if (!still) for (const node of may.take_back) more.push({ code: `back-${node.id}`, label: t("flow.take_back", { node: w(node.name) }), act: () => onTakeBack(node.id) });
  if (may.urge) more.push({ code: "urge", label: t("flow.urge"), act: onUrge });
  if (may.withdraw) more.push({ code: "withdraw", label: t("flow.withdraw"), act: () => onAsk("withdraw"), danger: true });
  const rejects: Word = noWord(flow, mine);
  return (
    <section className="flow-bar" aria-label={t("flow.acts")}>
      {mine?.joins ? <p className="soft row tight"><Icon name="users" small /><span>{t(mine.acting_for ? "flow.joinsFor" : mine.takes ? "flow.joinsTaking" : "flow.joins", { role: w(mine.joins), name: mine.acting_for?.name ?? "" })}</span></p> : null}
      <div className="flow-bar-say">
        <Say text={text} onText={onText} named={named} onNamed={onNamed} placeholder={mine ? (moves.has("reject") ? t("flow.sayHint", { act: t(rejects) }) : t("flow.say")) : t("flow.sayOnly")} />
        {may.comment ? <AttachButton flow={flow} files={files} onFiles={onFiles} /> : null}
        {more.length ? (
          <Menu position="top-end" width={220}>
            <Menu.Target><button className="ib framed flow-more" aria-label={t("flow.more")} title={t("flow.more")}><Icon name="dots" /></button></Menu.Target>
            <Menu.Dropdown>{more.map((one) => <Menu.Item key={one.code} color={one.danger ? "bad" : undefined} onClick={one.act}>{one.label}</Menu.Item>)}</Menu.Dropdown>
          </Menu>
        ) : null}
      </div>
      {files.length ? <Attached flow={flow} files={files} onFiles={onFiles} /> : null}
      {mine ? <Missing id={lacks} missing={missing} act={approveLabel} onGo={onGo} /> : null}
      <div className="flow-bar-acts">
        {mine ? <Button className="flow-yes" variant={missing.length ? undefined : "filled"} loading={busy} aria-describedby={missing.length ? lacks : undefined} leftSection={<Icon name={missing.length ? "alert" : "check"} small />} rightSection={<Key>A</Key>} onClick={onApprove}>{approveLabel}</Button> : null}
        {moves.has("reject") ? <Button className="flow-no" rightSection={<Key>R</Key>} onClick={() => onAsk("reject")}>{t(rejects)}</Button> : null}
        {moves.has("transfer") ? <Button className="flow-on" rightSection={<Key>T</Key>} onClick={() => onAsk("transfer")}>{t("flow.transfer")}</Button> : null}
        {moves.has("claim") ? <Button className="flow-on" onClick={onClaim}>{t("flow.claim")}</Button> : null}
        {may.retry.map((node) => <Button key={node.id} variant={mine ? undefined : "filled"} onClick={() => onRetry(node.id)}>{t("flow.retry", { node: w(node.name) })}</Button>)}
        {may.comment ? <Button className={mine && !files.length ? "flow-only-say hide-phone" : "flow-only-say"} variant={mine ? "subtle" : undefined} disabled={!text.trim() && !files.length} leftSection={<Icon name="comment" small />} onClick={onComment}>{t("flow.comment")}</Button> : null}
      </div>
    </section>
  );
}

const TOLD = 3;
/** What is still missing, beside the button that it keeps back; each leads to its place. */
function Missing({ id, missing, act, onGo }: { id: string; missing: readonly Need[]; act: string; onGo: (place: string) => void }) {
  const { t, w } = useI18n();
  const said = missing.length ? t("flow.missing", { n: missing.length, act }) : "";
  return (
    <>
      <span className="unseen" role="status">{said}</span>
      {said ? (
        <div className="flow-missing" role="group" aria-label={said} tabIndex={-1} data-place="missing">
          <span className="row tight nowrap warn" id={id}><Icon name="alert" small />{said}</span>
          <ul>{missing.slice(0, TOLD).map((one) => <li key={one.place}><button type="button" className="link" onClick={() => onGo(one.place)}>{w(one.message)}</button></li>)}{missing.length > TOLD ? <li className="dim">{t("flow.missingMore", { n: missing.length - TOLD })}</li> : null}</ul>
        </div>
      ) : null}
    </>
  );
}
