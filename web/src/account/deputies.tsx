/** Who stands in for me, and for whom I do. */
import "../i18n/words-account";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, freshKey, get, send } from "../api/client";
import { asObject } from "../fields/kind";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { isoDate } from "../kit/format";
import { Bones, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { Span, useForm } from "../admin/form";
import "../i18n/words-org";

interface MyDeputy { id: string; person: { id: string; username: string; name: string }; from: string; until: string }
const KEY = ["my-deputies"];

export function Deputies() {
  const { t } = useI18n();
  const client = useQueryClient();
  const [naming, setNaming] = useState(false);
  const [ending, setEnding] = useState<MyDeputy | null>(null);
  const found = useQuery({ queryKey: KEY, queryFn: ({ signal }) => get<{ mine: MyDeputy[]; for: MyDeputy[] }>("/me/deputies", signal) });
  if (found.isPending) return <Bones rows={1} height={36} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  const { mine, for: others } = found.data;
  const end = async () => { if (ending) await send("DELETE", `/me/deputies/${ending.id}`); await client.invalidateQueries({ queryKey: KEY }); };
  return (
    <>
      {mine.length ? <ul className="lined">{mine.map((one) => (
        <li key={one.id}><Who person={one.person} /><Span from={one.from} until={one.until} /><button className="link" onClick={() => setEnding(one)}>{t("organisation.end")}</button></li>
      ))}</ul> : null}
      {others.length ? <><h3>{t("account.standIn")}</h3><ul className="lined">{others.map((one) => <li key={one.id}><Who person={one.person} /><Span from={one.from} until={one.until} /></li>)}</ul></> : null}
      <div><button className="link" onClick={() => setNaming(true)}>{t("account.addDeputy")}</button></div>
      {naming ? <NameDialog onClose={() => setNaming(false)} onDone={() => client.invalidateQueries({ queryKey: KEY })} /> : null}
      {ending ? <ActDialog title={`${t("organisation.end")} · ${ending.person.name}`} act={t("organisation.end")} danger onClose={() => setEnding(null)} onAct={end}><p>{t("account.endDeputyAsk", { name: ending.person.name })}</p></ActDialog> : null}
    </>
  );
}

function NameDialog({ onClose, onDone }: { onClose: () => void; onDone: () => Promise<void> }) {
  const { t } = useI18n();
  const [key] = useState(freshKey);
  const form = useForm({ deputy: null, from: isoDate(new Date()), until: null });
  const act = async () => {
    await send("POST", "/me/deputies", form.body({ deputy: "person", from: "date", until: "date" }), { key });
    await onDone();
  };
  return (
    <ActDialog title={t("account.addDeputy")} act={t("kit.save")} disabled={!asObject(form.values.deputy) || !form.values.until} places={form.places} onClose={onClose} onAct={act}>
      {form.input("deputy", "account.deputies", "person", { required: true, focus: true })}
      <div className="form-two">{form.input("from", "org.firstDay", "date", { help: "org.todayHelp" })}{form.input("until", "org.lastDay", "date", { required: true })}</div>
    </ActDialog>
  );
}
