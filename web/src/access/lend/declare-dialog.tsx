/** Declaring an emergency: what it is, who may use it, on which kinds of records, how far, and for how long. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, freshKey, get, send } from "../../api/client";
import type { Words } from "../../api/types";
import { findDepartments } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { span } from "./data";
import "../../i18n/words-lend";

const OPEN = [4, 12, 24, 72].map((hours) => hours * 3600);
const CLASSES = ["public", "internal", "sensitive", "confidential"];
const USUAL = ["account", "ticket"];
interface Kind { code: string; name: Words }

export default function DeclareDialog({ onClose, onDone }: { onClose: () => void; onDone: () => Promise<unknown> }) {
  const { t, w } = useI18n();
  const { meta } = useSession();
  const [key] = useState(freshKey);
  const [title, setTitle] = useState("");
  const [reason, setReason] = useState("");
  const [types, setTypes] = useState(USUAL);
  const [classes, setClasses] = useState(["public", "internal"]);
  const [edit, setEdit] = useState(false);
  const [department, setDepartment] = useState<Choice | null>(null);
  const [seconds, setSeconds] = useState(OPEN[0] ?? 14400);
  const kinds = useQuery({ queryKey: ["access-things"], queryFn: ({ signal }) => get<{ types: Kind[] }>("/access/things", signal) });
  const act = async () => {
    await send("POST", "/access/emergencies", {
      title: title.trim(), reason: reason.trim(), types, actions: edit ? ["read", "edit"] : ["read"], classes,
      departments: department ? [department.id] : [], seconds,
    }, { key });
    await onDone();
  };
  const turn = (all: string[], code: string) => (all.includes(code) ? all.filter((other) => other !== code) : [...all, code]);
  const name = (code: string) => { const found = meta.classes?.find((one) => one.code === code); return found ? w(found.name) : code; };
  return (
    <ActDialog title={t("lend.em.declare")} act={t("lend.em.declare")} danger size={600} disabled={!title.trim() || !reason.trim() || !department || !classes.length || !types.length} onClose={onClose} onAct={act} places={{ types: t("lend.em.types"), departments: t("lend.em.who") }}>
      <div><label className="field-label" htmlFor="em-title">{t("lend.em.title")}</label>
        <input id="em-title" className="box" data-autofocus maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} /></div>
      <div><label className="field-label" htmlFor="em-reason">{t("lend.why")}</label>
        <textarea id="em-reason" className="box" maxLength={500} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} /></div>
      <div><span className="field-label">{t("lend.em.who")}</span><Picker label={t("lend.em.who")} chosen={department} onChoose={setDepartment} find={findDepartments} /></div>
      <div><span className="field-label">{t("lend.em.types")}</span>
        {kinds.isPending ? <Bones rows={2} height={28} /> : kinds.isError ? <Refused problem={asProblem(kinds.error)} /> : (
          <div className="picks" role="group" aria-label={t("lend.em.types")}>{kinds.data.types.map((one) => <Pick key={one.code} on={types.includes(one.code)} label={w(one.name)} onTurn={() => setTypes((now) => turn(now, one.code))} />)}</div>
        )}</div>
      <div><span className="field-label">{t("lend.em.far")}</span>
        <div className="picks" role="group" aria-label={t("lend.em.far")}>{CLASSES.map((code) => <Pick key={code} on={classes.includes(code)} label={name(code)} onTurn={() => setClasses((now) => turn(now, code))} />)}<Pick on={edit} label={t("lend.em.edit")} onTurn={() => setEdit(!edit)} /></div></div>
      <div><span className="field-label">{t("lend.long")}</span>
        <div className="segs" role="group" aria-label={t("lend.long")}>{OPEN.map((long) => <button type="button" key={long} className="seg" aria-pressed={seconds === long} onClick={() => setSeconds(long)}>{span(long, t)}</button>)}</div></div>
    </ActDialog>
  );
}

function Pick({ on, label, onTurn }: { on: boolean; label: string; onTurn: () => void }) {
  return <button type="button" className="pick" aria-pressed={on} onClick={onTurn}>{on ? <Icon name="check" small /> : null}{label}</button>;
}
