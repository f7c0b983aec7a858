/** Two people side by side on one question, with the row where they part. */
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../api/client";
import { compareQuery, type WhyWish } from "../api/queries";
import type { Because, PersonRef, Why } from "../api/types";
import { findPeople } from "../fields/find";
import { Picker, type Choice } from "../fields/picker";
import { useI18n, type Key } from "../i18n";
import { Icon } from "../kit/icons";
import { Bones, Face } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { Missing } from "./chain";
import "./access.css";
import "../i18n/words-answer";

const SPINE: [keyof Because, Key][] = [["via", "why.via"], ["role", "why.role"], ["scope", "why.scope"], ["fact", "why.fact"]];

function Side({ why, name, me, step }: { why: Why; name?: string; me?: boolean; step: keyof Because | "head" }) {
  const { t, w } = useI18n();
  if (step === "head") {
    return <div className="side-head"><Face name={name ?? "?"} me={me} size={34} /><b className="grow cut">{name}{me ? ` ${t("why.you")}` : ""}</b><span className={why.allowed ? "row verdict good" : "row verdict bad"}><Icon name={why.allowed ? "check" : "x"} />{why.allowed ? t("why.can") : t("why.cannot")}</span></div>;
  }
  const text = w(why.because[0]?.[step]);
  return <div className={text ? "" : "dim"}>{text ? <span className="row"><Icon name="check" small />{text}</span> : <span className="row"><Icon name="minus" small />{why.allowed ? "–" : t("why.none")}</span>}</div>;
}

function Columns({ wish, other }: { wish: WhyWish; other: PersonRef }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const answer = useQuery(compareQuery({ ...wish, beside: other.id }));
  if (answer.isPending) return <Bones rows={6} height={36} />;
  if (answer.isError) return <Refused problem={asProblem(answer.error)} />;
  const { mine, theirs, difference } = answer.data;
  const parted = SPINE.findIndex(([name]) => JSON.stringify(mine.because[0]?.[name] ?? null) !== JSON.stringify(theirs.because[0]?.[name] ?? null));
  return (
    <>
      <div className="versus" role="table" aria-label={t("why.compare")}>
        <div role="row" className="versus-row head"><div role="cell"><Side why={mine} name={me.person.name} me step="head" /></div><div role="cell" className="spine"><Icon name="swap" /></div><div role="cell"><Side why={theirs} name={other.name} step="head" /></div></div>
        {SPINE.map(([name, word], index) => {
          const split = index === parted && mine.allowed !== theirs.allowed;
          return (
            <div role="row" key={name} className={split ? "versus-row split" : "versus-row"}>
              <div role="cell"><Side why={mine} step={name} /></div>
              <div role="cell" className="spine"><span>{t(word)}</span><span className={split ? "bad strong" : "dim"}>{split ? t("why.parts") : index < parted || parted < 0 ? t("why.same") : t("why.differs")}</span></div>
              <div role="cell"><Side why={theirs} step={name} /></div>
            </div>
          );
        })}
      </div>
      {difference && difference.length ? (
        <div className="note"><b>{t("why.difference")}</b><ul>{difference.map((one, index) => <li key={index}>{typeof one === "object" && "words" in one ? w(one.words) : w(one)}</li>)}</ul></div>
      ) : mine.allowed === theirs.allowed ? <p className="soft">{t("why.noDifference")}</p> : null}
      {mine.allowed ? null : <Missing why={mine} />}
      {theirs.allowed ? null : <Missing why={theirs} />}
      <p className="dim">{t("why.audited")}</p>
    </>
  );
}

export function CompareDialog({ wish, title, onClose }: { wish: WhyWish; title: string; onClose: () => void }) {
  const { t } = useI18n();
  const [other, setOther] = useState<Choice | null>(null);
  return (
    <Modal opened onClose={onClose} title={t("why.compareTitle")} size={860} closeButtonProps={{ "aria-label": t("kit.close") }}>
      <div className="stack">
        <div className="row wrap"><span className="soft">{title}</span><span className="grow compare-pick"><Picker label={t("why.colleague")} placeholder={t("why.colleague")} autoFocus chosen={other} find={findPeople} onChoose={setOther} /></span></div>
        {other ? <Columns wish={wish} other={{ id: other.id, name: other.title }} /> : <p className="dim">{t("why.pick")}</p>}
      </div>
    </Modal>
  );
}
