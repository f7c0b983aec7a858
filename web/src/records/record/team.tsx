/** The team: who helps on this record, with what; the owner lends access here and takes it back. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import { teamQuery } from "../../api/queries";
import type { RecordView, TeamItem, TypeMeta } from "../../api/types";
import { findPeople } from "../../fields/find";
import { Picker, type Choice } from "../../fields/picker";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Who } from "../../kit/parts";
import { useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import "../../i18n/words-entry";

export function Team({ type, record }: { type: TypeMeta; record: RecordView }) {
  const { t, w } = useI18n();
  const { meta } = useSession();
  const client = useQueryClient();
  const { refuse, say } = useToasts();
  const team = useQuery(teamQuery(type.code, record.id));
  const [adding, setAdding] = useState(false);
  const [person, setPerson] = useState<Choice | null>(null);
  const [edit, setEdit] = useState(false);
  const [chosen, setChosen] = useState<string[]>([]);
  const children = type.code === "account" ? meta.types.filter((one) => one.parent === "account") : [];
  const canAdd = record.actions.team_add === true;
  const fresh = async () => {
    for (const name of ["team", "record", "who", "why"]) await client.invalidateQueries({ queryKey: [name] });
  };
  const act = (verb: string, body: Record<string, unknown>) => send<RecordView>("POST", `/records/${type.code}/${record.id}/actions/${verb}`, body, { etag: record.etag });
  const remove = (item: TeamItem) => { act("team_remove", { person: item.person.id }).then(() => { say(t("team.removed", { name: item.person.name })); return fresh(); }, refuse); };
  const items = team.data?.items ?? [];
  if (!canAdd && items.length === 0) return null;
  return (
    <section className="side-box" aria-label={t("team.title")}>
      <div className="row"><h2>{t("team.title")}</h2>{canAdd ? <button className="ib end" aria-label={t("team.add")} onClick={() => { setPerson(null); setAdding(true); }}><Icon name="plus" small /></button> : null}</div>
      <ul>
        {items.map((item) => (
          <li key={item.person.id} className="row side-row"><Who person={item.person} /><span className="soft cut grow">{item.edit ? t("team.edit") : t("team.read")}{item.types?.length ? ` · ${item.types.map((code) => w(meta.types.find((one) => one.code === code)?.name) || code).join(t("oversight.comma"))}` : ""}</span>
            {record.actions.team_remove ? <button className="ib" aria-label={t("team.remove", { name: item.person.name })} onClick={() => remove(item)}><Icon name="x" small /></button> : null}</li>
        ))}
        {items.length === 0 ? <li className="dim">{t("team.none")}</li> : null}
      </ul>
      {adding ? (
        <ActDialog title={t("team.add")} act={t("kit.add")} size={440} disabled={!person} onClose={() => setAdding(false)} onAct={async () => { await act("team_add", { person: person?.id, types: chosen.join(" "), edit }); await fresh(); }}>
          <div><label className="field-label" htmlFor="team-person">{t("team.person")}</label><Picker id="team-person" autoFocus label={t("team.person")} chosen={person} find={findPeople} onChoose={setPerson} /></div>
          {children.length ? <fieldset className="plain"><legend className="field-label">{t("team.types")}</legend><div className="row wrap">{children.map((one) => <label key={one.code} className="row tight"><input type="checkbox" checked={chosen.includes(one.code)} onChange={() => setChosen((now) => (now.includes(one.code) ? now.filter((other) => other !== one.code) : [...now, one.code]))} />{w(one.name)}</label>)}</div></fieldset> : null}
          <label className="row tight"><input type="checkbox" checked={edit} onChange={(event) => setEdit(event.target.checked)} />{t("team.mayEdit")}</label>
        </ActDialog>
      ) : null}
    </section>
  );
}
