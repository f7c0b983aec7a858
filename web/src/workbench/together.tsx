/** Several pieces of work beside each other, for one yes: what each is about, a comment for all, and what became of each. */
import { Button } from "@mantine/core";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { freshKey, send } from "../api/client";
import { recordQuery } from "../api/queries";
import type { FieldMeta, QueueItem, RecordView, Words } from "../api/types";
import { isMasked } from "../records/levels";
import { Value } from "../fields/value";
import { useI18n } from "../i18n";
import { elapsed } from "../kit/format";
import { Icon } from "../kit/icons";
import { useKeys } from "../kit/keys";
import { Key } from "../kit/parts";
import { fieldOf, useSession } from "../kit/session";
import { useToasts } from "../kit/toast";
import { addressOf, idOf, titleOf } from "./queue";
import "../i18n/words-together";

/** Fields of a step beside its title, in a table. */
const MOST = 3;
/** What a table has no room for. */
const LARGE = new Set(["lines", "long_text", "rich_text"]);
interface Approved { instance: string; number: number; approved: boolean; why: Words | null }

/** What is weighed stands first: amounts, then discounts; numbers that are counted up tell nothing. */
function weight({ kind }: FieldMeta): number { return kind === "money" ? 2 : kind === "percent" ? 1 : kind === "auto_number" ? -1 : 0; }

export default function Together({ picked, alike, onPick }: { picked: QueueItem[]; /** All that could be approved with them. */ alike: QueueItem[]; onPick: (ids: string[]) => void }) {
  const { t, w, lang } = useI18n();
  const { types } = useSession();
  const { say, refuse } = useToasts();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<ReadonlyMap<string, Words>>(new Map());
  /** The same call again, after its answer was lost, is the same decision. */
  const sent = useRef({ body: "", key: "" });
  const records = useQueries({ queries: picked.map((one) => ({ ...recordQuery(one.type, one.id), enabled: types.has(one.type) })) });
  const shown = (one: QueueItem): FieldMeta[] => {
    const type = types.get(one.type);
    const found = type ? (one.work?.show ?? []).filter((code) => code !== type.title).flatMap((code) => fieldOf(type, code) ?? []).filter((field) => !LARGE.has(field.kind)).sort((a, b) => weight(b) - weight(a)) : [];
    return found.slice(0, MOST + Math.min(1, found.filter((field) => field.kind === "percent").length)); // shares are narrow
  };
  const groups = [...new Set(picked.map((one) => one.work?.together ?? ""))].map((step) => picked.filter((one) => one.work?.together === step));
  const leave = (one: QueueItem) => onPick(picked.filter((other) => other !== one).map(idOf));
  const approve = async () => {
    if (busy || picked.length === 0) return;
    setBusy(true);
    try {
      const work = picked.map((one) => one.work).filter((one) => one !== undefined).map(({ instance, number }) => ({ instance, number }));
      const body = { work, text: text.trim() };
      if (sent.current.body !== JSON.stringify(body)) sent.current = { body: JSON.stringify(body), key: freshKey() };
      const { items } = await send<{ items: Approved[] }>("POST", "/flows/together", body, { key: sent.current.key });
      sent.current = { body: "", key: "" };
      const left = items.filter((one) => !one.approved);
      setWhy(new Map(left.map((one) => [`${one.instance}/${one.number}`, one.why ?? { zh: "", en: "" }])));
      say(left.length ? t("together.some", { n: items.length - left.length, m: left.length }) : t("together.done", { n: items.length }));
      onPick(left.map((one) => `${one.instance}/${one.number}`));
      await Promise.all(["workbench", "flows", "flow", "flows-of", "record", "list"].map((name) => client.invalidateQueries({ queryKey: [name] })));
    } catch (cause) { refuse(cause); } finally { setBusy(false); }
  };
  useKeys({ a: () => void approve(), Escape: () => onPick([]) });
  return (
    <section className="together" aria-label={t("together.title", { n: picked.length })}>
      <header className="row wrap"><h2 className="grow">{t("together.title", { n: picked.length })}</h2>
        {alike.length > picked.length ? <button className="tool" onClick={() => onPick(alike.map(idOf))}><Icon name="check" small />{t("together.all", { n: alike.length })}</button> : null}
        <button className="tool" onClick={() => onPick([])}><Icon name="x" small />{t("together.none")}<Key>Esc</Key></button>
      </header>
      {groups.map((some) => {
        const [first] = some;
        if (!first) return null;
        const fields = shown(first);
        const step = first.why ? w(first.why).replace(/ #\d+$/u, "") : "";
        return (
          <div key={first.work?.together} className="sheet together-step"><h3 className="cut">{step}</h3>
            <div className="together-scroll" tabIndex={0} role="region" aria-label={step}><table>
              <thead><tr><th scope="col">{t("together.what")}</th>{fields.map((field) => <th key={field.code} scope="col">{w(field.name)}</th>)}<th /><th /></tr></thead>
              <tbody>{some.map((one) => {
                const title = titleOf(one, w);
                const said = why.get(idOf(one));
                return (
                  <tr key={idOf(one)}>
                    <th scope="row"><Link to={addressOf(one)}>{title}</Link>{said ? <span className="row tight bad field-help"><Icon name="alert" small />{w(said)}</span> : null}</th>
                    {fields.map((field) => <td key={field.code}><Cell field={field} record={records[picked.indexOf(one)]?.data} /></td>)}
                    <td className="soft nowrap">{one.since ? t("queue.waiting", { time: elapsed(one.since, lang) }) : ""}</td>
                    <td><button className="ib" aria-label={t("together.drop", { title })} title={t("together.drop", { title })} onClick={() => leave(one)}><Icon name="x" small /></button></td>
                  </tr>
                );
              })}</tbody>
            </table></div>
          </div>
        );
      })}
      <label className="block"><span className="field-label">{t("together.text")}</span><textarea className="box" rows={2} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} /></label>
      <p className="soft">{t("together.help")}</p>
      <div className="row"><Button variant="filled" loading={busy} onClick={() => void approve()} rightSection={<Key>A</Key>}>{t("together.act", { n: picked.length })}</Button></div>
    </section>
  );
}

function Cell({ field, record }: { field: FieldMeta; record: RecordView | undefined }) {
  const { t } = useI18n();
  if (!record) return <i className="bone" style={{ width: 60 }} />;
  const level = record.access[field.code];
  if (!(field.code in record.values)) return <span className="dim">{t("together.hidden")}</span>;
  return <Value field={field} value={record.values[field.code]} masked={isMasked(level)} inList />;
}
