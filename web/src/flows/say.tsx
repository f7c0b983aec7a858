/** What one says on a case: @ offers people, who are told and may follow it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useId } from "react";
import { findPeople } from "../fields/find";
import { useI18n } from "../i18n";
import { Face } from "../kit/parts";
import { labelFor, putIn, type Named } from "../records/record/mention";
import { useAt } from "../records/record/use-at";

interface Props { text: string; placeholder: string; named: readonly Named[]; onText: (text: string) => void; onNamed: (named: Named[]) => void }

/** Those who still stand in the text. */
export function stillNamed(text: string, named: readonly Named[]): string[] {
  return named.filter((one) => text.includes(`@${one.label}`)).map((one) => one.id);
}

export function Say({ text, placeholder, named, onText, onNamed }: Props) {
  const { t } = useI18n();
  const listId = useId();
  const { box, caret, word, setWord, setAt, look, placeIn, keys, settle } = useAt(null);
  const found = useQuery({
    queryKey: ["flow-mention", word?.text ?? ""], enabled: word !== null, staleTime: 20_000, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => findPeople(word?.text ?? "", signal),
  });
  const items = word ? (found.data ?? []) : [];
  const place = placeIn(items.length);
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
  useEffect(() => settle(items.length, choose, found.isPlaceholderData));
  return (
    <div className="flow-say-box">
      <textarea
        ref={box} id="flow-say" className="box flow-say" rows={1} maxLength={4000} aria-label={t("flow.say")} placeholder={placeholder} value={text}
        aria-autocomplete="list" aria-controls={items.length ? listId : undefined} aria-activedescendant={items.length ? `${listId}-${place}` : undefined}
        onChange={(event) => { onText(event.target.value); look(); }} onSelect={look} onKeyDown={(event) => { if (!event.nativeEvent.isComposing) keys(event, items.length, choose, found.isPlaceholderData); }} onBlur={() => setWord(null)}
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
