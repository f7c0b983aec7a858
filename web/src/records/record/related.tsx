/** What hangs on this record, each list cell by cell under the reader's rights. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { relatedQuery } from "../../api/queries";
import type { Json, RecordView, RelatedItem, TypeMeta } from "../../api/types";
import { Value } from "../../fields/value";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { fieldOf, useSession } from "../../kit/session";
import CreateDialog from "../create-dialog";
import "../../i18n/words-entry";

export function Related({ type, record }: { type: TypeMeta; record: RecordView }) {
  const { t, w } = useI18n();
  const { types } = useSession();
  const related = useQuery(relatedQuery(type.code, record.id));
  const [creating, setCreating] = useState<{ type: TypeMeta; by: string } | null>(null);
  if (related.isPending) return <section className="side-box"><Bones rows={4} height={26} /></section>;
  const me: Json = { id: record.id, type: type.code, title: record.title };
  /** The link field by which records of that type point here. */
  const linkOf = (other: TypeMeta) => other.fields.find((field) => field.kind === "link" && field.target === type.code)?.code;
  const shown = (related.data?.items ?? []).flatMap((item) => { const other = types.get(item.type); return other ? [{ item, other }] : []; });
  /** A type that points here twice (say, two roles of a contact) names its field too. */
  const titleOf = (item: RelatedItem, other: TypeMeta) => (shown.filter((one) => one.other === other).length > 1 && item.field ? `${w(other.name)} · ${w(fieldOf(other, item.field)?.name)}` : w(other.name));
  const addable = shown.filter((one) => one.item.items.length === 0 && one.other.can.create);
  return (
    <>
      {shown.filter((one) => one.item.items.length > 0).map(({ item, other }) => {
        const by = item.field ?? linkOf(other);
        const money = other.fields.find((field) => field.kind === "money");
        const status = fieldOf(other, other.kanban ?? "") ?? other.fields.find((field) => field.kind === "choice" && field.flow);
        const all = by ? `/records/${other.code}?filter=${encodeURIComponent(JSON.stringify([by, "=", record.id]))}` : null;
        return (
          <section key={`${other.code}.${by}`} className="side-box" aria-label={w(other.plural)}>
            <div className="row"><h2>{all ? <Link className="link-quiet" to={all}>{titleOf(item, other)}</Link> : titleOf(item, other)}</h2>{item.count !== undefined ? <span className="dim">{item.count}</span> : null}
              {other.can.create && by ? <button className="ib end" aria-label={t("record.create", { type: w(other.name) })} onClick={() => setCreating({ type: other, by })}><Icon name="plus" small /></button> : null}</div>
            <ul>
              {item.items.map((row) => (
                <li key={row.id} className="row side-row">
                  <Link className="link-quiet cut grow" to={`/records/${other.code}/${row.id}`}>{typeof row[other.title] === "string" && row[other.title] ? String(row[other.title]) : t("field.unnamed")}</Link>
                  {money && row[money.code] !== undefined && row[money.code] !== null ? <span className="n"><Value field={money} value={row[money.code]} inList masked={item.access[row._a ?? 0]?.[money.code] === "masked"} /></span> : null}
                  {status && row[status.code] ? <Value field={status} value={row[status.code]} inList /> : null}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {addable.length ? (
        <section className="side-box side-none" aria-label={t("record.noneOf")}>
          <span className="dim">{t("record.noneOf")}</span>
          {addable.map(({ item, other }) => <button key={`${other.code}.${item.field}`} className="chip" aria-label={t("record.create", { type: titleOf(item, other) })} onClick={() => setCreating({ type: other, by: item.field ?? linkOf(other) ?? type.code })}><Icon name="plus" small />{titleOf(item, other)}</button>)}
        </section>
      ) : null}
      {creating ? <CreateDialog type={creating.type} given={{ [creating.by]: me, ...(type.code !== "account" && record.values.account && fieldOf(creating.type, "account") ? { account: record.values.account } : {}) }} onClose={() => setCreating(null)} onClosed={() => setCreating(null)} /> : null}
    </>
  );
}
