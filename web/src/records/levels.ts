/** What the level of a cell says, for whoever shows it. */

/** The cell holds its mask. */
export const isMasked = (level: string | undefined): boolean => level === "masked" || isRevealable(level);
/** One recorded click shows it in full. */
export const isRevealable = (level: string | undefined): boolean => level === "masked_read" || level === "masked_edit";
