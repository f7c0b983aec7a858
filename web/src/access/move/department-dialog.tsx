/** A department in a draft: new, called or placed otherwise, led by somebody else, closed. What, then what it does; nothing is written before. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, send } from "../../api/client";
import type { Department, Json, PersonRef } from "../../api/types";
import { findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { useWorking } from "../draft/working";
import type { Draft } from "../types";
import { EffectStep, placesQuery, previewQuery, useInto } from "./move-dialog";
import "../../i18n/words-forms";
import "../centre/configure.css";
import "./move.css";

const STEPS = ["what", "effect"] as const;
type Act = "change" | "add" | "close";
interface Wish { act: Act; name: string; english: string; parent: string; head: PersonRef | null; overseer: PersonRef | null }

/** `department`: the one that is changed or closed, or below which the new one goes. */
export function DepartmentDialog({ department, onClose }: { department: Department | null; onClose: () => void }) {
  const { t } = useI18n();
  const go = useNavigate();
  const client = useQueryClient();
  const { say } = useToasts();
  const { id: working, choose, write } = useWorking();
  const [at, setAt] = useState(0);
  const [into, setInto] = useInto(working);
  const places = useQuery(placesQuery(into));
  const codeOf = (id: string | null) => places.data?.departments.find((one) => one.id !== null && one.id === id)?.code ?? "";
  const [wish, setWish] = useState<Wish | null>(null);
  const was: Wish = { act: "change", name: department?.name ?? "", english: department?.name_en ?? "", parent: codeOf(department?.parent ?? null), head: department?.head ?? null, overseer: department?.overseer ?? null };
  const fresh: Wish = { act: "add", name: "", english: "", parent: department ? codeOf(department.id) : places.data?.departments[0]?.code ?? "", head: null, overseer: null };
  const now = wish ?? (department ? was : fresh);
  const name = now.act === "add" ? now.name.trim() : department?.name ?? "";
  const asked = { department: askedOf(now, was, department ? codeOf(department.id) : null) };
  const preview = useQuery({ ...previewQuery(asked, into), enabled: at === 1 });
  const ready = at === 0 ? places.isSuccess && (now.act === "close" || now.name.trim() !== "") && Object.keys(asked.department).length > (now.act === "add" ? 0 : 1) : preview.isSuccess;
  const title = t(`dept.title.${now.act}`, { name }).slice(0, 200);
  const labels: Record<string, string> = { department: name };
  const act = async () => {
    const seen = preview.data;
    if (at === 0 || !seen) return;
    if (into !== working) choose(into);
    try {
      const id = await write(title, seen.changes.map((one) => [one.kind, one.key]), (draft: Draft) =>
        send("POST", `/access/drafts/${draft.id}/moves`, asked as Json, { etag: `"r${seen.revision ?? draft.revision}"` }));
      say(t("move.done", { id }));
      onClose();
      void go(`/access/drafts/${id}`);
    } catch (cause) {
      await client.invalidateQueries({ queryKey: ["access", "move"] }); // as it is by now
      throw cause;
    }
  };
  return (
    <ActDialog title={t("dept.dialog")} act={t(at === 0 ? "move.next" : "move.toDraft")} size={680} disabled={!ready} places={labels} onClose={onClose} onDone={() => { if (at === 0) setAt(1); }} onAct={act}>
      <ol className="move-steps" aria-label={t("move.steps")}>{STEPS.map((one, i) => <li key={one} aria-current={i === at ? "step" : undefined}><span className="n" aria-hidden="true">{i < at ? <Icon name="check" small /> : i + 1}</span>{t(one === "what" ? "dept.what" : "move.effect")}</li>)}{at ? <li className="end"><button type="button" className="link row tight" onClick={() => setAt(0)}><Icon name="left" small />{t("move.back")}</button></li> : null}</ol>
      <div className="move-step">
        {at === 1 ? <EffectStep title={title} into={into} onInto={setInto} preview={preview.data} busy={preview.isPending} failed={preview.isError ? preview.error : null} places={labels} />
          : places.isError ? <Refused problem={asProblem(places.error)} /> : places.data ? (
            <>
              {department ? <div className="segs" role="group" aria-label={t("dept.what")}>{(["change", "add", "close"] as const).map((one) => <button type="button" key={one} className="seg" aria-pressed={now.act === one} onClick={() => setWish({ ...(one === "add" ? fresh : was), act: one })}>{t(`dept.${one}`, { name: department.name })}</button>)}</div> : null}
              {now.act === "close" ? <p className="soft">{t("dept.closeHint")}</p> : <What wish={now} own={now.act === "change" && department ? codeOf(department.id) : ""} places={places.data.departments} onChange={setWish} />}
            </>
          ) : <Bones rows={4} height={36} />}
      </div>
    </ActDialog>
  );
}

/** Only what differs from what is. */
function askedOf(now: Wish, was: Wish, code: string | null): Record<string, Json> {
  if (now.act === "close") return { code, close: true };
  const said = { name: now.name.trim(), name_en: now.english.trim(), parent: now.parent || null, head: now.head?.username ?? null, overseer: now.overseer?.username ?? null };
  if (now.act === "add") return said;
  const had = { name: was.name, name_en: was.english, parent: was.parent || null, head: was.head?.username ?? null, overseer: was.overseer?.username ?? null };
  return { code, ...Object.fromEntries(Object.entries(said).filter(([key, value]) => value !== had[key as keyof typeof had])) };
}

function What({ wish, own, places, onChange }: { wish: Wish; own: string; places: { code: string; name: { zh: string; en: string } }[]; onChange: (wish: Wish) => void }) {
  const { t, w } = useI18n();
  const person = (one: PersonRef | null): Choice | null => (one ? { id: one.id, title: one.name, value: { ...one } } : null);
  const leader = (key: "head" | "overseer") => (
    <div><span className="field-label">{t(`dept.${key}`)}</span><Picker label={t(`dept.${key}`)} chosen={person(wish[key])} find={findPeople} onChoose={(found) => onChange({ ...wish, [key]: (found?.value as PersonRef | undefined) ?? null })} /></div>
  );
  return (
    <div className="form-two">
      <label><span className="field-label">{t("dept.name")}<i aria-hidden="true">*</i></span><input className="box" data-autofocus maxLength={200} required value={wish.name} onChange={(event) => onChange({ ...wish, name: event.target.value })} /></label>
      <label><span className="field-label">{t("dept.english")}</span><input className="box" maxLength={200} value={wish.english} onChange={(event) => onChange({ ...wish, english: event.target.value })} /></label>
      <label><span className="field-label">{t("dept.parent")}</span><select className="box" value={wish.parent} onChange={(event) => onChange({ ...wish, parent: event.target.value })}><option value="">{t("dept.top")}</option>{places.filter((one) => one.code !== own).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select></label>
      {leader("head")}
      {leader("overseer")}
    </div>
  );
}
