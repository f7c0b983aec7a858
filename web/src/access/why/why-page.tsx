/** 为什么: one question about one or two people, answered step by step, with the smallest fixes. Everyone may ask. */
import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { Columns } from "./columns";
import { Everybody } from "./everybody";
import { InsteadOf } from "../chain";
import { Fixes } from "./fixes";
import { Rights } from "./rights";
import { SameRow } from "./same-row";
import { AsOf, Sentence, useActions } from "./sentence";
import { Things } from "./things";
import { askedQuery, readWish, writeWish, type Compared, type Wish } from "./wish";
import "../../i18n/words-why";
import "../access.css";
import "../centre/configure.css";
import "./why.css";
import "../../i18n/words-centre";

export default function WhyPage() {
  const { t } = useI18n();
  const { me, types } = useSession();
  const [search, setSearch] = useSearchParams();
  const wish = readWish(search);
  const change = (next: Partial<Wish>) => setSearch(writeWish({ ...wish, ...next }), { replace: true });
  const found = useQuery(askedQuery(wish));
  const [rights, setRights] = useState<string | null>(null);
  const type = types.get(wish.type);
  const reader = me.pages.includes("policy");
  const swap = wish.beside ? () => change({ person: wish.beside === me.person.id ? undefined : wish.beside, beside: wish.person ?? me.person.id }) : undefined;
  const may = (person: string) => (reader || person === me.person.id ? () => setRights(person) : undefined);
  return (
    <div className="why-page">
      <Sentence wish={wish} answer={wish.id ? found.data : undefined} onChange={change} />
      <div className="why-under"><AsOf at={wish.at} onChange={(at) => change({ at })} />{wish.id && found.data ? <When answer={found.data} /> : null}</div>
      {!wish.id && reader && (wish.person || wish.beside) ? <Both wish={wish} /> : !wish.id ? <><Blank icon="shield" title={t("whyPage.title")} act={<Button onClick={() => setRights(me.person.id)}>{t("whyPage.mine")}</Button>}>{t(reader ? "whyPage.startReader" : "whyPage.start")}</Blank><Things type={wish.type} /></>
        : found.isPending ? <Bones rows={6} height={52} />
          : found.isError ? <Refused problem={asProblem(found.error)} places={{ at: "" }} />
            : type ? <Body answer={found.data} wish={wish} type={type} onSwap={swap} onRights={may} /> : null}
      {rights ? <Modal opened onClose={() => setRights(null)} size={860} title={rights === me.person.id ? t("whyPage.mine") : t("whyPage.rights")} closeButtonProps={{ "aria-label": t("kit.close") }}><Rights person={rights} at={wish.at} /></Modal> : null}
    </div>
  );
}

/** For who reads the rules: without a record, all that either person may do, side by side, each with its origin. */
function Both({ wish }: { wish: Wish }) {
  const { t } = useI18n();
  const { me } = useSession();
  const people = [wish.person ?? (wish.beside ? undefined : me.person.id), wish.beside].filter((one) => one !== undefined);
  return (
    <>
      <p className="soft">{t("whyPage.bothHint")}</p>
      {people.length > 1 ? <p className="soft">{t("whyPage.bothNext")} <Link className="link" to="/access/roles">{t("whyPage.toRoles")}</Link></p> : null}
      <div className={people.length > 1 ? "why-both two" : "why-both"}>
        {people.map((person) => <section key={person} className="sheet part-lines"><Rights person={person} at={wish.at} named only={wish.type} beside={people.find((one) => one !== person)} /></section>)}
      </div>
    </>
  );
}

function When({ answer }: { answer: Compared }) {
  const { t } = useI18n();
  const at = new Date(answer.at).toLocaleString("sv-SE").slice(0, 16);
  return <span className="dim end">{answer.past ? t("whyPage.past", { at }) : t("whyPage.answered", { at: at.slice(11), n: answer.milliseconds })}</span>;
}

function Body({ answer, wish, type, onSwap, onRights }: { answer: Compared; wish: Wish; type: Parameters<typeof SameRow>[0]["type"]; onSwap?: () => void; onRights: (person: string) => (() => void) | undefined }) {
  const { t } = useI18n();
  const [who, setWho] = useState(false);
  const actions = useActions(type);
  const lacking = [answer.right, answer.left].find((one) => one && !one.allowed && !one.depends);
  return (
    <>
      <Columns answer={answer} onSwap={onSwap} onRights={onRights} />
      <SameRow answer={answer} type={type} />
      {answer.instead ? <InsteadOf instead={answer.instead} /> : null}
      {lacking ? <Fixes fixes={answer.fixes} about={lacking} type={wish.type} id={wish.id ?? ""} /> : null}
      {who ? <Everybody wish={wish} action={actions.find(([code]) => code === wish.action)?.[1] ?? wish.action} /> : <p><Button size="xs" leftSection={<Icon name="users" small />} onClick={() => setWho(true)}>{t("whyPage.showWho")}</Button></p>}
      {answer.left.me && !answer.right ? null : <p className="dim">{t("whyPage.audited")}</p>}
    </>
  );
}
