/** Drafts of processes: those handed in, or those that are worked on. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import "../i18n/words-designer";
import { moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { draftsQuery, type DraftHead } from "./designer/types";

export function Drafts({ state }: { state: "submitted" | "open" }) {
  const { t } = useI18n();
  const found = useQuery({ ...draftsQuery(state), staleTime: 0 });
  return <Some title={t(state === "open" ? "design.drafts" : "design.draftsIn")} items={found.data?.items ?? []} warn={state === "submitted"} />;
}

const SHOWN = 5;

function Some({ title, items, warn }: { title: string; items: DraftHead[]; warn?: boolean }) {
  const { t, w, lang } = useI18n();
  const [all, show] = useState(false);
  if (items.length === 0) return null;
  const shown = all || items.length <= SHOWN + 1 ? items : items.slice(0, SHOWN);
  return (
    <section className="versions" aria-label={title}>
      <h2 className="row">{warn ? <span className="warn"><Icon name="clock" small /></span> : null}{title} <span className="dim">{items.length}</span></h2>
      <ol>
        {shown.map((one) => (
          <li key={one.id} className="version">
            <div className="row wrap"><Link className="link process-draft" to={`/flows/design/${one.id}`}><Icon name="edit" small />{w(one.name)}</Link>
              <span className="dim">{one.base ? t("design.fromVersion", { n: one.base }) : t("design.isNew")}</span>{one.type_name ? <span className="soft">{w(one.type_name)}</span> : null}
              <span className="end soft">{one.changed_by ? t("design.draftBy", { who: one.changed_by.name }) : ""} <time dateTime={one.changed_at}>{moment(one.changed_at, lang)}</time></span></div>
          </li>
        ))}
      </ol>
      {shown.length < items.length ? <button type="button" className="link process-drawn" onClick={() => show(true)}>{t("design.draftsAll", { n: items.length })}</button> : null}
    </section>
  );
}
