/** A combobox over a search: type, arrow keys, Enter. Follows the ARIA combobox pattern with a listbox. */
import { useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { asProblem } from "../api/client";
import type { Json } from "../api/types";
import { useI18n } from "../i18n";
import "../i18n/words-bulk";

export interface Choice { id: string; title: string; hint?: string; value: Json }
interface Props {
  find: (text: string, signal: AbortSignal) => Promise<Choice[]>;
  chosen: Choice | null;
  onChoose: (choice: Choice | null) => void;
  id?: string; label?: string; placeholder?: string; autoFocus?: boolean; invalid?: boolean; clearable?: boolean;
  /** What is chosen goes elsewhere, and the next one is looked for. */
  adds?: boolean;
}

const LOWEST = 110;

export function Picker({ find, chosen, onChoose, id, label, placeholder, autoFocus, invalid, clearable, adds }: Props) {
  const { t, w } = useI18n();
  const [text, setText] = useState(chosen?.title ?? "");
  const [open, setOpen] = useState(false);
  const [choices, setChoices] = useState<Choice[]>([]);
  const [state, setState] = useState<"idle" | "busy" | string>("idle");
  const [at, setAt] = useState(0);
  const [typed, setTyped] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const fresh = useRef(autoFocus === true); // a dialog that opens with it is read first: the list would lie over it
  const list = useRef<HTMLUListElement>(null);
  const listId = useId();
  const search = useRef(find);
  search.current = find;

  useEffect(() => { setText(chosen?.title ?? ""); setTyped(false); }, [chosen?.id, chosen?.title]);

  useEffect(() => {
    if (!open) return undefined;
    const stop = new AbortController();
    setState("busy");
    const timer = setTimeout(() => {
      search.current(typed ? text : "", stop.signal).then(
        (found) => { setChoices(found); setAt(0); setState("idle"); },
        (cause: unknown) => { if (!stop.signal.aborted) { setChoices([]); setState(w(asProblem(cause).words)); } },
      );
    }, typed ? 120 : 0);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [open, text, typed, w]);

  useEffect(() => {
    const place = () => {
      const box = input.current?.getBoundingClientRect();
      const panel = list.current;
      if (!open || !box || !panel) return;
      // the buttons of its dialog stay in reach: the list is shorter, or above
      panel.style.maxHeight = "";
      const foot = input.current?.closest("form")?.lastElementChild?.getBoundingClientRect();
      const free = foot !== undefined && foot.top >= box.bottom && foot.top < box.bottom + 4 + panel.offsetHeight ? foot.top - box.bottom - 8 : Infinity;
      if (free >= LOWEST && free < Infinity) panel.style.maxHeight = `${free}px`;
      const below = box.top < 220 || (window.innerHeight - box.bottom > 220 && free >= LOWEST);
      panel.style.left = `${box.left}px`;
      panel.style.width = `${Math.max(box.width, 220)}px`;
      panel.style.top = below ? `${box.bottom + 4}px` : "auto";
      panel.style.bottom = below ? "auto" : `${window.innerHeight - box.top + 4}px`;
    };
    place();
    window.addEventListener("scroll", place, true);
    return () => window.removeEventListener("scroll", place, true);
  });

  const choose = (choice: Choice | null) => {
    setOpen(false);
    setTyped(false);
    setText(adds ? "" : choice?.title ?? "");
    onChoose(choice);
  };

  return (
    <span className="picker">
      <input
        ref={input} id={id} className="box" role="combobox" aria-label={label} aria-expanded={open} aria-controls={listId} aria-autocomplete="list" autoComplete="off"
        aria-activedescendant={open && choices[at] ? `${listId}-${at}` : undefined} aria-invalid={invalid || undefined} autoFocus={autoFocus} data-autofocus={autoFocus || undefined}
        data-mantine-stop-propagation={open || undefined} // Escape puts the list away, and not the dialog with all that was typed
        placeholder={placeholder ?? t("field.search")} value={text}
        onFocus={(event) => { event.target.select(); if (!fresh.current || !event.target.closest('[role="dialog"]')) setOpen(true); }}
        onClick={() => setOpen(true)}
        onBlur={() => { fresh.current = false; setOpen(false); setTyped(false); setText(chosen?.title ?? ""); }}
        onChange={(event) => { setText(event.target.value); setTyped(true); setOpen(true); if (!event.target.value && clearable && chosen) onChoose(null); }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "ArrowDown") { event.preventDefault(); setOpen(true); setAt((now) => Math.min(now + 1, choices.length - 1)); }
          else if (event.key === "ArrowUp") { event.preventDefault(); setAt((now) => Math.max(now - 1, 0)); }
          else if (event.key === "Enter" && open && choices[at]) { event.preventDefault(); event.stopPropagation(); choose(choices[at]); }
          else if (event.key === "Escape" && open) { event.preventDefault(); event.stopPropagation(); setOpen(false); }
        }}
      />
      {open ? createPortal(
        <ul ref={list} id={listId} role="listbox" aria-label={label ?? t("field.search")} className="picker-list" data-portal="true">
          {choices.map((choice, index) => (
            <li key={choice.id} id={`${listId}-${index}`} role="option" aria-selected={index === at} className="picker-option"
              onPointerDown={(event) => { event.preventDefault(); choose(choice); }} onPointerEnter={() => setAt(index)}>
              <span className="cut">{choice.title}</span>{choice.hint ? <span className="dim cut end">{choice.hint}</span> : null}
            </li>
          ))}
          {choices.length === 0 ? <li role="option" aria-selected="false" aria-disabled="true" className="picker-option dim">{state === "busy" ? t("kit.loading") : state === "idle" ? t("field.nothing") : state}</li> : null}
        </ul>, document.body) : null}
    </span>
  );
}
