/** What a line reaches now: the number, whose it is, and a few records as far as one may see them oneself. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asProblem, send } from "../../api/client";
import type { Json, Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Refused } from "../../kit/refused";
import type { RawLine, ScopePreview } from "../types";
import "../../i18n/words-configure";
import "./count.css";

/** Typing has stopped for so long: then it is counted again. */
const STILL = 250;

export function useSettled<T>(value: T): T {
  const text = JSON.stringify(value);
  const [settled, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(JSON.parse(text) as T), STILL);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export function usePreview(line: RawLine, role: string | null, person: string | null = null, enabled = true, draft: string | null = null) {
  const settled = useSettled(line);
  return useQuery({
    queryKey: ["access", "preview", settled, role, person, draft], enabled, staleTime: 30_000, placeholderData: keepPreviousData, retry: false,
    queryFn: ({ signal }) => send<ScopePreview>("POST", "/access/scopes/preview", { line: settled as unknown as Json, ...(person ? { person } : { role }), ...(draft ? { draft } : {}) }, { signal }),
  });
}

/** The number, with what it is a bound of; counted within a time and at most, it is neither. */
export function reached({ count, more, unread }: ScopePreview): string {
  if (count === 0 && !more) return "0"; // at most none is none
  return `${unread.length ? (more ? "" : "≤ ") : more ? "≥ " : ""}${count.toLocaleString()}`;
}

/** Why a number is only a bound, and who would see it exactly. */
export function Bound({ unread, exact, none }: { unread: Words[]; exact: Words | null; /** At most none is none. */ none?: boolean }) {
  const { t, w } = useI18n();
  return unread.length && !none ? <p className="row dim bound"><Icon name="lock" small /><span>{t("count.unread", { fields: unread.map((one) => w(one)).join(t("oversight.comma")) })} {w(exact)}</span></p> : null;
}

/** A few of them by their titles, and how many more are shown to nobody who looks here. Pure. */
export function sampled<One extends { title: string | null }>(samples: readonly One[]): { named: One[]; unseen: number } {
  const named = samples.filter((one) => one.title);
  return { named, unseen: samples.length - named.length };
}

export function Count({ line, role, type, known, samples = true }: { line: RawLine; role: string; type: string; /** A role that only a draft knows is held by nobody. */ known: boolean; samples?: boolean }) {
  const { t, w } = useI18n();
  const found = usePreview(line, role, null, known);
  if (!known) return <p className="dim">{t("count.newRole")}</p>;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  if (!found.data) return <p className="count-line"><i className="bone" style={{ width: 96, height: 22 }} /></p>;
  const { warning, unread, exact } = found.data;
  const { named, unseen } = sampled(found.data.samples);
  return (
    <div className="reached" aria-live="polite">
      <p className="count-line"><b className="n">{reached(found.data)}</b> <span>{t("count.reached", { type })}</span></p>
      <p className="dim">{w(found.data.whose)}</p>
      <Bound unread={unread} exact={exact} none={found.data.count === 0} />
      {warning ? <p className="row warn"><Icon name="alert" small />{w(warning)}</p> : null}
      {samples && found.data.samples.length ? (
        <ul className="samples" aria-label={t("count.samples", { n: found.data.samples.length })}>
          {named.map((one, index) => <li key={one.id ?? index} className="row"><span className="cut">{one.title}</span></li>)}
          {unseen ? <li className="row dim"><Icon name="lock" small /><span className="cut">{t("count.unseen", { n: unseen, type })}</span></li> : null}
        </ul>
      ) : null}
    </div>
  );
}
