/** What the level of a cell says, for whoever shows it. */

/** The cell holds its mask. */
export const isMasked = (level: string | undefined): boolean => level === "masked" || isRevealable(level);
/** There is a value that can no longer be decrypted. */
export const isBroken = (level: string | undefined): boolean => level === "broken";
/** One recorded click shows it in full. */
export const isRevealable = (level: string | undefined): boolean => level === "masked_read" || level === "masked_edit";
/** Somebody looks as another person: of this cell only the level may be told. */
export const onlyLevel = (level: string | undefined): "masked" | "read" | "edit" | null =>
  level === "only_masked" ? "masked" : level === "only_read" ? "read" : level === "only_edit" ? "edit" : null;
