/** Where I am signed in, and who signed in as me. */
import "../i18n/words-account";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, get, send } from "../api/client";
import { useI18n, type Key } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { fullMoment, moment } from "../kit/format";
import { Icon } from "../kit/icons";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { deviceOf } from "./device";

interface MySession { id: string; current: boolean; since: string; seen: string; address: string; device: string }
interface SignIn { at: string; action: "signin.ok" | "signin.failed" | "signout" | "view_as.begin" | "view_as.end"; outcome: "done" | "failed" | "refused"; origin: string; by: string; reason: string }

export function Sessions() {
  const { t, lang } = useI18n();
  const client = useQueryClient();
  const [ending, setEnding] = useState<MySession | "others" | null>(null);
  const found = useQuery({ queryKey: ["my-sessions"], queryFn: ({ signal }) => get<{ items: MySession[] }>("/me/sessions", signal) });
  if (found.isPending) return <Bones rows={2} height={36} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  const items = found.data.items;
  const nameOf = (one: MySession) => deviceOf(one.device) || t(one.device ? "account.program" : "account.unknownDevice");
  const act = async () => {
    if (ending === "others") await send("POST", "/me/sessions/end-others", {});
    else if (ending) await send("DELETE", `/me/sessions/${ending.id}`);
    await client.invalidateQueries({ queryKey: ["my-sessions"] });
  };
  return (
    <>
      <ul className="lined">{items.map((one) => (
        <li key={one.id} title={one.device || undefined}>
          <span className="row wrap"><b>{nameOf(one)}</b>{one.current ? <span className="chip brand">{t("account.here")}</span> : null}<span className="dim">{one.address}</span></span>
          <span className="dim" title={`${fullMoment(one.since)} – ${fullMoment(one.seen)}`}>{t("account.since", { at: moment(one.since, lang) })} · {t("account.seen", { at: moment(one.seen, lang) })}</span>
          {one.current ? null : <button className="link" onClick={() => setEnding(one)}>{t("account.endSession")}</button>}
        </li>
      ))}</ul>
      {items.length > 1 ? <div><button className="link" onClick={() => setEnding("others")}>{t("account.endOthers")}</button></div> : <p className="dim">{t("account.onlyHere")}</p>}
      {ending ? (
        <ActDialog title={ending === "others" ? t("account.endOthers") : `${t("account.endSession")} · ${nameOf(ending)}`} act={t("account.endSession")} danger onClose={() => setEnding(null)} onAct={act}>
          <p>{ending === "others" ? t("account.endOthersAsk") : t("account.endSessionAsk", { device: nameOf(ending) })}</p>
        </ActDialog>
      ) : null}
    </>
  );
}

const SAID = (one: SignIn): Key => (one.action === "signout" ? "account.out" : one.outcome === "done" ? "account.ok" : one.outcome === "refused" ? "account.throttled" : "account.failed");

export function SignIns() {
  const { t, lang } = useI18n();
  const found = useQuery({ queryKey: ["my-sign-ins"], queryFn: ({ signal }) => get<{ items: SignIn[] }>("/me/sign-ins", signal) });
  if (found.isPending) return <Bones rows={4} height={24} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return (
    <ul className="sign-ins">{found.data.items.map((one, at) => (
      <li key={at}>
        <span className={one.outcome === "done" ? "soft" : "bad-ink"}><Icon name={one.outcome === "done" ? (one.by ? "eye" : one.action === "signout" ? "leave" : "check") : "lock"} small /></span>
        <span>{one.by ? t(one.action === "view_as.begin" ? "account.viewedAs" : "account.viewedAsEnd", { name: one.by, reason: one.reason }) : t(SAID(one))}</span><span className="dim">{one.origin}</span><time className="dim end" dateTime={one.at} title={fullMoment(one.at)}>{moment(one.at, lang)}</time>
      </li>
    ))}</ul>
  );
}
