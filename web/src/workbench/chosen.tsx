/** What the chosen entry is about: its record's key facts, what can be done, and why it came to me. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { asProblem, send } from "../api/client";
import { recordQuery } from "../api/queries";
import type { QueueItem } from "../api/types";
import { isMasked } from "../records/levels";
import { Value } from "../fields/value";
import { useI18n } from "../i18n";
import { Icon, iconOf } from "../kit/icons";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { fieldOf, useType } from "../kit/session";
import { useToasts } from "../kit/toast";
import { addressOf } from "./queue";
import { Actions } from "../records/record/actions";

const RequestPane = lazy(async () => ({ default: (await import("../access/lend/request-pane")).RequestPane }));
const LoanItem = lazy(() => import("../access/lend/loan-item"));
const OneWaiting = lazy(() => import("../admin/waiting").then((found) => ({ default: found.OneWaiting })));

export function Chosen({ item }: { item: QueueItem }) {
  const { t, w } = useI18n();
  const type = useType(item.type);
  const lending = item.request ?? item.loan;
  const client = useQueryClient();
  const { refuse } = useToasts();
  const record = useQuery({ ...recordQuery(item.type, item.id), enabled: type !== undefined && !lending });
  const seen = () => send("POST", "/mentions/seen", { ids: [item.mention] }).then(() => Promise.all(["workbench", "mentions"].map((name) => client.invalidateQueries({ queryKey: [name] }))), refuse);
  if (lending) return <Suspense fallback={<Bones rows={8} height={32} />}>{item.request ? <RequestPane id={item.request} keys /> : <LoanItem id={lending} />}</Suspense>;
  if (item.kind === "change") {
    return (
      <article className="chosen">
        <h2 className="chosen-title"><Link className="link-quiet" to={addressOf(item)}>{item.title}</Link></h2>
        <Suspense fallback={<Bones rows={3} height={32} />}><OneWaiting id={item.id} /></Suspense>
      </article>
    );
  }
  if (item.href) return (
    <article className="chosen">
      <h2 className="chosen-title">{item.title_words ? w(item.title_words) : item.title}</h2>
      {item.why ? <p className="row chosen-why"><span className="brand-ink"><Icon name="shield" /></span><span>{w(item.why)}</span></p> : null}
      <div className="row wrap"><Button component={Link} to={item.href} variant="filled">{t(item.kind === "export" ? "queue.export" : item.kind === "alert" ? "queue.alert" : item.kind === "draft" && !item.href.startsWith("/flows?") ? "queue.draft" : item.kind === "draft" ? "queue.confirm" : "record.open")}</Button></div>
    </article>
  );
  if (!type) return null;
  const codes = [...new Set([...type.summary, ...type.columns])].filter((code) => record.data && code in record.data.values && code !== type.title);
  return (
    <article className="chosen">
      <div className="row soft"><Icon name={iconOf(type.code, type.icon)} />{w(type.name)}</div>
      <h2 className="chosen-title"><Link className="link-quiet" to={`/records/${item.type}/${item.id}`}>{item.title}</Link></h2>
      {item.why ? <p className="row chosen-why"><span className="brand-ink"><Icon name="shield" /></span><span><b>{t("queue.why")}</b> {w(item.why)}</span></p> : null}
      {record.isPending ? <Bones rows={6} height={32} /> : record.isError ? <Refused problem={asProblem(record.error)} /> : (
        <>
          <dl className="sheet chosen-facts">
            {codes.slice(0, 10).map((code) => { const field = fieldOf(type, code); return field ? <div key={code}><dt>{w(field.name)}</dt><dd><Value field={field} value={record.data.values[code]} masked={isMasked(record.data.access[code])} /></dd></div> : null; })}
          </dl>
          <div className="row wrap">{item.mention ? <Button variant="filled" onClick={() => void seen()}>{t("mention.ok")}</Button> : null}<Actions type={type} record={record.data} /><Button component={Link} to={`/records/${item.type}/${item.id}`} leftSection={<Icon name="out" />}>{t("record.open")}</Button></div>
        </>
      )}
    </article>
  );
}
