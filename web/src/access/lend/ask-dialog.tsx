/** What, which fields, to do what, how long and why: a request to borrow, or (``lend``) a loan without being asked. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { asProblem, freshKey, send } from "../../api/client";
import { findPeople, findRecords } from "../../fields/find";
import { findProjects } from "./find-projects";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { InsteadOf } from "../chain";
import { AFTER, askableQuery, at, span, type AccessRequest, type Askable } from "./data";
import "../../i18n/words-lend";
import "./lend.css";

interface Props { type?: string; id?: string; field?: string; action?: string; lend?: boolean; onClose: () => void }
const SECRET = "confidential";
/** For whom: how it is said when asking, and when lending. */
const WHOM = { me: ["lend.forMe", "lend.forMe"], person: ["lend.forOther", "lend.toOther"], project: ["lend.forProject", "lend.forProject"] } as const;

export default function AskDialog({ type, id, field, action: wished, lend = false, onClose }: Props) {
  const { t, w } = useI18n();
  const { types, me } = useSession();
  const client = useQueryClient();
  const { say } = useToasts();
  const [key] = useState(freshKey);
  const [kind, setKind] = useState(type ?? [...types.keys()][0] ?? "");
  const [record, setRecord] = useState<Choice | null>(null);
  const about = id ?? record?.id;
  const found = useQuery({ ...askableQuery(kind, about ?? "", lend), enabled: Boolean(about && kind) });
  const [action, setAction] = useState(wished ?? "read");
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [seconds, setSeconds] = useState(7 * 24 * 3600);
  const [reason, setReason] = useState("");
  const [other, setOther] = useState<Choice | null>(null);
  const [whom, setWhom] = useState<"me" | "person" | "project">(lend ? "person" : "me");
  const can = found.data;
  const acts = can?.actions ?? [];
  const nothing = lend && can !== undefined && !acts.some((one) => one.lent);
  const act = acts.some((one) => one.code === action && one.lent) ? action : "read";
  const fields = can ? usable(can, act, lend) : [];
  const picked = (chosen ?? (field && fields.some((one) => one.field.code === field) ? [field] : [])).filter((code) => fields.some((one) => one.field.code === code && one.lent));
  const secret = fields.some((one) => picked.includes(one.field.code) && one.field.data_class === SECRET);
  const most = can ? (secret ? can.most_confidential : can.most) : 0;
  const spans = (can?.spans ?? []).filter((one) => one <= most);
  const long = spans.includes(seconds) ? seconds : (spans.at(-1) ?? seconds);
  useEffect(() => { setChosen(null); }, [act, about]);
  const bars = lend || !can ? [] : can.instead.filter((one) => (one.code === "frozen" ? whom === "me" : one.act === act));
  const needsFields = can?.seen === true && (act === "edit" || (act === "read" && fields.length > 0));
  const ready = Boolean(can && !nothing && reason.trim() && (!needsFields || picked.length) && (whom === "me" || other));
  const basic = fields.filter((one) => one.lent && PLAIN.includes(one.field.data_class)).map((one) => one.field.code);
  const projects = useMemo(() => findProjects(me.person.id), [me]);
  const lacking = nothing || !can ? [] : [
    needsFields && !picked.length ? t("lend.fields") : "", whom === "me" || other ? "" : t(whom === "project" ? "lend.whichProject" : "lend.forWhom"), reason.trim() ? "" : t("lend.why"),
  ].filter(Boolean);
  const done = async () => {
    const body = { type: kind, record: about ?? "", action: act, fields: picked, seconds: long, reason: reason.trim(), borrower: whom === "person" ? (other?.id ?? null) : null, project: whom === "project" ? (other?.id ?? null) : null };
    const made = await send<AccessRequest>("POST", lend ? "/access/loans" : "/access/requests", body, { key });
    await Promise.all(AFTER.map((name) => client.invalidateQueries({ queryKey: [name] })));
    say(lend ? t(made.state === "approved" ? "lend.lentOut" : "lend.lentWaits") : t("lend.sent"));
  };
  return (
    <ActDialog title={t(lend ? "lend.lendOut" : "lend.ask")} act={t(lend ? "lend.lend" : "lend.send")} size={600} disabled={!ready} places={{ project: t("lend.whichProject"), borrower: t("lend.forWhom"), fields: t("lend.fields"), reason: t("lend.why"), seconds: t("lend.long") }} onClose={onClose} onAct={done}>
      <div className="lend-form">
        {type ? null : <Line label={t("lend.kind")} name="lend-kind"><select id="lend-kind" className="box" value={kind} onChange={(event) => { setKind(event.target.value); setRecord(null); }}>{[...types.values()].map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></Line>}
        {id ? <Line label={t("lend.what")}><span className="lend-record row"><Icon name="file" small /><span className="cut">{can?.title ?? (can ? t("lend.recordOf", { type: w(can.type_name) }) : "…")}</span></span></Line>
          : <Line label={t("lend.record")}><Picker label={t("lend.record")} chosen={record} onChoose={setRecord} find={(text, signal) => findRecords(kind, text, signal)} /></Line>}
        {type || about ? null : <p className="dim">{t("lend.kindsHelp")}</p>}
        {about && found.isPending ? <Bones rows={4} height={32} /> : null}
        {found.isError ? <Refused problem={asProblem(found.error)} /> : null}
        {nothing ? <p className="note">{t("lend.notYours")}</p> : can ? (
          <>
            {can.seen ? null : <p className="note">{t("lend.unseen")}</p>}
            <Group label={t("lend.do")}>
              {acts.map((one) => <button type="button" key={one.code} className="pick" aria-pressed={act === one.code} disabled={!one.lent} onClick={() => setAction(one.code)}>{act === one.code ? <Icon name="check" small /> : null}{w(one.name)}{one.lent ? "" : `（${t("lend.notLent")}）`}</button>)}
            </Group>
            <Group label={t("lend.fields")} help={can.seen ? t(lend ? "lend.fieldsLend" : "lend.fieldsHelp") : undefined}>
              {can.seen ? fields.map((one) => {
                const on = picked.includes(one.field.code);
                return <button type="button" key={one.field.code} className="pick" aria-pressed={on} disabled={!one.lent} onClick={() => setChosen(on ? picked.filter((code) => code !== one.field.code) : [...picked, one.field.code])}>{on ? <Icon name="check" small /> : null}{w(one.field.name)}<ClassOf code={one.field.data_class} />{one.lent ? "" : `（${t("lend.notLent")}）`}</button>;
              }) : <span className="pick" aria-disabled="true"><Icon name="check" small />{t("lend.basic")}</span>}
              {can.seen && basic.length > 1 ? <button type="button" className="link" onClick={() => setChosen(basic)}>{t("lend.allBasic")}</button> : null}
              {can.seen && fields.length === 0 ? <span className="dim">{t("lend.fieldsNone")}</span> : null}
            </Group>
            {bars.map((one) => <InsteadOf key={one.fields.join()} instead={one} />)}
            <Group label={t("lend.long")} help={[secret ? t("lend.secretMost", { n: can.most_confidential / 86400 }) : "", t("lend.until", { time: at(new Date(Date.now() + long * 1000).toISOString()) })].filter(Boolean).join(t("kit.semicolon"))} joined>
              {spans.map((one) => <button type="button" key={one} className="seg" aria-pressed={long === one} onClick={() => setSeconds(one)}>{span(one, t)}</button>)}
            </Group>
          </>
        ) : null}
        {can?.seen && !nothing ? (
          <Group label={t("lend.forWhom")} help={whom === "project" ? t("lend.projectHelp") : undefined}>
            {(lend ? (["person", "project"] as const) : (["me", "person", "project"] as const)).map((one) => <button type="button" key={one} className="pick" aria-pressed={whom === one} onClick={() => { setWhom(one); setOther(null); }}>{t(WHOM[one][lend ? 1 : 0])}</button>)}
            {whom === "me" ? null : <span className="grow"><Picker key={whom} label={t(whom === "project" ? "lend.whichProject" : "lend.forWhom")} chosen={other} onChoose={setOther} find={whom === "project" ? projects : findPeople} /></span>}
          </Group>
        ) : null}
        <Line label={t("lend.why")} name="lend-why" help={t("lend.whyHelp")}><textarea id="lend-why" className="box" maxLength={500} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} /></Line>
        {can && !lend ? <p className="soft">{can.approver ? t("lend.goesTo", { name: can.approver.name }) : t("lend.goesToWho")}</p> : null}
        {lacking.length ? <p className="dim" role="status">{t("lend.lacking", { what: lacking.join(t("oversight.comma")) })}</p> : null}
      </div>
    </ActDialog>
  );
}

/** Classes whose fields are lent in one press. */
const PLAIN: (string | null)[] = ["public", "internal"];

/** The fields on offer for an act: those that are missing, and whether each may be lent. */
function usable(can: Askable, act: string, lend: boolean) {
  if (act === "edit") return can.fields.filter((one) => lend || one.now !== "edit").map((one) => ({ field: one.field, lent: one.edit })).filter((one) => one.lent || !lend);
  if (act !== "read") return [];
  return can.fields.filter((one) => lend || (one.now !== "read" && one.now !== "edit")).map((one) => ({ field: one.field, lent: one.read }));
}

export function ClassOf({ code }: { code: string }) {
  const { w } = useI18n();
  const { meta } = useSession();
  const found = meta.classes?.find((one) => one.code === code);
  return code === SECRET || code === "sensitive" ? <span className="dim"> · {found ? w(found.name) : code}</span> : null;
}

function Line({ label, name, help, children }: { label: string; name?: string; help?: string; children: React.ReactNode }) {
  return <div className="lend-line">{name ? <label htmlFor={name} className="soft">{label}</label> : <span className="soft">{label}</span>}<div className="grow">{children}{help ? <div className="field-help">{help}</div> : null}</div></div>;
}

function Group({ label, help, joined, children }: { label: string; help?: string; joined?: boolean; children: React.ReactNode }) {
  return <div className="lend-line" role="group" aria-label={label}><span className="soft">{label}</span><div className="grow"><div className={joined ? "segs" : "picks"}>{children}</div>{help ? <div className="field-help">{help}</div> : null}</div></div>;
}
