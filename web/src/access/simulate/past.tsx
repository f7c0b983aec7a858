/** The last 90 days under the draft: asked for, since it reads everything that was done. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { replayQuery } from "./queries";
import type { Replay } from "./types";
import { count } from "./verdict";
import "../../i18n/words-simulate";

export function Past({ draft, revision }: { draft: string; revision: number }) {
  const { t } = useI18n();
  const [wanted, setWanted] = useState(false);
  const found = useQuery({ ...replayQuery(draft, revision), enabled: wanted });
  return (
    <section className="sheet sim-part" aria-label={t("simulate.replay")}>
      <header className="sim-head">
        <Icon name="history" small /><h2>{t("simulate.replay")}</h2><span className="dim cut">{t("simulate.replayHint")}</span>
        {found.data ? null : <Button className="btn end" size="xs" variant="default" loading={wanted && found.isPending} onClick={() => setWanted(true)}>{t("simulate.replayRun")}</Button>}
      </header>
      {wanted && found.isPending ? <Bones rows={2} height={32} /> : null}
      {found.isError ? <Refused problem={asProblem(found.error)} /> : null}
      {found.data ? <Told past={found.data} /> : null}
    </section>
  );
}

function Told({ past }: { past: Replay }) {
  const { t, w } = useI18n();
  if (!past.decisions) return <p className="dim">{t("simulate.replayNone")}</p>;
  return (
    <>
      <p className={past.refused ? "row warn strong" : "row"}><Icon name={past.refused ? "alert" : "check"} small />{past.refused ? t("simulate.replayRefused", { people: count(past.people), n: count(past.refused), all: count(past.decisions) }) : t("simulate.replayKept", { n: count(past.decisions) })}</p>
      {past.allowed ? <p className="soft">{t("simulate.replayAllowed", { n: count(past.allowed) })}</p> : null}
      {past.at_most ? <p className="row dim"><Icon name="lock" small />{t("simulate.replayMost")}</p> : null}
      <ul className="sim-list">{past.refusals.slice(0, 12).map((one) => <li key={`${one.person.id}${one.type}${one.action}`} className="row"><Who person={one.person} /><span className="cut grow">{w(one.words)}</span><span className="n">{t("simulate.times", { n: count(one.n) })}</span></li>)}</ul>
      {past.recorded_since ? <p className="dim">{t("simulate.replaySince", { day: past.recorded_since })}</p> : null}
    </>
  );
}
