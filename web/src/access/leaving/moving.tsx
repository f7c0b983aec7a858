/** Changing post: what ends and what begins, personal grants to take back with it, and records to hand over. */
import { Button } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, freshKey, get, query, send } from "../../api/client";
import { useForm } from "../../admin/form";
import { positionsQuery } from "../../admin/person-dialogs";
import { asObject } from "../../fields/kind";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { Goes } from "./goes";
import { OpenThings, Fates } from "./open-things";
import { Rules } from "./rules";
import { NOTHING_CHOSEN, sendable, takersOf, type Holdings, type MovingTold, type Preview, type Right, type RuleDraft } from "./types";
import "../../i18n/words-review";

/** `onDone`: once they have moved, before all is read anew: what was asked about their former post no longer means anything. */
export function Moving({ id, holds, onDone }: { id: string; holds: Holdings; onDone: () => void }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { say, refuse } = useToasts();
  const positions = useQuery(positionsQuery(false));
  const options = (positions.data?.items ?? []).map((one) => ({ value: one.id, name: { zh: one.name, en: one.name_en || one.name } }));
  const form = useForm({ department: null, position: null });
  const [rules, setRules] = useState<RuleDraft[]>([{ key: 0, type: "*", department: null, to: null }]);
  const [back, setBack] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const department = String(asObject(form.values.department)?.id ?? "");
  const position = form.text("position");
  const told = useQuery({
    queryKey: ["moving", id, department, position], enabled: department !== "",
    queryFn: ({ signal }) => get<MovingTold>(`/access/people/${id}/moving${query({ department, position: position || null })}`, signal),
  });
  const [chosen, setChosen] = useState(NOTHING_CHOSEN);
  const takers = takersOf(chosen);
  const sent = sendable(rules);
  const fates = useQuery({
    queryKey: ["handover-preview", id, department, position, sent, takers, chosen.ends], enabled: told.isSuccess && holds.standing.length + sent.length > 0, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => send<Preview>("POST", `/access/people/${id}/handover/preview`, { department, ...(position ? { position } : {}), rules: sent, takers, end: chosen.ends }, { signal }),
  });
  const goes = sent.length ? (fates.data?.types ?? []).filter((one) => one.to.length) : [];
  const open = fates.data?.standing.filter((one) => one.outcome !== "stays") ?? [];
  const act = async () => {
    setBusy(true);
    try {
      await send("POST", `/access/people/${id}/move`, { department, ...(position ? { position } : {}), revoke: back, rules: sent, takers, end: chosen.ends }, { key: freshKey() });
      say(t("leaving.moved"));
      onDone();
      void client.invalidateQueries({ queryKey: ["moving", id], refetchType: "none" });
      await Promise.all([["holdings", id], ["people"], ["person"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    } catch (cause) { refuse(cause); } finally { setBusy(false); }
  };
  return (
    <section className="sheet part stack" aria-label={t("leaving.modeMove")}>
      <div className="form-two">{form.input("department", "leaving.newDepartment", "department", { required: true })}{form.input("position", "leaving.newPosition", "choice", { options })}</div>
      {told.isError ? <Refused problem={asProblem(told.error)} /> : null}
      {told.data ? (
        <>
          <div className="held-two">
            <Rights title={t("leaving.ends", { n: told.data.ends.length })} rights={told.data.ends} sign="minus" />
            <Rights title={t("leaving.begins", { n: told.data.begins.length })} rights={told.data.begins} sign="plus" />
          </div>
          <p className="dim">{t("leaving.keeps", { n: told.data.stays })}</p>
        </>
      ) : null}
      {holds.grants.length ? (
        <fieldset className="review-ways"><legend className="field-label">{t("leaving.rights")}</legend>
          {holds.grants.map((one) => <label key={one.id} className="row"><input type="checkbox" checked={back.includes(one.id)} onChange={(event) => setBack(event.target.checked ? [...back, one.id] : back.filter((other) => other !== one.id))} /><span className="grow">{w(one.what)}</span><span className="dim">{t("leaving.takeBack")}</span></label>)}
        </fieldset>
      ) : null}
      {holds.records.length ? <><Rules rules={rules} records={holds.records} onChange={setRules} /><p className="dim">{t("leaving.keepRecords")}</p></> : null}
      {holds.standing.length ? <OpenThings things={holds.standing} chosen={chosen} moving onChange={setChosen} /> : null}
      {fates.isError ? <Refused problem={asProblem(fates.error)} /> : goes.length + open.length ? <><h3>{t("leaving.preview")}</h3><ul className="told-list"><Goes types={goes} /><Fates fates={open} moving /></ul></> : null}
      <div className="row"><Button variant="filled" className="end" loading={busy} disabled={!told.data} onClick={() => void act()}>{t("leaving.move")}</Button></div>
    </section>
  );
}

const MOST = 40;

function Rights({ title, rights, sign }: { title: string; rights: Right[]; sign: "plus" | "minus" }) {
  const { w } = useI18n();
  return (
    <div>
      <h3>{title}</h3>
      <ul className="moving-list" tabIndex={0} aria-label={title}>
        {rights.slice(0, MOST).map((one, at) => <li key={at} className="row"><span className={sign === "plus" ? "brand-ink" : "dim"}><Icon name={sign} small /></span><span className="grow">{w(one.what)}<span className="dim block small">{w(one.role)} · {w(one.via)}</span></span></li>)}
        {rights.length > MOST ? <li className="dim">+{rights.length - MOST}</li> : null}
      </ul>
    </div>
  );
}
