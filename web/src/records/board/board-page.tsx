/** A board: lanes from a choice field. Picking a card up asks every lane's verdict at once, so that a refusal shows before release. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useId, useMemo, useRef, useState, type DragEvent, type KeyboardEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { get, Problem, send } from "../../api/client";
import { countQuery } from "../../api/queries";
import type { Json, LaneVerdict, Option, RecordView, Row, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { Key } from "../../kit/parts";
import { fieldOf } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { takeRecord } from "../cache";
import { both } from "../filter";
import { sumField, Totals } from "../list/totals";
import { Toolbar } from "../toolbar";
import { useList } from "../use-list";
import { FillDialog } from "./fill-dialog";
import { Lane, type Held } from "./lane";
import { actOf, asked, isFillable, lanesOf, neighbour, sinceField, textOf, type Act } from "./lanes";
import "../../i18n/words-lists";
import "./board.css";

const SidePanel = lazy(() => import("../record/side-panel"));
const CreateDialog = lazy(() => import("../create-dialog"));
interface Filling { row: Row; lane: Option; act: Act; missing: string[] }

export default function BoardPage({ type }: { type: TypeMeta }) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const go = useNavigate();
  const { refuse, say } = useToasts();
  const { state, set, filter, filterText, columns, definition, openTab } = useList(type);
  const [search, setSearch] = useSearchParams();
  const [held, setHeld] = useState<Held | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const [focus, setFocus] = useState<string | null>(null);
  const [preview, setPreview] = useState<string | null>(null);
  const [filling, setFilling] = useState<Filling | null>(null);
  const [live, setLive] = useState("");
  const boardId = useId();
  const rows = useRef(new Map<string, Row[]>());
  const stage = fieldOf(type, type.kanban ?? "");
  const sum = sumField(type);
  const count = useQuery(countQuery(type.code, { filter: filterText, by: type.kanban, sum }));
  const lanes = useMemo(() => (stage ? lanesOf(stage, count.data?.groups) : []), [count.data, stage]);
  const most = Math.max(1, ...Object.values(count.data?.groups ?? {}).map((group) => Number(group.sum ?? group.count)));
  const fields = [type.title, "account", "company", "contact", "owner", "priority", "level", "source", type.kanban ?? "", sinceField(type), sum ?? ""]
    .filter((code, at, all) => code && fieldOf(type, code) && all.indexOf(code) === at).join(",");
  const money = fieldOf(type, sum ?? "");

  const onRows = useCallback((lane: string, found: Row[]) => {
    rows.current.set(lane, found);
    setFocus((now) => now ?? found[0]?.id ?? null);
  }, []);
  const verdictsOf = useCallback((row: Row) => get<{ lanes: Record<string, LaneVerdict> }>(`/records/${type.code}/${row.id}/moves`).then((answer) => answer.lanes), [type.code]);
  const refresh = useCallback(() => Promise.all([client.invalidateQueries({ queryKey: ["rows", type.code] }), client.invalidateQueries({ queryKey: ["count", type.code] })]), [client, type.code]);

  const run = useCallback(async (row: Row, lane: Option, act: Act, extra: Record<string, Json> = {}) => {
    const record = await get<RecordView>(`/records/${type.code}/${row.id}`);
    const missing = Object.keys(extra).filter((code) => fieldOf(type, code) && !type.verbs.find((one) => one.code === act.verb)?.params.some((param) => param.code === code));
    let etag = record.etag;
    if (missing.length) {
      const filled = await send<RecordView>("PATCH", `/records/${type.code}/${row.id}`, Object.fromEntries(missing.map((code) => [code, extra[code]])), { etag });
      etag = filled.etag;
    }
    const params = { ...act.params, ...Object.fromEntries(Object.entries(extra).filter(([code]) => !missing.includes(code))) };
    takeRecord(client, await send<RecordView>("POST", `/records/${type.code}/${row.id}/actions/${act.verb}`, params, { etag }));
    await refresh();
    const text = t("board.moved", { name: textOf(row, type.title), lane: w(lane.name) });
    setLive(text);
    say(text);
  }, [client, refresh, say, t, type, w]);

  const moveTo = useCallback(async (row: Row, lane: Option, known: Record<string, LaneVerdict> | null) => {
    try {
      const verdict = (known ?? (await verdictsOf(row)))[lane.value];
      if (!verdict) return;
      const act = actOf(type, lane.value, verdict);
      const missing = verdict.allowed ? [] : (verdict.missing ?? []);
      if (!verdict.allowed && !isFillable(verdict)) {
        setLive(`${t("board.refused")}。${w(verdict.words)}`);
        refuse(new Problem({ status: 403, code: "stage", message: verdict.words ?? { zh: "不能放在这里", en: "It cannot go here" } }));
        return;
      }
      if (missing.length || asked(type, act).length) { setFilling({ row, lane, act, missing }); return; }
      await run(row, lane, act);
    } catch (cause) { refuse(cause); }
  }, [refuse, run, t, type, verdictsOf, w]);

  const pick = (row: Row, lane: Option, event: DragEvent) => {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.id);
    setHeld({ row, from: lane.value, verdicts: null });
    verdictsOf(row).then((verdicts) => setHeld((now) => (now?.row.id === row.id ? { ...now, verdicts } : now)), refuse);
  };
  const drop = (lane: Option) => {
    const now = held;
    setHeld(null);
    setOver(null);
    if (now && now.from !== lane.value) void moveTo(now.row, lane, now.verdicts);
  };
  const cardKey = (event: KeyboardEvent, row: Row, lane: Option) => {
    const mine = rows.current.get(lane.value) ?? [];
    const at = mine.findIndex((one) => one.id === row.id);
    const toLane = (step: -1 | 1) => { let next = neighbour(lanes, lane.value, step); while (next && !rows.current.get(next.value)?.length) next = neighbour(lanes, next.value, step); const found = next ? rows.current.get(next.value) : undefined; return found?.[Math.min(at, found.length - 1)]?.id; };
    const steps: Record<string, () => string | undefined> = { ArrowDown: () => mine[at + 1]?.id, j: () => mine[at + 1]?.id, ArrowUp: () => mine[at - 1]?.id, k: () => mine[at - 1]?.id, ArrowLeft: () => toLane(-1), ArrowRight: () => toLane(1) };
    const step = steps[event.key];
    if (step) { event.preventDefault(); const id = step(); if (id) { setFocus(id); document.getElementById(`${boardId}-${id}`)?.focus(); } }
    else if (event.key === "[" || event.key === "]") { event.preventDefault(); const next = neighbour(lanes, lane.value, event.key === "[" ? -1 : 1); if (next) void moveTo(row, next, null); }
    else if (event.key === " ") { event.preventDefault(); setPreview(preview === row.id ? null : row.id); }
    else if (event.key === "Enter" || event.key === "o") { event.preventDefault(); void go(`/records/${type.code}/${row.id}`); }
    else if (event.key === "Escape") setPreview(null);
  };
  useEffect(() => () => rows.current.clear(), []);
  const setCreating = (on: boolean) => setSearch((now) => { const next = new URLSearchParams(now); if (on) next.set("new", "1"); else next.delete("new"); return next; }, { replace: true });

  return (
    <div className={preview ? "with-panel" : "without-panel"}>
      <main className="page board-page" aria-label={w(type.plural)}>
        <Toolbar type={type} state={state} set={set} columns={columns} definition={definition} ready={count.isSuccess} onTab={openTab} onNew={() => setCreating(true)} />
        <div className="board" tabIndex={-1}>
          {lanes.map((lane) => (
            <Lane key={lane.value} type={type} lane={lane} group={count.data?.groups?.[lane.value] ?? (count.data?.groups ? { count: 0 } : undefined)} share={Number(count.data?.groups?.[lane.value]?.sum ?? count.data?.groups?.[lane.value]?.count ?? 0) / most}
              filter={JSON.stringify(both(filter, [type.kanban ?? "", "=", lane.value]))} fields={fields} money={money} held={held} over={over === lane.value} focus={focus} boardId={boardId}
              onRows={onRows} onFocusCard={setFocus} onCardKey={cardKey} onOpen={setPreview} onPick={pick} onDrop={drop} onOver={setOver} onEnd={() => { setHeld(null); setOver(null); }} />
          ))}
        </div>
        <Totals type={type} filter={filterText} ready={count.isSuccess}><span title={t("board.legend")}>{t("board.legendShort")}</span><Key>[</Key><Key>]</Key>{t("keys.lane")}<Key>Space</Key>{t("keys.preview")}</Totals>
        <div className="unseen" role="status" aria-live="assertive">{live}</div>
      </main>
      {filling ? <FillDialog type={type} lane={filling.lane} act={filling.act} missing={filling.missing} row={filling.row} onClose={() => setFilling(null)} onAct={(values) => run(filling.row, filling.lane, filling.act, values)} /> : null}
      <Suspense fallback={null}>
        {preview ? <SidePanel key={preview} type={type} id={preview} onClose={() => setPreview(null)} /> : null}
        {search.get("new") === "1" && type.can.create ? <CreateDialog type={type} onClose={() => setCreating(false)} /> : null}
      </Suspense>
    </div>
  );
}
