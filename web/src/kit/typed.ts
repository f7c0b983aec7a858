/** What somebody has typed and not yet sent: while it stands, the page is not begun anew under it. */
interface Box extends HTMLElement { value?: string }
const boxes = new Set<Box>();

document.addEventListener("input", (event) => { if (event.target instanceof HTMLElement) boxes.add(event.target); }, true);

export function somethingIsTyped(): boolean {
  for (const box of boxes) if (!box.isConnected) boxes.delete(box);
  return [...boxes].some((box) => Boolean(box.value ?? box.textContent));
}
