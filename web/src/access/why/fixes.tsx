/** The smallest fixes side by side: what more each opens, who approves, for how long, and what begins it. */
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { freshKey, get, send, sendTagged } from "../../api/client";
import type { RecordView, Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import type { Fix, WhySide } from "./wish";
import "../../i18n/words-why";

interface LoanAct { path: string; body: { reason?: string } & Record<string, unknown> }
interface TeamAct { path: string; body: Record<string, unknown> }
interface DraftAct { draft: { kind: string; key: string; after: unknown } }

function Loan({ fix, about }: { fix: Fix; about: WhySide }) {
  const { t } = useI18n();
  const { say, refuse } = useToasts();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const { me } = useSession();
  const client = useQueryClient();
  const act = fix.act as unknown as Partial<LoanAct>;
  // Who would approve it lends it: a request to oneself is a step too many.
  const lends = !about.me && fix.approvers.some((one) => one.id === me.person.id);
  if (!act.path) return null;
  const ask = async () => {
    try {
      const made = await send<{ state: string }>("POST", lends ? "/access/loans" : (act.path ?? ""), { ...act.body, reason: reason.trim() }, { key: freshKey() });
      setOpen(false);
      await client.invalidateQueries({ queryKey: ["access-why"] }); // a loan holds at once: the answer is another now
      say(t(!lends ? "whyPage.asked" : made.state === "approved" ? "whyPage.lent" : "whyPage.lentWaits"));
    } catch (cause) { refuse(cause); }
  };
  const name = about.me ? t("whyPage.request") : t(lends ? "whyPage.lendTo" : "whyPage.requestFor", { name: about.person.name });
  if (!open) return <Button variant="filled" size="xs" leftSection={<Icon name="key" small />} onClick={() => setOpen(true)}>{name}</Button>;
  return (
    <form className="stack tight" onSubmit={(event) => { event.preventDefault(); void ask(); }}>
      <textarea className="box" aria-label={t("whyPage.reason")} placeholder={t("whyPage.reason")} autoFocus value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
      <div className="row"><Button type="submit" variant="filled" size="xs" disabled={!reason.trim()}>{lends ? name : t("whyPage.request")}</Button><Button size="xs" onClick={() => setOpen(false)}>{t("kit.cancel")}</Button></div>
    </form>
  );
}

function Team({ fix, type, id }: { fix: Fix; type: string; id: string }) {
  const { t } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const act = fix.act as unknown as TeamAct;
  if (!fix.approvers.some((one) => one.id === me.person.id)) return null;
  const join = async () => {
    try {
      const record = await get<RecordView>(`/records/${type}/${id}`);
      await send("POST", act.path, act.body, { etag: record.etag });
      say(t("whyPage.joined"));
      await client.invalidateQueries();
    } catch (cause) { refuse(cause); }
  };
  return <Button size="xs" leftSection={<Icon name="users" small />} onClick={() => void join()}>{t("whyPage.join")}</Button>;
}

function Draft({ fix }: { fix: Fix }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const [made, setMade] = useState<string | null>(null);
  const act = fix.act as unknown as Partial<DraftAct>;
  if (!act.draft || !me.administers?.includes("policy")) return null;
  const { kind, key, after } = act.draft;
  const put = async () => {
    try {
      const title = w(fix.words as Words).slice(0, 100);
      const begun = await sendTagged<{ id: string }>("POST", "/access/drafts", { title }, { key: freshKey() });
      await send("PUT", `/access/drafts/${begun.data.id}/changes/${kind}/${encodeURIComponent(key)}`, { after }, { etag: begun.etag });
      say(t("whyPage.drafted", { title }));
      setMade(begun.data.id);
      await client.invalidateQueries({ queryKey: ["access"] });
    } catch (cause) { refuse(cause); }
  };
  if (made) return <><Button size="xs" variant="filled" component={Link} to={`/access/simulate?draft=${made}`}>{t("whyPage.simulate")}</Button><Button size="xs" component={Link} to={`/access/drafts/${made}`}>{t("whyPage.openDraft", { id: made })}</Button></>;
  return <Button size="xs" leftSection={<Icon name="edit" small />} onClick={() => void put()}>{t("whyPage.draft")}</Button>;
}

export function Fixes({ fixes, about, type, id }: { fixes: Fix[]; about: WhySide; type: string; id: string }) {
  const { t, w } = useI18n();
  if (!fixes.length) return null;
  const opens = (fix: Fix) => [
    fix.records === null ? t("whyPage.recordsScope") : t(fix.at_most ? "whyPage.recordsMost" : "whyPage.records", { n: fix.records }),
    t("whyPage.fields", { n: fix.fields }),
    fix.people === null ? t("whyPage.peopleRole") : t("whyPage.people", { n: fix.people }),
  ].join(" · ");
  return (
    <section aria-label={t("whyPage.fixes", { name: about.person.name })}>
      <h2 className="why-title">{t("whyPage.fixes", { name: about.person.name })} <span className="dim">{t("whyPage.fixesHint")}</span></h2>
      <ol className="why-fixes">
        {fixes.map((fix, index) => (
          <li key={fix.kind} className={index === 0 ? "sheet why-fix first" : "sheet why-fix"}>
            <div className="row"><span className="why-number" aria-hidden="true">{index + 1}</span><h3 className="grow">{w(fix.words as Words)}</h3>{index === 0 ? <span className="chip brand">{t("whyPage.least")}</span> : null}</div>
            <dl>
              <div><dt>{t("whyPage.opens")}</dt><dd className={fix.records === 1 ? "" : "why-wide"}>{opens(fix)}</dd></div>
              <div><dt>{t("whyPage.by")}</dt><dd>{fix.by ? w(fix.by as Words) : fix.approvers.length ? fix.approvers.map((one) => one.name).join(t("whyPage.list")) : t("whyPage.nobody")}</dd></div>
              <div><dt>{t("whyPage.lasts")}</dt><dd>{w(fix.lasts as Words)}</dd></div>
            </dl>
            <div className="row">{fix.kind === "loan" ? <Loan fix={fix} about={about} /> : fix.kind === "team" ? <Team fix={fix} type={type} id={id} /> : <Draft fix={fix} />}</div>
          </li>
        ))}
      </ol>
    </section>
  );
}
