/** One card: name, customer, amount, and how long it has been here against what is usual. */
import { memo, type DragEvent, type KeyboardEvent } from "react";
import type { FieldMeta, Row, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { compactMoney, daysSince } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Face } from "../../kit/parts";
import { fieldOf, useCurrency } from "../../kit/session";
import { ageOf, sinceField, textOf } from "./lanes";
import "../../i18n/words-lists";

interface Props {
  type: TypeMeta; row: Row; money: FieldMeta | undefined; usual: number; closed: boolean; moving: boolean; tabIndex: number; cardId: string;
  onFocus: () => void; onKeyDown: (event: KeyboardEvent) => void; onOpen: () => void;
  onDragStart: (event: DragEvent) => void; onDragEnd: () => void;
}

export const Card = memo(function Card({ type, row, money, usual, closed, moving, tabIndex, cardId, onFocus, onKeyDown, onOpen, onDragStart, onDragEnd }: Props) {
  const { t, lang } = useI18n();
  const currency = useCurrency();
  const since = row[sinceField(type)];
  const age = typeof since === "string" ? ageOf(daysSince(since), usual) : null;
  const owner = textOf(row, "owner");
  const under = textOf(row, "account") || textOf(row, "company") || textOf(row, "contact");
  const amount = money ? row[money.code] : undefined;
  const extra = ["priority", "level", "source"].find((code) => fieldOf(type, code) && row[code]);
  const extraField = extra ? fieldOf(type, extra) : undefined;
  const extraName = extraField?.options?.find((one) => one.value === row[extra ?? ""])?.name[lang];
  return (
    <div id={cardId} role="option" aria-selected={tabIndex === 0} tabIndex={tabIndex} className={moving ? "card moving" : "card"} draggable data-card={row.id} onFocus={onFocus} onKeyDown={onKeyDown} onClick={onOpen} onDragStart={onDragStart} onDragEnd={onDragEnd}>
      <div className="row"><span className="cut grow card-title">{textOf(row, type.title) || t("field.unnamed")}</span>{owner ? <span title={owner}><Face name={owner} /><span className="unseen">{owner}</span></span> : null}</div>
      {under ? <div className="cut soft">{under}</div> : null}
      <div className="row">
        {typeof amount === "string" ? <b className="n">{/^-?\d/.test(amount) ? compactMoney(amount, currency, lang) : amount}</b> : null}
        {extraName ? <span className="chip">{extraName}</span> : null}
        {age && !closed ? <span className={age.late ? "end warn row tight" : "end dim row tight"}>{age.late ? <Icon name="clock" small /> : null}{t("board.days", { n: age.days })} / {age.usual}</span> : null}
      </div>
      {age && !closed ? <div className={age.late ? "bar amber" : "bar"} aria-hidden="true"><i style={{ width: `${Math.max(3, age.share * 100)}%` }} /><b style={{ left: "62%" }} /></div> : null}
    </div>
  );
});
