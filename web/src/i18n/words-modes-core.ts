/** What is said of the modes before their own pages are loaded. */
export const modeCoreWords = {
  "modes.title": ["代看", "View as"],
  "sandbox.tab": ["联测", "Sandboxes"],
} as const satisfies Record<string, readonly [string, string]>;
