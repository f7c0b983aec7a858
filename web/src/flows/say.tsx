/** What one says on a case: @ offers people, who are told and may follow it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { findPeople } from "../fields/find";
import { useI18n } from "../i18n";
import { Face } from "../kit/parts";
import { labelFor, putIn, wordAt, type Named } from "../records/record/mention";

interface Props { text: string; placeholder: string; named: readonly Named[]; onText: (text: string) => void; onNamed: (named: Named[]) => void }

/** Those who still stand in the text. */
export function stillNamed(text: string, named: readonly Named[]): string[] {
  return named.filter((one) => text.includes(`@${one.label}`)).map((one) => one.id);
}

export function Say({ text, placeholder, named, onText, onNamed }: Props) {
  const { t } = useI18n();
  const box = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number | null>(null);
  const listId = useId();
  const [word, setWord] = useState<{ from: number; text: string } | null>(null);
  const [at, setAt] = useState(0);
  const found = useQuery({
    queryKey: ["flow-mention", word?.text ?? ""], enabled: word !== null, staleTime: 20_000, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => findPeople(word?.text ?? "", signal),
  });
  const items = word ? (found.data ?? []) : [];
  const place = Math.min(at, Math.max(0, items.length - 1));
  useLayoutEffect(() => {
    if (caret.current === null) return;
    box.current?.focus();
    box.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });
  const look = () => {
    const input = box.current;
    const next = input && input.selectionStart === input.selectionEnd ? wordAt(input.value, input.selectionStart) : null;
    setWord(next);
    if (next?.text !== word?.text) setAt(0);
  };
  const choose = (index: number) => {
    const one = items[index];
    if (!one || !word) return;
    const label = labelFor(named, one.id, one.title, one.hint);
    const next = putIn(text, word.from, word.from + word.text.length + 1, label);
    caret.current = next.caret;
    onText(next.text);
    onNamed([...named.filter((other) => other.id !== one.id), { id: one.id, label }]);
    setWord(null);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || !items.length || !word) return;
    if (event.key === "ArrowDown") { event.preventDefault(); setAt(Math.min(items.length - 1, place + 1)); }
    else if (event.key === "ArrowUp") { event.preventDefault(); setAt(Math.max(0, place - 1)); }
    else if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); choose(place); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); setWord(null); }
  };
  return (
    <div className="flow-say-box">
      <textarea
        ref={box} id="flow-say" className="box flow-say" rows={1} maxLength={4000} aria-label={t("flow.say")} placeholder={placeholder} value={text}
        aria-autocomplete="list" aria-controls={items.length ? listId : undefined} aria-activedescendant={items.length ? `${listId}-${place}` : undefined}
        onChange={(event) => { onText(event.target.value); look(); }} onSelect={look} onKeyDown={keys} onBlur={() => setWord(null)}
      />
      {items.length ? (
        <ul id={listId} role="listbox" aria-label={t("flow.mentionWho")} className="picker-list flow-say-list">
          {items.map((one, index) => (
            <li key={one.id} id={`${listId}-${index}`} role="option" aria-selected={index === place} className="picker-option"
              onPointerDown={(event) => { event.preventDefault(); choose(index); }} onPointerEnter={() => setAt(index)}>
              <Face name={one.title} /><span className="cut">{one.title}</span>{one.hint ? <span className="dim cut end">{one.hint}</span> : null}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
