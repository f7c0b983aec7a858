/** Who may open which page: roles × pages. A page never conveys data; it is only a door. */
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useNarrow } from "../../kit/narrow";
import { Bones } from "../../kit/parts";
import { useWorking } from "../draft/working";
import { roleNow, roleQuery, rolesQuery, vocabularyQuery } from "../queries";
import type { RawLine, RoleState } from "../types";
import { opens, toggled } from "./pages";
import "../../i18n/words-configure";

export function PageRights() {
  const { t, w } = useI18n();
  const { may, id, put } = useWorking();
  const narrow = useNarrow();
  const client = useQueryClient();
  const roles = useQuery(rolesQuery(id));
  const vocabulary = useQuery(vocabularyQuery(null));
  const details = useQueries({ queries: (roles.data?.items ?? []).map((one) => roleQuery(one.code, id)) });
  if (!roles.data || !vocabulary.data || details.some((one) => !one.data)) return <Bones rows={12} height={34} />;
  const states = new Map(details.flatMap((one) => (one.data ? [[one.data.code, one.data.state as unknown as RoleState] as const] : [])));
  const { pages } = vocabulary.data;
  const toggle = (code: string, page: string, open: boolean) => void put("role", code, async () => {
    const state = await roleNow(client, code, id);
    return opens(state.lines, page) === open ? state : { ...state, lines: toggled(state.lines, page) };
  }).catch(() => undefined);
  if (narrow) {
    return (
      <>
        <p className="soft">{t("bounds.pagesHint")}</p>
        <ul className="sheet rule-lines">{roles.data.items.map((role) => {
          const state = states.get(role.code);
          const lines: RawLine[] = state?.lines ?? [];
          return (
            <li key={role.code} className="rule-line"><details className="grow change">
              <summary className="row"><span className="turn"><Icon name="right" small /></span><b className="grow">{w(role.name)}</b><span className="dim">{t("bounds.nPages", { n: pages.filter((page) => opens(lines, page.code)).length, of: pages.length })}</span></summary>
              <div className="choices">{pages.map((page) => <label key={page.code} className="chip-choice"><input type="checkbox" checked={opens(lines, page.code)} disabled={!may || !state} onChange={() => { if (state) toggle(role.code, page.code, !opens(lines, page.code)); }} />{w(page.name)}</label>)}</div>
            </details></li>
          );
        })}</ul>
      </>
    );
  }
  return (
    <>
      <p className="soft">{t("bounds.pagesHint")}</p>
      <div className="sheet scroll">
        <table className="actions">
          <thead><tr><th scope="col">{t("role.role")}</th>{pages.map((page) => <th key={page.code} scope="col">{w(page.name)}</th>)}</tr></thead>
          <tbody>{roles.data.items.map((role) => {
            const state = states.get(role.code);
            const lines: RawLine[] = state?.lines ?? [];
            return (
              <tr key={role.code}><th scope="row">{w(role.name)}</th>
                {pages.map((page) => {
                  const open = opens(lines, page.code);
                  return <td key={page.code}><label className="row"><input type="checkbox" checked={open} disabled={!may || !state} aria-label={`${w(role.name)} · ${w(page.name)}`} onChange={() => { if (state) toggle(role.code, page.code, !opens(lines, page.code)); }} /><span className={open ? "" : "dim"}>{t(open ? "bounds.opens" : "bounds.closed")}</span></label></td>;
                })}
              </tr>
            );
          })}</tbody>
        </table>
      </div>
    </>
  );
}
