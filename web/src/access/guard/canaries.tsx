/** Planted records: which there are, planting one more, taking one away. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "../../admin/form";
import { asProblem, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { fullMoment } from "../../kit/format";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { canariesQuery } from "./queries";
import type { CanaryView } from "./types";
import "../../i18n/words-guard";

function Plant({ types, onClose }: { types: { type: string; name: { zh: string; en: string } }[]; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const form = useForm({ type: types[0]?.type ?? null, department: null, note: null });
  const act = async () => {
    await send("POST", "/access/guard/canaries", form.body({ type: "choice", department: "department", note: "text" }));
    await client.invalidateQueries({ queryKey: ["guard", "canaries"] });
  };
  return (
    <ActDialog title={t("guard.plant")} act={t("guard.plant")} places={form.places} onClose={onClose} onAct={act} disabled={!form.text("type")}>
      <p>{t("guard.plantText")}</p>
      {form.input("type", "guard.plantType", "choice", { required: true, options: types.map((one) => ({ value: one.type, name: one.name })) })}
      {form.input("department", "guard.plantDepartment", "department", { help: "guard.plantDepartmentHelp" })}
      {form.input("note", "guard.note", "text")}
    </ActDialog>
  );
}

export function Canaries() {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const found = useQuery(canariesQuery);
  const [planting, setPlanting] = useState(false);
  const [removing, setRemoving] = useState<CanaryView | null>(null);
  if (found.isPending) return <Bones rows={5} height={36} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  const remove = async () => { await send("DELETE", `/access/guard/canaries/${removing?.id ?? ""}`); await client.invalidateQueries({ queryKey: ["guard", "canaries"] }); };
  return (
    <>
      <p className="soft">{t("guard.plantText")}</p>
      <div><Button variant="filled" onClick={() => setPlanting(true)}>{t("guard.plant")}</Button></div>
      {found.data.items.length ? (
        <div className="guard-table"><table>
          <thead><tr><th scope="col">{t("guard.plantType")}</th><th scope="col">{t("guard.planted")}</th><th scope="col">{t("guard.plantedBy")}</th><th scope="col">{t("guard.note")}</th><th scope="col"><span className="unseen">{t("guard.remove")}</span></th></tr></thead>
          <tbody>{found.data.items.map((one) => <tr key={one.id}><td>{w(one.name)} <span className="dim mono">{one.record.slice(-6)}</span></td><td className="nowrap">{fullMoment(one.planted_at)}</td><td>{one.by?.name}</td><td>{one.note}</td><td><Button size="xs" color="bad" onClick={() => setRemoving(one)}>{t("guard.remove")}</Button></td></tr>)}</tbody>
        </table></div>
      ) : <Blank icon="shield" title={t("guard.noCanaries")} />}
      {planting ? <Plant types={found.data.types} onClose={() => setPlanting(false)} /> : null}
      {removing ? <ActDialog title={t("guard.remove")} act={t("guard.remove")} danger onClose={() => setRemoving(null)} onAct={remove}><p>{t("guard.removeAsk")}</p></ActDialog> : null}
    </>
  );
}
