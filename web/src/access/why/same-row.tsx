/** The same row of the list as each of the two sees it: an absent cell is hatched, without a lock and without a hint of its width. */
import type { CSSProperties } from "react";
import type { Json, TypeMeta, Words } from "../../api/types";
import { Value } from "../../fields/value";
import { useI18n } from "../../i18n";
import { Face } from "../../kit/parts";
import type { Compared } from "./wish";
import "../../i18n/words-why";

export function SameRow({ answer, type }: { answer: Compared; type: TypeMeta }) {
  const { t, w } = useI18n();
  const sides = [answer.left, ...(answer.right ? [answer.right] : [])];
  if (!answer.cells.length) return null;
  return (
    <div className="why-same" style={{ "--cells": answer.cells.length + 1 } as CSSProperties} tabIndex={0} role="region" aria-label={t("whyPage.row")}>
      <table>
        <thead><tr><th scope="col">{t("whyPage.row")}</th>{answer.cells.map((cell) => <th scope="col" key={cell.field}>{w(cell.name as Words)}</th>)}</tr></thead>
        <tbody>
          {sides.map((side, index) => (
            <tr key={side.person.id}>
              <th scope="row"><span className="row"><Face name={side.person.name} me={side.me} />{side.person.name}</span></th>
              {answer.cells.map((cell) => {
                const level = cell.levels[index];
                const field = type.fields.find((one) => one.code === cell.field);
                if (level === "hidden") return <td key={cell.field}><span className="why-absent" role="img" aria-label={t("whyPage.cell.hidden")} /></td>;
                if (level === "depends") return <td key={cell.field} className="dim">{t("whyPage.cell.depends")}</td>;
                if (level === "masked") return <td key={cell.field} className="dim">••••</td>;
                if (cell.masked && !side.me) return <td key={cell.field} className="dim">{t("whyPage.cell.reads")}</td>;
                return <td key={cell.field}>{field ? <Value field={field} value={cell.value as Json} masked={cell.masked} inList /> : null}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
