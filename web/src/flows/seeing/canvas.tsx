/** The process drawn with its figures: cards over lines whose width is the number of cases, what is sent back dashed, one ring. */
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { draw, path, type Box } from "./diagram";
import { brief, of, percent } from "./told";
import type { Clock, Figures, Node } from "./types";

const STEP = 0.1, LEAST = 0.4, MOST = 1.6;
/** The smallest text, of 12 px, does not fall below 11 by itself. */
const READABLE = 0.92;

export function Canvas({ figures, clock, chosen, onChoose }: { figures: Figures; clock: Clock; chosen: string | null; onChoose: (id: string) => void }) {
  const { t } = useI18n();
  const nodes = useMemo(() => new Map(figures.nodes.map((one) => [one.id, one])), [figures]);
  const drawing = useMemo(() => draw(figures.shapes, figures.edges, figures.returns, new Set(nodes.keys())), [figures, nodes]);
  const frame = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const fit = () => { const width = frame.current?.clientWidth ?? drawing.width; setZoom(Math.max(READABLE, Math.min(1, Math.floor((width / drawing.width) * 100) / 100))); };
  useLayoutEffect(fit, [drawing.width]);
  // What does not fit is begun at the chosen step, in the middle.
  useLayoutEffect(() => {
    const held = frame.current, box = drawing.boxes.find((one) => one.id === chosen);
    if (!held || !box) return;
    held.scrollLeft = (box.x + box.width / 2) * zoom - held.clientWidth / 2;
    if ((box.y + box.height) * zoom > held.clientHeight) held.scrollTop = (box.y - 120) * zoom;
    // Only as it opens: choosing and zooming leave it where it is.
  }, [drawing]);
  const most = Math.max(1, ...drawing.lines.map((one) => one.cases ?? 0));
  const by = (delta: number) => setZoom((now) => Math.round(Math.max(LEAST, Math.min(MOST, now + delta)) * 100) / 100);
  return (
    <div className="see-canvas">
      <div className="see-scroll" ref={frame} tabIndex={0} role="region" aria-label={t("see.canvas")}>
        <div className="see-sheet" style={{ width: drawing.width * zoom, height: drawing.height * zoom }}>
          <div className="see-scaled" style={{ width: drawing.width, height: drawing.height, transform: `scale(${zoom})` }}>
            <svg width={drawing.width} height={drawing.height} aria-hidden="true">
              <defs><marker id="see-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M1 1 7 4 1 7" className="see-arrow" /></marker></defs>
              {drawing.lines.map((one) => (
                <path key={`${one.source}>${one.target}`} d={path(one.points)} className={one.target === figures.bottleneck ? "see-line hot" : "see-line"} strokeWidth={1.5 + (4.5 * (one.cases ?? 0)) / most} />
              ))}
              {drawing.loops.map((one) => <path key={`${one.of.source}>${one.of.target}`} d={path(one.points)} className="see-loop" markerEnd="url(#see-arrow)" />)}
            </svg>
            {drawing.lines.map((one) => one.cases === null ? null : <span key={`${one.source}>${one.target}`} className="see-count n" style={{ left: one.label[0], top: one.label[1] }}>{one.cases}</span>)}
            {drawing.loops.map((one) => (
              <span key={`${one.of.source}>${one.of.target}`} className="see-back" style={{ left: one.label[0], top: one.label[1] }}>{t(figures.of_log ? "see.again" : "see.back", { n: one.of.count })}{one.of.share ? <b>{percent(one.of.share)}</b> : null}</span>
            ))}
            {drawing.boxes.map((box) => box.card
              ? <Card key={box.id} box={box} node={nodes.get(box.id)} clock={clock} worst={box.id === figures.bottleneck} chosen={box.id === chosen} onChoose={onChoose} />
              : <Small key={box.id} box={box} joins={figures.edges.filter((edge) => edge.target === box.id).length > 1} />)}
          </div>
        </div>
      </div>
      <footer className="see-legend">
        <span className="see-key hide-phone"><i className="see-key-line" />{t("see.legend.width")}<i className="see-key-back" />{t(figures.of_log ? "see.legend.again" : "see.legend.back")}{figures.of_log ? null : <span className="dim">{t("see.legend.load")}</span>}</span>
        <span className="see-zoom end">
          <button className="ib" aria-label={t("see.zoomOut")} disabled={zoom <= LEAST} onClick={() => by(-STEP)}><Icon name="minus" small /></button>
          <button className="see-zoom-now n" title={t("see.zoomFit")} aria-label={`${Math.round(zoom * 100)}%, ${t("see.zoomFit")}`} onClick={fit}>{Math.round(zoom * 100)}%</button>
          <button className="ib" aria-label={t("see.zoomIn")} disabled={zoom >= MOST} onClick={() => by(STEP)}><Icon name="plus" small /></button>
        </span>
      </footer>
    </div>
  );
}

function Card({ box, node, clock, worst, chosen, onChoose }: { box: Box; node: Node | undefined; clock: Clock; worst: boolean; chosen: boolean; onChoose: (id: string) => void }) {
  const { t, w } = useI18n();
  const figures = node?.figures;
  const total = figures ? of(figures.total, clock) : null;
  const name = box.shape.name ? w(box.shape.name) : box.id;
  const load = figures?.load ?? null;
  const small = box.height < 70;
  const who = box.shape.resolver ? w(box.shape.resolver) : box.shape.kind === "user" ? "" : t(box.shape.kind === "timer" ? "see.untilTime" : box.shape.kind === "message" || box.shape.kind === "signal" ? "see.untilEvent" : "see.auto");
  const place = { left: box.x, top: box.y, width: box.width, height: box.height };
  const inside = (
    <>
      {worst ? <span className="see-ring-label">{t("see.worst")}</span> : null}
      <span className="row tight see-card-top"><span className={worst ? "warn" : "see-icon"}><Icon name={box.shape.kind === "user" ? "user" : box.shape.kind === "timer" ? "clock" : box.shape.kind === "message" || box.shape.kind === "signal" ? "inbox" : "swap"} small /></span><b className={who || small ? "cut" : "see-card-name"} title={name}>{name}</b>{box.shape.waiting ? <span className="chip brand end" title={t("see.atEventText", { n: box.shape.waiting })}>{t("see.atJoin", { n: box.shape.waiting })}</span> : node?.wip ? <span className={worst ? "chip amber end" : "chip brand end"}>{t("see.wip", { n: node.wip })}</span> : null}</span>
      {who || small ? <span className="cut soft see-card-who" title={who}>{who}{box.shape.mode ? <span className="dim"> · {t(`flow.m.${box.shape.mode}` as "flow.m.any")}</span> : null}</span> : null}
      {small || !figures ? (node?.few ? <span className="dim see-card-low">{t("see.few")}</span> : null) : (
        <span className="row see-card-low">
          <span className="soft">P50 <b className={worst ? "warn" : ""}>{brief(total?.p50, clock)}</b></span><span className="soft">P90 <b className={worst ? "warn" : ""}>{brief(total?.p90, clock)}</b></span>
          {load !== null ? <><span className={worst ? "bar amber see-load" : "bar see-load"}><i style={{ width: `${Math.min(100, load * 100)}%` }} /></span><span className="soft"><span className="unseen">{t("see.loadShort")} </span>{percent(load)}</span></> : null}
        </span>
      )}
    </>
  );
  const classes = ["see-card", worst && "see-worst", chosen && "see-chosen"].filter(Boolean).join(" ");
  return node ? <button className={classes} style={place} aria-pressed={chosen} onClick={() => onChoose(box.id)}>{inside}</button> : <div className={`${classes} idle`} style={place}>{inside}</div>;
}

function Small({ box, joins }: { box: Box; joins: boolean }) {
  const { t, w } = useI18n();
  const place = { left: box.x, top: box.y, width: box.width, height: box.height };
  const usual = box.shape.kind === "parallel" ? t(joins ? "see.join" : "see.parallel") : box.shape.kind === "inclusive" ? t(joins ? "see.joinAny" : "see.inclusive") : box.shape.kind === "events" ? t("flow.either") : "";
  const name = box.shape.name ? w(box.shape.name) : usual;
  if (box.height < 20) return <span className={`see-dot ${box.shape.kind}`} style={place} />;
  const waiting = box.shape.waiting ?? 0;
  const said = waiting ? t("see.atJoin", { n: waiting }) : null;
  return <span className="see-pill" style={place} title={[name, said && t(box.shape.kind === "events" ? "see.atEventText" : "see.atJoinText", { n: waiting })].filter(Boolean).join(" · ")}><span className="cut">{name}</span>{said ? <b className="n">{said}</b> : null}</span>;
}
