/** Writing a comment, or changing one: @ offers those who see the record; another name opens the offer to let them see it first. */
import { Button } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState, type KeyboardEvent } from "react";
import { freshKey, get, Problem, query, send } from "../../api/client";
import { commentsQuery } from "../../api/queries";
import type { CommentItem, Named as NamedRef, PersonRef, RecordView, TypeMeta } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Face } from "../../kit/parts";
import { useToasts } from "../../kit/toast";
import { decode, encode, labelFor, putIn, type Named } from "./mention";
import { useAt } from "./use-at";
import "../../i18n/words-entry";

interface Candidate { person: PersonRef; department: NamedRef | null; sees: boolean }
const DAYS = 7;

interface Props { type: TypeMeta; record: RecordView; /** The comment to change. */ item?: CommentItem; onClose?: () => void }

export function Composer({ type, record, item, onClose }: Props) {
  const { t, w } = useI18n();
  const client = useQueryClient();
  const { refuse, say } = useToasts();
  const [start] = useState(() => (item ? decode(item.parts ?? [{ text: item.body }]) : { text: "", chosen: [] }));
  const [text, setText] = useState(start.text);
  const [busy, setBusy] = useState(false);
  const { box, caret, word, setWord, setAt, look, placeIn, keys: listKeys, settle } = useAt(item ? start.text.length : null);
  const [chosen, setChosen] = useState<Named[]>(start.chosen);
  // As it was when this was opened: a change by another window meanwhile must not be overwritten unseen.
  const [tag, setTag] = useState(item?.etag);
  const [stale, setStale] = useState<Problem | null>(null);
  // The word stays known while the offer's button is pressed, which takes the focus away.
  const [offer, setOffer] = useState<{ one: Candidate; word: { from: number; text: string } | null } | null>(null);
  const listId = useId();
  const found = useQuery({
    queryKey: ["mentionable", type.code, record.id, word?.text ?? ""], enabled: word !== null, staleTime: 20_000, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get<{ items: Candidate[] }>(`/records/${type.code}/${record.id}/mentionable${query({ q: word?.text })}`, signal),
  });
  const label = t(item ? "comment.edit" : "stream.write");
  const items = word ? (found.data?.items ?? []) : [];
  const place = placeIn(items.length);

  const insert = (one: Candidate, typed: { from: number; text: string } | null) => {
    const from = typed?.from ?? text.length;
    const label = labelFor(chosen, one.person.id, one.person.name, one.department?.name);
    const next = putIn(text, from, typed ? from + typed.text.length + 1 : text.length, label);
    caret.current = next.caret;
    setText(next.text);
    setChosen((now) => [...now.filter((other) => other.id !== one.person.id), { id: one.person.id, label }]);
    setWord(null);
    setOffer(null);
  };
  const choose = (one: Candidate) => { if (one.sees) insert(one, word); else setOffer({ one, word }); };
  const chooseAt = (index: number) => { const one = items[index]; if (one) choose(one); };
  useEffect(() => settle(items.length, chooseAt, found.isPlaceholderData));
  const lend = async ({ one, word: typed }: NonNullable<typeof offer>) => {
    setBusy(true);
    try {
      const until = new Date(Date.now() + DAYS * 86_400_000).toISOString().replace(/\.\d+Z$/, "Z");
      await send("POST", `/records/${type.code}/${record.id}/actions/team_add`, { person: one.person.id, until }, { etag: record.etag });
      for (const name of ["team", "who", "mentionable", "history"]) void client.invalidateQueries({ queryKey: [name] });
      void client.invalidateQueries({ queryKey: ["record", type.code, record.id] });
      insert(one, typed);
    } catch (cause) { refuse(cause); } finally { setBusy(false); }
  };
  const post = async () => {
    setBusy(true);
    try {
      const { body, mentions } = encode(text.trim(), chosen);
      const path = `/records/${type.code}/${record.id}/comments`;
      const words = mentions.length ? { body, mentions } : { body };
      const before = new Set(start.chosen.map((one) => one.id));
      const told = mentions.filter((id) => !before.has(id)).length;
      if (item) await send("PATCH", `${path}/${item.id}`, words, { etag: tag });
      else await send("POST", path, words, { key: freshKey() });
      setText("");
      setChosen([]);
      if (told) say(t("mention.told", { n: told }));
      await client.invalidateQueries({ queryKey: ["comments", type.code, record.id] });
      onClose?.();
    } catch (cause) {
      if (!(cause instanceof Problem && cause.status === 412)) { refuse(cause); return; }
      const now = await client.fetchQuery({ ...commentsQuery(type.code, record.id), staleTime: 0 });
      const latest = now.items.find((one) => one.id === item?.id);
      if (!latest) { refuse(cause); onClose?.(); return; }
      setTag(latest.etag);
      setStale(cause);
    } finally { setBusy(false); }
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (listKeys(event, items.length, chooseAt, found.isPlaceholderData)) return;
    if (event.key === "Escape" && item) { event.preventDefault(); event.stopPropagation(); onClose?.(); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && text.trim()) { event.preventDefault(); void post(); }
  };

  return (
    <div className="composer">
      <div className="composer-box">
        <textarea
          ref={box} className="box" id={item ? undefined : "comment-box"} aria-label={label} placeholder={label} rows={item ? 3 : 2} value={text} maxLength={4000}
          aria-autocomplete="list" aria-controls={items.length ? listId : undefined} aria-activedescendant={items.length ? `${listId}-${place}` : undefined}
          onChange={(event) => { setText(event.target.value); setOffer(null); look(); }} onSelect={look} onKeyDown={keys} onBlur={() => setWord(null)}
        />
        {items.length && !offer ? (
          <ul id={listId} role="listbox" aria-label={t("mention.who")} className="picker-list mention-list">
            {items.map((one, index) => (
              <li key={one.person.id} id={`${listId}-${index}`} role="option" aria-selected={index === place} aria-description={one.sees ? undefined : t("mention.cannot")} className={one.sees ? "picker-option" : "picker-option mention-blind"}
                onPointerDown={(event) => { event.preventDefault(); choose(one); }} onPointerEnter={() => setAt(index)}>
                {one.sees ? <Face name={one.person.name} /> : <Icon name="lock" small />}<span className="cut">{one.person.name}</span>
                <span className="dim cut end">{one.sees ? one.department?.name : t("mention.cannot")}</span>
              </li>
            ))}
          </ul>
        ) : null}
      </div>
      {offer ? (
        <div className="note amber mention-offer" role="alert">
          <Icon name="lock" small />
          <span className="grow">{t("mention.offer", { name: offer.one.department ? `${offer.one.person.name}（${offer.one.department.name}）` : offer.one.person.name })} {record.actions.team_add ? null : t("mention.askTeam")}</span>
          {record.actions.team_add ? <Button size="xs" loading={busy} onClick={() => void lend(offer)}>{t("mention.lend", { n: DAYS })}</Button> : null}
          <Button size="xs" onClick={() => { setOffer(null); box.current?.focus(); }}>{t("kit.cancel")}</Button>
        </div>
      ) : null}
      {stale && item ? <div className="note amber mention-offer" role="alert"><Icon name="alert" small /><span className="grow">{w(stale.words)}{t("comment.latest", { text: item.body })}</span></div> : null}
      {item ? (
        <div className="row">
          <Button onClick={onClose}>{t("kit.cancel")}</Button>
          <Button variant="filled" loading={busy} disabled={!text.trim()} onClick={() => void post()}>{t(stale ? "comment.saveOver" : "kit.save")}</Button>
        </div>
      ) : text.trim() ? <Button variant="filled" loading={busy} onClick={() => void post()}>{t("stream.post")}</Button> : null}
    </div>
  );
}
