/** What somebody saw and exported: counts by day, type, way and class; never a value. */
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../../api/client";
import type { PersonRef } from "../../api/types";
import { useI18n, type Key } from "../../i18n";
import { grouped } from "../../kit/format";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { takenQuery } from "./queries";
import "../../i18n/words-guard";

const CHANNELS = new Set(["list", "record", "search", "figure", "reveal", "export", "approved"]);
const MOST = 200;

export function TakenDialog({ person, onClose }: { person: PersonRef; onClose: () => void }) {
  const { t, w } = useI18n();
  const [days, setDays] = useState(30);
  const found = useQuery(takenQuery(person.id, days));
  return (
    <Modal opened onClose={onClose} title={`${t("guard.taken")} · ${person.name}`} size={720} closeButtonProps={{ "aria-label": t("kit.close") }}>
      <div className="stack">
        <span className="tabs" role="group" aria-label={t("guard.taken")}>{[30, 90].map((n) => <button key={n} className="tab" aria-pressed={days === n} onClick={() => setDays(n)}>{t("guard.takenDays", { n })}</button>)}</span>
        {found.isPending ? <Bones rows={6} height={32} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : (
          <>
            <p className="row wrap">{(["records", "sensitive", "confidential"] as const).map((kind) => <span key={kind} className="chip">{grouped(String(found.data.totals[kind]))} {t(`guard.${kind}`)}</span>)}</p>
            {found.data.items.length ? (
              <div className="guard-table" tabIndex={0} role="region" aria-label={t("guard.taken")}><table>
                <thead><tr>{(["dayColumn", "typeColumn", "channel", "class", "count"] as const).map((one) => <th key={one} scope="col">{t(`guard.${one}`)}</th>)}</tr></thead>
                <tbody>{found.data.items.slice(0, MOST).map((row) => (
                  <tr key={`${row.day} ${row.type} ${row.channel} ${row.kind}`}><td className="nowrap">{row.day}</td><td>{w(row.name)}</td><td>{t(`guard.channel.${CHANNELS.has(row.channel) ? row.channel : "part"}` as Key)}</td><td>{t(`guard.${row.kind}`)}</td><td className="n">{grouped(String(row.n))}</td></tr>
                ))}</tbody>
              </table></div>
            ) : <p className="dim">{t("guard.takenNone")}</p>}
            {found.data.exports.map((one) => <p key={one.id} className="row wrap"><span className="mono">{one.number}</span><b>{w(one.name)}</b><span>{grouped(String(one.done || one.rows))}</span><span>{t(`export.state.${one.state}`, { done: one.done, rows: one.rows })}</span><span className="dim">{one.reason}</span></p>)}
          </>
        )}
      </div>
    </Modal>
  );
}
