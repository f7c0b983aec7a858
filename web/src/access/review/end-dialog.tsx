/** Ending a campaign before its deadline: first what becomes of what nobody has answered, then a reason. What takes much from many waits for another administrator, who is shown who asks, and why. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, get, send } from "../../api/client";
import { useSession } from "../../kit/session";
import { useI18n } from "../../i18n";
import { grouped, moment } from "../../kit/format";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import type { Asked, Ending, Progress } from "./types";
import "../../i18n/words-review";

export default function EndDialog({ one, onClose }: { one: Progress; onClose: () => void }) {
  const { t, w } = useI18n();
  const { me } = useSession();
  const client = useQueryClient();
  const { say } = useToasts();
  const path = `/access/reviews/${one.id}/end`;
  const found = useQuery({ queryKey: ["review-ending", one.id], queryFn: ({ signal }) => get<Ending>(path, signal), staleTime: 0, gcTime: 0 });
  const [picked, setPicked] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const ways = found.data?.ways ?? [];
  const free = ways.filter((way) => !way.own);
  const asked = found.data?.asked ?? null;
  const mine = asked?.by.id === me.person.id;
  const way = free.find((some) => some.unanswered === (picked ?? asked?.unanswered)) ?? free[0];
  const confirms = asked !== null && !mine && way?.second && way.unanswered === asked.unanswered;
  const waits = asked !== null && mine && way?.second && way.unanswered === asked.unanswered;
  const act = async () => {
    try {
      const after = await send<Progress>("POST", path, { unanswered: way?.unanswered, reason: reason.trim() });
      say(after.ended ? t("review.ended", { title: w(one.title_words) }) : t("review.endAskedSaid"));
    } finally { void client.invalidateQueries({ queryKey: ["reviews"] }); void client.invalidateQueries({ queryKey: ["review-ending", one.id] }); }
  };
  return (
    <ActDialog title={t("review.endTitle", { title: w(one.title_words) })} act={t(confirms ? "review.endConfirm" : way?.second ? "review.endAsk" : "review.end")} danger size={600} disabled={!way || waits || found.data?.over || reason.trim().length < 2} onClose={onClose} onAct={act}>
      {found.isPending ? <Bones rows={4} height={36} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : found.data.over ? <p className="note amber">{t("review.endOver")}</p> : (
        <>
          <p className="soft">{t("review.endText")}{found.data.final ? ` ${t("review.endFinal", { n: grouped(String(found.data.final)) })}` : ""}</p>
          {asked ? <AskedNote asked={asked} /> : null}
          {waits ? <p className="soft">{t("review.endWaits")}</p> : null}
          <fieldset className="review-ways review-ends">
            <legend className="field-label">{t("review.endWays")}</legend>
            {ways.map((some) => (
              <label key={some.unanswered} className={some.own ? "review-end dim" : "review-end"}>
                <input type="radio" name="unanswered" disabled={some.own > 0} checked={some === way} onChange={() => setPicked(some.unanswered)} />
                <span><b>{t(`review.unanswered.${some.unanswered}`)}</b>
                  <span className="soft">{outcome(some, t)}</span>
                  {some.second ? <span className="row tight warn"><Icon name="shield" small />{t("review.endSecond", { n: grouped(String(some.people)) })}{some.powerful ? `${t("oversight.comma")}${t("review.endPowerful", { n: grouped(String(some.powerful)) })}` : ""}</span> : null}
                  {some.own ? <span className="row tight warn"><Icon name="lock" small />{t("review.endOwn", { n: some.own })}</span> : null}</span>
              </label>
            ))}
          </fieldset>
          {waits ? null : <label><span className="field-label">{t("review.endWhy")}<i aria-hidden="true">*</i></span><textarea className="box" required value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></label>}
        </>
      )}
    </ActDialog>
  );
}

export function AskedNote({ asked }: { asked: Asked }) {
  const { t, lang } = useI18n();
  return <p className="note amber">{t("review.endAsked", { name: asked.by.name, at: moment(asked.at, lang), how: t(`review.unanswered.${asked.unanswered}`), why: asked.reason })}</p>;
}

/** What a way does, in numbers: nothing is said of what does not happen. */
export function outcome(way: Ending["ways"][number], t: ReturnType<typeof useI18n>["t"]): string {
  const said = (["ends", "proposed", "stays"] as const).filter((part) => way[part]).map((part) => t(`review.end.${part}`, { n: grouped(String(way[part])) }));
  return said.join(t("oversight.comma"));
}
