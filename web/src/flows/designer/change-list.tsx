/** What differs between two versions, in words, each with its sign. */
import { useI18n } from "../../i18n";
import { Icon, type IconName } from "../../kit/icons";
import type { Words } from "../../api/types";
import { conditionText } from "./told";
import type { Change, Changes, Kit } from "./types";

const SIGNS: Record<Change["how"], IconName> = { added: "plus", removed: "minus", changed: "edit" };

export function ChangeList({ found, kit }: { found: Changes; /** By which conditions are told in words. */ kit?: Kit }) {
  const { t, w } = useI18n();
  if (found.against === null) return <p className="note">{t("design.firstVersion")}</p>;
  if (found.items.length === 0) return <p className="note">{t("design.noChanges")}</p>;
  const told = (part: Change["aspects"][number], words: Words) => (part.code === "condition" && kit ? conditionText(w(words), kit, t, w) : w(words));
  const count = (how: Change["how"]) => found.items.filter((one) => one.how === how).length;
  return (
    <>
      <h3>{t("design.changesFrom", { n: found.against })}</h3>
      <p className="row wrap">{(["added", "changed", "removed"] as const).map((how) => (count(how) ? <span key={how} className={`chip draw-c-${how}`}><Icon name={SIGNS[how]} small />{t(`design.c.${how}`)} {count(how)}</span> : null))}</p>
      <ul className="draw-changes">
        {found.items.map((one) => (
          <li key={`${one.what}${one.place}${one.how}`}>
            <div className="row"><span className={`chip draw-c-${one.how}`}><Icon name={SIGNS[one.how]} small />{t(`design.c.${one.how}`)}</span><b className="cut">{w(one.name)}</b><span className="dim">{t(`design.c.${one.what}`)}</span></div>
            {one.aspects.length ? <dl>{one.aspects.map((part, at) => <div key={at}><dt>{w(part.name)}</dt><dd><del><span className="unseen">{t("design.was")}</span>{told(part, part.before)}</del><ins><span className="unseen">{t("design.is")}</span>{told(part, part.after)}</ins></dd></div>)}</dl> : null}
          </li>
        ))}
      </ul>
    </>
  );
}
