/** 联测: the drafts that I am asked to try and, for who reads the policy, every draft's testers. */
import "../../i18n/words-modes";
import { useQuery } from "@tanstack/react-query";
import { asProblem, get } from "../../api/client";
import { useI18n } from "../../i18n";
import { Blank, Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { MySandboxes } from "./my-sandboxes";
import { mySandboxesQuery } from "./sandbox";
import SandboxPanel from "./sandbox-panel";
import "./modes.css";

interface Brief { id: string; title: string; state: string; size: number; note: string }

export default function Sandboxes() {
  const { t } = useI18n();
  const { me } = useSession();
  const mine = useQuery(mySandboxesQuery);
  if (mine.isPending) return <div className="sandboxes"><Bones rows={3} height={48} /></div>;
  if (mine.isError) return <div className="sandboxes"><Refused problem={asProblem(mine.error)} /></div>;
  const reader = Boolean(me.may_view_as);
  return (
    <div className="sandboxes">
      <p className="soft">{t("sandbox.text")}</p>
      {mine.data.items.length ? <MySandboxes items={mine.data.items} /> : reader ? null : <Blank icon="check" title={t("sandbox.none")} />}
      {reader ? <Drafts /> : null}
    </div>
  );
}

function Drafts() {
  const { t } = useI18n();
  const found = useQuery({ queryKey: ["drafts"], queryFn: ({ signal }) => get<{ items: Brief[] }>("/access/drafts", signal) });
  if (found.isPending) return <Bones rows={3} height={48} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  const open = found.data.items.filter((one) => one.state === "open" || one.state === "submitted");
  if (!open.length) return <p className="dim">{t("sandbox.noDrafts")}</p>;
  return <>{open.map((one) => <article key={one.id} className="sheet sandbox-card"><h2>{one.title}</h2><SandboxPanel draft={one.id} /></article>)}</>;
}
