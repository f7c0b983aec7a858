/** Every word of the page: [简体中文, English]. Grouped by place; keys are typed from here. */
import { accessWords } from "./words-access";
import { accountWords } from "./words-account";
import { listWords } from "./words-list";
import { modeWords } from "./words-modes";
import { orgWords } from "./words-org";
import { recordWords } from "./words-record";
import { shellWords } from "./words-shell";

export const dictionary = { ...shellWords, ...listWords, ...recordWords, ...orgWords, ...accountWords, ...accessWords, ...modeWords } as const satisfies Record<string, readonly [string, string]>;
export type Key = keyof typeof dictionary;
