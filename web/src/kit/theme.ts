/** Mantine, dressed in our tokens. Colours resolve to the semantic variables of tokens.css. */
import { Button, createTheme, Modal, Menu, Tooltip, type VariantColorsResolver } from "@mantine/core";

const border = "1px solid color-mix(in oklch, var(--line2) 70%, transparent)";

const colours: VariantColorsResolver = ({ variant, color }) => {
  const red = color === "bad";
  const solid = red ? "var(--bad)" : "var(--brand)";
  if (variant === "filled") {
    return { background: solid, hover: red ? "var(--bad)" : "var(--brand-strong)", color: red ? "var(--onbad)" : "var(--onbrand)", border: "1px solid transparent" };
  }
  if (variant === "subtle" || variant === "transparent") {
    return { background: "transparent", hover: "var(--hover)", color: red ? "var(--bad)" : "var(--ink2)", border: "1px solid transparent" };
  }
  if (variant === "light") {
    return { background: red ? "var(--badbg)" : "var(--brandbg)", hover: red ? "var(--badbg)" : "var(--brandbg)", color: red ? "var(--bad)" : "var(--brand-text)", border: "1px solid transparent" };
  }
  return { background: "var(--surface)", hover: "var(--hover)", color: red ? "var(--bad)" : "var(--ink)", border };
};

export const theme = createTheme({
  primaryColor: "gray",
  fontFamily: "var(--font)",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  variantColorResolver: colours,
  components: {
    Button: Button.extend({ defaultProps: { size: "sm", variant: "default" }, classNames: { root: "btn" } }),
    // react-remove-scroll writes a <style> element, which the content policy forbids; the page itself never scrolls.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: false, transitionProps: { duration: 100 }, overlayProps: { color: "var(--scrim)", backgroundOpacity: 1 } } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 80 }, withinPortal: true } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, transitionProps: { duration: 80 } } }),
  },
});

/** Where Mantine keeps the colour scheme of this browser. */
const STORE = "mantine-color-scheme-value";

/** What a person has set on any device goes before what this browser remembers. */
export function keepTheme(theme: "light" | "dark" | "auto" | null): void {
  if (theme) localStorage.setItem(STORE, theme);
}
