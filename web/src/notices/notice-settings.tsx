/** How I am told: by kind, and when I am left alone. Each choice is kept at once. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { asProblem, send } from "../api/client";
import { useI18n } from "../i18n";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useToasts } from "../kit/toast";
import { settingsQuery, type Mail, type NoticeSettings as Settings } from "./queries";
import "../i18n/words-notices";
import "./notices.css";

const MAILS: Mail[] = ["now", "digest", "off"];

export function NoticeSettings() {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { refuse } = useToasts();
  const found = useQuery(settingsQuery);
  const part = useRef<HTMLTableElement>(null);
  const { hash } = useLocation();
  const there = found.data !== undefined;
  useEffect(() => { if (there && hash === "#notices") part.current?.closest("section")?.scrollIntoView({ block: "start" }); }, [hash, there]);
  if (found.isPending) return <Bones rows={6} height={32} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  const now = found.data;
  const set = async (changes: Partial<Omit<Settings, "kinds" | "address">> & { mail?: Record<string, Mail> }) => {
    try { client.setQueryData(settingsQuery.queryKey, await send<Settings>("PATCH", "/me/notices", changes)); } catch (cause) { refuse(cause); await client.invalidateQueries({ queryKey: settingsQuery.queryKey }); }
  };
  return (
    <>
      <p className="soft">{now.address ? t("notices.address", { address: now.address }) : t("notices.noAddress")}</p>
      <table className="notice-kinds" ref={part}>
        <thead><tr><th scope="col">{t("notices.kind")}</th><th scope="col">{t("notices.mail")}</th></tr></thead>
        <tbody>
          {now.kinds.map((one) => (
            <tr key={one.kind}>
              <th scope="row">{w(one.name)}</th>
              <td><span className="row" role="group" aria-label={w(one.name)}>{MAILS.map((mail) => <button key={mail} className={one.mail === mail ? "tool on" : "tool"} aria-pressed={one.mail === mail} onClick={() => void set({ mail: { [one.kind]: mail } })}>{t(`notices.${mail}`)}</button>)}</span></td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="notice-times">
        <label><input type="checkbox" checked={now.quiet_from !== ""} onChange={(event) => void set(event.target.checked ? { quiet_from: "21:00", quiet_to: "08:00" } : { quiet_from: "", quiet_to: "" })} />{t("notices.quiet")}</label>
        {now.quiet_from ? <><Time label={t("notices.from")} value={now.quiet_from} onSet={(quiet_from) => void set({ quiet_from })} /><Time label={t("notices.to")} value={now.quiet_to} onSet={(quiet_to) => void set({ quiet_to })} /><span className="dim">{t("notices.quietOn")}</span></> : null}
      </div>
      <div className="notice-times">
        <Time label={t("notices.digestAt")} value={now.digest_at} onSet={(digest_at) => void set({ digest_at })} />
        <span className="row" role="group" aria-label={t("notices.days")}>{(["work", "every"] as const).map((one) => <button key={one} className={now.digest_days === one ? "tool on" : "tool"} aria-pressed={now.digest_days === one} onClick={() => void set({ digest_days: one })}>{t(`notices.${one}`)}</button>)}</span>
      </div>
    </>
  );
}

/** A time of day, kept when the field is left: a half-typed hour is none. */
function Time({ label, value, onSet }: { label: string; value: string; onSet: (value: string) => void }) {
  const [text, setText] = useState<string | null>(null);
  return <label>{label}<input className="box" type="time" value={text ?? value} onChange={(event) => setText(event.target.value)} onBlur={() => { if (text && text !== value) onSet(text); setText(null); }} /></label>;
}
