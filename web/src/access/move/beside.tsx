/** Other drafts under way that would make something else of the same things. */
import { Link } from "react-router";
import type { components } from "../../api/schema";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Who } from "../../kit/parts";
import { Change } from "../draft/change";
import "../../i18n/words-forms";

export function Beside({ others }: { others: components["schemas"]["DraftBeside"][] }) {
  const { t } = useI18n();
  if (!others.length) return null;
  return (
    <section className="note amber" aria-label={t("beside.title")}>
      <h3 className="row"><Icon name="swap" small />{t("beside.title")}</h3>
      <p>{t("beside.how")}</p>
      <ul>{others.map((one) => (
        <li key={`${one.id}/${one.change.kind}/${one.change.key}`} className="sheet contested">
          <span className="row wrap"><Link className="link" to={`/access/drafts/${one.id}`}>{t("beside.one", { id: one.id, title: one.title })}</Link>{one.by ? <Who person={one.by} /> : null}</span>
          <Change change={one.change} shown />
        </li>
      ))}</ul>
    </section>
  );
}
