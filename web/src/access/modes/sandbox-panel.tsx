/** Who tries a draft and what they said; its authors ask and release testers here. Placed beside a draft or its simulation. */
import "../../i18n/words-modes";
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "../../admin/form";
import { asProblem, send, type Problem } from "../../api/client";
import { useI18n } from "../../i18n";
import { moment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { sandboxQuery, type SandboxView } from "./sandbox";
import { VerdictChip } from "./verdict";
import "./modes.css";

export default function SandboxPanel({ draft }: { draft: string }) {
  const { t } = useI18n();
  const found = useQuery(sandboxQuery(draft));
  if (found.isPending) return <Bones rows={2} height={36} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  const testers = found.data.testers;
  return (
    <section className="sandbox-panel" aria-label={t("sandbox.testers")}>
      <h3>{t("sandbox.testers")} <span className="dim">{testers.length ? t("sandbox.count", { signed: testers.filter((one) => one.verdict === "signed" && !one.stale).length, all: testers.length }) : ""}</span></h3>
      {testers.length ? <Testers sandbox={found.data} /> : <p className="dim">{t("sandbox.noTesters")}</p>}
      {found.data.may.includes("testers") ? <Ask key={testers.length} sandbox={found.data} /> : null}
    </section>
  );
}

function usePut(sandbox: SandboxView) {
  const client = useQueryClient();
  return async (ids: string[]) => {
    client.setQueryData(sandboxQuery(sandbox.draft).queryKey, await send<SandboxView>("PUT", `/access/drafts/${sandbox.draft}/sandbox`, { testers: ids }));
  };
}

function Testers({ sandbox }: { sandbox: SandboxView }) {
  const { t, w, lang } = useI18n();
  const put = usePut(sandbox);
  const [problem, setProblem] = useState<Problem | null>(null);
  const release = (id: string) => { put(sandbox.testers.map((one) => one.person.id).filter((one) => one !== id)).catch((cause: unknown) => setProblem(asProblem(cause))); };
  return (
    <>
      <ul className="lined">{sandbox.testers.map((one) => (
        <li key={one.person.id}>
          <span className="row wrap">
            <Who person={one.person} /><span className="dim">{w(one.department)}</span><VerdictChip said={one} />
            {one.at ? <time className="dim end" dateTime={one.at}>{moment(one.at, lang)}</time> : null}
            {sandbox.may.includes("testers") ? <button className={one.at ? "ib" : "ib end"} aria-label={t("sandbox.release", { name: one.person.name })} onClick={() => release(one.person.id)}><Icon name="x" small /></button> : null}
          </span>
          {one.text ? <span className="soft">{one.text}{one.place ? <> · <a className="link-quiet" href={one.place}>{one.place}</a></> : null}</span> : null}
        </li>
      ))}</ul>
      {problem ? <Refused problem={problem} /> : null}
    </>
  );
}

function Ask({ sandbox }: { sandbox: SandboxView }) {
  const { t } = useI18n();
  const put = usePut(sandbox);
  const { values, input, body, places } = useForm({ person: null });
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = () => {
    const id = body({ person: "person" }).person;
    if (typeof id !== "string") return;
    setProblem(null);
    put([...new Set([...sandbox.testers.map((one) => one.person.id), id])]).catch((cause: unknown) => setProblem(asProblem(cause)));
  };
  return (
    <div className="sandbox-ask">
      {input("person", "sandbox.ask", "person")}
      <Button disabled={!values.person} onClick={ask}>{t("sandbox.askAct")}</Button>
      {problem ? <Refused problem={problem} places={places} /> : null}
    </div>
  );
}
