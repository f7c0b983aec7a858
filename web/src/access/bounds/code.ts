/** A code for something new: from its name where that is in Latin letters, else of the moment. */
export function codeOf(kind: string, name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
  return plain.length > 2 ? plain : `${kind}-${Date.now().toString(36)}`;
}
