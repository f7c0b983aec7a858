/** The versions of the policy, each taken back in one step. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem, freshKey, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { readAgain, versionsQuery } from "../queries";
import type { Draft, PolicyVersion } from "../types";
import { Change } from "./change";
import { useWorking } from "./working";
import "../../i18n/words-configure";

export function Versions() {
  const { t } = useI18n();
  const client = useQueryClient();
  const { say } = useToasts();
  const go = useNavigate();
  const { choose, may } = useWorking();
  const [back, setBack] = useState<PolicyVersion | null>(null);
  const found = useQuery(versionsQuery);
  /** What would give rights again takes a second person: it is written as a draft, ready to be submitted. */
  const takeBack = async (version: PolicyVersion) => {
    try {
      await send("POST", `/access/versions/${version.id}/undo`, undefined, { key: freshKey() });
      say(t("draft.tookBack"));
    } catch (cause) {
      if (asProblem(cause).code !== "unapproved") throw cause;
      const made = await send<Draft>("POST", `/access/versions/${version.id}/draft`, { title: t("draft.backTitle", { title: version.title }).slice(0, 200) }, { key: freshKey() });
      choose(made.id);
      say(t("draft.backAsDraft"));
      void go(`/access/drafts/${made.id}`);
    }
    await readAgain(client);
  };
  if (found.isError) return <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>;
  if (!found.data) return <div className="list-bones"><Bones rows={8} height={44} /></div>;
  if (found.data.items.length === 0) return <Blank icon="history" title={t("draft.noVersion")} />;
  return (
    <div className="configure-list" tabIndex={0} role="region" aria-label={t("draft.versions")}>
      {found.data.items.map((one) => (
        <section key={one.id} className="sheet part-lines">
          <div className="row wrap"><h3 className="grow">v{one.id} · {one.title}</h3>{one.undoes ? <span className="chip">{t("draft.undoes", { n: one.undoes })}</span> : null}{one.undone ? <span className="chip amber">{t("draft.undone")}</span> : may ? <Button size="xs" onClick={() => setBack(one)}>{t("draft.takeBack")}</Button> : null}</div>
          <p className="row wrap soft">{one.by ? <><Who person={one.by} /><span>{t("draft.did.published")}</span></> : null}{one.approved_by ? <span>{t("draft.approvedBy", { names: one.approved_by.name })}</span> : null}{one.draft ? <Link className="link" to={`/access/drafts/${one.draft}`}>D-{one.draft}</Link> : null}<time className="dim end" dateTime={one.at}>{new Date(one.at).toLocaleString(undefined, { hour12: false })}</time></p>
          <ul className="rule-lines">{one.changes.map((change) => <li key={`${change.kind}/${change.key}`} className="rule-line"><Change change={change} /></li>)}</ul>
        </section>
      ))}
      {back ? <ActDialog title={t("draft.takeBack")} act={t("draft.takeBack")} danger onClose={() => setBack(null)} onAct={() => takeBack(back)}><p>{t("draft.takeBackAsk", { title: back.title, n: back.changes.length })}</p></ActDialog> : null}
    </div>
  );
}
