/** What stands under a list while rows are selected: how many, and the acts that fit at least one of them. */
import { Menu } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { asProblem } from "../../api/client";
import type { Row, TypeMeta, VerbMeta } from "../../api/types";
import { processesQuery } from "../../flows/queries";
import { useI18n } from "../../i18n";
import { grouped as digits } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { useToasts } from "../../kit/toast";
import { matching, offersQuery, type BulkAnswer } from "./bulk";
import { BulkDialog } from "./dialog";
import { OutcomeDialog } from "./outcome";
import { everyone, MOST, NONE, type Selection } from "./selection";
import "../../i18n/words-flows";
import "../../i18n/words-guard";
import "../../i18n/words-bulk";
import "./bulk.css";

interface Props {
  type: TypeMeta; rows: Row[]; selection: Selection; onSelect: (next: Selection) => void; hasMore: boolean;
  filter: string | null; sort: string | null; columns: string[];
}
const ExportDialog = lazy(() => import("../../access/guard/export-dialog"));
const BeginMany = lazy(() => import("../../flows/begin-many"));
const SETTLED = 150;

function useSettled<T>(value: T): T {
  const [settled, set] = useState(value);
  useEffect(() => { const timer = setTimeout(() => set(value), SETTLED); return () => clearTimeout(timer); }, [value]);
  return settled;
}

export default function SelectionBar({ type, rows, selection, onSelect, hasMore, filter, sort, columns }: Props) {
  const { t, w } = useI18n();
  const { refuse } = useToasts();
  const ids = useMemo(() => [...selection.ids].sort(), [selection.ids]);
  const asked = useSettled(ids);
  const offers = useQuery({ ...offersQuery(type.code, asked), enabled: asked.length > 0, placeholderData: keepPreviousData });
  const [act, setAct] = useState<{ code: string; verb: VerbMeta | null } | null>(null);
  const [outcome, setOutcome] = useState<{ name: string; act: string; answer: BulkAnswer } | null>(null);
  const [exporting, setExporting] = useState(false);
  const processes = useQuery(processesQuery).data?.items.filter((one) => one.by_hand && one.type === type.code && one.version !== null && one.proposes.length === 0 && one.chosen.length === 0) ?? [];
  const begins = processes.length > 0;
  const [beginning, setBeginning] = useState<{ ids: readonly string[]; process?: string } | null>(null);
  const [gathering, setGathering] = useState(false);
  const n = selection.ids.size;
  if (!n && !outcome) return null;

  const offered = (offers.data?.acts ?? []).flatMap(({ act: code, may }) => {
    const verb = type.verbs.find((one) => one.code === code) ?? null;
    const name = code === "edit" ? t("bulk.edit") : code === "delete" ? t("kit.delete") : verb ? w(verb.name) : null;
    return name === null ? [] : [{ code, verb, name, may, danger: code === "delete" || verb?.danger === true }];
  });
  const plain = offered.filter((one) => !one.danger);
  const label = (one: { name: string; may: number }) => (one.may < n ? t("bulk.some", { act: one.name, may: digits(String(one.may)), n: digits(String(n)) }) : one.name);
  const all = async () => {
    setGathering(true);
    try { onSelect(everyone(await matching(type, filter, sort))); } catch (cause) { refuse(cause); } finally { setGathering(false); }
  };
  const whole = n >= rows.length && rows.every((row) => selection.ids.has(row.id));

  return (
    <section className="bulk-bar" aria-label={t("bulk.title")}>
      <span className="strong bulk-count" role="status">{t("bulk.selected", { n: digits(String(n)) })}</span>
      {n >= MOST ? <span className="dim hide-phone">{t("bulk.most", { n: digits(String(MOST)) })}</span>
        : whole && hasMore ? <button className="link hide-phone" disabled={gathering} aria-busy={gathering} onClick={() => void all()}>{t("bulk.everything", { n: digits(String(MOST)) })}</button> : null}
      <span className="bulk-acts row" role="toolbar" aria-label={t("bulk.acts")} aria-busy={offers.isFetching}>
        {offers.isError ? <span className="bad">{w(asProblem(offers.error).words)}</span> : null}
        {offers.data && offered.length === 0 && !begins ? <span className="dim">{t("bulk.nothing")}</span> : null}
        {plain.slice(0, 4).map((one, index) => <button key={one.code} className={index > 1 ? "tool framed hide-phone" : "tool framed"} onClick={() => setAct(one)}>{one.code === "edit" ? <Icon name="edit" small /> : null}{label(one)}</button>)}
        {begins ? <button className={plain.length ? "tool framed hide-phone" : "tool framed"} onClick={() => setBeginning({ ids })}><Icon name="swap" small />{t("flows.begin")}</button> : null}
        {type.can.export ? <button className="tool framed" aria-label={t("export.act")} onClick={() => setExporting(true)}><Icon name="download" small /><span className="hide-phone">{t("export.act")}</span></button> : null}
        {plain.length > 2 || plain.length < offered.length || (begins && plain.length > 0) ? (
          <Menu position="top-end" width={240}>
            <Menu.Target><button className={plain.length > 4 || plain.length < offered.length ? "ib framed" : "ib framed only-phone"} aria-label={t("record.more")} title={t("record.more")}><Icon name="dots" /></button></Menu.Target>
            <Menu.Dropdown>
              {plain.slice(2).map((one, index) => <Menu.Item key={one.code} className={index < 2 ? "only-phone" : undefined} onClick={() => setAct(one)}>{label(one)}</Menu.Item>)}
              {begins && plain.length ? <Menu.Item className="only-phone" onClick={() => setBeginning({ ids })}>{t("flows.begin")}</Menu.Item> : null}
              {offered.filter((one) => one.danger).map((one) => <Menu.Item key={one.code} color="bad" onClick={() => setAct(one)}>{label(one)}</Menu.Item>)}
            </Menu.Dropdown>
          </Menu>
        ) : null}
      </span>
      <button className="ib" aria-label={t("bulk.clear")} title={`${t("bulk.clear")} · Esc`} onClick={() => onSelect(NONE)}><Icon name="x" /></button>
      {beginning ? <Suspense fallback={null}><BeginMany type={type} ids={beginning.ids} process={beginning.process} rows={rows} onClose={() => setBeginning(null)} onDone={(left) => { setBeginning(null); onSelect(left.length ? everyone(left) : NONE); }} /></Suspense> : null}
      {exporting ? <Suspense fallback={null}><ExportDialog type={type} filter={null} sort={sort} fields={columns} ids={ids} onClose={() => setExporting(false)} /></Suspense> : null}
      {act ? (
        <BulkDialog type={type} act={act.code} verb={act.verb} ids={ids} rows={rows} fields={offers.data?.fields ?? []} processes={processes} onBegin={(process, some) => { setAct(null); setBeginning({ ids: some, process }); }} onClose={() => setAct(null)}
          onDone={(name, answer) => {
            setAct(null);
            const left = answer.items.filter((one) => one.problem).map((one) => one.id);
            onSelect(left.length ? everyone(left) : NONE);
            if (left.length) setOutcome({ name, act: act.code, answer });
          }} />
      ) : null}
      {outcome ? <OutcomeDialog type={type} rows={rows} {...outcome} onClose={() => setOutcome(null)} /> : null}
    </section>
  );
}
