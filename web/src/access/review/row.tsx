/** One right under review. Only the row in focus shows key letters; settled rows stay, with undo. */
import { Link } from "react-router";
import { useSession } from "../../kit/session";
import { dayOf } from "../../kit/format";
import { useI18n } from "../../i18n";
import { Icon, type IconName } from "../../kit/icons";
import { Face, Key } from "../../kit/parts";
import type { Item } from "./types";
import "../../i18n/words-review";

const SIGN: Record<Item["outlier"]["kind"], IconName | null> = { alarm: "alert", people: "users", time: "clock", calm: null };
const TONE: Record<Item["outlier"]["kind"], string> = { alarm: "chip red", people: "chip amber", time: "chip amber", calm: "soft" };

interface Props { item: Item; ended: boolean; held: boolean; focused: boolean; busy: boolean; onFocus: () => void; onDecide: (what: "keep" | "revoke" | "undo") => void; onNarrow: () => void; onPass: () => void }

export function Row({ item, ended, held, focused, busy, onFocus, onDecide, onNarrow, onPass }: Props) {
  const { t, w } = useI18n();
  const sign = SIGN[item.outlier.kind];
  const alarm = item.outlier.kind === "alarm";
  return (
    <tr className={alarm ? "review-row alarm" : "review-row"} aria-current={focused ? "true" : undefined} onClick={onFocus}>
      <td><span className="row">{item.person ? <Face name={item.person.name} size={24} /> : <Icon name="users" />}<span className="grow"><b className="cut block" title={item.person?.name}>{item.person?.name ?? t("review.everyone")}</b><span className={item.where ? "cut block soft small" : "block soft small"} title={item.where ? w(item.where) : undefined}>{item.where ? w(item.where) : t("review.shared")}</span></span></span></td>
      <td><b className="two" title={w(item.what)}>{w(item.what)}</b><span className="row tight soft small"><span className="cut" title={w(item.origin)}>{w(item.origin)}</span>{item.secret ? <span className="row" title={t("review.secret")}><Icon name="lock" small /><span className="unseen">{t("review.secret")}</span></span> : null}</span></td>
      <td><Bars bars={item.bars} alarm={alarm} /><span className={item.idle === null || item.idle >= 60 ? "warn small" : "soft small"}>{ago(item, t)}</span></td>
      <td><span className={TONE[item.outlier.kind]}>{sign ? <Icon name={sign} small /> : null}<span>{w(item.outlier.words)}</span></span><Before item={item} /></td>
      <td className="review-suggested"><span className="review-label soft">{t("review.suggestion")} </span><span className={item.suggestion.decision === "revoke" ? "bad" : "strong"}>{suggested(item, t)}</span><span className="block soft small two">{w(item.suggestion.words)}</span></td>
      <td className="review-decide">{item.state === "pending" && held ? <span className="soft">{t("review.heldRow")}</span> : item.state === "pending" && ended ? <span className="soft">{t("review.endsNow")}</span> : item.state === "pending" ? (
        <span className="review-acts" role="group" aria-label={t("review.decision")}>
          <button className="review-act bad" disabled={busy} onClick={() => onDecide("revoke")}>{t("review.revoke")}{focused ? <Key>D</Key> : null}</button>
          <button className="review-act" disabled={busy} onClick={onNarrow}>{t("review.narrow")}{focused ? <Key>S</Key> : null}</button>
          <button className="review-act" disabled={busy} onClick={() => onDecide("keep")}>{t("review.keep")}{focused ? <Key>A</Key> : null}</button>
          <button className="review-act pass" disabled={busy} title={t("review.pass")} aria-label={t("review.pass")} onClick={onPass}><Icon name="arrow" small /></button>
        </span>
      ) : <Settled item={item} ended={ended} busy={busy} onUndo={() => onDecide("undo")} />}</td>
    </tr>
  );
}

/** What went before: who passed it on, and why; that it has been put off once. */
function Before({ item }: { item: Item }) {
  const { t } = useI18n();
  if (item.state !== "pending") return null;
  const by = item.delegated_by;
  return (
    <>
      {by ? <span className="block soft small two" title={item.note || undefined}>{item.note ? t("review.passedWhy", { name: by.name, why: item.note }) : t("review.passedBy", { name: by.name })}</span> : null}
      {item.rolled ? <span className="block warn small">{t("review.rolled", { day: dayOf(item.due) })}</span> : null}
    </>
  );
}

function Settled({ item, ended, busy, onUndo }: { item: Item; ended: boolean; busy: boolean; onUndo: () => void }) {
  const { t } = useI18n();
  const gone = item.state === "revoked" || item.state === "lapsed";
  const final = item.submitted || item.state === "lapsed" || item.state === "gone" || item.state === "left" || (item.draft !== null && item.draft.state !== "open" && item.draft.state !== "returned");
  return (
    <span className="row review-settled" title={item.note || undefined}>
      {item.state === "drafted" ? <Proposed item={item} /> : <span className={gone ? "row bad" : "row"}><span className={gone ? "review-sign red" : "review-sign"}><Icon name={gone ? "x" : item.state === "kept" ? "check" : "minus"} small /></span>{t(ended && item.state === "lapsed" ? "review.endedLapsed" : `review.${item.state}`)}</span>}
      {final ? null : <button className="ib" disabled={busy} aria-label={t("review.undo")} title={t("review.undo")} onClick={(event) => { event.stopPropagation(); onUndo(); }}><Icon name="undo" small /></button>}
    </span>
  );
}

export function draftTone(draft: Item["draft"]): string {
  return draft?.state === "published" ? "row brand-ink" : draft?.state === "withdrawn" || draft?.state === "returned" ? "row bad" : "row warn";
}

export function draftSign(draft: Item["draft"]): IconName {
  return draft?.state === "published" ? "check" : draft?.state === "withdrawn" ? "x" : draft?.state === "returned" ? "undo" : "file";
}

/** What was proposed, for whom, and what has become of it: until it is published nothing has changed. */
function Proposed({ item }: { item: Item }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const { draft } = item;
  const says = item.proposed ? w(item.proposed) : t("review.draftHint");
  const state = draft ? t(`review.draft.${draft.state}`) : t("review.drafted");
  const text = draft?.answer ? `${says} · ${draft.answer}` : says;
  return (
    <span className="review-proposed" title={text}>
      <span className={draftTone(draft)}><Icon name={draftSign(draft)} small />{draft && me.pages.includes("policy") ? <Link to={`/access/drafts/${draft.id}`} onClick={(event) => event.stopPropagation()}>{state}</Link> : state}</span>
      {item.unanswered ? <span className="warn small">{t("review.silentHere")}</span> : null}
      <span className="soft small two">{text}</span>
    </span>
  );
}

function Bars({ bars, alarm }: { bars: number[]; alarm: boolean }) {
  const { t } = useI18n();
  const most = Math.max(...bars, 1);
  return (
    <svg className={alarm ? "review-bars red" : "review-bars"} width="66" height="18" role="img" aria-label={t("review.bars", { bars: bars.join(", ") })}>
      {bars.map((n, at) => { const height = n ? Math.max(2, Math.round((n / most) * 17)) : 1; return <rect key={at} className={n ? "" : "nil"} x={at * 6.6} y={18 - height} width="5" height={height} rx={n ? 1 : 0} />; })}
    </svg>
  );
}

type T = ReturnType<typeof useI18n>["t"];

function ago(item: Item, t: T): string {
  if (item.idle === null) return t("review.never");
  return item.idle === 0 ? t("review.today") : item.idle === 1 ? t("review.yesterday") : t("review.ago", { n: item.idle });
}

function suggested(item: Item, t: T): string {
  const { decision, until } = item.suggestion;
  return decision === "shorten" ? t("review.shorten", { day: until ? dayOf(until).slice(5) : "" }) : t(`review.${decision}`);
}
