/** A code for something new: from its name where that is in Latin letters and no other has it, else of the moment. */
export function codeOf(kind: string, name: string, taken: readonly string[] = []): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
  if (taken.includes(plain)) return `${plain}-${Date.now().toString(36)}`;
  return plain.length > 2 ? plain : `${kind}-${Date.now().toString(36)}`;
}
