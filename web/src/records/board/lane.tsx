/** One lane: its count and sum, its cards by age, and the rule that refuses a card while it still hangs above. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, type DragEvent, type KeyboardEvent } from "react";
import { asProblem } from "../../api/client";
import { rowsQuery } from "../../api/queries";
import type { FieldMeta, Group, LaneVerdict, Option, Row, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { compact, daysSince, symbolOf } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { fieldOf, useCurrency } from "../../kit/session";
import { Card } from "./card";
import { isFillable, median, sinceField } from "./lanes";
import "../../i18n/words-lists";

export interface Held { row: Row; from: string; verdicts: Record<string, LaneVerdict> | null }
interface Props {
  type: TypeMeta; lane: Option; group: Group | undefined; share: number; filter: string | null; fields: string; money: FieldMeta | undefined;
  held: Held | null; over: boolean; focus: string | null; boardId: string;
  onRows: (lane: string, rows: Row[]) => void;
  onFocusCard: (id: string) => void; onCardKey: (event: KeyboardEvent, row: Row, lane: Option) => void; onOpen: (id: string) => void;
  onPick: (row: Row, lane: Option, event: DragEvent) => void; onDrop: (lane: Option) => void; onOver: (lane: string | null) => void; onEnd: () => void;
}

export function Lane(props: Props) {
  const { type, lane, group, share, filter, fields, money, held, over, focus, boardId, onRows } = props;
  const { t, w, lang } = useI18n();
  const currency = useCurrency();
  const since = sinceField(type);
  const sort = fieldOf(type, since)?.sortable ? since : null;
  const query = useInfiniteQuery(rowsQuery(type.code, { filter, fields, sort, limit: 20 }));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  useEffect(() => { onRows(lane.value, rows); }, [lane.value, onRows, rows]);
  const usual = Math.round(median(rows.map((row) => (typeof row[since] === "string" ? daysSince(String(row[since])) : 0))));
  const verdict = held?.verdicts?.[lane.value];
  const elsewhere = held !== null && held.from !== lane.value;
  const fillable = verdict !== undefined && isFillable(verdict);
  const refused = elsewhere && verdict !== undefined && !verdict.allowed && !fillable;
  const [figure, unit] = group?.sum !== undefined ? compact(group.sum, lang) : ["", ""];
  const tone = lane.color && /^v[1-6]$/.test(lane.color) ? lane.color : "v5";

  return (
    <section
      className={`lane${refused ? " refused" : ""}${elsewhere && over && !refused ? " welcome" : ""}`} aria-label={w(lane.name)}
      onDragOver={(event) => { if (held) { event.preventDefault(); event.dataTransfer.dropEffect = refused ? "none" : "move"; props.onOver(lane.value); } }}
      onDrop={(event) => { event.preventDefault(); props.onDrop(lane); }}
    >
      <header className="lane-head">
        <div className="row"><h2 className="status" style={{ "--dot": `var(--${tone})` } as React.CSSProperties}>{w(lane.name)}</h2><span className="dim">{group ? group.count : ""}</span></div>
        {figure ? <div className="row lane-sum"><b className="n">{symbolOf(currency)}{figure}</b><span className="soft">{unit}</span>{group?.readable !== undefined && group.readable < group.count ? <span className="dim end">{t("list.readable", { n: group.readable })}</span> : null}</div> : null}
        <div className="bar" aria-hidden="true"><i style={{ width: `${share * 100}%`, background: `var(--${tone})` }} /></div>
      </header>
      {refused && over ? (
        <div className="lane-rule" role="status">
          <div className="row bad strong"><Icon name="ban" />{t("board.refused")}</div>
          {verdict.rule && !w(verdict.words).includes(verdict.rule) ? <div className="dim">{t("board.rule")} {verdict.rule}</div> : null}
          <p>{w(verdict.words)}</p>
          {verdict.conditions?.map((one, index) => <div key={index} className="row"><Icon name={one.met ? "check" : "x"} small />{w(one.words)}</div>)}
        </div>
      ) : null}
      {fillable && over && elsewhere ? <div className="lane-rule fill" role="status">{t("board.fill", { fields: (verdict.missing ?? []).map((code) => w(fieldOf(type, code)?.name) || code).join(t("oversight.comma")) })}</div> : null}
      <div className="lane-cards" role="listbox" aria-label={w(lane.name)}>
        {query.isPending ? <Bones rows={4} height={90} /> : null}
        {query.isError ? <Refused problem={asProblem(query.error)} /> : null}
        {rows.map((row) => (
          <Card key={row.id} type={type} row={row} money={money} usual={usual} closed={lane.closed === true} moving={held?.row.id === row.id} tabIndex={focus === row.id ? 0 : -1} cardId={`${boardId}-${row.id}`}
            onFocus={() => props.onFocusCard(row.id)} onKeyDown={(event) => props.onCardKey(event, row, lane)} onOpen={() => props.onOpen(row.id)} onDragStart={(event) => props.onPick(row, lane, event)} onDragEnd={props.onEnd} />
        ))}
        {query.isSuccess && rows.length === 0 ? <p className="lane-none dim" role="option" aria-selected="false" aria-disabled="true">{t("board.none")}</p> : null}
      </div>
      {query.hasNextPage ? <button className="tool" onClick={() => void query.fetchNextPage()}>{t("board.more")}</button> : null}
    </section>
  );
}
