/** Every word of the page: [简体中文, English]. Grouped by place; keys are typed from here. */
import { accessWords } from "./words-access";
import { accountWords } from "./words-account";
import { configureWords } from "./words-configure";
import { guardWords } from "./words-guard";
import { lendWords } from "./words-lend";
import { listWords } from "./words-list";
import { orgWords } from "./words-org";
import { recordWords } from "./words-record";
import { reviewWords } from "./words-review";
import { shellWords } from "./words-shell";
import { simulateWords } from "./words-simulate";
import { whyPageWords } from "./words-why";

export const dictionary = {
  ...accessWords,
  ...accountWords,
  ...configureWords,
  ...guardWords,
  ...lendWords,
  ...listWords,
  ...orgWords,
  ...recordWords,
  ...reviewWords,
  ...shellWords,
  ...simulateWords,
  ...whyPageWords,
} as const satisfies Record<string, readonly [string, string]>;
export type Key = keyof typeof dictionary;
