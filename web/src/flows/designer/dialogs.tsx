/** What becomes of a draft: handed in, returned, published, let go; who works on it and what is said of it. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { PersonPicker } from "../../access/leaving/person-picker";
import { asProblem } from "../../api/client";
import type { PersonRef } from "../../api/types";
import { useI18n, type Key } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { fullMoment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { ChangeList } from "./change-list";
import { NotedList } from "./checks";
import { GivesFolded } from "./gives";
import { parse, read } from "./file";
import { suggestionTitle } from "../told";
import { stepName } from "./told";
import { brought } from "./suggested";
import { compareQuery, type Check, type Draft } from "./types";

interface Shared { onClose: () => void }

function Say({ label, value, onChange, required }: { label: string; value: string; onChange: (text: string) => void; required?: boolean }) {
  return <label className="flow-say-field"><span className="field-label">{label}{required ? <i>*</i> : null}</span><textarea className="box" maxLength={500} value={value} data-autofocus onChange={(event) => onChange(event.target.value)} /></label>;
}

function Findings({ check, source }: { check: Check | undefined; source: string }) {
  const { t } = useI18n();
  if (!check) return <p className="soft" role="status">{t("design.checking")}</p>;
  const model = read(parse(source));
  const warnings = check.concerns.filter((one) => one.level === "warning");
  return (
    <>
      {check.problems.length ? <section className="note red" role="alert"><div className="row"><Icon name="ban" small /><b>{t("design.problems", { n: check.problems.length })}</b></div><NotedList all={check.problems} model={model} /></section> : null}
      {warnings.length ? <section className="note amber"><div className="row"><Icon name="alert" small /><b>{t("design.warnings", { n: warnings.length })}</b></div><NotedList all={warnings} model={model} /></section> : null}
      {check.problems.length + warnings.length === 0 ? <p className="note row"><span className="brand-ink"><Icon name="check" small /></span>{t("design.sound")}</p> : null}
    </>
  );
}

function Differences({ source, enabled }: { source: string; enabled: boolean }) {
  const found = useQuery({ ...compareQuery(source), enabled });
  if (!enabled) return null;
  if (found.isPending) return <Bones rows={2} height={28} />;
  return found.isError ? <Refused problem={asProblem(found.error)} /> : <div className="draw-told in-dialog"><ChangeList found={found.data} /></div>;
}

export function PublishDialog({ draft, name, source, check, onAct, onClose }: Shared & { draft: Draft; name: string; source: string; check: Check | undefined; onAct: (note: string, over: number | undefined, closes: string[]) => Promise<unknown> }) {
  const { t, lang } = useI18n();
  const [note, setNote] = useState("");
  const [over, setOver] = useState(false);
  const newest = draft.newest ?? 0;
  const drawn = draft.suggestions.filter((one) => one.state === "open");
  // What this version does not touch is not ticked, until somebody says that it is done all the same.
  const changed = useQuery({ ...compareQuery(source), enabled: drawn.length > 0 && check?.publishable === true }).data?.items ?? [];
  const model = useMemo(() => read(parse(source)), [source]);
  const [said, setSaid] = useState<Record<string, boolean>>({});
  const brings = (one: (typeof drawn)[number]) => brought(one, changed, model);
  const closes = drawn.filter((one) => said[one.id] ?? brings(one)).map((one) => one.id);
  return (
    <ActDialog title={t("design.publishTitle", { name })} act={t("design.publish")} size={640} disabled={!check?.publishable || (draft.behind && !over)} onClose={onClose} onAct={() => onAct(note.trim(), draft.behind && over ? newest : undefined, closes)}>
      <p>{t(draft.newest === null ? "design.publishFirst" : "design.publishText")}</p>
      <Findings check={check} source={source} />
      {check?.publishable && check.waits ? <p className="note row"><Icon name="shield" small />{t("design.publishWaits")}</p> : null}
      {draft.behind ? <div className="note amber stack"><span className="row"><Icon name="alert" small />{t("design.behind", { n: newest })}</span><label className="row"><input type="checkbox" checked={over} onChange={(event) => setOver(event.target.checked)} />{t("design.over", { n: newest })}</label></div> : null}
      {draft.newest === null ? null : <Differences source={source} enabled={check?.publishable === true} />}
      {check?.publishable ? <GivesFolded source={source} /> : null}
      {drawn.length ? <fieldset className="plain stack"><legend className="field-label">{t("design.closes")}</legend>{drawn.map((one) => <label key={one.id} className="row"><input type="checkbox" checked={closes.includes(one.id)} onChange={(event) => setSaid((now) => ({ ...now, [one.id]: event.target.checked }))} /><span>{suggestionTitle(one, (id) => stepName(model, id, lang, t), t)}{brings(one) ? null : <span className="dim"> {t("design.closesNot")}</span>}</span></label>)}</fieldset> : null}
      <Say label={t(draft.newest === null ? "process.noteFirst" : "process.note")} value={note} onChange={setNote} />
    </ActDialog>
  );
}

export function HandInDialog({ source, check, onAct, onClose }: Shared & { source: string; check: Check | undefined; onAct: (text: string) => Promise<unknown> }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  return (
    <ActDialog title={t("design.handInTitle")} act={t("design.handIn")} size={640} disabled={!check?.publishable} onClose={onClose} onAct={() => onAct(text)}>
      <p>{t("design.handInText")}</p>
      <Findings check={check} source={source} />
      {check?.publishable ? <GivesFolded source={source} /> : null}
      <Say label={t("design.handInSay")} value={text} onChange={setText} />
    </ActDialog>
  );
}

export function ReturnDialog({ back, onAct, onClose }: Shared & { back: boolean; onAct: (text: string) => Promise<unknown> }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  return <ActDialog title={t(back ? "design.takeBack" : "design.returnTitle")} act={t(back ? "design.takeBack" : "design.return")} disabled={!back && !text.trim()} onClose={onClose} onAct={() => onAct(text)}><Say label={t(back ? "design.handInSay" : "design.returnWhy")} value={text} required={!back} onChange={setText} /></ActDialog>;
}

export function DiscardDialog({ onAct, onClose }: Shared & { onAct: () => Promise<unknown> }) {
  const { t } = useI18n();
  return <ActDialog title={t("design.discard")} act={t("design.discard")} danger onClose={onClose} onAct={onAct}><p>{t("design.discardText")}</p></ActDialog>;
}

export function ShareDialog({ draft, onAct, onClose }: Shared & { draft: Draft; onAct: (people: string[]) => Promise<unknown> }) {
  const { t } = useI18n();
  const [people, setPeople] = useState<PersonRef[]>(draft.authors);
  return (
    <ActDialog title={t("design.share")} act={t("kit.save")} onClose={onClose} onAct={() => onAct(people.map((one) => one.id))}>
      <p className="soft">{t("design.shareText")}</p>
      <ul className="stack">{people.map((one) => <li key={one.id} className="row"><Who person={one} />{one.id === draft.made_by?.id ? null : <button type="button" className="ib end" aria-label={t("kit.remove", { name: one.name })} onClick={() => setPeople(people.filter((other) => other !== one))}><Icon name="x" small /></button>}</li>)}</ul>
      <PersonPicker key={people.length} label={t("design.shareAdd")} onPick={(one) => setPeople((all) => (all.some((other) => other.id === one.id) ? all : [...all, one]))} />
    </ActDialog>
  );
}

export function RemarksPane({ draft, onAct, onClose }: Shared & { draft: Draft; onAct: (text: string) => Promise<unknown> }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  return (
    <ActDialog title={t("design.remarks")} act={t("design.send")} disabled={!text.trim()} onClose={onClose} onDone={() => setText("")} onAct={() => onAct(text.trim())}>
      <ul className="stack draw-remarks">{draft.remarks.map((one, at) => <li key={at}><div className="row">{one.by ? <Who person={one.by} /> : null}{one.kind === "said" ? null : <span className="chip">{t(`design.r.${one.kind}` as Key)}</span>}<time className="dim end" dateTime={one.at}>{fullMoment(one.at)}</time></div>{one.text ? <p>{one.text}</p> : null}</li>)}</ul>
      <Say label={t("design.remark")} value={text} onChange={setText} />
    </ActDialog>
  );
}
