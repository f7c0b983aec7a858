/** What the dialogs that write moves into a draft share: which draft, what there is to choose from, what it would do there, and writing exactly that. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { get, query, send } from "../../api/client";
import type { Json } from "../../api/types";
import type { components } from "../../api/schema";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useToasts } from "../../kit/toast";
import { useWorking } from "../draft/working";
import type { Draft } from "../types";
import type { Asked } from "./asked";

export type Preview = components["schemas"]["MovePreview"];
type Wanted = Asked | { department: Json };

/** Where people can be moved to, with what only this draft has. */
const placesQuery = (draft: string | null) => queryOptions({ queryKey: ["access", "moves", draft], queryFn: ({ signal }) => get<components["schemas"]["MovePlaces"]>(`/access/moves${query({ draft })}`, signal) });
const previewQuery = (asked: Wanted, draft: string | null) => queryOptions({
  queryKey: ["access", "move", JSON.stringify(asked), draft], retry: false,
  queryFn: ({ signal }) => send<Preview>("POST", "/access/moves/preview", { ...asked, ...(draft ? { draft } : {}) } as Json, { signal }),
});

export function useInto(onClose: () => void) {
  const { t } = useI18n();
  const go = useNavigate();
  const client = useQueryClient();
  const { say } = useToasts();
  const { id: working, choose, write: begin } = useWorking();
  const [into, setInto] = useState<string | null>(working);
  const first = useRef(working);
  // the one that is worked in, as long as nobody has published it or given it up
  useEffect(() => { if (working === null) setInto((now) => (now === first.current ? null : now)); }, [working]);
  const places = useQuery(placesQuery(into));
  /** Writes what was looked at, on the revision that was looked at, and goes to the draft. */
  const write = async (title: string, asked: Wanted, seen: Preview) => {
    if (into !== working) choose(into);
    try {
      const id = await begin(title, seen.changes.map((one) => [one.kind, one.key]), (draft: Draft) =>
        send("POST", `/access/drafts/${draft.id}/moves`, asked as Json, { etag: `"r${seen.revision ?? draft.revision}"` }));
      say(t("move.done", { id }));
      onClose();
      void go(`/access/drafts/${id}`);
    } catch (cause) {
      await client.invalidateQueries({ queryKey: ["access", "move"] }); // as it is by now
      throw cause;
    }
  };
  return { into, setInto, places, write };
}

/** What this would do in the draft; asked for only while it is shown. */
export const usePreview = (asked: Wanted, into: string | null, shown: boolean) => useQuery({ ...previewQuery(asked, into), enabled: shown });

/** The steps of such a dialog, with the way back. */
export function Steps({ names, at, onBack }: { names: string[]; at: number; onBack: () => void }) {
  const { t } = useI18n();
  return (
    <ol className="move-steps" aria-label={t("move.steps")}>
      {names.map((one, i) => <li key={one} aria-current={i === at ? "step" : undefined}><span className="n" aria-hidden="true">{i < at ? <Icon name="check" small /> : i + 1}</span>{one}</li>)}
      {at ? <li className="end"><button type="button" className="link row tight" onClick={onBack}><Icon name="left" small />{t("move.back")}</button></li> : null}
    </ol>
  );
}
