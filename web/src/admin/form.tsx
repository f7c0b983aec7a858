/** What the organisation's dialogs share: a small form of our own fields, dates, and what is read again afterwards. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { takeWaiting } from "../api/client";
import { pulseNow } from "../api/pulse";
import type { FieldMeta, Json, Option } from "../api/types";
import { forgetDepartments } from "../fields/find";
import { kindOf } from "../fields/registry";
import { useI18n, type Key } from "../i18n";
import { isoDate } from "../kit/format";
import { useToasts } from "../kit/toast";
import { FormField } from "../records/form-field";
import "../i18n/words-org";

export type Values = Record<string, Json>;
type Kinds = Record<string, string>;
interface Extra { required?: boolean; options?: Option[]; help?: Key; focus?: boolean }
/** What the server's verbs call some of what a form asks for. */
const ALSO: Record<string, string> = { lead: "person" };
const blank = { data_class: "internal", readonly: false, operators: [], sortable: false };

/** A small form of our own fields; what it sends is made of ids and plain values. `places` are its labels by code. */
export function useForm(first: Values) {
  const { t } = useI18n();
  const [values, setValues] = useState<Values>(first);
  const places: Record<string, string> = {};
  const input = (code: string, word: Key, kind: string, { required = false, options, help, focus }: Extra = {}) => {
    places[code] = t(word);
    places[ALSO[code] ?? code] = t(word);
    const field: FieldMeta = {
      ...blank, code, kind, required, options, name: { zh: t(word), en: t(word) }, help: help ? { zh: t(help), en: t(help) } : null,
    };
    return <FormField key={code} field={field} value={values[code] ?? null} autoFocus={focus} onChange={(value) => setValues((now) => ({ ...now, [code]: value }))} />;
  };
  const body = (kinds: Kinds): Values => Object.fromEntries(Object.entries(kinds).map(([code, kind]) => {
    const value = values[code] ?? null;
    return [code, kindOf({ ...blank, code, kind, required: false, name: { zh: "", en: "" } }).send?.(value) ?? value];
  }));
  return { values, input, body, places, text: (code: string) => String(values[code] ?? "").trim() };
}

/** What is empty is not sent. */
export const filled = (values: Values): Values => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ""));

const READ_AGAIN = ["people", "person", "departments", "projects", "project", "positions", "position", "tokens", "handover", "requests", "workbench"];

/** Reads again all that a change of the organisation may have changed, and says that it is saved, or waits for a second person. */
export function useDone() {
  const client = useQueryClient();
  const { t, w } = useI18n();
  const { say } = useToasts();
  return async () => {
    const waiting = takeWaiting();
    forgetDepartments();
    await Promise.all(READ_AGAIN.map((name) => client.invalidateQueries({ queryKey: [name] })));
    say(waiting ? t("org.waits", { what: w(waiting) }) : t("organisation.saved"));
    pulseNow();
  };
}

export const ref = (one: { id: string; name: string } | null | undefined): Json => (one ? { id: one.id, name: one.name } : null);

/** The last whole day before an end, which is the start of the day after. */
export function lastDay(iso: string): string { return isoDate(new Date(new Date(iso).getTime() - 1)); }
export function firstDay(iso: string): string { return isoDate(new Date(iso)); }

/** "2025-01-01 – 2026-01-31", open at its end where it is. */
export function Span({ from, until }: { from?: string | null; until?: string | null }) {
  const { t } = useI18n();
  const later = from && new Date(from).getTime() > Date.now();
  const text = [from ? firstDay(from) : "", until ? lastDay(until) : ""];
  return <span className="dim nowrap">{text[1] ? text.filter(Boolean).join(" – ") : text[0] ? `${t("organisation.from")} ${text[0]}` : ""}{later ? ` · ${t("org.later")}` : ""}</span>;
}
