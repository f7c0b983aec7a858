/** A name in two languages: either will do, and serves both until the other is given. */
import { useId, useState } from "react";
import { useI18n, type Key } from "../../i18n";
import type { Lang } from "../../api/types";
import * as edit from "./edit";
import { nameText, sidesOf, type PARTS } from "./file";

/** Names of what is added, in both languages as files write them. */
export function names(): edit.Called { return { user: "审批 / Approval", send: "抄送 / Copy", service: "系统操作 / System act", timer: "等待 / Wait", message: "等一件事 / Wait for something", throw: "通知其他流程 / Tell other processes", late: "超时提醒 / Time-out", begins: "自动发起 / Begins by itself", sub: "子流程 / Sub-process", call: "调用流程 / Call a process", rule: "决策表 / Decision table" }; }
/** With what a process begins and ends, as a new one has it (`blank.py`). */
export function endNames(): edit.Called & Record<"start" | "end", string> { return { ...names(), start: "发起 / Start", end: "结束 / End" }; }
export const NEW_PARTS: Record<(typeof PARTS)[number], string> = { criterion: "新的接收条件 / New criterion", file: "新的文件 / New file", note: "新的问题 / New question" };
/** All that nobody has named: these, and what a new process begins with (`blank.py`). */
const GIVEN = [...Object.values(names()), ...Object.values(NEW_PARTS), "发起 / Start", "直属上级审批 / Manager approves", "结束 / End"];
const LABELS: Record<Lang, Key> = { zh: "design.name", en: "design.nameEn" };

/** The language of the page comes first. */
export function languages(lang: Lang): readonly Lang[] { return lang === "zh" ? ["zh", "en"] : ["en", "zh"]; }

export function NameFields({ text, label, locked, most = 200, onChange }: { text: string; /** What is named, where that is not said above. */ label?: string; locked: boolean; most?: number; onChange: (text: string) => void }) {
  const { t, lang } = useI18n();
  const id = useId();
  // what is being typed stays where it is typed, spaces at its end too
  const [typed, setTyped] = useState(() => sidesOf(text));
  const sides = nameText(typed.zh, typed.en) === text ? typed : sidesOf(text);
  const put = (which: Lang, value: string) => { const next = edit.renamed(sides, which, value, GIVEN); setTyped(next); onChange(nameText(next.zh, next.en)); };
  return (
    <div className="halves">
      {languages(lang).map((which) => (
        <div key={which}><label className="field-label" htmlFor={`${id}${which}`}>{label ? `${label} · ${t(`design.in.${which}`)}` : t(LABELS[which])}</label>
          <input id={`${id}${which}`} className="box" value={sides[which]} maxLength={most} disabled={locked} placeholder={sides[which === "zh" ? "en" : "zh"]} onChange={(event) => put(which, event.target.value)} /></div>
      ))}
    </div>
  );
}
