/** 数据范围: every line about one object type as a sentence, with what it reaches now; changed through pickers into a draft. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { DraftBar } from "../draft/bar";
import { useWorking } from "../draft/working";
import { scopesQuery, vocabularyQuery } from "../queries";
import type { RawLine, ScopeList } from "../types";
import { Bound, reached, usePreview } from "./count";
import { LineDialog } from "./line-dialog";
import "../../i18n/words-configure";
import "../centre/configure.css";
import "../../i18n/words-centre";

type Item = ScopeList["items"][number];

export default function ScopesPage() {
  const { t, w } = useI18n();
  const { may, id } = useWorking();
  const [search, setSearch] = useSearchParams();
  const [editing, setEditing] = useState<Item | null>(null);
  const type = search.get("type") ?? "account";
  const only = search.get("role") ?? "";
  const set = (name: string, value: string) => setSearch((now) => { const next = new URLSearchParams(now); if (value) next.set(name, value); else next.delete(name); return next; }, { replace: true });
  const vocabulary = useQuery(vocabularyQuery(null));
  const found = useQuery({ ...scopesQuery(type, id), placeholderData: keepPreviousData });
  const roles = [...new Map((found.data?.items ?? []).map((one) => [one.role, w(one.role_name)])).entries()];
  const items = (found.data?.items ?? []).filter((one) => !only || one.role === only);
  return (
    <>
      <DraftBar />
      <div className="list-tools matrix-tools">
        <label className="row tight"><span className="unseen">{t("configure.object")}</span>
          <select className="box matrix-type" value={type} onChange={(event) => set("type", event.target.value)}>{(vocabulary.data?.types ?? []).map((one) => <option key={one.code} value={one.code}>{w(one.name)}</option>)}</select>
        </label>
        <label className="row tight"><span className="unseen">{t("role.role")}</span>
          <select className="box matrix-type" value={only} onChange={(event) => set("role", event.target.value)}><option value="">{t("scopes.allRoles")}</option>{roles.map(([code, name]) => <option key={code} value={code}>{name}</option>)}</select>
        </label>
        <span className="dim end">{t("scopes.n", { n: items.length })}</span>
      </div>
      <div className="configure-list" tabIndex={0} role="region" aria-label={t("tab.scopes")}>
        {found.isError ? <Refused problem={asProblem(found.error)} /> : !found.data ? <Bones rows={10} height={44} /> : items.length === 0 ? <Blank icon="filter" title={t("scopes.none")} /> : (
          <ul className="sheet rule-lines">{items.map((one) => <ScopeLine key={`${one.role} ${one.at}`} item={one} name={w(one.role_name)} may={may} onEdit={() => setEditing(one)} />)}</ul>
        )}
      </div>
      {editing ? <LineDialog role={editing.role} at={editing.at} line={editing.told.line as unknown as RawLine} draft={id} onClose={() => setEditing(null)} /> : null}
    </>
  );
}

function ScopeLine({ item, name, may, onEdit }: { item: Item; name: string; may: boolean; onEdit: () => void }) {
  const { t, w } = useI18n();
  const counted = usePreview(item.told.line as unknown as RawLine, item.role, null, item.mark !== "new" && item.people > 0);
  const details = [...item.told.levels, ...(item.told.writes ? [item.told.writes] : [])].map((one) => w(one)).join(t("kit.semicolon"));
  return (
    <li className="rule-line">
      <div className="grow"><p><b>{name}</b>{t("line.said", { role: "", said: w(item.told.sentence) })}{item.mark ? <span className="chip amber">{t("matrix.draft")}</span> : null}</p>{details ? <p className="dim cut" title={details}>{details}</p> : null}{counted.data ? <Bound unread={counted.data.unread} exact={counted.data.exact} none={counted.data.count === 0} /> : null}</div>
      <span className="rule-count">{counted.data ? <><b className="n">{reached(counted.data)}</b> <span className="dim">{t("count.now")}</span></> : item.people === 0 ? <span className="dim">{t("role.nobody")}</span> : null}{counted.data?.warning && counted.data.count > 0 ? <span className="chip amber">{t("count.everything")}</span> : null}</span>
      {may ? <button className="link" onClick={onEdit} aria-label={`${t("line.edit")} · ${name} · ${w(item.told.sentence)}`}>{t("line.edit")}</button> : null}
    </li>
  );
}
