/** Another process that is begun here, with what it is given and what comes back; and a decision table, edited where it stands. */
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useI18n, type Key } from "../../i18n";
import { Icon } from "../../kit/icons";
import { processesQuery } from "../queries";
import * as edit from "./edit";
import type { Model, Node, Table } from "./file";
import { Choice } from "./rules";
import type { Kit } from "./types";
import "../../i18n/words-entry";

interface Parts { node: Node; kit: Kit; locked: boolean; onEdit: (change: edit.Edit) => void }

/** Expressions that name what there is: fields of the record. */
function Names({ id, kit }: { id: string; kit: Kit }) {
  const { w } = useI18n();
  return <datalist id={id}>{kit.fields.map((one) => <option key={one.code} value={`record.${one.code}`}>{w(one.name)}</option>)}</datalist>;
}

export function CallParts({ node, model, kit, locked, onEdit }: Parts & { model: Model }) {
  const { t, w } = useI18n();
  const { id, task } = node;
  const processes = useQuery(processesQuery).data?.items ?? [];
  const call = task.call ?? { process: "", record: "", takes: [] };
  const chosen = processes.find((one) => one.code === call.process);
  const both = (key: Key) => ({ zh: t(key), en: t(key) });
  const choose = (code: string) => onEdit((doc) => {
    edit.setCall(doc, id, code);
    // about the record at hand where both are about the same kind
    const next = processes.find((one) => one.code === code);
    edit.set(doc, id, "call", { record: next?.type && next.type === model.subject?.type ? "record.id" : null });
  });
  const links = kit.fields.filter((one) => one.kind === "link" && (one as { target?: string }).target === chosen?.type);
  const records = [{ code: "", name: both("design.callNoRecord") }, ...(model.subject ? [{ code: "record.id", name: both("design.callThis") }] : []), ...links.map((one) => ({ code: `record.${one.code}`, name: one.name }))];
  const other = call.record && !records.some((one) => one.code === call.record) ? [{ code: call.record, name: { zh: call.record, en: call.record } }] : [];
  return (
    <>
      <p className="field-help">{t("design.callText")}</p>
      <Choice label={t("design.callWhich")} disabled={locked} value={call.process} empty options={[...processes.filter((one) => one.version !== null).map((one) => ({ code: one.code, name: one.name })), ...(call.process && !chosen ? [{ code: call.process, name: { zh: call.process, en: call.process } }] : [])]} onChange={choose} />
      {chosen?.type_name ? <p className="field-help">{w(chosen.type_name)}</p> : null}
      <Choice label={t("design.callRecord")} disabled={locked} value={call.record} options={[...records, ...other]} onChange={(record) => onEdit((doc) => edit.set(doc, id, "call", { record: record || null }))} />
      <Pairs title={t("design.callGives")} first={t("design.callName")} second={t("design.callValue")} kit={kit} locked={locked} rows={task.gives.map((one) => [one.name, one.value])} onChange={(rows) => onEdit((doc) => edit.setGives(doc, id, rows.map(([name, value]) => ({ name, value }))))} />
      <Pairs title={t("design.callTakes")} first={t("design.callName")} second={t("design.callFrom")} locked={locked} rows={call.takes.map((one) => [one.name, one.from])} onChange={(rows) => onEdit((doc) => edit.setTakes(doc, id, rows.map(([name, from]) => ({ name, from }))))} />
    </>
  );
}

function Pairs({ title, first, second, rows, kit, locked, onChange }: { title: string; first: string; second: string; rows: [string, string][]; kit?: Kit; locked: boolean; onChange: (rows: [string, string][]) => void }) {
  const { t } = useI18n();
  const names = useId();
  const put = (at: number, one: [string, string]) => onChange(rows.map((old, place) => (place === at ? one : old)));
  return (
    <fieldset className="plain stack" disabled={locked}>
      <legend className="field-label">{title}</legend>
      {kit ? <Names id={names} kit={kit} /> : null}
      {rows.map(([one, other], at) => (
        <div key={at} className="row draw-pair">
          <input className="box" aria-label={`${title} · ${first} ${at + 1}`} placeholder={first} maxLength={64} value={one} onChange={(event) => put(at, [event.target.value.toLowerCase().replace(/[^a-z0-9_]/g, ""), other])} />
          <input className="box" aria-label={`${title} · ${second} ${at + 1}`} placeholder={second} maxLength={500} list={kit ? names : undefined} value={other} onChange={(event) => put(at, [one, event.target.value])} />
          <button type="button" className="ib" aria-label={t("kit.remove", { name: one || String(at + 1) })} onClick={() => onChange(rows.filter((_, place) => place !== at))}><Icon name="x" small /></button>
        </div>
      ))}
      {locked ? null : <button type="button" className="tool" onClick={() => onChange([...rows, ["", ""]])}><Icon name="plus" small />{t("design.callAdd")}</button>}
    </fieldset>
  );
}

const HITS = ["F", "U", "A", "C"] as const;

export function TableParts({ node, kit, locked, onEdit }: Parts) {
  const { t } = useI18n();
  const names = useId();
  const { id } = node;
  const table: Table = node.task.table ?? { hit: "F", inputs: [], outputs: [], rules: [] };
  const put = (next: Partial<Table>) => onEdit((doc) => edit.setTable(doc, id, { ...table, ...next }));
  const at = <T,>(some: readonly T[], place: number, value: T) => some.map((one, n) => (n === place ? value : one));
  const without = <T,>(some: readonly T[], place: number) => some.filter((_, n) => n !== place);
  const cell = (rule: number, side: "when" | "then", place: number, text: string) => put({ rules: at(table.rules, rule, { ...(table.rules[rule] as Table["rules"][number]), [side]: at(table.rules[rule]?.[side] ?? [], place, text) }) });
  return (
    <>
      <Choice label={t("design.tableHit")} disabled={locked} value={table.hit} options={HITS.map((one) => ({ code: one, name: { zh: t(`design.hit.${one}`), en: t(`design.hit.${one}`) } }))} onChange={(hit) => put({ hit })} />
      <p className="field-help">{t("design.tableText")}</p>
      <Names id={names} kit={kit} />
      <div className="draw-table" role="region" tabIndex={0} aria-label={t("design.kind.rule")}>
        <table>
          <thead><tr>
            {table.inputs.map((one, n) => <th key={`i${n}`} scope="col"><span className="row tight"><input className="box" list={names} disabled={locked} aria-label={t("design.tableInput", { n: n + 1 })} placeholder="record.amount" maxLength={500} value={one} onChange={(event) => put({ inputs: at(table.inputs, n, event.target.value) })} />{locked || table.inputs.length < 2 ? null : <button type="button" className="ib" aria-label={t("design.tableDropInput", { n: n + 1 })} onClick={() => put({ inputs: without(table.inputs, n), rules: table.rules.map((rule) => ({ ...rule, when: without(rule.when, n) })) })}><Icon name="x" small /></button>}</span></th>)}
            {table.outputs.map((one, n) => <th key={`o${n}`} scope="col" className="draw-then"><span className="row tight"><input className="box" disabled={locked} aria-label={t("design.tableOutput", { n: n + 1 })} placeholder="result" maxLength={64} value={one} onChange={(event) => put({ outputs: at(table.outputs, n, event.target.value.toLowerCase().replace(/[^a-z0-9_]/g, "")) })} />{locked || table.outputs.length < 2 ? null : <button type="button" className="ib" aria-label={t("design.tableDropOutput", { n: n + 1 })} onClick={() => put({ outputs: without(table.outputs, n), rules: table.rules.map((rule) => ({ ...rule, then: without(rule.then, n) })) })}><Icon name="x" small /></button>}</span></th>)}
            <td />
          </tr></thead>
          <tbody>
            {table.rules.map((rule, n) => (
              <tr key={n}>
                {table.inputs.map((_, m) => <td key={`i${m}`}><input className="box" disabled={locked} aria-label={t("design.tableWhen", { n: n + 1, m: m + 1 })} placeholder="-" maxLength={500} value={rule.when[m] ?? ""} onChange={(event) => cell(n, "when", m, event.target.value)} /></td>)}
                {table.outputs.map((_, m) => <td key={`o${m}`} className="draw-then"><input className="box" disabled={locked} aria-label={t("design.tableThen", { n: n + 1, m: m + 1 })} maxLength={500} value={rule.then[m] ?? ""} onChange={(event) => cell(n, "then", m, event.target.value)} /></td>)}
                <td>{locked || table.rules.length < 2 ? null : <button type="button" className="ib" aria-label={t("design.tableDropRule", { n: n + 1 })} onClick={() => put({ rules: without(table.rules, n) })}><Icon name="x" small /></button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {locked ? null : (
        <div className="row wrap">
          <button type="button" className="tool" onClick={() => put({ rules: [...table.rules, { when: table.inputs.map(() => "-"), then: table.outputs.map(() => "") }] })}><Icon name="plus" small />{t("design.tableAddRule")}</button>
          <button type="button" className="tool" onClick={() => put({ inputs: [...table.inputs, ""], rules: table.rules.map((rule) => ({ ...rule, when: [...rule.when, "-"] })) })}><Icon name="plus" small />{t("design.tableAddInput")}</button>
          <button type="button" className="tool" onClick={() => put({ outputs: [...table.outputs, ""], rules: table.rules.map((rule) => ({ ...rule, then: [...rule.then, ""] })) })}><Icon name="plus" small />{t("design.tableAddOutput")}</button>
        </div>
      )}
    </>
  );
}
