/** 上限: what no role passes, each in a sentence; written, changed and lifted through the draft one works in. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useWorking } from "../draft/working";
import { ceilingsQuery } from "../queries";
import type { CeilingState } from "./ceiling";
import { CeilingDialog, Weighed } from "./ceiling-dialog";
import "../../i18n/words-configure";

export function Ceilings() {
  const { t, w } = useI18n();
  const { may, id, put } = useWorking();
  const [editing, setEditing] = useState<string | null | undefined>(undefined);
  const [lifting, setLifting] = useState<string | null>(null);
  const found = useQuery(ceilingsQuery(id));
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  if (!found.data) return <Bones rows={10} height={44} />;
  const items = found.data.items;
  const one = (code: string | null | undefined) => items.find((other) => other.code === code);
  const state = (one(editing)?.state as unknown as CeilingState | undefined) ?? null;
  return (
    <>
      <p className="row wrap"><span className="soft">{t("bounds.ceilingsHint")}</span>{may ? <button className="link row end" onClick={() => setEditing(null)}><Icon name="plus" small />{t("ceiling.new")}</button> : null}</p>
      {items.length ? (
        <ul className="sheet rule-lines">
          {items.map((ceiling) => (
            <li key={ceiling.code} className="rule-line">
              <div className="grow"><p className="row wrap"><b>{w(ceiling.type_name)}</b><span>{w(ceiling.name)}</span>{ceiling.active ? null : <span className="chip">{t("bounds.off")}</span>}{ceiling.mark ? <span className="chip amber">{t(`mark.${ceiling.mark as "new" | "changed" | "removed"}`)}</span> : null}</p>
                {ceiling.says.map((says, at) => <p key={at} className="soft">{w(says)}</p>)}</div>
              {may && ceiling.mark !== "removed" ? (
                <span className="row rule-acts">
                  <button className="link" aria-label={`${t("line.edit")} · ${ceiling.code}`} onClick={() => setEditing(ceiling.code)}>{t("line.edit")}</button>
                  <button className="link" aria-label={`${t(ceiling.active ? "bounds.turnOff" : "bounds.turnOn")} · ${ceiling.code}`} onClick={() => void put("ceiling", ceiling.code, { ...ceiling.state, active: !ceiling.active }).catch(() => undefined)}>{t(ceiling.active ? "bounds.turnOff" : "bounds.turnOn")}</button>
                  <button className="link" aria-label={`${t("line.remove")} · ${ceiling.code}`} onClick={() => setLifting(ceiling.code)}>{t("line.remove")}</button>
                </span>
              ) : null}
            </li>
          ))}
        </ul>
      ) : <Blank icon="shield" title={t("ceiling.noneYet")} />}
      {editing === undefined ? null : <CeilingDialog code={editing} state={state} onClose={() => setEditing(undefined)} />}
      {lifting === null ? null : (
        <ActDialog title={t("ceiling.lift", { name: w(one(lifting)?.name ?? { zh: lifting, en: lifting }) })} act={t("line.toDraft")} danger onClose={() => setLifting(null)} onAct={() => put("ceiling", lifting, null)}>
          {one(lifting)?.says.map((says, at) => <p key={at} className="soft">{w(says)}</p>)}
          <Weighed code={lifting} after={null} />
        </ActDialog>
      )}
    </>
  );
}
