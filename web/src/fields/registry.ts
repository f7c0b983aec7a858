/** Every field kind the server may name. A new kind: one file beside this one, one line here. */
import type { FieldMeta } from "../api/types";
import { choice, choices, yesNo } from "./choice";
import { date, datetime } from "./date";
import type { FieldKind } from "./kind";
import { lines } from "./lines";
import { money, number, percent } from "./number";
import { department, link, links, person } from "./refs";
import { code, contact, longText, text, website } from "./text";

const KINDS: Record<string, FieldKind> = {
  text, long_text: longText, rich_text: longText, number, money, percent, date, datetime, choice, choices, yes_no: yesNo,
  link, links, person, department, phone: contact, email: contact, url: website, address: text, credit_code: code, auto_number: code, lines,
};

export function kindOf(field: FieldMeta): FieldKind { return KINDS[field.kind] ?? text; }
