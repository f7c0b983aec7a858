/** 临时授权: requests that wait, one of them opened, and the loans that run. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useSearchParams } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { elapsed } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import AskDialog from "./ask-dialog";
import { requestsQuery, type Box } from "./data";
import { Emergencies } from "./emergencies";
import { Loans } from "./loans";
import { RequestPane, useHeadline } from "./request-pane";
import "../../i18n/words-lend";
import "./lend.css";
import "../../i18n/words-centre";

const RoleDialog = lazy(() => import("./role-dialog"));
const BOXES: Box[] = ["inbox", "mine", "answered"];

export default function LendPage() {
  const { t } = useI18n();
  const [search, setSearch] = useSearchParams();
  const asked = search.get("box") as Box | null;
  const box: Box = asked && BOXES.includes(asked) ? asked : "inbox";
  const [asking, setAsking] = useState(false);
  const [forRole, setForRole] = useState(search.get("ask") === "role");
  const [chosen, setChosen] = useState<string | null>(null);
  const found = useQuery(requestsQuery(box));
  const items = found.data?.items ?? [];
  const one = items.find((item) => item.id === chosen) ?? items[0];
  const turn = (to: Box) => { setChosen(null); setSearch({ box: to }, { replace: true }); };
  return (
    <div className="lend">
      <Emergencies />
      <header className="row wrap lend-head">
        <div className="tabs" role="tablist" aria-label={t("lend.title")}>{BOXES.map((code) => <button key={code} role="tab" className="tab" aria-selected={box === code} onClick={() => turn(code)}>{t(`lend.box.${code}`)}{box === code && items.length ? <span className="dim"> {items.length}</span> : null}</button>)}</div>
        <span className="row end"><Button onClick={() => setForRole(true)}>{t("lend.role.ask")}</Button><Button variant="filled" leftSection={<Icon name="plus" small />} onClick={() => setAsking(true)}>{t("lend.ask")}</Button></span>
      </header>
      {found.isPending ? <div className="bench-pad"><Bones rows={5} height={48} /></div> : found.isError ? <div className="bench-pad"><Refused problem={asProblem(found.error)} /></div>
        : items.length === 0 ? <Blank icon="key" title={t(box === "mine" ? "lend.noMine" : "lend.noInbox")}>{t(box === "mine" ? "lend.noMineText" : "lend.noInboxText")}</Blank>
          : (
            <div className="lend-two">
              <ul className="lend-list" aria-label={t(`lend.box.${box}`)}>{items.map((item) => <li key={item.id}><Row item={item} on={item.id === one?.id} onPick={() => setChosen(item.id)} /></li>)}</ul>
              <div className="lend-one">{one ? <RequestPane key={one.id} id={one.id} keys={box === "inbox"} /> : null}</div>
            </div>
          )}
      <Loans />
      {asking ? <AskDialog onClose={() => setAsking(false)} /> : null}
      {forRole ? <Suspense fallback={null}><RoleDialog role={search.get("role") ?? ""} onClose={() => setForRole(false)} onDone={() => { setForRole(false); turn("mine"); }} /></Suspense> : null}
    </div>
  );
}

function Row({ item, on, onPick }: { item: Parameters<ReturnType<typeof useHeadline>>[0]; on: boolean; onPick: () => void }) {
  const { w, lang } = useI18n();
  const headline = useHeadline();
  return (
    <button className="lend-row" aria-pressed={on} onClick={onPick}>
      <span className="cut strong">{headline(item)}</span>
      <span className="row soft"><span className="cut grow">{w(item.state_words)} · {item.reason}</span><time className="dim nowrap" dateTime={item.at}>{elapsed(item.at, lang)}</time></span>
    </button>
  );
}
