/** One request as who may answer it sees it: what exactly would be gained, three checks, a smaller grant, and the answer. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, get, send } from "../../api/client";
import { Value } from "../../fields/value";
import { holders, namesOf } from "../../flows/told";
import type { Flow } from "../../flows/types";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { elapsed, fullMoment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { useKeys } from "../../kit/keys";
import { Bones, Face, Key } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { fieldOf, useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { ClassOf } from "./ask-dialog";
import { AFTER, at, few, requestQuery, span, type AccessRequest, type Given, type Offer, type Terms } from "./data";
import { NarrowDialog } from "./narrow-dialog";
import "../../i18n/words-lend";
import "./lend.css";
import "../../i18n/words-centre";

const MOST_UNCHANGED = 6;

/** What a request is called, in one line. */
export function useHeadline() {
  const { t, w, lang } = useI18n();
  return (one: AccessRequest): string => {
    const who = one.project ? t("lend.project", { name: one.project }) : (one.borrower?.name ?? "?");
    if (one.kind === "role") return t("lend.wantsRole", { who, what: one.role_name ? w(one.role_name) : (one.role ?? ""), long: span(one.seconds, t) });
    if (one.kind === "position") return t("lend.wantsPost", { who, what: [w(one.department), w(one.position)].filter(Boolean).join(" · "), long: span(one.seconds, t) });
    const what = [one.title ?? t("lend.recordOf", { type: w(one.type_name) }), few(one.fields, w, lang, t)].filter(Boolean).join(" · ");
    return t("lend.wants", { who, act: w(one.action_name), what, long: span(one.seconds, t) });
  };
}

/** `inside`: it stands in its case, which tells the rest. */
export function RequestPane({ id, keys, inside, onDone }: { id: string; keys?: boolean; inside?: boolean; onDone?: () => void }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const [less, setLess] = useState<Terms | null>(null);
  const [dialog, setDialog] = useState<"no" | "narrow" | null>(null);
  const [busy, setBusy] = useState(false);
  const found = useQuery({ ...requestQuery(id, less), placeholderData: (before) => before });
  const headline = useHeadline();
  const one = found.data;
  const may = one?.may ?? [];
  /** What has come of an answer, and who has it next, as far as its case tells me. */
  const outcome = async (what: string, done: AccessRequest): Promise<string> => {
    if (done.state === "approved") return t("lend.approved");
    if (!["approve", "consent"].includes(what) || !["open", "confirming"].includes(done.state)) return t("lend.done");
    const flow = done.case ? await get<Flow>(`/flows/instances/${done.case}`).catch(() => null) : null;
    const names = flow ? namesOf(holders(flow), lang) : "";
    const said = done.state === "confirming" ? "confirming" : what === "consent" ? "consented" : "again";
    return names ? t(`lend.${said}By`, { names }) : t(`lend.${said}`);
  };
  const after = async () => { await Promise.all(AFTER.map((name) => client.invalidateQueries({ queryKey: [name] }))); onDone?.(); };
  const act = async (what: string, body?: unknown) => {
    if (busy) return;
    setBusy(true);
    try {
      const done = await send<AccessRequest>("POST", `/access/requests/${id}/${what}`, body ?? {});
      say(await outcome(what, done));
      await after();
    } catch (cause) { refuse(cause); await client.invalidateQueries({ queryKey: ["access-request", id] }); } finally { setBusy(false); }
  };
  const offer = one?.offer;
  const yes = () => { if (may.includes("confirm")) void act("confirm"); else if (may.includes("approve") && (!offer || offer.ok)) void act("approve", less ?? {}); };
  useKeys({ a: yes, r: () => { if (may.includes("refuse")) setDialog("no"); }, n: () => { if (offer && may.includes("approve")) setDialog("narrow"); } }, keys === true);
  if (found.isPending) return <Bones rows={8} height={32} />;
  if (found.isError || !one) return <Refused problem={asProblem(found.error)} />;
  const long = span(offer?.terms.seconds ?? one.seconds, t);
  return (
    <article className="lend-pane" aria-label={headline(one)}>
      <div className="row wrap soft"><Icon name="key" small /><span>{t(one.kind === "loan" ? "lend.ask" : "lend.role.ask")}</span>{one.renews ? <span className="chip">{t("lend.renewTitle", { number: one.renews })}</span> : null}<span className="end row tight dim"><Icon name="clock" small /><time dateTime={one.at} title={fullMoment(one.at)}>{t("queue.waiting", { time: elapsed(one.at, lang) })}</time></span></div>
      <h2 className="lend-title">{headline(one)}</h2>
      <div className="row wrap soft">
        {one.borrower ? <><Face name={one.borrower.name} size={24} /><span>{one.borrower.name}</span></> : null}
        {one.asker && one.asker.id !== one.borrower?.id ? <span>{t("lend.by", { name: one.asker.name })}</span> : null}
        {one.title && one.record ? <Link className="link" to={`/records/${one.type}/${one.record}`}>{one.title}</Link> : null}
        {one.case && !inside ? <Link className="link" to={`/flows/${one.case}`}>{t("lend.case")}</Link> : null}
      </div>
      <p className="lend-reason">{one.reason}</p>
      {offer ? <Gains one={one} offer={offer} /> : <p className="row"><span className="chip">{w(one.state_words)}</span>{one.answered_by ? <span className="soft">{one.answered_by.name}</span> : null}{one.answer ? <span>{one.answer}</span> : null}</p>}
      {one.gives ? <Gives lines={one.gives} role={one.role} /> : null}
      {offer?.checks.length ? <ul className="lend-checks">{offer.checks.map((check) => <li key={check.code} className="row"><span className={check.ok ? "brand-ink" : check.code === "habit" ? "warn" : "bad"}><Icon name={check.ok ? "check" : check.code === "habit" ? "clock" : "ban"} small /></span><span>{w(check.words)}</span></li>)}</ul> : null}
      {offer?.smaller && may.includes("approve") ? <div className="note row"><Icon name="bulb" small /><span className="grow">{t("lend.smaller")}{w(offer.smaller.words)}</span><Button size="xs" onClick={() => setLess(offer.smaller?.terms ?? null)}>{t("lend.useSmaller")}</Button></div> : null}
      {offer && !offer.ok ? <p className="bad">{t("lend.blocked")}</p> : null}
      <div className="row wrap lend-acts">
        {may.includes("approve") ? <Button variant="filled" loading={busy} disabled={offer ? !offer.ok : false} leftSection={<Icon name="check" small />} rightSection={keys ? <Key>A</Key> : undefined} onClick={yes}>{one.kind !== "loan" ? t("lend.approveRole") : t("lend.approve", { long })}</Button> : null}
        {may.includes("confirm") ? <Button variant="filled" loading={busy} leftSection={<Icon name="check" small />} rightSection={keys ? <Key>A</Key> : undefined} onClick={yes}>{t("lend.confirm", { long })}</Button> : null}
        {may.includes("consent") ? <Button variant="filled" loading={busy} onClick={() => void act("consent")}>{t("lend.consent")}</Button> : null}
        {may.includes("approve") && offer ? <Button onClick={() => setDialog("narrow")} rightSection={keys ? <Key>N</Key> : undefined}>{t("lend.narrow")}</Button> : null}
        {may.includes("refuse") ? <Button color="bad" onClick={() => setDialog("no")} rightSection={keys ? <Key>R</Key> : undefined}>{t("lend.refuse")}</Button> : null}
        {may.includes("withdraw") ? <Button loading={busy} onClick={() => void act("withdraw")}>{t(may.includes("consent") ? "lend.decline" : "lend.withdraw")}</Button> : null}
        {may.includes("approve") && one.kind === "loan" ? <span className="dim">{t("lend.recallAny")}</span> : null}
      </div>
      {dialog === "no" ? <No id={id} onClose={() => setDialog(null)} onDone={after} /> : null}
      {dialog === "narrow" && offer ? <NarrowDialog one={one} offer={offer} onClose={() => setDialog(null)} onChoose={(terms) => { setLess(terms); setDialog(null); }} /> : null}
    </article>
  );
}

function Gains({ one, offer }: { one: AccessRequest; offer: Offer }) {
  const { t, w } = useI18n();
  const { types } = useSession();
  const type = types.get(one.type);
  const lent = offer.rows.filter((row) => row.lent);
  const rest = offer.rows.filter((row) => !row.lent);
  const hidden = rest.filter((row) => row.then === "hidden" || row.then === "masked");
  const seen = rest.filter((row) => row.now === "read" || row.now === "edit");
  const list = (rows: Offer["rows"]) => rows.slice(0, MOST_UNCHANGED).map((row) => w(row.field.name)).join(t("oversight.comma")) + (rows.length > MOST_UNCHANGED ? " …" : "");
  return (
    <table className="lend-gain">
      <thead><tr><th>{t("lend.after")}</th><th>{t("lend.now")}</th><th>{t("lend.then", { time: at(offer.ends) })}</th></tr></thead>
      <tbody>
        {lent.map((row) => {
          const field = fieldOf(type, row.field.code);
          return (
            <tr key={row.field.code}>
              <th scope="row">{w(row.field.name)}<ClassOf code={row.field.data_class} /></th>
              <td className="soft">{t(`lend.l.${row.now}`)}</td>
              <td><span className="row tight"><Icon name={row.then === row.now ? "check" : "plus"} small /><b>{t(`lend.l.${row.then}`)}</b>{row.value !== undefined && field ? <span className="soft cut"><Value field={field} value={row.value} /></span> : null}</span></td>
            </tr>
          );
        })}
        {seen.length ? <tr><th scope="row" className="soft">{t("lend.l.read")}</th><td colSpan={2} className="soft">{list(seen)}</td></tr> : null}
        {hidden.length ? <tr><th scope="row" className="soft">{t("lend.stays")}</th><td colSpan={2} className="soft">{list(hidden)}</td></tr> : null}
      </tbody>
    </table>
  );
}

/** What a role or position would give: what is new to the person first, the rest folded. */
function Gives({ lines, role }: { lines: Given[]; role: string | null }) {
  const { t, w } = useI18n();
  const shown = (some: Given[]) => <ul className="lend-gives">{some.map((line, at) => <li key={at}><p className="row tight"><span className="brand-ink"><Icon name={line.new ? "plus" : "check"} small /></span><span>{w(line.words)}</span></p>{line.details.length ? <p className="dim">{line.details.map(w).join(t("kit.semicolon"))}</p> : null}</li>)}</ul>;
  const fresh = lines.filter((line) => line.new);
  const rest = lines.filter((line) => !line.new);
  return (
    <section className="stack tight" aria-label={t("lend.gives")}>
      <h3 className="row">{t("lend.gives")}{role ? <Link className="link end" to={`/access/roles/${role}`}>{t("lend.toRole")}</Link> : null}</h3>
      {fresh.length ? shown(fresh) : <p className="soft">{t("lend.givesNothing")}</p>}
      {rest.length ? <details><summary className="link">{t("lend.givesMore", { n: rest.length })}</summary>{shown(rest)}</details> : null}
    </section>
  );
}

function No({ id, onClose, onDone }: { id: string; onClose: () => void; onDone: () => Promise<void> }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  return (
    <ActDialog title={t("lend.refuse")} act={t("lend.refuse")} danger disabled={!text.trim()} onClose={onClose} onAct={async () => { await send("POST", `/access/requests/${id}/refuse`, { text: text.trim() }); await onDone(); }}>
      <label className="field-label" htmlFor="lend-no">{t("lend.refuseWhy")}</label>
      <textarea id="lend-no" className="box" data-autofocus maxLength={500} value={text} onChange={(event) => setText(event.target.value)} />
    </ActDialog>
  );
}
