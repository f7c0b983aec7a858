/** Why I can see this record, who else can, and the same question beside a colleague. */
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem } from "../api/client";
import { whoQuery, whyQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { fullMoment } from "../kit/format";
import { Icon } from "../kit/icons";
import { Bones, Who } from "../kit/parts";
import { Refused } from "../kit/refused";
import { Chain, Missing } from "./chain";
import { AskForAccess, LendOut } from "./lend/ask-for-access";
import { CompareDialog } from "./compare";
import "./access.css";
import "../i18n/words-answer";

function WhoElse({ type, id, onClose }: { type: string; id: string; onClose: () => void }) {
  const { t, w } = useI18n();
  const who = useQuery(whoQuery(type, id));
  return (
    <Modal opened onClose={onClose} title={t("why.whoTitle")} size={520} closeButtonProps={{ "aria-label": t("kit.close") }}>
      {who.isPending ? <Bones rows={6} height={32} /> : who.isError ? <Refused problem={asProblem(who.error)} /> : (
        <div className="stack">
          <ul className="who-list">{who.data.people.map((one) => <li key={one.person.id}><Who person={one.person} size={24} /><span className="soft end who-via" title={w(one.via)}>{w(one.via)}{one.until ? <span className="dim block small">{t("why.whoUntil", { at: fullMoment(one.until) })}</span> : null}</span></li>)}</ul>
          {who.data.people.length === 0 ? <p className="soft">{t("why.whoNobody")}</p> : null}
          {who.data.others ? <p className="dim">{t("why.whoOthers")}</p> : null}
        </div>
      )}
    </Modal>
  );
}

export function WhyPanel({ type, id }: { type: string; id: string }) {
  const { t } = useI18n();
  const why = useQuery(whyQuery({ action: "read", type, id }));
  const [open, setOpen] = useState<"who" | "compare" | null>(null);
  return (
    <section className="why-panel" aria-label={t("why.title")}>
      <h2 className="row"><span className="brand-ink"><Icon name="shield" /></span>{t("why.title")}</h2>
      {why.isPending ? <Bones rows={4} height={22} /> : why.isError ? <Refused problem={asProblem(why.error)} /> : (
        <>
          {why.data.because[0] ? <Chain because={why.data.because[0]} /> : null}
          {why.data.because.length > 1 ? <details><summary className="link">{t("why.also", { n: why.data.because.length - 1 })}</summary>{why.data.because.slice(1).map((one, index) => <Chain key={index} because={one} />)}</details> : null}
          {why.data.allowed ? null : <Missing why={why.data} />}
        </>
      )}
      <div className="row wrap">
        <button className="link" onClick={() => setOpen("who")}>{t("why.who")}</button>
        <button className="link" onClick={() => setOpen("compare")}>{t("why.compare")}</button>
        <Link className="link" to={`/access/why?action=read&type=${type}&id=${id}`}>{t("whyPage.open")}</Link>
        <AskForAccess type={type} id={id} quiet />
        <LendOut type={type} id={id} />
      </div>
      {open === "who" ? <WhoElse type={type} id={id} onClose={() => setOpen(null)} /> : null}
      {open === "compare" ? <CompareDialog wish={{ action: "read", type, id }} title={t("why.readRecord")} onClose={() => setOpen(null)} /> : null}
    </section>
  );
}
