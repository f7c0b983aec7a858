/** A reviewer's share of a campaign in its case: how far it is, the way to its batches, and handing it in. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, get, send } from "../../api/client";
import { useI18n } from "../../i18n";
import { fullMoment } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones, Face } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useSession } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import type { Flow } from "../../flows/types";
import { Held } from "./held";
import type { Share } from "./types";
import "../../i18n/words-review";
import "./review.css";
import "../leaving/leaving.css";

const STATES = ["kept", "narrowed", "revoked", "drafted", "lapsed", "gone", "left"] as const;

export default function SharePane({ flow, onDone }: { flow: Flow; onDone?: () => void }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const { say, refuse } = useToasts();
  const [busy, setBusy] = useState(false);
  const found = useQuery({ queryKey: ["reviews", "share", flow.record], queryFn: ({ signal }) => get<Share>(`/access/reviews/shares/${flow.record}`, signal) });
  if (found.isPending) return <Bones rows={4} height={34} />;
  if (found.isError) { const problem = asProblem(found.error); return problem.status === 404 ? <p className="note row"><Icon name="lock" small /><span>{t("review.shareUnseen")}</span></p> : <Refused problem={problem} />; }
  const one = found.data;
  const mine = one.reviewer.id === me.person.id && flow.mine !== null;
  const ready = mine && one.pending === 0 && one.unsubmitted > 0 && !one.held;
  const hand = async () => {
    if (!flow.mine) return;
    setBusy(true);
    try { await send("POST", `/flows/instances/${flow.id}/work/${flow.mine.number}/decide`, { approve: true }); say(t("review.submitted", { n: one.unsubmitted })); onDone?.(); } catch (cause) { refuse(cause); } finally { setBusy(false); }
  };
  return (
    <section className="leaving-plan stack" aria-label={t("review.share")}>
      <dl className="leaving-facts">
        <div className="held-fact"><dt>{t("review.share")}</dt><dd>{w(one.title_words)}{one.high ? <span className="warn"> · {t("review.shareHigh", { n: one.high })}</span> : null}</dd></div>
        <div className="held-fact"><dt>{t("review.shareOf")}</dt><dd className="row"><Face name={one.reviewer.name} />{one.reviewer.name}</dd></div>
        <div className="held-fact"><dt>{t("review.shareDue")}</dt><dd>{fullMoment(one.due)}{one.done ? null : <> · <span className={one.days_left < 2 ? "warn" : "soft"}>{one.days_left ? t("review.daysLeft", { n: one.days_left }) : t("review.lastDay")}</span></>}</dd></div>
      </dl>
      {one.done ? <Outcome one={one} /> : one.held ? <Held waits={one.waits} here /> : (
        <div className="stack tight"><span className="soft">{t("review.shareLeft", { n: one.pending, m: one.unsubmitted, k: one.total })}</span><span className="bar"><i style={{ width: `${one.total ? (100 * (one.total - one.pending)) / one.total : 100}%` }} /></span></div>
      )}
      {mine && !one.done ? (
        <div className="row wrap end">
          {one.batch ? <Button variant={ready ? "default" : "filled"} component={Link} to={`/access/reviews?batch=${one.batch}`} leftSection={<Icon name="shield" small />}>{t("review.shareGo")}</Button> : null}
          {ready ? <Button variant="filled" loading={busy} onClick={() => void hand()}>{t("review.shareHand", { n: one.unsubmitted })}</Button> : null}
        </div>
      ) : null}
    </section>
  );
}

/** What became of it: what nobody answered is not said to be judged. */
function Outcome({ one }: { one: Share }) {
  const { t } = useI18n();
  const said = one.total === 0 ? t("review.shareGone") : one.unanswered ? t("review.shareLate", { n: one.unanswered }) : t("review.shareDone");
  const parts = STATES.filter((state) => one.states[state]).map((state) => ` · ${t(one.ended && state === "lapsed" ? "review.endedLapsed" : `review.${state}`)} ${one.states[state]}`);
  return <p className={one.unanswered ? "note amber row" : "note row"}><Icon name={one.unanswered ? "clock" : "check"} small /><span>{said}{parts}</span></p>;
}
