/** The question as a sentence of pickers; each change asks at once. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import { recordQuery } from "../../api/queries";
import type { TypeMeta } from "../../api/types";
import { findPeople, findRecords } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n, type Key } from "../../i18n";
import { isoDate } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { useSession } from "../../kit/session";
import { thingsQuery, type Compared, type Wish } from "./wish";
import "../../i18n/words-why";
import "../../i18n/words-centre";

const ACTIONS = ["read", "edit", "delete", "transfer", "share"] as const;

export function useActions(type: TypeMeta | undefined): [string, string][] {
  const { w, t } = useI18n();
  const own = (type?.verbs ?? []).filter((verb) => !(ACTIONS as readonly string[]).includes(verb.code));
  return [...ACTIONS.map((code): [string, string] => [code, t(`whyAct.${code}`)]), ...own.map((verb): [string, string] => [verb.code, w(verb.name)])];
}

function Word({ name }: { name: Key }) {
  const { t } = useI18n();
  return t(name) ? <span>{t(name)}</span> : null;
}

function useName(id: string | undefined, told: string | undefined): string | undefined {
  const found = useQuery({ queryKey: ["person", id], queryFn: ({ signal }) => get<{ name: string }>(`/organisation/people/${id}`, signal), enabled: id !== undefined && told === undefined, retry: false });
  return told ?? found.data?.name;
}

function choice(id: string | undefined, title: string | undefined): Choice | null { return id ? { id, title: title ?? "…", value: null } : null; }

export function Sentence({ wish, answer, onChange }: { wish: Wish; answer: Compared | undefined; onChange: (next: Partial<Wish>) => void }) {
  const { t, w } = useI18n();
  const { me, meta, types } = useSession();
  const type = types.get(wish.type);
  const actions = useActions(type);
  // Who reads the rules compares people over every type; of one that they see nothing of there is no record to choose.
  const reader = me.pages.includes("policy");
  const named = useQuery({ ...thingsQuery(wish.type), enabled: reader }).data?.types;
  const offered = (reader ? named : undefined) ?? meta.types;
  const record = useQuery({ ...recordQuery(wish.type, wish.id ?? ""), enabled: Boolean(wish.type && wish.id) });
  const title = type && record.data ? String(record.data.values[type.title] ?? record.data.id) : undefined;
  const fields = type?.fields ?? [];
  // Until there is an answer that names them, those who stand in the address are looked up.
  const person = useName(wish.person, answer?.left.person.name);
  const beside = useName(wish.beside, answer?.right?.person.name);
  const fielded = ["read", "edit"].includes(wish.action);
  return (
    <form className="why-sentence" aria-label={t("whyPage.title")} onSubmit={(event) => event.preventDefault()}>
      <span>{t("whyPage.ask")}</span>
      <span className="why-pick"><Picker label={t("whyPage.person")} chosen={choice(wish.person ?? me.person.id, wish.person ? person : me.person.name)} find={findPeople} onChoose={(one) => onChange({ person: one && one.id !== me.person.id ? one.id : undefined })} /></span>
      <Word name="whyPage.may" />
      <select className="box" aria-label={t("whyPage.action")} value={wish.action} onChange={(event) => onChange({ action: event.target.value, ...(["read", "edit"].includes(event.target.value) ? {} : { field: undefined }) })}>
        {actions.map(([code, name]) => <option key={code} value={code}>{name}</option>)}
      </select>
      <select className="box" aria-label={t("whyPage.type")} value={wish.type} onChange={(event) => onChange({ type: event.target.value, id: undefined, field: undefined })}>
        {wish.type ? null : <option value="">{t("whyPage.type")}</option>}
        {offered.map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}
      </select>
      {type ? <span className="why-pick wide"><Picker key={wish.type} label={t("whyPage.record")} placeholder={t("whyPage.record")} chosen={choice(wish.id, title)} find={(text, signal) => findRecords(wish.type, text, signal)} onChoose={(one) => onChange({ id: one?.id, ...(one ? {} : { field: undefined }) })} /></span> : null}
      {wish.id && fielded ? (
        <>
          <Word name="whyPage.of" />
          <select className="box" aria-label={t("whyPage.field")} value={wish.field ?? ""} onChange={(event) => onChange({ field: event.target.value || undefined })}>
            <option value="">{t("whyPage.whole")}</option>
            {fields.map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}
          </select>
        </>
      ) : null}
      <Word name="whyPage.andNot" />
      <span className="why-pick"><Picker label={t("whyPage.beside")} placeholder={t("whyPage.beside")} clearable chosen={choice(wish.beside, beside)} find={findPeople} onChoose={(one) => onChange({ beside: one?.id })} /></span>
      <span>{t("whyPage.not")}</span>
    </form>
  );
}

/** The time machine: the same question as of a day. */
export function AsOf({ at, onChange }: { at: string | undefined; onChange: (at: string | undefined) => void }) {
  const { t } = useI18n();
  // A day means its end; a moment stands in the address with its zone.
  const moment = at && at.length > 10 ? new Date(at) : null;
  const day = moment ? isoDate(moment) : (at ?? "");
  const time = moment ? moment.toTimeString().slice(0, 5) : "";
  return (
    <label className="why-at">
      <Icon name="history" small /><span className="soft">{t("whyPage.at")}</span>
      <input className="box" type="date" value={day} max={isoDate(new Date())} onChange={(event) => onChange(event.target.value || undefined)} />
      {at ? <input className="box" type="time" aria-label={t("whyPage.atTime")} value={time} onChange={(event) => onChange(event.target.value ? new Date(`${day}T${event.target.value}`).toISOString() : day)} /> : null}
      {at ? <button type="button" className="link" onClick={() => onChange(undefined)}>{t("whyPage.backNow")}</button> : null}
    </label>
  );
}
