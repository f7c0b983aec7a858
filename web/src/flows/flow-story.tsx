/** What happened, in order: decisions with what was said, and comments. */
import { useState } from "react";
import { Link } from "react-router";
import { useI18n, type Key } from "../i18n";
import { fullMoment, moment } from "../kit/format";
import { Face } from "../kit/parts";
import { useSession } from "../kit/session";
import { SaidFiles } from "./comment-files";
import { stateKey } from "./flow-state";
import { saidPlainly, viewIn, wentOver } from "./told";
import type { Flow, Happening } from "./types";

const FEW = 8;
const KNOWN = new Set(["begun", "approve", "done", "refused", "claim", "transfer", "delegate", "add_signer", "remove_signer", "take_back", "withdraw", "end", "urge", "retry", "comment", "copy", "resumed", "heard", "called", "returned", "migrated", "over", "again", "deleted", "escalated"]);

export function useSentence(flow: Flow) {
  const { t, w } = useI18n();
  const { types } = useSession();
  const nameOf = (id: string | null) => { const found = flow.nodes.find((one) => one.id === id); return found ? w(found.name) : (id ?? ""); };
  return (one: Happening): string => {
    const node = one.node_name ? w(one.node_name) : nameOf(one.node);
    const places = { node, other: one.other?.name ?? (one.what === "remove_signer" ? t("flow.h.somebody") : ""), to: one.to_name ? w(one.to_name) : nameOf(one.outcome), what: one.what };
    const step = flow.nodes.find((other) => other.id === one.node);
    const side = step?.handoff;
    if (side === "take" && (one.what === "approve" || one.what === "reject")) return t(one.what === "approve" ? "packet.h.accepted" : "packet.h.returned", places);
    if (side === "give" && one.what === "approve") return t("packet.h.given", places);
    if (viewIn(flow, one)) return t(one.what === "approve" ? "flow.h.for" : "flow.h.against", places);
    const plain = step ? saidPlainly(step, one.what) : null;
    if (plain) return t(plain, places);
    if (one.what === "reject") return t(one.outcome === "end" ? "flow.h.rejectEnd" : one.outcome ? "flow.h.rejectTo" : "flow.h.reject", places);
    if (one.what === "made") { const type = types.get(one.outcome.split("/")[0] ?? ""); return t("flow.h.made", { ...places, to: type ? w(type.name) : "" }); }
    if (one.what === "joined") return t("flow.h.joined", { ...places, role: one.words ? w(one.words) : "" });
    if (one.what === "elapsed") return t(`flow.h.elapsed.${one.outcome}` as Key, places);
    if (one.what === "put_off") return t("flow.h.put_off", { ...places, until: fullMoment(one.outcome) });
    if (one.what === "ended") return t("flow.h.ended", { how: t(stateKey(flow.type, one.outcome as Flow["state"])) });
    if (one.what === "incident") return one.node || one.node_name ? t("flow.h.incident", places) : t(one.outcome === "circle" ? "flow.h.circle" : "flow.h.halted");
    if (one.what === "reassigned") {
      if (!one.acting_for) return one.node ? t("flow.h.reassigned", places) : t("flow.h.took");
      return one.node ? t("flow.h.reassignedFrom", { ...places, name: one.acting_for.name }) : t("flow.h.tookFrom", { name: one.acting_for.name });
    }
    return KNOWN.has(one.what) ? t(`flow.h.${one.what}` as Key, places) : t("flow.h.other", places);
  };
}

const LONG = 240;
const LINES = 6;

/** What somebody said; the whole of a long text on demand. */
export function Said({ text }: { text: string }) {
  const { t } = useI18n();
  const [all, setAll] = useState(false);
  if (!text) return null;
  const long = text.length > LONG || text.split("\n").length > LINES;
  return (
    <div className="flow-said">
      <p className={long && !all ? "flow-said-cut" : undefined}>{text}</p>
      {long ? <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>{t(all ? "flow.less" : "flow.whole")}</button> : null}
    </div>
  );
}

export function FlowStory({ flow }: { flow: Flow }) {
  const { t, w, lang } = useI18n();
  const sentence = useSentence(flow);
  const [all, setAll] = useState(false);
  const people = new Set(flow.nodes.filter((one) => one.kind === "user").map((one) => one.id));
  // that a step of people is done was told by who decided it
  const told = flow.history.filter((one) => one.what !== "done" || !people.has(one.node ?? ""));
  const shown = all ? told : told.slice(-FEW);
  return (
    <section className="flow-story" aria-label={t("flow.story")}>
      <h2 className="row">{t("flow.story")}{told.length > shown.length ? <button className="link end" onClick={() => setAll(true)}>{t("flow.storyAll", { n: told.length })}</button> : null}</h2>
      <ol>
        {shown.map((one, index) => {
          const who = one.person?.name ?? t("flow.system");
          return (
            <li key={`${one.at}${index}`} className="flow-event">
              <Face name={who} size={24} />
              <div className="grow">
                <div className="row wrap"><b>{who}</b>{one.acting_for && one.what !== "reassigned" ? <span className="dim">{t("flow.w.for", { name: one.acting_for.name })}</span> : null}<span className="soft">{sentence(one)}</span>{one.made ? <Link className="link" to={`/records/${one.made.type}/${one.made.id}`}>{one.made.title}</Link> : null}<time className="dim end" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time></div>
                <Said text={one.what === "joined" ? "" : one.words ? w(one.words) : wentOver(one.what, one.text)?.map((n) => t("flow.version", { n })).join(" → ") ?? one.text} />
                <SaidFiles flow={flow} files={one.files} />
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
