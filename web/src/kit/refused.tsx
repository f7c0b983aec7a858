/** A refusal on screen: what happened, at which places, what is missing, and whom to ask. */
import type { Problem } from "../api/client";
import { useI18n, type Key } from "../i18n";
import { Icon } from "./icons";

/** A place in product lines as people count them: `lines/0/discount` is the first line's discount. */
export function inLine(place: string, t: (key: Key, values?: Record<string, number>) => string): string {
  const [, row, column] = /^lines\/(\d+)\/(\w+)$/.exec(place) ?? [];
  return column ? `${t("lines.nth", { n: Number(row) + 1 })}${t(`lines.${column}` as Key)}` : "";
}

/** `places` says what a form calls the places that the server names; without it they stand as they are. */
export function Refused({ problem, hidePlaces, places }: { problem: Problem; hidePlaces?: boolean; places?: Record<string, string> }) {
  const { t, w } = useI18n();
  const missing = problem.why?.missing ?? [];
  const ask = problem.why?.ask ?? [];
  const tried = problem.code === "sandbox_done"; // not refused: a sandbox saves nothing
  // The server's sentence may begin with the place of the first problem; a path such as rules/0/to says nothing to people.
  const ruled = problem.code === "stage"; // it says what is missing, why and what to do, and each line names its field
  const named = !ruled && problem.problems[0] !== undefined && (places !== undefined || (problem.problems[0].place !== "" && w(problem.words).startsWith(problem.problems[0].place)));
  const line = (one: Problem["problems"][number]) => { const name = ruled ? "" : places ? (places[one.place] ?? inLine(one.place, t)) : one.place.includes("/") ? "" : one.place; return (name ? `${name}${t("kit.colon")}` : "") + w(one.message); };
  const first = named && problem.problems[0] ? line(problem.problems[0]) : w(problem.words);
  const told = named ? problem.problems.slice(1) : problem.problems.filter((one) => w(one.message) !== first);
  return (
    <div className={tried ? "note" : "note red"} role="alert">
      <div className="row"><Icon name={tried ? "check" : "ban"} /><span className="strong">{first}</span></div>
      {hidePlaces ? null : told.map((one) => <div key={one.place + one.code}>{line(one)}</div>)}
      {missing.length ? <div>{t("why.missing")}{missing[0]?.map((atom) => w(atom.words)).join(t("kit.semicolon"))}</div> : null}
      {ask.length ? <div>{t("why.ask", { names: ask.slice(0, 3).map((person) => person.name).join(t("oversight.comma")) })}</div> : null}
    </div>
  );
}
