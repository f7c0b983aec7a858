/** The text of a file that was chosen, whatever encoding it declares: what is sent is UTF-8, and says so. */

const BOMS: readonly (readonly [readonly number[], string])[] = [[[0xef, 0xbb, 0xbf], "utf-8"], [[0xff, 0xfe], "utf-16le"], [[0xfe, 0xff], "utf-16be"]];
const DECLARED = /^(\s*<\?xml[^>]*?\sencoding\s*=\s*)(["'])([\w.:-]+)\2/;

/** Null where XML is not in the encoding that it declares: letters would come out as others. What is no XML comes as well as it can be
 * read, for whoever tells what it is instead. */
export function textOf(bytes: Uint8Array): string | null {
  const bom = BOMS.find(([begins]) => begins.every((one, at) => bytes[at] === one));
  const begins = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const head = DECLARED.exec(begins);
  try {
    const text = new TextDecoder(bom?.[1] ?? head?.[3] ?? "utf-8", { fatal: true }).decode(bytes);
    return text.replace(DECLARED, "$1$2UTF-8$2");
  } catch { return bom || /^\s*</.test(begins) ? null : new TextDecoder().decode(bytes.subarray(0, 200)).replaceAll("\0", "\uFFFD"); }
}
