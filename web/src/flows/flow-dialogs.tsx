/** What a move asks for before it is made. Each dialog keeps a refusal in view, beside what it is about. */
import { useState } from "react";
import type { Problem } from "../api/client";
import type { FieldMeta, Json, PersonRef, RecordView, TypeMeta, VerbMeta } from "../api/types";
import { isEmpty } from "../fields/kind";
import { findPeople } from "../fields/find";
import { Picker } from "../fields/picker";
import { kindOf } from "../fields/registry";
import { useI18n, type Key } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { fieldOf } from "../kit/session";
import { FormField } from "../records/form-field";
import type { noWord } from "./told";
import type { Flow, Mine } from "./types";

interface Shared { onClose: () => void }

export const personField = (zh: string, en: string, many = false): FieldMeta => ({ code: many ? "people" : "to", kind: "person", name: { zh, en }, data_class: "internal", required: true, readonly: false, operators: [], sortable: false });

function Say({ label, value, onChange, focus, help, required }: { label: string; value: string; onChange: (text: string) => void; focus?: boolean; help?: string; required?: boolean }) {
  return (
    <label className="flow-say-field"><span className="field-label">{label}{required ? <i aria-hidden="true">*</i> : null}</span>
      <textarea className="box" data-autofocus={focus || undefined} maxLength={4000} required={required} value={value} onChange={(event) => onChange(event.target.value)} />
      {help ? <span className="field-help">{help}</span> : null}
    </label>
  );
}

/** Parameters of the step's verb that are asked for: not what the process fills in itself, nor what stands in the step's form already. Pure. */
export function asked(mine: Mine): { verb: VerbMeta | undefined; params: FieldMeta[] } {
  const verb = (mine.does as VerbMeta | null) ?? undefined;
  return { verb, params: (verb?.params ?? []).filter((one) => ![mine.given, mine.show, mine.edit].some((codes) => codes.includes(one.code))) };
}

export function ApproveDialog({ title, act, type, record, params, text, onText, onAct, onProblem, onClose }: Shared & {
  title: string; act: string; type: TypeMeta; record: RecordView | undefined; params: FieldMeta[]; text: string; onText: (text: string) => void;
  onAct: (given: Record<string, Json>) => Promise<unknown>; onProblem: (problem: Problem) => void;
}) {
  const { t, w, lang } = useI18n();
  const [given, setGiven] = useState<Record<string, Json>>(() => Object.fromEntries(params.flatMap((one) => {
    const known = record?.values[one.code];
    return one.default !== undefined && one.default !== null ? [[one.code, one.default]] : known !== undefined && !isEmpty(known) && record?.access[one.code] !== "masked" ? [[one.code, known]] : [];
  })));
  const [problem, setProblem] = useState<Problem | null>(null);
  const beside = (code: string) => { const found = problem?.problems.find((one) => one.place === `given/${code}`); return found ? w(found.message) : undefined; };
  const lacks = params.filter((one) => one.required && one.kind !== "yes_no" && isEmpty(given[one.code]));
  const places = Object.fromEntries([...params.map((one) => [`given/${one.code}`, w(one.name)]), ...type.fields.map((one) => [`values/${one.code}`, w(one.name)])]);
  const sent = () => Object.fromEntries(params.flatMap((one) => { const value = given[one.code]; return value === undefined || isEmpty(value) ? [] : [[one.code, kindOf(one).send?.(value) ?? value]]; }));
  return (
    <ActDialog title={title} act={act} places={places} disabled={lacks.length > 0} onClose={onClose} onAct={() => onAct(sent())} onProblem={(found) => { setProblem(found); onProblem(found); }}>
      {params.map((one, index) => <FormField key={one.code} field={one} value={given[one.code] ?? null} autoFocus={index === 0} problem={beside(one.code)} missing={lacks.includes(one) ? t("flow.missingHere") : undefined} onChange={(value) => setGiven((now) => ({ ...now, [one.code]: value }))} />)}
      <Say label={t("flow.comment2")} value={text} onChange={onText} />
      {lacks.length ? <p className="warn" role="status">{t("flow.missing", { n: lacks.length, act })}{t("kit.colon")}{lacks.map((one) => w(one.name)).join(lang === "zh" ? "、" : ", ")}</p> : null}
    </ActDialog>
  );
}

export function RejectDialog({ mine, word, text, onText, onAct, onClose }: Shared & { mine: Mine; word: ReturnType<typeof noWord>; text: string; onText: (text: string) => void; onAct: (to: string | null) => Promise<unknown> }) {
  const { t, w } = useI18n();
  const ways = [...mine.targets.map((one) => ({ to: one.id, said: t("flow.rejectTo", { node: w(one.name) }) })), ...(mine.ends ? [{ to: "end", said: t("flow.rejectEnd") }] : [])];
  const [to, setTo] = useState(ways[0]?.to ?? "");
  const title = t(word);
  const nowhere = !mine.opinion && ways.length === 0;
  return (
    <ActDialog title={title} act={title} danger disabled={nowhere || !text.trim()} onClose={onClose} onAct={() => onAct(mine.opinion ? null : to)}>
      {nowhere ? <p className="note">{t("flow.rejectNowhere")}</p> : word === "flow.voteNo" ? <p className="soft">{t("flow.voteNoText")}</p> : null}
      {ways.length && !mine.opinion ? (
        <fieldset className="plain flow-ways"><legend className="field-label">{t(mine.targets.length ? "flow.rejectWhere" : "flow.rejectThen")}</legend>
          {ways.map((one) => (
            <label key={one.to} className="flow-way"><input type="radio" name="flow-to" value={one.to} checked={to === one.to} onChange={() => setTo(one.to)} /><span><span>{one.said}</span>{one.to === "end" ? <span className="dim flow-way-text">{t("flow.rejectEndText")}</span> : null}</span></label>
          ))}
        </fieldset>
      ) : null}
      <Say label={t("flow.rejectWhy")} help={t("flow.rejectWhyHelp")} value={text} onChange={onText} focus required />
    </ActDialog>
  );
}

const PLACES = ["parallel", "before", "after"] as const;
export type Hand = "transfer" | "delegate" | "add_signer" | "reassign";

/** Somebody else comes in: instead of me, before they decide, or to sign too. */
export function HandDialog({ what, title, text, onText, onAct, onClose }: Shared & { what: Hand; title: string; text: string; onText: (text: string) => void; onAct: (body: Record<string, Json>) => Promise<unknown> }) {
  const { t, w } = useI18n();
  const [to, setTo] = useState<Json>(null);
  const [place, setPlace] = useState<(typeof PLACES)[number]>("parallel");
  const [problem, setProblem] = useState<Problem | null>(null);
  const field = { ...personField("", ""), name: { zh: t("flow.to"), en: t("flow.to") }, help: { zh: t("flow.toHelp"), en: t("flow.toHelp") } };
  const beside = problem?.problems.find((one) => one.place === "to");
  const id = kindOf(field).send?.(to) ?? to;
  return (
    <ActDialog title={title} act={t(what === "reassign" ? "flow.reassign" : `flow.${what}`)} places={{ to: t("flow.to") }} disabled={isEmpty(to)} onClose={onClose} onProblem={setProblem} onAct={() => onAct({ to: id, text, ...(what === "add_signer" ? { place } : {}) })}>
      {what === "delegate" ? <p className="soft">{t("flow.delegateText")}</p> : null}
      <FormField field={field} value={to} autoFocus problem={beside ? w(beside.message) : undefined} onChange={setTo} />
      {what === "add_signer" ? (
        <fieldset className="plain"><legend className="field-label">{t("flow.place")}</legend>
          <span className="switch">{PLACES.map((one) => <button key={one} type="button" aria-pressed={place === one} onClick={() => setPlace(one)}>{t(`flow.place.${one}` as Key)}</button>)}</span>
        </fieldset>
      ) : null}
      <Say label={t("flow.comment2")} value={text} onChange={onText} />
    </ActDialog>
  );
}

export function RemoveDialog({ mine, onAct, onClose }: Shared & { mine: Mine; onAct: (other: number) => Promise<unknown> }) {
  const { t } = useI18n();
  const [other, setOther] = useState(mine.others[0]?.number ?? 0);
  return (
    <ActDialog title={t("flow.remove_signer")} act={t("flow.remove_signer")} danger onClose={onClose} onAct={() => onAct(other)}>
      <fieldset className="plain flow-ways"><legend className="field-label">{t("flow.removeWho")}</legend>
        {mine.others.map((one) => <label key={one.number} className="flow-way"><input type="radio" name="flow-other" checked={other === one.number} onChange={() => setOther(one.number)} /><span>{one.person?.name ?? `#${one.number}`}</span></label>)}
      </fieldset>
    </ActDialog>
  );
}

export function CopyDialog({ onAct, onClose }: Shared & { onAct: (people: string[]) => Promise<unknown> }) {
  const { t } = useI18n();
  const [people, setPeople] = useState<PersonRef[]>([]);
  const add = (value: Json) => { const one = value as unknown as PersonRef | null; if (one && !people.some((other) => other.id === one.id)) setPeople([...people, one]); };
  return (
    <ActDialog title={t("flow.copy")} act={t("flow.copy")} disabled={people.length === 0} onClose={onClose} onAct={() => onAct(people.map((one) => one.id))}>
      {people.length ? <div className="row wrap">{people.map((one) => <span key={one.id} className="chip">{one.name}<button type="button" className="flow-drop" aria-label={t("kit.remove", { name: one.name })} onClick={() => setPeople(people.filter((other) => other !== one))}>×</button></span>)}</div> : null}
      <div><span className="field-label">{t("flow.copyWho")}<i aria-hidden="true">*</i></span>
        <Picker label={t("flow.copyWho")} adds chosen={null} find={findPeople} autoFocus onChoose={(choice) => add(choice?.value ?? null)} />
        <span className="field-help">{t("flow.copyHelp")}</span>
      </div>
    </ActDialog>
  );
}

export function WithdrawDialog({ flow, onAct, onClose }: Shared & { flow: Flow; onAct: (text: string) => Promise<unknown> }) {
  const { t, w } = useI18n();
  const [text, setText] = useState("");
  return (
    <ActDialog title={`${t("flow.withdraw")} · ${t("flow.name", { name: w(flow.name), id: flow.id })}`} act={t("flow.withdraw")} danger onClose={onClose} onAct={() => onAct(text)}>
      <p>{t("flow.withdrawText")}</p>
      <Say label={t("flow.rejectWhy")} value={text} onChange={setText} focus />
    </ActDialog>
  );
}

/** Problems at fields of the form, by field. Pure. */
export function besideFields(problem: Problem | null, w: (words: { zh: string; en: string }) => string): Record<string, string> {
  return Object.fromEntries((problem?.problems ?? []).flatMap((one) => { const [where, code] = one.place.split("/"); return where === "values" && code ? [[code, w(one.message)]] : []; }));
}
/** Problems at parts of what is handed over, as `node/notes/code`. Pure. */
export function besideParts(problem: Problem | null, w: (words: { zh: string; en: string }) => string): Record<string, string> {
  return Object.fromEntries((problem?.problems ?? []).flatMap((one) => (one.place.startsWith("packets/") ? [[one.place.slice("packets/".length), w(one.message)]] : [])));
}
/** What a problem's places are called. Pure. */
export function placesOf(type: TypeMeta | undefined, problem: Problem, w: (words: { zh: string; en: string }) => string): Record<string, string> {
  return Object.fromEntries(problem.problems.map((one) => { const field = one.place.startsWith("packets/") ? undefined : fieldOf(type, one.place.split("/")[1] ?? ""); return [one.place, field ? w(field.name) : ""]; }));
}
