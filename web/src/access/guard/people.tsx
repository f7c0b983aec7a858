/** People with their use against what is usual; freezing, releasing, and what somebody took. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { fullMoment, grouped } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Blank, Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { peopleQuery } from "./queries";
import { TakenDialog } from "./taken";
import type { BudgetLine, WatchedPerson } from "./types";
import { Use } from "./use";
import "../../i18n/words-guard";
import "../../i18n/words-org";

const share = (line: BudgetLine) => line.used / Math.max(1, line.limit);
const busiest = (lines: BudgetLine[]) => [...lines].filter((one) => one.used).sort((a, b) => share(b) - share(a))
  .filter((one, at, all) => all.findIndex((other) => other.kind === one.kind) === at).slice(0, 2);

type Act = "freeze" | "release" | "allow";
const ACTS: readonly string[] = ["allow", "freeze", "release"] satisfies Act[];

function Turn({ one, act, onClose }: { one: WatchedPerson; act: Act; onClose: () => void }) {
  const { t } = useI18n();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const run = async () => {
    await send("POST", `/access/guard/people/${one.person.id}/${act}`, { reason: reason.trim() });
    await client.invalidateQueries({ queryKey: ["guard"] });
  };
  return (
    <ActDialog title={`${t(`guard.${act}`)} · ${one.person.name}`} act={t(`guard.${act}`)} danger={act === "freeze"} disabled={reason.trim().length < 2} onClose={onClose} onAct={run}>
      <p>{t(`guard.${act}Ask`, { name: one.person.name })}</p>
      <label><span className="field-label">{t("guard.why")}<i aria-hidden="true">*</i></span><textarea className="box" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></label>
    </ActDialog>
  );
}

function isAct(text: string): text is Act { return ACTS.includes(text); }

export function PeopleTable() {
  const { t } = useI18n();
  const found = useQuery(peopleQuery);
  const [turn, setTurn] = useState<{ one: WatchedPerson; act: Act } | null>(null);
  const [taken, setTaken] = useState<WatchedPerson | null>(null);
  if (found.isPending) return <Bones rows={8} height={36} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  if (!found.data.items.length) return <Blank icon="shield" title={t("guard.nobody")} />;
  return (
    <>
      <p className="soft">{t("guard.peopleText")}</p>
      <div className="guard-table"><table>
        <thead><tr><th scope="col">{t("guard.person")}</th><th scope="col">{t("guard.use")}</th><th scope="col">{t("guard.state")}</th><th scope="col"><span className="unseen">{t("org.more")}</span></th></tr></thead>
        <tbody>{found.data.items.map((one) => {
          const lines = busiest(one.lines);
          const first = lines[0];
          return (
            <tr key={one.person.id}>
              <td><Link className="link-quiet" to={`/organisation/people/${one.person.id}`}><Who person={one.person} /></Link></td>
              <td>{lines.length ? lines.map((line) => <Use key={line.kind + line.window} line={line} named />) : <span className="dim">0</span>}{first ? <span className="dim">{t("guard.usual", { own: grouped(String(first.own)), peers: grouped(String(first.peers)) })}</span> : null}</td>
              <td>{one.frozen ? <span className="chip amber" title={`${fullMoment(one.frozen)} ${one.frozen_why}`}><Icon name="lock" small />{t("guard.frozen")}</span> : null}{one.leaving_on ? <span className="chip amber">{t("guard.leavingOn", { day: one.leaving_on })}</span> : null}{one.frozen || one.leaving_on ? null : first && share(first) >= 1 ? <span className="chip amber"><Icon name="alert" small />{t("guard.over")}</span> : <span className="dim">{t("guard.fine")}</span>}</td>
              <td className="guard-acts"><span className="row wrap">
                <Button size="xs" onClick={() => setTaken(one)}>{t("guard.taken")}</Button>
                {one.may.map((act) => (isAct(act) ? <Button key={act} size="xs" color={act === "freeze" ? "bad" : undefined} onClick={() => setTurn({ one, act })}>{t(`guard.${act}`)}</Button> : null))}
              </span></td>
            </tr>
          );
        })}</tbody>
      </table></div>
      {turn ? <Turn {...turn} onClose={() => setTurn(null)} /> : null}
      {taken ? <TakenDialog person={taken.person} onClose={() => setTaken(null)} /> : null}
    </>
  );
}
