/** Beside the matrix: what is chosen, four states, the scope as a sentence with what it reaches now, and what the change does. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { dayOf } from "../../kit/format";
import { Icon } from "../../kit/icons";
import type { CellEdit } from "../draft/working";
import { roleQuery } from "../queries";
import { Count } from "../scopes/count";
import { LineDialog } from "../scopes/line-dialog";
import type { Matrix, RawLine } from "../types";
import { beside, boxOf, rowsIn, setBox, STATES, takes, type Col, type Picked } from "./select";
import "../../i18n/words-configure";

interface Props { matrix: Matrix; cols: Col[]; picked: Picked; draft: string | null; may: boolean; onEdit: (edits: CellEdit[]) => void; onChanged: () => void }

export function MatrixPanel({ matrix, cols, picked, draft, may, onEdit }: Props) {
  const { t, w } = useI18n();
  const [editing, setEditing] = useState(false);
  const box = boxOf(picked);
  const rows = rowsIn(matrix, box);
  const chosen = cols.slice(box.left, box.right + 1);
  const one = cols[picked.focus.col];
  const role = useQuery({ ...roleQuery(one?.role.code ?? "", draft), enabled: one !== undefined });
  if (!one) return null;
  const names = rows.slice(0, 3).map((row) => w(matrix.rows[row]?.name)).join(t("oversight.comma"));
  const states = new Set(chosen.flatMap((col) => rows.map((row) => col.column.states[row])));
  const state = states.size === 1 ? [...states][0] : null;
  const levels = new Map(matrix.levels.map((level) => [level.code, w(level.name)]));
  const anyOwn = chosen.some((col) => rows.some((row) => col.column.own[row]));
  const changed = chosen.flatMap((col) => rows.flatMap((row) => { const was = col.column.was[row]; return was && was !== col.column.states[row] ? [{ col, row, was }] : []; }));
  const lines = (role.data?.state as { lines?: RawLine[] } | undefined)?.lines ?? [];
  const line = one.column.at === null ? undefined : lines[one.column.at];
  return (
    <aside className="matrix-panel" aria-label={t("matrix.panel")}>
      <section>
        <p className="dim">{t("matrix.chosen", { n: chosen.length * rows.length })}</p>
        <h2>{chosen.length === 1 ? w(one.role.name) : t("matrix.nColumns", { n: chosen.length })} · {names}{rows.length > 3 ? "…" : ""}</h2>
        <div className="matrix-states" role="group" aria-label={t("matrix.level")}>
          {STATES.map((code, index) => (
            <button key={code} className="cell-word" data-state={code} aria-pressed={state === code} disabled={!may || !chosen.some((col) => takes(col.column, code))} title={`${levels.get(code)} (${index + 1})`} onClick={() => onEdit(setBox(matrix, cols, box, code))}>{levels.get(code)}</button>
          ))}
        </div>
        <div className="row wrap">
          <span className="soft">{state === null ? t("matrix.several") : anyOwn ? t("matrix.isOwn") : t(rows.some((row) => matrix.rows[row]?.field) ? "matrix.isInherited" : "matrix.isDefault")}</span>
          {anyOwn && may ? <button className="link" onClick={() => onEdit(setBox(matrix, cols, box, null))}>{t("matrix.back")}</button> : null}
        </div>
      </section>
      <section>
        <div className="row"><h3>{t("matrix.scope")}</h3>{may && line ? <button className="link end" onClick={() => setEditing(true)}>{t("line.edit")}</button> : null}</div>
        <p className="scope-sentence">{t("line.said", { role: w(one.role.name), said: w(one.column.sentence) })}</p>
        {one.column.edit_scope ? <p className="soft">{t("matrix.editsIn", { scope: w(one.column.edit_scope) })}</p> : null}
        {line ? <Count line={line} role={one.role.code} known={one.role.mark !== "new"} type={w(matrix.name)} /> : null}
      </section>
      <section>
        <h3>{t("matrix.effect")}</h3>
        {changed.length === 0 ? <p className="dim">{t("matrix.noEffect")}</p> : (
          <ul className="matrix-effects">
            {changed.slice(0, 5).map(({ col, row, was }) => {
              const now = col.column.states[row] ?? "hidden";
              const more = STATES.indexOf(now) > STATES.findIndex((found) => found === was);
              const still = more ? [] : beside(col, row).filter((other) => takes(other, now));
              return (
                <li key={`${col.role.code} ${col.column.id} ${row}`} className="row"><span className={more ? "gain" : "soft"} aria-hidden="true">{more ? "+" : "−"}</span>
                  <span>{t("matrix.change", { role: w(col.role.name), n: col.role.people, field: w(matrix.rows[row]?.name), was: levels.get(was) ?? was, now: levels.get(now) ?? now })}
                    {still.length ? <span className="warn"> {t("matrix.still", { scopes: still.map((other) => w(other.scope)).join(t("oversight.comma")), state: levels.get(still[0]?.states[row] ?? "read") ?? "" })}</span> : null}
                    {still.length && may ? <> <button className="link" onClick={() => onEdit(still.map((other) => ({ role: col.role.code, column: other.id, key: matrix.rows[row]?.key ?? "", state: now })))}>{t("matrix.thereToo", { state: levels.get(now) ?? now })}</button></> : null}</span></li>
              );
            })}
            {changed.length > 5 ? <li className="dim">{t("matrix.more", { n: changed.length - 5 })}</li> : null}
          </ul>
        )}
        {draft ? <Link className="link row" to={`/access/simulate?draft=${draft}`}><Icon name="arrow" small />{t("draft.simulate")}</Link> : null}
      </section>
      {role.data?.versions[0] ? <footer className="dim row"><span className="cut">{role.data.versions[0].by ? t("matrix.lastChange", { date: dayOf(role.data.versions[0].at), who: role.data.versions[0].by.name }) : t("matrix.firstVersion", { date: dayOf(role.data.versions[0].at) })}</span><Link className="link end" to={`/access/roles/${one.role.code}?part=history`}>{t("role.history")}</Link></footer> : null}
      {editing && line ? <LineDialog role={one.role.code} at={one.column.at ?? 0} line={line} draft={draft} onClose={() => setEditing(false)} /> : null}
    </aside>
  );
}
