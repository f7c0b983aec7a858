/** 离职: who leaves or has left, what they hold, who takes it over; and the same for changing post. */
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { asProblem, get } from "../../api/client";
import { PersonPicker } from "./person-picker";
import { useI18n } from "../../i18n";
import { Blank, Bones, Face } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { Person } from "./person";
import type { Leaver } from "./types";
import "../../i18n/words-review";
import "../review/review.css";
import "./leaving.css";
import "../../i18n/words-centre";

export default function Leaving() {
  const { t } = useI18n();
  const [search, setSearch] = useSearchParams();
  const found = useQuery({ queryKey: ["leavers"], queryFn: ({ signal }) => get<{ items: Leaver[] }>("/access/leavers", signal) });
  const wanted = search.get("person");
  const pick = (id: string) => setSearch({ person: id }, { replace: true });
  if (found.isPending) return <div className="bench-pad"><Bones rows={8} height={44} /></div>;
  if (found.isError) return <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>;
  const soon = found.data.items.filter((one) => one.status === "leaving");
  const left = found.data.items.filter((one) => one.status === "left");
  const chosen = wanted ?? soon[0]?.person.id;
  return (
    <div className="review">
      <aside className="review-side" aria-label={t("leaving.title")}>
        <div className="review-list">
          <div className="leaving-find"><PersonPicker label={t("leaving.other")} onPick={(one) => pick(one.id)} /></div>
          <h2 className="review-cap dim">{t("leaving.soon", { n: soon.length })}</h2>
          {soon.length ? soon.map((one) => <Entry key={one.person.id} one={one} chosen={one.person.id === chosen} onPick={() => pick(one.person.id)} />) : <p className="review-cap dim">{t("leaving.nobody")}</p>}
          {left.length ? <h2 className="review-cap dim">{t("leaving.left", { n: left.length })}</h2> : null}
          {left.map((one) => <Entry key={one.person.id} one={one} chosen={one.person.id === chosen} onPick={() => pick(one.person.id)} />)}
        </div>
      </aside>
      <section className="review-main">{chosen ? <Person key={chosen} id={chosen} /> : <Blank icon="leave" title={t("leaving.title")}>{t("leaving.choose")}</Blank>}</section>
    </div>
  );
}

function Entry({ one, chosen, onPick }: { one: Leaver; chosen: boolean; onPick: () => void }) {
  const { t, w } = useI18n();
  const day = (one.day ?? "").slice(5);
  return (
    <button className="review-head" aria-pressed={chosen} onClick={onPick}>
      <span className="row"><Face name={one.person.name} /><b className="cut grow">{one.person.name}</b><span className={one.status === "leaving" ? "warn nowrap" : "dim nowrap"}>{t(one.status === "leaving" ? "leaving.last" : "leaving.since", { day })}</span></span>
      <span className="row wrap leaving-sum"><span className="soft grow cut">{one.department ? w(one.department) : ""}</span><span className="dim nowrap">{t("leaving.rest", { r: one.records, g: one.grants })}</span></span>
    </button>
  );
}
