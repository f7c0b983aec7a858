/** Narrowing a right, and passing one on. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, get, send } from "../../api/client";
import { useForm } from "../../admin/form";
import { asObject } from "../../fields/kind";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import type { Batch, Item, Way } from "./types";
import "../../i18n/words-review";

interface Props { path: string; onClose: () => void; onDone: (next: Batch) => void }

/** The end of a day where the reader is, as the server takes it. */
const endOf = (day: string) => new Date(`${day}T23:59:59`).toISOString();

export function NarrowDialog({ path, item, onClose, onDone }: Props & { item: Item }) {
  const { t, w } = useI18n();
  const ways = useQuery({ queryKey: ["review-ways", path], queryFn: ({ signal }) => get<{ options: Way[] }>(path, signal), staleTime: 0 });
  const until = item.suggestion.decision === "shorten" && item.suggestion.until ? item.suggestion.until.slice(0, 10) : null;
  const [chosen, setChosen] = useState<number | null>(item.suggestion.decision === "shorten" ? -1 : 0);
  const form = useForm({ until, note: "" });
  const options = ways.data?.options ?? [];
  const way = chosen === null || chosen < 0 ? undefined : options[chosen];
  const day = form.text("until");
  const act = async () => {
    const sent = { ...(way ? { lines: way.lines } : {}), ...(day ? { until: endOf(day) } : {}), ...(form.text("note") ? { note: form.text("note") } : {}) };
    onDone(await send<Batch>("POST", `${path}/narrow`, sent));
  };
  return (
    <ActDialog title={t("review.narrowTitle", { who: item.person?.name ?? "" })} act={t("review.narrow")} disabled={!way && !day} places={form.places} onClose={onClose} onAct={act}>
      <p><span className="dim">{t("review.now")} </span><b>{w(item.what)}</b></p>
      {ways.isPending ? <Bones rows={3} height={28} /> : ways.isError ? <Refused problem={asProblem(ways.error)} /> : (
        <fieldset className="review-ways">
          <legend className="field-label">{t("review.way")}</legend>
          {options.length ? null : <p className="soft">{t("review.noWays")}</p>}
          {options.map((one, at) => <label key={at} className="row"><input type="radio" name="way" checked={chosen === at} onChange={() => setChosen(at)} />{w(one.words)}</label>)}
          <label className="row"><input type="radio" name="way" checked={chosen === -1 || !options.length} onChange={() => setChosen(-1)} />{t("review.only")}</label>
        </fieldset>
      )}
      <div className="form-two">{form.input("until", "review.until", "date")}{form.input("note", "review.note", "text")}</div>
    </ActDialog>
  );
}

export function PassDialog({ path, onClose, onDone }: Props) {
  const { t } = useI18n();
  const form = useForm({ to: null, note: "" });
  const act = async () => {
    const sent = form.body({ to: "person", note: "text" });
    onDone(await send<Batch>("POST", `${path}/delegate`, form.text("note") ? sent : { to: sent.to }));
  };
  return (
    <ActDialog title={t("review.passTitle")} act={t("review.pass")} disabled={!asObject(form.values.to)} places={form.places} onClose={onClose} onAct={act}>
      {form.input("to", "review.to", "person", { required: true, focus: true })}
      {form.input("note", "review.note", "text")}
    </ActDialog>
  );
}
