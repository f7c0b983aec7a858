/** What a field kind must be able to do on the page; one file per family of kinds registers itself in registry.ts. */
import type { ComponentType } from "react";
import type { FieldMeta, Json, Lang } from "../api/types";

export interface Speaking { lang: Lang; currency: string; company?: string }

export interface EditorProps {
  field: FieldMeta;
  value: Json;
  onChange: (value: Json) => void;
  /** Enter in a one-line editor, or a choice made: the value is final. */
  onCommit?: (value: Json) => void;
  id?: string;
  label?: string;
  autoFocus?: boolean;
  invalid?: boolean;
  describedBy?: string;
}

export interface FieldKind {
  /** The value as plain text, also used for tooltips and sorting by eye. */
  text: (field: FieldMeta, value: Json, speaking: Speaking) => string;
  /** How the value looks, when plain text is not enough. */
  Show?: ComponentType<{ field: FieldMeta; value: Json; inList?: boolean }>;
  Edit: ComponentType<EditorProps>;
  number?: boolean;
  /** Width of its list column in pixels. */
  width: number;
  /** The value to send: references travel as ids. */
  send?: (value: Json) => Json;
}

export function isEmpty(value: Json | undefined): boolean {
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

export function asObject(value: Json | undefined): { [key: string]: Json } | null {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
}
