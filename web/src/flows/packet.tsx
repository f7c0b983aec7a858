/** 交接单: what the handing side gathers before it hands over, and what was handed over each time. */
import { useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState } from "react";
import { BASE, send } from "../api/client";
import type { FieldMeta, Json, TypeMeta } from "../api/types";
import { isEmpty } from "../fields/kind";
import { Value } from "../fields/value";
import { useI18n, type Key } from "../i18n";
import { bytes, fullMoment, moment } from "../kit/format";
import { Icon, type IconName } from "../kit/icons";
import { Face } from "../kit/parts";
import { fieldOf } from "../kit/session";
import { useToasts } from "../kit/toast";
import type { Notes } from "./told";
import type { Flow, Giving as Gives, Need, Packet } from "./types";
import "../i18n/words-entry";
import "./packet.css";

/** What is being kept just now: nobody hands over before it is. */
let keeping: Promise<unknown> = Promise.resolve();
export const gathered = (): Promise<unknown> => keeping;

interface GivingProps {
  flow: Flow; gives: Gives; number: number; type: TypeMeta | undefined; notes: Notes; onNotes: (notes: Notes) => void; problems: Record<string, string>;
  /** Values that are typed and not sent: what depends on them is seen when they are. */
  unsent: Record<string, Json>;
  /** What of it is still missing. */
  missing: readonly Need[];
}

function Mark({ icon, tone, children }: { icon: IconName; tone?: "brand-ink" | "warn" | "dim"; children: string }) {
  return <span className={`row tight nowrap packet-mark ${tone ?? "dim"}`}><Icon name={icon} small />{children}</span>;
}

export function Giving({ flow, gives, number, type, notes, onNotes, problems, unsent, missing }: GivingProps) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { refuse, say } = useToasts();
  const [busy, setBusy] = useState("");
  const path = `/flows/instances/${flow.id}/work/${number}/packets/${gives.node.id}`;
  const keep = (answer: Flow) => client.setQueryData(["flow", flow.id], answer);
  const text = (code: string) => notes[code] ?? gives.notes.find((one) => one.code === code)?.text ?? "";
  // what was written stays when the page goes: it is kept as soon as the note is left
  const save = (code: string) => {
    if (text(code) !== (gives.notes.find((one) => one.code === code)?.text ?? "")) keeping = send<Flow>("PUT", path, { notes: { [code]: text(code) } }).then(keep, refuse);
  };
  const put = (slot: string, files: readonly { id: string }[]) => { send<Flow>("PUT", path, { files: { [slot]: files.map((one) => one.id) } }).then(keep, refuse); };
  const upload = async (slot: string, list: FileList | null) => {
    setBusy(slot);
    try {
      for (const file of list ?? []) {
        const form = new FormData();
        form.append("file", file);
        keep(await send<Flow>("POST", `${path}/files/${slot}`, form));
        say(t("files.added", { name: file.name }));
      }
      void client.invalidateQueries({ queryKey: ["files", flow.type, flow.record] });
    } catch (cause) { refuse(cause); } finally { setBusy(""); }
  };
  const at = `packets/${gives.node.id}/`;
  const mine = missing.filter((one) => one.place.startsWith(at));
  const lacks = (part: string) => mine.some((one) => one.place === at + part);
  const returned = flow.packets.find((one) => one.node.id === gives.node.id && one.state === "returned" && one.number === gives.number - 1);
  const beside = (part: string) => problems[`${gives.node.id}/${part}`];
  return (
    <section className="packet" aria-label={t("packet.giveTo", { node: w(gives.node.name) })}>
      <header className="row wrap">
        <h2><Icon name="swap" small />{t("packet.title")}</h2>
        <span className="soft">{t("packet.giveTo", { node: w(gives.node.name) })}</span>
        {gives.number > 1 ? <span className="dim">{t("flow.round", { n: gives.number })}</span> : null}
        <span className="end">{mine.length ? <Mark icon="alert" tone="warn">{t("packet.lacking", { n: mine.length })}</Mark> : <Mark icon="check" tone="brand-ink">{t("packet.complete")}</Mark>}</span>
      </header>
      {returned ? <p className="note amber row"><Icon name="undo" small /><span><b>{t("packet.returnedBy", { name: returned.answered_by?.name ?? t("flow.system") })}</b>{returned.reason}</span></p> : null}
      {gives.criteria.length ? (
        <div className="packet-part">
          <h3>{t("packet.criteria")}</h3>
          <ul>{gives.criteria.map((one) => (
            <li key={one.code} className="row" data-place={`${at}criteria/${one.code}`} tabIndex={-1}><span className="grow">{w(one.name)}</span>
              {one.met ? <Mark icon="check" tone="brand-ink">{t("packet.met")}</Mark> : one.met === null ? <Mark icon="lock">{t("packet.unknown")}</Mark> : Object.keys(unsent).length ? <Mark icon="clock">{t("packet.later")}</Mark> : <Mark icon="alert" tone="warn">{t("packet.unmet")}</Mark>}
            </li>
          ))}</ul>
        </div>
      ) : null}
      {gives.fields.length ? (
        <div className="packet-part">
          <h3>{t("packet.fields")}</h3>
          <ul className="packet-fields">{gives.fields.map((one) => {
            const field = fieldOf(type, one.field);
            const empty = lacks(`fields/${one.field}`);
            return <li key={one.field} data-place={`${at}fields/${one.field}`} tabIndex={-1} className={empty ? "chip amber" : "chip"}>{empty ? <Icon name="alert" small /> : null}{field ? w(field.name) : one.field}{one.required ? <i aria-hidden="true">*</i> : null}{empty ? <span className="dim">{t("packet.empty")}</span> : null}</li>;
          })}</ul>
        </div>
      ) : null}
      {gives.files.map((slot) => (
        <Slot key={slot.code} place={`${at}files/${slot.code}`} name={w(slot.name)} required={slot.required} missing={lacks(`files/${slot.code}`)} problem={beside(`files/${slot.code}`)} busy={busy === slot.code} onFiles={(list) => void upload(slot.code, list)}>
          {slot.files.map((file) => <FileRow key={file.id} flow={flow} file={file} onRemove={() => put(slot.code, slot.files.filter((other) => other.id !== file.id))} />)}
        </Slot>
      ))}
      {gives.notes.map((note) => {
        const problem = text(note.code).trim() ? undefined : beside(`notes/${note.code}`);
        const lack = lacks(`notes/${note.code}`), says = `${gives.node.id}-${note.code}-says`;
        return (
          <label key={note.code} className="packet-part flow-say-field" data-place={`${at}notes/${note.code}`}><span className="field-label">{w(note.name)}{note.required ? <i aria-hidden="true">*</i> : null}</span>
            <textarea className="box" maxLength={4000} required={note.required} aria-invalid={problem ? true : undefined} aria-describedby={problem || lack ? says : undefined} value={text(note.code)} onChange={(event) => onNotes({ ...notes, [note.code]: event.target.value })} onBlur={() => save(note.code)} />
            {problem ? <span className="field-error" id={says}>{problem}</span> : lack ? <span className="field-lack warn" id={says}>{t("flow.missingHere")}</span> : null}
          </label>
        );
      })}
      <p className="field-help">{t("packet.giveHelp")}</p>
    </section>
  );
}

function Slot({ place, name, required, missing, problem, busy, onFiles, children }: { place: string; name: string; required: boolean; missing: boolean; problem?: string; busy: boolean; onFiles: (list: FileList | null) => void; children: React.ReactNode[] }) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null), says = useId();
  return (
    <div className="packet-part" data-place={place}>
      <h3 className="row"><span>{name}{required ? <i aria-hidden="true">*</i> : null}</span>
        <button type="button" className="tool end" disabled={busy} aria-label={t("packet.attachTo", { name })} aria-describedby={missing || problem ? says : undefined} onClick={() => input.current?.click()}><Icon name="upload" small />{t("packet.attach")}</button>
        <input ref={input} type="file" multiple hidden aria-label={t("packet.attachTo", { name })} onChange={(event) => { onFiles(event.target.files); event.target.value = ""; }} /></h3>
      {busy ? <progress aria-label={t("files.sending")} className="progress" /> : null}
      {children.length ? <ul>{children}</ul> : <p id={says} className={problem ? "field-error" : missing ? "field-lack warn" : "dim"}>{problem ?? t(missing ? "packet.fileMissing" : "packet.noFile")}</p>}
    </div>
  );
}

function FileRow({ flow, file, onRemove }: { flow: Flow; file: Gives["files"][number]["files"][number]; onRemove?: () => void }) {
  const { t } = useI18n();
  return (
    <li className="row"><Icon name="clip" small />
      {file.size === null ? <span className="grow cut dim">{t("packet.gone", { name: file.name })}</span> : <a className="link-quiet cut grow" href={`${BASE}/flows/instances/${flow.id}/packets/${file.id}`} download={file.name}>{file.name}</a>}
      {file.size === null ? null : <span className="dim n">{bytes(file.size)}</span>}
      {onRemove ? <button type="button" className="ib" aria-label={t("packet.remove", { name: file.name })} onClick={onRemove}><Icon name="x" small /></button> : null}
    </li>
  );
}

const STATES: Record<Packet["state"], { icon: IconName; chip: string }> = {
  handed: { icon: "clock", chip: "chip amber" }, accepted: { icon: "check", chip: "chip brand" }, returned: { icon: "undo", chip: "chip red" }, dropped: { icon: "minus", chip: "chip" },
};

/** What was handed over: the latest time in full, those before it folded away. */
export function Packets({ flow, type }: { flow: Flow; type: TypeMeta | undefined }) {
  const { t } = useI18n();
  const nodes = [...new Set(flow.packets.map((one) => one.node.id))];
  return <>{nodes.map((node) => {
    const [last, ...before] = flow.packets.filter((one) => one.node.id === node);
    if (!last) return null;
    const giving = flow.mine?.gives.some((one) => one.node.id === node);
    const rounds = giving ? [last, ...before] : before;
    return (
      <section key={node} className="packet" aria-label={t(giving ? "packet.earlier" : "packet.title", { n: rounds.length })}>
        {giving ? null : <One flow={flow} packet={last} type={type} head />}
        {rounds.length ? (
          <details className="packet-earlier"><summary className="link">{t("packet.earlier", { n: rounds.length })}</summary>
            {rounds.map((one) => <One key={one.id} flow={flow} packet={one} type={type} />)}
          </details>
        ) : null}
      </section>
    );
  })}</>;
}

function One({ flow, packet, type, head }: { flow: Flow; packet: Packet; type: TypeMeta | undefined; head?: boolean }) {
  const { t, w, lang } = useI18n();
  const { icon, chip } = STATES[packet.state];
  const fields = packet.fields.flatMap((one) => { const field = fieldOf(type, one.field); return field ? [{ field, value: one.value as Json }] : []; });
  const notes = packet.notes.filter((one) => one.text);
  const from = packet.by?.name ?? w(packet.source.name);
  return (
    <div className="packet-one">
      <header className="row wrap">
        {head ? <h2><Icon name="swap" small />{t("packet.title")}</h2> : <b>{t("flow.round", { n: packet.number })}</b>}
        {head && packet.number > 1 ? <span className="dim">{t("flow.round", { n: packet.number })}</span> : null}
        <span className={`${chip} end`}><Icon name={icon} small />{t(`packet.s.${packet.state}` as Key)}</span>
      </header>
      <p className="row wrap soft">{packet.by ? <Face name={from} size={24} /> : <Icon name="swap" small />}<span>{packet.department ? t("packet.fromOf", { name: from, department: w(packet.department) }) : t("packet.from", { name: from })}</span>{packet.at ? <time className="dim" dateTime={packet.at} title={fullMoment(packet.at)}>{moment(packet.at, lang)}</time> : null}</p>
      {packet.answered_at && packet.state !== "handed" ? <p className="row wrap soft"><Icon name={icon} small /><span>{t(`packet.answered.${packet.state}` as Key, { name: packet.answered_by?.name ?? t("flow.system") })}</span><time className="dim" dateTime={packet.answered_at} title={fullMoment(packet.answered_at)}>{moment(packet.answered_at, lang)}</time></p> : null}
      {packet.reason ? <p className="flow-said">{packet.reason}</p> : null}
      {notes.length ? <dl className="packet-notes">{notes.map((one) => <div key={one.code}><dt>{w(one.name)}</dt><dd>{one.text}</dd></div>)}</dl> : null}
      {packet.files.map((slot) => (
        <div key={slot.code} className="packet-part"><h3>{w(slot.name)}</h3>
          {slot.files.length ? <ul>{slot.files.map((file) => <FileRow key={file.id} flow={flow} file={file} />)}</ul> : <p className="dim">{t("packet.noFile")}</p>}
        </div>
      ))}
      {packet.criteria.length ? (
        <div className="packet-part"><h3>{t("packet.promised")}</h3>
          <ul>{packet.criteria.map((one) => <li key={one.code} className="row"><span className="grow">{w(one.name)}</span>{one.met ? <Mark icon="check" tone="brand-ink">{t("packet.met")}</Mark> : one.met === null ? <Mark icon="lock">{t("packet.unknown")}</Mark> : <Mark icon="alert" tone="warn">{t("packet.unmet")}</Mark>}</li>)}</ul>
        </div>
      ) : null}
      {fields.length ? (
        <details className="packet-cells" open={false}><summary className="link">{t("packet.cells", { n: fields.length })}</summary>
          <dl className="packet-notes">{fields.map(({ field, value }: { field: FieldMeta; value: Json }) => <div key={field.code}><dt>{w(field.name)}</dt><dd>{isEmpty(value) ? <span className="dim">{t("flow.empty")}</span> : <Value field={field} value={value} />}</dd></div>)}</dl>
        </details>
      ) : null}
    </div>
  );
}
