/** One record: who has it, what it holds, what happened, and why you may see it. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useParams } from "react-router";
import { Link } from "react-router";
import { asProblem, Problem } from "../api/client";
import { recordQuery } from "../api/queries";
import type { RecordView, TypeMeta } from "../api/types";
import { isBroken, isMasked } from "./levels";
import { confidentialIn, useConfidential } from "../access/guard/watermark";
import { useWhy } from "../access/why-context";
import { WhyPanel } from "../access/why-panel";
import { BrokenCell, Value } from "../fields/value";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { useKeys } from "../kit/keys";
import { Refused } from "../kit/refused";
import { fieldOf, useType } from "../kit/session";
import { Wait } from "../shell/wait";
import { NotPermitted } from "./not-permitted";
import { Actions } from "./record/actions";
import { Fields } from "./record/fields";
import { Files } from "./record/files";
import { Related } from "./record/related";
import { Stream } from "./record/stream";
import { Strip } from "./record/strip";
import { Team } from "./record/team";
import { useChange } from "./use-change";
import "../i18n/words-entry";
import "./records.css";
import "./record/record.css";

const RecordLoans = lazy(() => import("../access/lend/record-loans"));
const RecordFlows = lazy(() => import("../flows/record-flows"));

function Header({ type, record }: { type: TypeMeta; record: RecordView }) {
  const { t, w } = useI18n();
  const { ask } = useWhy();
  const title = record.title || t("record.untitled", { type: w(type.name) });
  const facts = type.summary.filter((code) => code in record.values && code !== type.title).slice(0, 7).flatMap((code) => { const field = fieldOf(type, code); return field ? [field] : []; });
  return (
    <header className="record-head">
      <nav className="crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet" to={`/records/${type.code}`}>{w(type.name)}</Link><Icon name="right" small /><span className="cut">{type.key && record.values[type.key] && type.key !== type.title ? String(record.values[type.key]) : title}</span></nav>
      <div className="row record-title"><h1 className={record.title ? "cut" : "cut soft"} title={title}>{title}</h1><Actions type={type} record={record} /></div>
      <dl className="facts">
        {facts.map((field) => {
          const level = record.access[field.code];
          return (
            <div key={field.code}><dt>{w(field.name)}</dt><dd className="row tight">{isBroken(level) ? <BrokenCell /> : <Value field={field} value={record.values[field.code]} masked={isMasked(level)} />}
              {level === "masked" ? <button className="ib tiny" aria-label={t("why.hidden", { field: w(field.name) })} onClick={(event) => ask({ anchor: event.currentTarget, title: t("why.hidden", { field: w(field.name) }), action: "read", type: type.code, id: record.id, field: field.code })}><Icon name="lock" small /></button> : null}</dd></div>
          );
        })}
      </dl>
    </header>
  );
}

function Loaded({ type, record }: { type: TypeMeta; record: RecordView }) {
  useConfidential(confidentialIn(type, record));
  const [save, conflict] = useChange(type);
  useKeys({
    e: () => document.querySelector<HTMLElement>("[data-first-edit]")?.click(),
    m: () => document.getElementById("comment-box")?.focus(),
  });
  return (
    <main className="page record" aria-label={record.title}>
      <Header type={type} record={record} />
      {type.code === "account" ? <Strip type={type.code} id={record.id} /> : null}
      <Suspense fallback={null}><RecordLoans id={record.id} /></Suspense>
      <Suspense fallback={null}><RecordFlows type={type} record={record} /></Suspense>
      <div className="record-body">
        <div className="record-fields"><Fields type={type} record={record} save={save} /></div>
        <Stream type={type} record={record} />
        <aside className="record-side">
          <WhyPanel type={type.code} id={record.id} />
          <Team type={type} record={record} />
          <Related type={type} record={record} />
          <Files type={type} record={record} />
        </aside>
      </div>
      {conflict}
    </main>
  );
}

export default function RecordPage() {
  const { type: code = "", id = "" } = useParams();
  const type = useType(code);
  const record = useQuery({ ...recordQuery(code, id), enabled: type !== undefined });
  if (!type) return <NotPermitted code={code} ask={id} />;
  if (record.isPending) return <Wait />;
  if (record.isError) {
    const problem = record.error instanceof Problem ? record.error : asProblem(record.error);
    return problem.status === 404 || problem.status === 403 ? <NotPermitted code={code} id={id} /> : <main className="page"><div className="list-bones"><Refused problem={problem} /></div></main>;
  }
  return <Loaded type={type} record={record.data} />;
}
