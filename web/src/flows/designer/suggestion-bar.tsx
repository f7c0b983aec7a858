/** A draft opened from a suggestion: what it changed and why, to be undone, or the place where somebody has to decide. */
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import type { Edit } from "./edit";
import type { Model } from "./file";
import { suggestionTitle } from "../told";
import { stepName } from "./told";
import { propose, type Place, type Proposal } from "./suggested";
import type { Draft, Kit } from "./types";

type Suggestion = Draft["suggestions"][number];
export interface Told { suggestion: Suggestion; proposal: Proposal | null; before: string; after: string }
interface Needs {
  draft: Draft; model: Model | undefined; kit: Kit | undefined; locked: boolean; source: string;
  change: (what: Edit) => string | undefined; onChoose: (id: string) => void;
}

/** Draws the suggestion that the address names, once; the address says nothing of it afterwards. */
export function useSuggestion({ draft, model, kit, locked, source, change, onChoose }: Needs) {
  const { t, w, lang } = useI18n();
  const [search, setSearch] = useSearchParams();
  const [told, setTold] = useState<Told | null>(null);
  const [focused, setFocused] = useState<Place | null>(null);
  const done = useRef("");
  const asked = search.get("suggestion") ?? "";
  useEffect(() => {
    if (!asked || !model || !kit || done.current === asked) return;
    done.current = asked;
    setSearch((now) => { const next = new URLSearchParams(now); next.delete("suggestion"); return next; }, { replace: true });
    const suggestion = draft.suggestions.find((one) => one.id === asked);
    if (!suggestion || locked) return;
    const proposal = propose(model, kit, { code: suggestion.code, node: suggestion.node, other: suggestion.other, evidence: suggestion.evidence }, t, w, lang);
    const chosen = proposal?.edit ? change(proposal.edit) : undefined;
    setTold({ suggestion, proposal, before: source, after: "" });
    if (proposal) { onChoose(chosen ?? proposal.node); setFocused(proposal.place); }
  });
  // What the file is with it is known once it is drawn.
  useEffect(() => { setTold((now) => (now && !now.after ? { ...now, after: source } : now)); }, [source, told]);
  useEffect(() => {
    if (!focused) return undefined;
    const timer = setTimeout(() => {
      const panel = document.querySelector<HTMLElement>(".draw-panel");
      const part = focused === "limit" ? panel?.querySelector<HTMLElement>(".draw-part") : panel?.querySelector<HTMLElement>(`[data-place="${focused}"]`);
      if (part instanceof HTMLDetailsElement) part.open = true;
      const boxes = part?.querySelectorAll<HTMLElement>("input, select, textarea, button") ?? [];
      const box = focused === "limit" ? [...boxes].find((one) => one instanceof HTMLInputElement) : boxes[0];
      part?.scrollIntoView({ block: "center" });
      box?.focus({ preventScroll: true });
      setFocused(null);
    }, 60);
    return () => clearTimeout(timer);
  }, [focused]);
  return { told, close: () => setTold(null) };
}

export function SuggestionBar({ told, model, code, undoable, undone: same, onUndo, onOpen, onClose }: { told: Told; model: Model; code: string; undoable: boolean; undone: boolean; onUndo: () => void; onOpen: () => void; onClose: () => void }) {
  const { t, lang } = useI18n();
  const { suggestion, proposal } = told;
  // What changed nothing is not undone: it says where somebody has to decide, and why.
  const undone = same && proposal?.edit !== null;
  const state = !proposal ? null : !proposal.edit ? "design.sug.open" : undone ? "design.sug.undone" : "design.sug.applied";
  return (
    <section className="note draw-bar draw-suggestion" aria-label={t("design.sug.title")}>
      <Icon name="bulb" small />
      <div className="stack tight grow">
        <p><b>{suggestionTitle(suggestion, (id) => stepName(model, id, lang, t), t)}</b> <span className="soft">{suggestion.note}</span></p>
        <div className="row wrap" role="status">
          {state ? <span className={proposal?.edit && !undone ? "chip brand" : "chip amber"}>{t(state)}</span> : null}
          {proposal ? (undone ? null : proposal.says.map((one) => <span key={one.key}>{t(one.key, one.values)}</span>)) : <span>{t("design.sug.gone")}</span>}
        </div>
      </div>
      <span className="row draw-suggestion-acts">
        {proposal?.edit && !undone ? <Button size="xs" disabled={!undoable} onClick={onUndo}>{t("design.undo")}</Button> : null}
        {proposal ? <Button size="xs" className="draw-suggestion-open" onClick={onOpen}>{t("design.sug.step")}</Button> : null}
        <Link className="link nowrap" to={`/flows/live/${code}?node=${encodeURIComponent(suggestion.node)}`}>{t("design.sug.evidence")}</Link>
        <button className="ib" aria-label={t("design.close")} onClick={onClose}><Icon name="x" small /></button>
      </span>
    </section>
  );
}
