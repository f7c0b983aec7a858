/** That a step is done once for each of several things: of which, in what order, and when enough of them have been done. */
import { useId, useState } from "react";
import { useI18n, type Key } from "../../i18n";
import * as edit from "./edit";
import { everyNode, type Each, type Kind, type Model, type Node } from "./file";
import { Choice } from "./rules";
import { ENOUGH, enoughOf, toEnough, type Enough } from "./told";
import type { Kit } from "./types";
import "../../i18n/words-entry";

/** What may be done once for each, as the engine has it. */
export const EACH: ReadonlySet<Kind> = new Set(["user", "service", "send", "sub", "call"]);
const LISTS = new Set(["choices", "links", "lines"]);
const OTHER = "?";

/** Lists that there are: fields of the record that hold several, and what the case's data is given on the way. */
export function listsOf(model: Model, kit: Kit, t: (key: Key, values?: Record<string, string>) => string): { code: string; name: { zh: string; en: string } }[] {
  const data = [...new Set(everyNode(model).flatMap((one) => [...(one.task.call?.takes.map((take) => take.name) ?? []), ...(one.task.table?.outputs ?? [])]))].filter(Boolean);
  return [...kit.fields.filter((one) => LISTS.has(one.kind)).map((one) => ({ code: `record.${one.code}`, name: one.name })), ...data.map((one) => { const name = t("design.eachData", { name: one }); return { code: `data.${one}`, name: { zh: name, en: name } }; })];
}

export function EachParts({ node, whole, kit, locked, onEdit }: { node: Node; whole: Model; kit: Kit; locked: boolean; onEdit: (change: edit.Edit) => void }) {
  const { t } = useI18n();
  const name = useId(), text = useId(), number = useId(), when = useId();
  const { each } = node.task;
  const lists = listsOf(whole, kit, t);
  const [typed, setTyped] = useState(false);
  const [asText, setAsText] = useState(false);
  const both = (key: Key) => ({ zh: t(key), en: t(key) });
  const put = (next: Partial<Each>) => onEdit((doc) => edit.setEach(doc, node.id, { in: "", times: null, as: "item", sequential: false, enough: "", ...each, ...next }));
  const how = !each ? "once" : each.times === null ? "list" : "times";
  const choose = (next: string) => {
    if (next === "once") onEdit((doc) => edit.setEach(doc, node.id, null));
    else put(next === "times" ? { times: "2", in: "", as: "item" } : { times: null, in: each?.in || lists[0]?.code || "" });
  };
  const enough = enoughOf(each?.enough ?? "");
  const way: Enough = asText ? "text" : enough.way;
  const expression = each !== null && (typed || (each.in !== "" && !lists.some((one) => one.code === each.in)) || lists.length === 0);
  return (
    <>
      <Choice label={t("design.eachHow")} disabled={locked} value={how} options={(["once", "list", "times"] as const).map((code) => ({ code, name: both(`design.each.${code}`) }))} onChange={choose} />
      {each && how === "times" ? (
        <div><label className="field-label" htmlFor={number}>{t("design.eachTimes")}</label><input id={number} className="box" maxLength={500} disabled={locked} value={each.times ?? ""} onChange={(event) => put({ times: event.target.value })} /><p className="field-help">{t("design.eachTimesText")}</p></div>
      ) : null}
      {each && how === "list" ? (
        <>
          {lists.length ? <Choice label={t("design.eachList")} disabled={locked} value={expression ? OTHER : each.in} options={[...lists, { code: OTHER, name: both("design.eachOther") }]} onChange={(code) => { setTyped(code === OTHER); if (code !== OTHER) put({ in: code }); }} /> : null}
          {expression ? <div><label className="field-label" htmlFor={text}>{t("design.eachIn")}</label><input id={text} className="box" maxLength={500} spellCheck={false} placeholder="data.people" disabled={locked} value={each.in} onChange={(event) => put({ in: event.target.value })} /><p className="field-help">{t("design.eachInText")}</p></div> : null}
          <div><label className="field-label" htmlFor={name}>{t("design.eachAs")}</label><input id={name} className="box" maxLength={64} spellCheck={false} disabled={locked} value={each.as} onChange={(event) => put({ as: event.target.value.toLowerCase().replace(/[^a-z0-9_]/g, "") })} /></div>
        </>
      ) : null}
      {each ? (
        <>
          <p className="field-help">{t(how === "times" ? "design.eachNumber" : "design.eachNamed", { name: each.as || "item" })}</p>
          <Choice label={t("design.eachOrder")} disabled={locked} value={each.sequential ? "one" : "all"} options={(["all", "one"] as const).map((code) => ({ code, name: both(`design.eachOrder.${code}`) }))} onChange={(code) => put({ sequential: code === "one" })} />
          <Choice label={t("design.eachEnough")} disabled={locked} value={way} options={ENOUGH.map((code) => ({ code, name: both(`design.eachEnough.${code}`) }))} onChange={(code) => { setAsText(code === "text"); if (code !== "text") put({ enough: toEnough(code as Enough, code === "some" ? "1" : "50") }); }} />
          {way === "some" || way === "share" ? <div><label className="field-label" htmlFor={when}>{t(way === "some" ? "design.eachSome" : "design.eachShare")}</label><input id={when} className="box draw-n" type="number" min={1} max={way === "some" ? 200 : 100} disabled={locked} value={enough.n} onChange={(event) => put({ enough: toEnough(way, event.target.value) })} /></div> : null}
          {way === "text" ? <div><label className="field-label" htmlFor={when}>{t("design.expression")}</label><textarea id={when} className="box draw-code" rows={2} maxLength={500} spellCheck={false} disabled={locked} value={each.enough} onChange={(event) => put({ enough: event.target.value })} /><p className="field-help">{t("design.eachEnoughText")}</p></div> : null}
          {way === "all" ? null : <p className="field-help">{t("design.eachOthers")}</p>}
        </>
      ) : null}
    </>
  );
}
