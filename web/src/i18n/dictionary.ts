/** Every word of the page: [简体中文, English]. Grouped by place; keys are typed from here. */
import { accessWords } from "./words-access";
import type { accountWords } from "./words-account";
import type { answerWords } from "./words-answer";
import type { binWords } from "./words-bin";
import type { centreWords } from "./words-centre";
import type { configureWords } from "./words-configure";
import type { designerWords } from "./words-designer";
import type { flowWords } from "./words-flows";
import type { formWords } from "./words-forms";
import type { givingWords } from "./words-giving";
import type { togetherWords } from "./words-together";
import type { laterWords } from "./words-later";
import type { noticeWords } from "./words-notices";
import type { guardWords } from "./words-guard";
import type { keyWords } from "./words-key";
import type { lendWords } from "./words-lend";
import { listWords } from "./words-list";
import type { beginWords } from "./words-begin";
import type { conflictWords } from "./words-conflict";
import type { bulkWords } from "./words-bulk";
import type { listsWords } from "./words-lists";
import type { modeWords } from "./words-modes";
import { modeCoreWords } from "./words-modes-core";
import type { entryWords } from "./words-entry";
import type { orgWords } from "./words-org";
import type { paletteWords } from "./words-palette";
import type { processWords } from "./words-processes";
import type { oversightWords } from "./words-oversight";
import { recordWords } from "./words-record";
import type { reviewWords } from "./words-review";
import type { seeingWords } from "./words-seeing";
import { shellWords } from "./words-shell";
import type { signinWords } from "./words-signin";
import type { simulateWords } from "./words-simulate";
import type { toolWords } from "./words-tools";
import type { whyPageWords } from "./words-why";

const first = { ...shellWords, ...listWords, ...recordWords, ...accessWords, ...modeCoreWords } as const satisfies Record<string, readonly [string, string]>;
/** Words of areas that come with their own pages. */
type Later = typeof answerWords & typeof modeWords & typeof accountWords & typeof centreWords & typeof configureWords & typeof designerWords & typeof binWords & typeof flowWords & typeof formWords & typeof givingWords & typeof togetherWords & typeof laterWords & typeof beginWords & typeof conflictWords & typeof entryWords & typeof listsWords & typeof bulkWords & typeof noticeWords & typeof keyWords & typeof guardWords & typeof lendWords & typeof reviewWords & typeof seeingWords & typeof signinWords & typeof simulateWords & typeof toolWords & typeof whyPageWords & typeof orgWords & typeof paletteWords & typeof processWords & typeof oversightWords;
export type Key = keyof typeof first | keyof Later;
type Said = Record<Key, readonly [string, string]>;

const known: Partial<Said> = { ...first };
export const dictionary = known as Said;

/** Called by a file of words that is loaded with its area's pages: each of these imports it, so that no word is missing. */
export function learn(words: Partial<Said>): void { Object.assign(known, words); }
