/** The other tab: every action but reading and editing, role by role, each with where it holds. */
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { useNarrow } from "../../kit/narrow";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { scopesQuery, vocabularyQuery, type DraftId } from "../queries";
import type { RawLine } from "../types";
import "../../i18n/words-configure";
import "../access.css";

export function Actions({ type, draft }: { type: string; draft: DraftId }) {
  const { t, w } = useI18n();
  const scopes = useQuery(scopesQuery(type, draft));
  const vocabulary = useQuery(vocabularyQuery(type));
  const narrow = useNarrow();
  if (scopes.isError) return <div className="list-bones"><Refused problem={asProblem(scopes.error)} /></div>;
  if (!scopes.data || !vocabulary.data) return <div className="list-bones"><Bones rows={10} height={34} /></div>;
  const lines = scopes.data.items;
  const given = new Set(lines.flatMap((one) => (one.told.line as unknown as RawLine).actions));
  const actions = vocabulary.data.actions.filter((one) => one.code !== "read" && one.code !== "edit" && given.has(one.code));
  const roles = [...new Map(lines.map((one) => [one.role, w(one.role_name)])).entries()];
  const held = (code: string, action: string) => lines.filter((one) => one.role === code && (one.told.line as unknown as RawLine).actions.includes(action))
    .map((one) => <div key={one.at} title={w(one.told.sentence)}>{one.told.scopes.map((scope) => w(scope)).join(t("oversight.comma"))}{one.told.limit ? <span className="dim"> · {w(one.told.limit)}</span> : null}{one.told.where.length ? <span className="dim"> · {one.told.where.map((cond) => w(cond)).join(t("oversight.comma"))}</span> : null}</div>);
  if (actions.length === 0) return <Blank icon="shield" title={t("matrix.noActions")} />;
  if (narrow) {
    return (
      <div className="configure-list" tabIndex={0} role="region" aria-label={t("matrix.actions")}>
        {roles.map(([code, name]) => {
          const some = actions.filter((action) => held(code, action.code).length);
          return some.length ? <section key={code} className="sheet part-lines"><h2>{name}</h2><dl className="chain">{some.map((action) => <div key={action.code}><dt>{w(action.name)}</dt><dd>{held(code, action.code)}</dd></div>)}</dl></section> : null;
        })}
      </div>
    );
  }
  return (
    <div className="log" tabIndex={0} role="region" aria-label={t("matrix.actions")}>
      <table className="actions">
        <thead><tr><th scope="col">{t("role.role")}</th>{actions.map((one) => <th key={one.code} scope="col">{w(one.name)}</th>)}</tr></thead>
        <tbody>
          {roles.map(([code, name]) => (
            <tr key={code}>
              <th scope="row">{name}</th>
              {actions.map((action) => {
                const found = held(code, action.code);
                return <td key={action.code}>{found.length ? found : <span className="dim" aria-label={t("matrix.notGiven")}>–</span>}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
