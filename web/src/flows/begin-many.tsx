/** Begin a process about each of the chosen records: on how many it can, why not on the others, and the steps to come, as far as they agree. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { asProblem, freshKey, Problem, send } from "../api/client";
import { pulseNow } from "../api/pulse";
import type { Row, TypeMeta } from "../api/types";
import { translate, useI18n, type Key } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { Icon } from "../kit/icons";
import { useToasts } from "../kit/toast";
import { Outlook } from "./outlook";
import { beginningsOfMany, processesQuery } from "./queries";
import { alike } from "./told";
import type { Beginning, Flow } from "./types";
import "../i18n/words-flows";
import "../i18n/words-bulk";
import "../i18n/words-begin";
import "../records/bulk/bulk.css";
import "./flows.css";
import "./outlook.css";

const MOST_BEGUN = 50;
const MOST_TOLD = 3;
const both = (key: Key, n: number) => ({ zh: translate("zh", key, { n }), en: translate("en", key, { n }) });

export default function BeginMany({ type, ids, process = "", rows, onClose, onDone }: { type: TypeMeta; ids: readonly string[]; process?: string; rows: Row[]; onClose: () => void; onDone: (left: string[]) => void }) {
  const { t, w, lang } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const keys = useRef(new Map<string, string>());
  const [picked, setCode] = useState(process);
  const [text, setText] = useState("");
  const [left, setLeft] = useState<readonly string[]>(ids);
  const [refused, setRefused] = useState<{ id: string; why: string }[]>([]);
  const found = useQuery(processesQuery).data?.items ?? [];
  // what asks for values or people is begun one by one
  const processes = found.filter((one) => one.by_hand && one.type === type.code && one.version !== null && one.proposes.length === 0 && one.chosen.length === 0);
  const chosen = processes.find((one) => one.code === picked) ?? processes[0];
  const many = left.length > MOST_BEGUN;
  const looked = useQuery({ ...beginningsOfMany(type.code, left), enabled: !many });
  const of = (code: string) => left.flatMap((id) => { const one = looked.data?.get(id)?.find((each) => each.process === code); return one ? [{ id, one }] : []; });
  const mayOf = (code: string) => of(code).filter(({ one }) => one.refusal === null);
  const may = chosen ? (looked.isError ? left : mayOf(chosen.code).map((one) => one.id)) : [];
  const nameOf = (id: string) => { const row = rows.find((one) => one.id === id); return String((row && (row[type.title] ?? (type.key ? row[type.key] : null))) ?? id); };
  const names = (some: readonly string[]) => some.slice(0, MOST_TOLD).map(nameOf).join(lang === "zh" ? "、" : ", ") + (some.length > MOST_TOLD ? ` +${some.length - MOST_TOLD}` : "");

  const begin = async () => {
    if (!chosen) return;
    const failed: { id: string; why: string }[] = [];
    for (const id of may) {
      const key = keys.current.get(`${chosen.code} ${id}`) ?? freshKey();
      keys.current.set(`${chosen.code} ${id}`, key); // asked again after a lost answer it begins no second one
      try { await send<Flow>("POST", "/flows/instances", { process: chosen.code, record: id, text: text.trim() }, { key }); } catch (cause) {
        const problem = asProblem(cause);
        if (problem.status) keys.current.delete(`${chosen.code} ${id}`);
        failed.push({ id, why: w(problem.words) });
      }
    }
    const begun = new Set(may.filter((id) => !failed.some((one) => one.id === id)));
    if (begun.size) say(t("flows.begunMany", { n: begun.size, name: w(chosen.name) }));
    pulseNow();
    const rest = left.filter((id) => !begun.has(id));
    setLeft(rest);
    setRefused(failed);
    await Promise.all(["workbench", "flows", "flows-of"].map((name) => client.invalidateQueries({ queryKey: [name] })));
    if (failed.length) throw new Problem({ status: 409, code: "refused", message: both("flows.refusedMany", failed.length), problems: [] });
    onDone(rest);
  };
  const barred = chosen ? of(chosen.code).filter(({ one }) => one.refusal !== null) : [];
  const ways = chosen ? alike(mayOf(chosen.code), ({ one }) => JSON.stringify([one.steps, one.partly])) : [];
  const label = !looked.data || may.length === 0 || may.length === left.length ? t("flows.beginDo") : t("bulk.go", { act: t("flows.beginDo"), n: String(may.length) });
  return (
    <ActDialog title={`${t("flows.begin")} · ${t("bulk.selected", { n: String(left.length) })}`} act={label} disabled={!chosen || many || may.length === 0} onClose={() => (left.length < ids.length ? onDone([...left]) : onClose())} onDone={() => {}} onAct={begin}>
      {processes.length === 0 ? <p className="note">{t("flows.noneMany")}</p> : null}
      {many ? <p className="note">{t("flows.mostMany", { n: MOST_BEGUN })}</p> : null}
      <fieldset className="plain flow-ways"><legend className="field-label">{t("flows.beginWhich")}</legend>
        {processes.map((one) => {
          const n = mayOf(one.code).length, none = looked.data !== undefined && n === 0;
          return (
            <label key={one.code} className={none ? "flow-way refused" : "flow-way"}><input type="radio" name="flow-process" checked={chosen?.code === one.code} onChange={() => { setCode(one.code); setRefused([]); }} />
              <span className={none ? "dim grow" : "grow"}>{w(one.name)} {looked.data && n < left.length ? <span className="dim">{t("begin.some", { n, all: left.length })}</span> : null}{one.about ? <span className="begin-about soft">{w(one.about)}</span> : null}</span>
            </label>
          );
        })}
      </fieldset>
      {looked.data && barred.length ? (
        <div className="bulk-try" role="status">
          <div className="row"><span className={may.length ? "bulk-ok" : "bad"}><Icon name={may.length ? "check" : "ban"} /></span><b>{t("begin.of", { n: may.length, all: left.length, refused: barred.length })}</b></div>
          {alike(barred, ({ one }) => w(one.refusal?.words)).map((group) => <div key={group[0]?.id} className="soft bulk-why">{w(group[0]?.one.refusal?.words)} <span className="dim">{names(group.map((one) => one.id))}</span></div>)}
        </div>
      ) : null}
      {many || !chosen || looked.isError ? null : !looked.data ? <Outlook found={undefined} chosen={{}} /> : ways.slice(0, MOST_TOLD).map((group, at) => <Way key={group[0]?.id} found={group[0]?.one} open={at === 0} names={ways.length > 1 ? t("begin.for", { names: names(group.map((one) => one.id)) }) : ""} />)}
      {ways.length > MOST_TOLD ? <p className="dim">{t("begin.moreWays", { n: ways.length - MOST_TOLD })}</p> : null}
      <label className="flow-say-field"><span className="field-label">{t("flows.beginText")}</span><textarea className="box" maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} /></label>
      {refused.length ? <ul className="plain">{refused.map((one) => <li key={one.id}><b>{nameOf(one.id)}</b> <span className="dim">{one.why}</span></li>)}</ul> : null}
    </ActDialog>
  );
}

/** The steps to come of those records for which they are the same. */
function Way({ found, names, open }: { found: Beginning | undefined; names: string; open: boolean }) {
  if (!names) return <Outlook found={found} chosen={{}} />;
  return <details className="begin-group" open={open}><summary className="link">{names}</summary><Outlook found={found} chosen={{}} /></details>;
}
