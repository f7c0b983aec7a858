/** Drafts of processes: those handed in first, then those that are worked on. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import "../i18n/words-designer";
import { moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { draftsQuery, type DraftHead } from "./designer/types";

export function DraftsList() {
  const { t } = useI18n();
  const handed = useQuery({ ...draftsQuery("submitted"), staleTime: 0 }), open = useQuery({ ...draftsQuery("open"), staleTime: 0 });
  return <><Some title={t("design.draftsIn")} items={handed.data?.items ?? []} warn /><Some title={t("design.drafts")} items={open.data?.items ?? []} /></>;
}

function Some({ title, items, warn }: { title: string; items: DraftHead[]; warn?: boolean }) {
  const { t, w, lang } = useI18n();
  if (items.length === 0) return null;
  return (
    <section className="versions" aria-label={title}>
      <h2 className="row">{warn ? <span className="warn"><Icon name="clock" small /></span> : null}{title} <span className="dim">{items.length}</span></h2>
      <ol>
        {items.map((one) => (
          <li key={one.id} className="version">
            <div className="row wrap"><Link className="link process-draft" to={`/flows/design/${one.id}`}><Icon name="edit" small />{w(one.name)}</Link>
              <span className="dim">{one.base ? t("design.fromVersion", { n: one.base }) : t("design.isNew")}</span>{one.type_name ? <span className="soft">{w(one.type_name)}</span> : null}
              <span className="end soft">{one.changed_by ? t("design.draftBy", { who: one.changed_by.name }) : ""} <time dateTime={one.changed_at}>{moment(one.changed_at, lang)}</time></span></div>
          </li>
        ))}
      </ol>
    </section>
  );
}
