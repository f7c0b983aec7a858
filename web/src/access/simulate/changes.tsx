/** The draft as its changes. Picking one asks for its effect alone. */
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { ChangeLine, Simulation } from "./types";
import { count } from "./verdict";
import "../../i18n/words-simulate";

type How = "add" | "remove" | "change";
const howOf = (one: ChangeLine): How => (one.before === null ? "add" : one.after === null ? "remove" : "change");
const TONES: Record<How, string> = { add: "chip brand", remove: "chip red", change: "chip" };
const PLACES = new Set(["department", "post", "member"]);

export function Changes({ changes, chosen, onChoose }: { changes: ChangeLine[]; chosen: string | null; onChoose: (change: string | null) => void }) {
  const { t, w } = useI18n();
  return (
    <>
      <ul className="sim-changes" aria-label={t("simulate.changes")}>
        {changes.map((one) => {
          const key = `${one.kind}/${one.key}`;
          const word = PLACES.has(one.kind) ? t("simulate.organisation") : t(`simulate.how.${howOf(one)}`);
          return (
            <li key={key}>
              <button className="sim-change" aria-pressed={chosen === key} onClick={() => onChoose(chosen === key ? null : key)}>
                <span className={PLACES.has(one.kind) ? "chip" : TONES[howOf(one)]}>{word}</span><span className="sim-text">{w(one.words)}{one.detail && w(one.detail) ? <span className="dim sim-more-said">{w(one.detail)}</span> : null}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {chosen ? <button className="link sim-pick" onClick={() => onChoose(null)}>{t("simulate.all")}</button> : changes.length > 1 ? <p className="dim sim-pick">{t("simulate.pick")}</p> : null}
    </>
  );
}

export function Stamp({ sim, stale }: { sim: Simulation; stale: boolean }) {
  const { t } = useI18n();
  const ms = Math.round(Object.values(sim.ms).reduce((sum, one) => sum + one, 0));
  return (
    <footer className="sim-stamp" role="status">
      <span className={stale ? "row tight warn" : "row tight soft"}><Icon name={stale ? "alert" : "check"} small />{stale ? t("simulate.stale") : t("simulate.based", { stamp: sim.stamp.slice(0, 6) })}</span>
      <span className="dim">{t(sim.unread.length ? "simulate.tookUnread" : "simulate.took", { people: count(sim.people), types: sim.types, ms: count(ms) })}</span>
    </footer>
  );
}
