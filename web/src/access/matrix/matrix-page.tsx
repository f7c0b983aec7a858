/** 字段矩阵: roles × fields of one object type, edited into a draft by keyboard or by dragging. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { useNarrow } from "../../kit/narrow";
import { Blank, Bones, Key } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { DraftBar } from "../draft/bar";
import { useWorking, type CellEdit } from "../draft/working";
import { matrixQuery, vocabularyQuery } from "../queries";
import { Actions } from "./actions";
import { folded, kept } from "./fold";
import { MatrixGrid } from "./matrix-grid";
import { MatrixPanel } from "./matrix-panel";
import { applied, columnsOf, tally, type Col, type Picked } from "./select";
import "../../i18n/words-configure";
import "../centre/configure.css";
import "./matrix.css";

/** Edits wait so long for more of them before they are sent together. */
const PAUSE = 250;
const START: Picked = { anchor: { row: 0, col: 0 }, focus: { row: 0, col: 0 } };

export default function MatrixPage() {
  const { t, w } = useI18n();
  const { may, id } = useWorking();
  const [search, setSearch] = useSearchParams();
  const vocabulary = useQuery(vocabularyQuery(null));
  const type = search.get("type") ?? "account";
  const second = search.get("view") === "actions";
  const set = (name: string, value: string) => setSearch((now) => { const next = new URLSearchParams(now); next.set(name, value); return next; }, { replace: true });
  return (
    <>
      <DraftBar />
      <div className="list-tools matrix-tools">
        <label className="row tight"><span className="unseen">{t("configure.object")}</span>
          <select className="box matrix-type" value={type} onChange={(event) => set("type", event.target.value)}>
            {(vocabulary.data?.types ?? [{ code: type, name: { zh: type, en: type } }]).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}
          </select>
        </label>
        <span className="switch" role="group" aria-label={t("matrix.what")}>
          <button aria-pressed={!second} onClick={() => set("view", "fields")}>{t("matrix.fields")}</button>
          <button aria-pressed={second} onClick={() => set("view", "actions")}>{t("matrix.actions")}</button>
        </span>
        {second ? null : <Legend />}
      </div>
      {second ? <Actions type={type} draft={id} /> : <Fields key={type} type={type} draft={id} may={may} />}
    </>
  );
}

function Legend() {
  const { t } = useI18n();
  return (
    <span className="row hide-phone matrix-legend">
      <span className="cell-word soft" data-state="read">{t("matrix.inherited")}</span>
      <span className="cell-word own" data-state="read">{t("matrix.own")}</span>
      <span className="cell-word draft" data-state="read">{t("matrix.draft")}</span>
    </span>
  );
}

function Fields({ type, draft, may }: { type: string; draft: string | null; may: boolean }) {
  const { t, w } = useI18n();
  const narrow = useNarrow();
  const [column, setColumn] = useState("");
  const client = useQueryClient();
  const { cells, cellsAtLast, undo } = useWorking();
  const found = useQuery({ ...matrixQuery(type, draft), placeholderData: keepPreviousData });
  const [edits, setEdits] = useState<CellEdit[]>([]);
  const [picked, setPicked] = useState<Picked>(START);
  const waiting = useRef<CellEdit[]>([]);
  const sending = useRef(false);
  const timer = useRef(0);

  /** One request at a time: what is set meanwhile goes with the next one. */
  const flush = useCallback(() => {
    if (sending.current || waiting.current.length === 0) return;
    const batch = waiting.current;
    waiting.current = [];
    sending.current = true;
    cells(type, batch).catch(() => { waiting.current = []; }).finally(() => {
      sending.current = false;
      if (waiting.current.length) flush();
      else setEdits([]);
    });
  }, [cells, type]);
  const edit = useCallback((more: CellEdit[]) => {
    if (!may || more.length === 0) return;
    setEdits((now) => [...now, ...more]);
    waiting.current = [...waiting.current, ...more];
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(flush, PAUSE);
  }, [flush, may]);
  useEffect(() => () => { window.clearTimeout(timer.current); flush(); }, [flush]);
  useEffect(() => {
    const leave = () => { const last = waiting.current; waiting.current = []; if (last.length) cellsAtLast(type, last); };
    window.addEventListener("pagehide", leave);
    return () => window.removeEventListener("pagehide", leave);
  }, [cellsAtLast, type]);

  const matrix = useMemo(() => (found.data ? applied(found.data, edits) : null), [found.data, edits]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => new Set());
  const shown = useMemo(() => (matrix ? folded(matrix, closed) : null), [matrix, closed]);
  const all = useMemo(() => (shown ? columnsOf(shown) : []), [shown]);
  // On a phone one column at a time, chosen from a list: nothing scrolls sideways.
  const idOf = ({ role, column: of }: Col) => `${role.code} ${of.id}`;
  const only = all.find((one) => idOf(one) === column) ?? all[0];
  const cols = useMemo(() => (narrow && only ? [only] : all), [all, narrow, only]);
  const here = useMemo<Picked>(() => (narrow ? { anchor: { ...picked.anchor, col: 0 }, focus: { ...picked.focus, col: 0 } } : picked), [narrow, picked]);
  const fold = useCallback((classes: string[], on: boolean) => {
    if (!matrix || !shown) return;
    const next = new Set(closed);
    for (const one of classes) if (on) next.add(one); else next.delete(one);
    setClosed(next);
    setPicked((now) => kept(now, shown, folded(matrix, next)));
  }, [closed, matrix, shown]);
  const sums = useMemo(() => (matrix ? tally(matrix) : null), [matrix]);
  if (found.isError) return <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>;
  if (!matrix || !shown || !sums) return <div className="list-bones"><Bones rows={12} height={34} /></div>;
  if (cols.length === 0) return <Blank icon="shield" title={t("matrix.nobody")} />;
  return (
    <div className="matrix-body">
      <div className="matrix-main">
        {narrow && only ? (
          <label className="matrix-pick"><span className="field-label">{t("matrix.column")}</span>
            <select className="box" value={idOf(only)} onChange={(event) => setColumn(event.target.value)}>{all.map((one) => <option key={idOf(one)} value={idOf(one)}>{w(one.role.name)} · {w(one.column.scope)}</option>)}</select>
          </label>
        ) : null}
        <MatrixGrid matrix={shown} whole={matrix} closed={closed} onFold={fold} cols={cols} picked={here} stretched={narrow} onPick={setPicked} onEdit={edit} onBack={undo && edits.length === 0 ? () => void undo().catch(() => undefined) : undefined} may={may} />
        <p className="list-foot matrix-foot">
          <span role="status">{edits.length ? t("matrix.saving") : ""}</span>
          <span>{t("matrix.tally", { fields: matrix.rows.filter((row) => row.field).length, own: sums.own, changed: sums.changed })}</span>
          {may ? <span className="hide-phone keys-hint"><Key>1</Key>–<Key>4</Key> {t("matrix.keySet")}<Key>0</Key> {t("matrix.keyBack")}<Key>Shift</Key>+<Key>↓</Key> {t("matrix.keyMore")} <Key>Ctrl</Key>+<Key>D</Key> {t("matrix.keyFill")} <Key>Ctrl</Key>+<Key>Z</Key> {t("draft.undo")}<Key>-</Key><Key>+</Key> {t("matrix.keyFold")}</span> : null}
          {matrix.without.length ? <span className="dim cut end" title={t("matrix.without")}>{t("matrix.withoutN", { n: matrix.without.length })}</span> : null}
        </p>
      </div>
      <MatrixPanel matrix={shown} cols={cols} picked={here} draft={draft} may={may} onEdit={edit} onChanged={() => void client.invalidateQueries({ queryKey: ["access"] })} />
    </div>
  );
}
