/** A department in a draft: new, called or placed otherwise, led by somebody else, closed. What, then what it does; nothing is written before. */
import { useState } from "react";
import { asProblem } from "../../api/client";
import type { Department, Json, PersonRef } from "../../api/types";
import { findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import type { Simulation } from "../simulate/types";
import { Steps, useInto, usePreview, type Preview } from "./into";
import { EffectStep } from "./move-dialog";
import "../../i18n/words-forms";
import "../centre/configure.css";
import "./move.css";

const STEPS = ["what", "effect"] as const;
type Act = "change" | "add" | "close";
interface Wish { name: string; english: string; parent: string; head: PersonRef | null; overseer: PersonRef | null }

/** `department`: the one that is changed or closed, or below which the new one goes. */
export function DepartmentDialog({ department, onClose }: { department: Department | null; onClose: () => void }) {
  const { t, w } = useI18n();
  const { into, setInto, places, write } = useInto(onClose);
  const [at, setAt] = useState(0);
  const [act, setAct] = useState<Act>(department ? "change" : "add");
  const [edits, setEdits] = useState<Partial<Wish>>({}); // only what was touched: the rest follows the draft that is chosen
  const here = places.data?.departments.find((one) => one.id !== null && one.id === department?.id);
  const codeOf = (id: string | null) => places.data?.departments.find((one) => one.id !== null && one.id === id)?.code ?? "";
  const said = here?.said;
  const was: Wish = said ? { name: said.name, english: said.name_en, parent: said.parent ?? "", head: said.head, overseer: said.overseer }
    : { name: department?.name ?? "", english: department?.name_en ?? "", parent: codeOf(department?.parent ?? null), head: department?.head ?? null, overseer: department?.overseer ?? null };
  const now: Wish = { ...(act === "add" ? { name: "", english: "", parent: here?.code ?? places.data?.departments[0]?.code ?? "", head: null, overseer: null } : was), ...edits };
  const name = act === "add" ? now.name.trim() : was.name;
  const asked = { department: askedOf(act, now, was, here?.code ?? null) };
  const closes = act === "close";
  const gone = here?.closes === true && act !== "add"; // the draft closes it already
  const preview = usePreview(asked, into, !gone && (at === 1 || (closes && places.isSuccess))); // what bars closing is said as soon as it is chosen
  const ready = gone ? false : at === 1 || closes ? preview.isSuccess : places.isSuccess && now.name.trim() !== "" && Object.keys(asked.department).length > (act === "add" ? 0 : 1);
  const title = t(`dept.title.${act}`, { name }).slice(0, 200);
  const labels: Record<string, string> = { department: name, "department/name": t("dept.name"), "department/parent": t("dept.parent"), "department/head": t("dept.head"), "department/overseer": t("dept.overseer") };
  return (
    <ActDialog title={department ? t("dept.dialogOf", { name: w({ zh: department.name, en: department.name_en || department.name }) }) : t("dept.dialog")} act={t(at === 0 ? "move.next" : "move.toDraft")} size={680} disabled={!ready} places={labels} onClose={onClose} onDone={() => { if (at === 0) setAt(1); }} onAct={async () => { if (at === 1 && preview.data) await write(title, asked, preview.data); }}>
      <Steps names={STEPS.map((one) => t(one === "what" ? "dept.what" : "move.effect"))} at={at} onBack={() => setAt(0)} />
      <div className="move-step">
        {at === 1 ? <EffectStep title={title} into={into} onInto={setInto} preview={preview.data} busy={preview.isPending} failed={preview.isError ? preview.error : null} places={labels} />
          : places.isError ? <Refused problem={asProblem(places.error)} /> : places.data ? (
            <>
              {department ? <div className="segs" role="group" aria-label={t("dept.what")}>{(["change", "add", "close"] as const).map((one) => <button type="button" key={one} className="seg" aria-pressed={act === one} onClick={() => { setAct(one); setEdits({}); }}>{t(`dept.${one}`)}</button>)}</div> : null}
              {gone ? <p className="note">{t("dept.closesAlready", { id: into ?? "" })}</p>
                : closes ? <Closing failed={preview.isError ? preview.error : null} seen={preview.data} />
                  : <>{act === "change" && said ? <p className="note">{t("dept.saidAlready", { id: into ?? "" })}</p> : null}<What wish={now} places={places.data.departments.filter((one) => !one.closes && (act === "add" || one.code !== here?.code))} onChange={(part) => setEdits((had) => ({ ...had, ...part }))} /></>}
            </>
          ) : <Bones rows={4} height={36} />}
      </div>
    </ActDialog>
  );
}

/** Whether it can be closed by now, said before anything is written: who works there has to be moved first, records may be transferred while the draft waits. */
function Closing({ failed, seen }: { failed: unknown; seen: Preview | undefined }) {
  const { t, w } = useI18n();
  const left = ((seen?.simulation as Simulation | undefined)?.blockers ?? []).filter((one) => one.code === "has_records");
  return (
    <>
      <p className="soft">{t("dept.closeHint")}</p>
      {failed ? <Refused problem={asProblem(failed)} places={{}} /> : null}
      {left.length ? <div className="note amber" role="note"><b className="row tight"><Icon name="alert" small />{t("dept.closeHeld")}</b>{left.map((one) => <p key={one.place}>{w(one.words)}</p>)}<p className="soft">{t("dept.closeWaits")}</p></div> : null}
      {!failed && !seen ? <p className="dim" role="status">{t("effect.counting")}</p> : null}
      {seen && !left.length ? <p className="row soft"><Icon name="check" small />{t("dept.closeFree")}</p> : null}
    </>
  );
}

/** Only what differs from what is. */
function askedOf(act: Act, now: Wish, was: Wish, code: string | null): Record<string, Json> {
  if (act === "close") return { code, close: true };
  const said = { name: now.name.trim(), name_en: now.english.trim(), parent: now.parent || null, head: now.head?.username ?? null, overseer: now.overseer?.username ?? null };
  if (act === "add") return said;
  const had = { name: was.name, name_en: was.english, parent: was.parent || null, head: was.head?.username ?? null, overseer: was.overseer?.username ?? null };
  return { code, ...Object.fromEntries(Object.entries(said).filter(([key, value]) => value !== had[key as keyof typeof had])) };
}

function What({ wish, places, onChange }: { wish: Wish; places: { code: string; name: { zh: string; en: string } }[]; onChange: (part: Partial<Wish>) => void }) {
  const { t, w } = useI18n();
  const person = (one: PersonRef | null): Choice | null => (one ? { id: one.id, title: one.name, value: { ...one } } : null);
  const leader = (key: "head" | "overseer") => (
    <div><span className="field-label">{t(`dept.${key}`)}</span><Picker label={t(`dept.${key}`)} chosen={person(wish[key])} find={findPeople} onChoose={(found) => onChange({ [key]: (found?.value as PersonRef | undefined) ?? null })} /></div>
  );
  return (
    <div className="form-two">
      <label><span className="field-label">{t("dept.name")}<i aria-hidden="true">*</i></span><input className="box" data-autofocus maxLength={200} required value={wish.name} onChange={(event) => onChange({ name: event.target.value })} /></label>
      <label><span className="field-label">{t("dept.english")}</span><input className="box" maxLength={200} value={wish.english} onChange={(event) => onChange({ english: event.target.value })} /></label>
      <label><span className="field-label">{t("dept.parent")}</span><select className="box" value={wish.parent} onChange={(event) => onChange({ parent: event.target.value })}><option value="">{t("dept.top")}</option>{places.map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
      {leader("head")}
      {leader("overseer")}
    </div>
  );
}
