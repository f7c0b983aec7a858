/** Who is responsible, accountable, consulted and informed at each step: read from the definition, and changed in it. */
import { useState } from "react";
import { useI18n } from "../../i18n";
import { Float } from "../../kit/float";
import { Icon } from "../../kit/icons";
import * as edit from "./edit";
import { everyNode, holderOf, type Model, type Node, type Rule } from "./file";
import { Rules } from "./rules";
import { nodeText, rulesText } from "./told";
import { nodesIn, type Item } from "./tree";
import type { Kit } from "./types";

const COLUMNS = [["assignee", "design.raciR"], ["accountable", "design.raciA"], ["consulted", "design.raciC"], ["informed", "design.raciI"]] as const;
type Column = (typeof COLUMNS)[number][0];
function of(node: Node, column: Column): Rule[] { return column === "assignee" ? node.task.assignees : node.task[column]; }

export function Raci({ model, items, kit, locked, onEdit }: { model: Model; items: Item[]; kit: Kit | undefined; locked: boolean; onEdit: (what: edit.Edit) => void }) {
  const { t, w, lang } = useI18n();
  const [open, setOpen] = useState<{ id: string; column: Column; anchor: Element } | null>(null);
  const nodes = nodesIn(items).flatMap((id) => { const one = model.nodes.get(id); return one ? [one, ...(one.inner ? everyNode(one.inner) : [])] : []; }).filter((one): one is Node => one !== undefined && (one.kind === "user" || one.kind === "send"));
  const node = open ? holderOf(model, open.id).nodes.get(open.id) : undefined;
  const cellName = (one: Node, column: Column) => `${nodeText(one, lang, t)} · ${t(one.kind === "send" ? "design.raciI" : COLUMNS.find(([code]) => code === column)?.[1] ?? "design.raciR")}`;
  if (nodes.length === 0) return <p className="note draw-pad">{t("design.raciNobody")}</p>;
  return (
    <div className="draw-pad draw-raci-page">
      <p className="soft">{t("design.raciText")}</p>
      <div className="draw-raci-scroll" role="region" tabIndex={0} aria-label="RACI">
        <table className="draw-matrix">
          <thead><tr><th>{t("design.raciStep")}</th>{COLUMNS.map(([column, words]) => <th key={column}>{t(words)}</th>)}</tr></thead>
          <tbody>
            {nodes.map((one) => (
              <tr key={one.id}>
                <th scope="row">{nodeText(one, lang, t)}</th>
                {COLUMNS.map(([column, words]) => {
                  // A message only informs: nobody decides there.
                  const at = one.kind === "send" ? (column === "informed" ? "assignee" : null) : column;
                  if (at === null) return <td key={column}><span className="dim">—</span></td>;
                  const rules = of(one, at);
                  const text = rulesText(rules, kit, t, w, lang);
                  const same = column === "accountable" && rules.length === 0 && one.task.assignees.length > 0;
                  const many = column === "accountable" && (rules.length > 1 || (rules.length === 0 && one.task.assignees.length > 1));
                  return (
                    <td key={column}>
                      <button className={`draw-cell${text ? "" : " empty"}`} disabled={!kit} onClick={(event) => setOpen({ id: one.id, column: at, anchor: event.currentTarget })}>
                        <span className="unseen">{`${nodeText(one, lang, t)} · ${t(words)}${t("kit.colon")}`}</span><b aria-hidden="true">{column === "assignee" ? "R" : column === "accountable" ? "A" : column === "consulted" ? "C" : "I"}</b><span className="draw-cell-for" aria-hidden="true">{t(words).replace(/^[RACI]:?\s*/, "")}</span>{text || same ? <span>{text || t("design.raciSame")}</span> : <><span className="unseen">{t("design.nobody")}</span><span aria-hidden="true">—</span></>}
                        {many ? <span className="warn row tight"><Icon name="alert" small />{t("design.raciMany")}</span> : null}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {open && node && kit ? <Float anchor={open.anchor} label={cellName(node, open.column)} width={320} onClose={() => setOpen(null)}><Rules label={cellName(node, open.column)} rules={of(node, open.column)} kit={kit} locked={locked} most={open.column === "accountable" ? 1 : 10} onChange={(rules) => onEdit((doc) => edit.setRules(doc, open.id, open.column, rules))} /></Float> : null}
    </div>
  );
}
