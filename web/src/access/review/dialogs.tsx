/** Narrowing a right, and passing one on. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, get, send } from "../../api/client";
import { useForm } from "../../admin/form";
import { asObject } from "../../fields/kind";
import { useI18n } from "../../i18n";
import { dayOf } from "../../kit/format";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import type { Batch, Item, Ways } from "./types";
import "../../i18n/words-review";

interface Props { path: string; onClose: () => void; onDone: (next: Batch) => void }

/** The end of a day where the reader is, as the server takes it. */
const endOf = (day: string) => new Date(`${day}T23:59:59`).toISOString();

export function NarrowDialog({ path, item, onClose, onDone }: Props & { item: Item }) {
  const { t, w } = useI18n();
  const found = useQuery({ queryKey: ["review-ways", path], queryFn: ({ signal }) => get<Ways>(path, signal), staleTime: 0 });
  const until = item.suggestion.decision === "shorten" && item.suggestion.until ? dayOf(item.suggestion.until) : null;
  const [chosen, setChosen] = useState<number>(item.suggestion.decision === "shorten" ? -1 : 0);
  const [code, setCode] = useState<string | null>(null);
  const form = useForm({ until, note: "" });
  const personal = item.via === "person";
  const whom = found.data?.whom.find((one) => one.code === code) ?? found.data?.whom[0];
  const options = (personal ? found.data?.options : whom?.options) ?? [];
  const way = options[chosen];
  const ends = whom?.code !== "role";
  const day = ends ? form.text("until") : "";
  const note = form.text("note");
  const act = async () => {
    const sent = { ...(way ? { way: way.code } : {}), ...(day ? { until: endOf(day) } : {}), ...(note ? { note } : {}), ...(whom ? { whom: whom.code } : {}) };
    onDone(await send<Batch>("POST", `${path}/narrow`, sent));
  };
  return (
    <ActDialog title={t("review.narrowTitle", { who: item.person?.name ?? w(item.origin) })} act={t(personal ? "review.narrow" : "review.propose")} disabled={(!way && !day) || (!personal && !note)} places={form.places} onClose={onClose} onAct={act}>
      <p><span className="dim">{t("review.now")} </span><b>{w(item.what)}</b></p>
      {found.isPending ? <Bones rows={3} height={28} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : (
        <>
          {personal ? null : (
            <fieldset className="review-ways">
              <legend className="field-label">{t("review.whom")}</legend>
              {found.data.whom.map((one) => <label key={one.code} className="row"><input type="radio" name="whom" checked={one.code === whom?.code} onChange={() => { setCode(one.code); setChosen(0); }} />{w(one.words)}</label>)}
            </fieldset>
          )}
          <fieldset className="review-ways">
            <legend className="field-label">{t("review.way")}</legend>
            {options.length ? null : <p className="soft">{t(ends ? "review.noWays" : "review.noWaysRole")}</p>}
            {options.map((one, at) => <label key={at} className="row"><input type="radio" name="way" checked={chosen === at} onChange={() => setChosen(at)} />{w(one.words)}</label>)}
            {ends ? <label className="row"><input type="radio" name="way" checked={chosen === -1 || !options.length} onChange={() => setChosen(-1)} />{t("review.only")}</label> : null}
          </fieldset>
        </>
      )}
      <div className="form-two">{ends ? form.input("until", "review.until", "date") : null}{form.input("note", personal ? "review.note" : "review.reason", "text", { required: !personal })}</div>
      {personal ? null : <p className="soft small row"><Icon name="file" small />{t("review.proposeHint")}</p>}
    </ActDialog>
  );
}

/** Taking back what is others' too: it is proposed, and whoever approves it reads why. */
export function RevokeDialog({ path, item, onClose, onDone }: Props & { item: Item }) {
  const { t, w } = useI18n();
  const form = useForm({ note: "" });
  const note = form.text("note");
  const act = async () => { onDone(await send<Batch>("POST", `${path}/revoke`, { note })); };
  return (
    <ActDialog title={t("review.revokeTitle", { who: item.person?.name ?? w(item.origin) })} act={t("review.revokePropose")} danger disabled={!note} places={form.places} onClose={onClose} onAct={act}>
      <p><span className="dim">{t("review.now")} </span><b>{w(item.what)}</b></p>
      {form.input("note", "review.reason", "text", { required: true, focus: true })}
      <p className="soft small row"><Icon name="file" small />{t("review.revokeHint")}</p>
    </ActDialog>
  );
}

export function PassDialog({ path, onClose, onDone }: Props) {
  const { t } = useI18n();
  const { say } = useToasts();
  const form = useForm({ to: null, note: "" });
  const act = async () => {
    const sent = form.body({ to: "person", note: "text" });
    onDone(await send<Batch>("POST", `${path}/delegate`, form.text("note") ? sent : { to: sent.to }));
    say(t("review.passed", { name: String(asObject(form.values.to)?.name ?? "") }));
  };
  return (
    <ActDialog title={t("review.passTitle")} act={t("review.pass")} disabled={!asObject(form.values.to)} places={form.places} onClose={onClose} onAct={act}>
      {form.input("to", "review.to", "person", { required: true, focus: true })}
      {form.input("note", "review.note", "text")}
    </ActDialog>
  );
}
