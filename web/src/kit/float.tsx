/** One floating panel beside its anchor, kept inside the window; Escape or a click elsewhere closes it. */
import { useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import { createPortal } from "react-dom";

interface Props { anchor: Element | DOMRect; label: string; onClose: () => void; children: ReactNode; width?: number; className?: string }

export function Float({ anchor, label, onClose, children, width, className }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);

  useLayoutEffect(() => {
    const panel = box.current;
    if (!panel) return undefined;
    const place = () => {
      const rect = anchor instanceof Element ? anchor.getBoundingClientRect() : anchor;
      const { offsetWidth, offsetHeight } = panel;
      const below = rect.bottom + 6 + offsetHeight <= window.innerHeight - 8;
      const top = below ? rect.bottom + 6 : Math.max(8, rect.top - 6 - offsetHeight);
      const left = Math.max(8, Math.min(rect.left, window.innerWidth - offsetWidth - 8));
      panel.style.top = `${Math.min(top, Math.max(8, window.innerHeight - offsetHeight - 8))}px`;
      panel.style.left = `${left}px`;
    };
    place();
    const watch = new ResizeObserver(place);
    watch.observe(panel);
    return () => watch.disconnect();
  }, [anchor]);

  useEffect(() => {
    before.current = document.activeElement;
    box.current?.focus();
    const outside = (event: PointerEvent) => {
      const target = event.target as Element;
      // Mantine's own dropdowns live in a portal of their own and belong to this panel.
      if (!box.current?.contains(target) && !target.closest("[data-portal], .mantine-Popover-dropdown, .mantine-Select-dropdown")) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus({ preventScroll: true });
    };
  }, [onClose]);

  return createPortal(
    <div
      ref={box} className={`float ${className ?? ""}`} role="dialog" aria-label={label} tabIndex={-1} style={width ? { width } : undefined}
      onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); event.preventDefault(); onClose(); } }}
    >{children}</div>,
    document.body,
  );
}
