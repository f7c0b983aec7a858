/** The tabs of the permission centre: one line each, every page a chunk of its own. What a person may open is said by the server. */
import { lazy } from "react";
import type { Me } from "../../api/types";
import type { Key } from "../../i18n/dictionary";
import "../../i18n/words-centre";

export interface CentreTab {
  /** Its address below /access. */
  code: string;
  title: Key;
  /** Tabs of one group stand together: what everyone asks, what the rules are, how they are watched, how they are tried. */
  group: "ask" | "rules" | "watch" | "try";
  shows: (me: Me) => boolean;
  Page: React.LazyExoticComponent<React.ComponentType>;
}

const readsRules = (me: Me) => me.pages.includes("policy");

export const TABS: CentreTab[] = [
  { code: "why", title: "whyPage.title", group: "ask", shows: () => true, Page: lazy(() => import("../why/why-page")) },
  { code: "loans", title: "lend.title", group: "ask", shows: (me) => me.pages.includes("access"), Page: lazy(() => import("../lend/lend-page")) },
  { code: "reviews", title: "review.title", group: "ask", shows: (me) => me.pages.includes("access"), Page: lazy(() => import("../review/review")) },
  { code: "roles", title: "tab.roles", group: "rules", shows: readsRules, Page: lazy(() => import("../roles/roles-page")) },
  { code: "matrix", title: "tab.matrix", group: "rules", shows: readsRules, Page: lazy(() => import("../matrix/matrix-page")) },
  { code: "scopes", title: "tab.scopes", group: "rules", shows: readsRules, Page: lazy(() => import("../scopes/scopes-page")) },
  { code: "bounds", title: "tab.bounds", group: "rules", shows: readsRules, Page: lazy(() => import("../bounds/bounds-page")) },
  { code: "drafts", title: "tab.drafts", group: "rules", shows: readsRules, Page: lazy(() => import("../draft/drafts-page")) },
  { code: "simulate", title: "simulate.title", group: "rules", shows: (me) => me.pages.includes("policy"), Page: lazy(() => import("../simulate/simulate-page")) },
  { code: "guard", title: "guard.title", group: "watch", shows: (me) => me.pages.includes("access"), Page: lazy(async () => ({ default: (await import("../guard/guard-page")).GuardPage })) },
  { code: "leaving", title: "leaving.title", group: "watch", shows: (me) => me.administers?.includes("organisation") ?? false, Page: lazy(() => import("../leaving/leaving")) },
  { code: "view-as", title: "modes.title", group: "try", shows: (me) => Boolean(me.may_view_as) && !me.mode, Page: lazy(() => import("../modes/view-as")) },
  { code: "sandboxes", title: "sandbox.tab", group: "try", shows: (me) => !me.mode && (Boolean(me.may_view_as) || me.pages.includes("access")), Page: lazy(() => import("../modes/sandboxes-page")) },
];

export function tabsOf(me: Me): CentreTab[] { return TABS.filter((tab) => tab.shows(me)); }
