/** The tabs of the permission centre: one line each, every page a chunk of its own. What a person may open is said by the server. */
import { lazy } from "react";
import type { Me } from "../../api/types";
import type { Key } from "../../i18n/dictionary";

export interface CentreTab {
  /** Its address below /access. */
  code: string;
  title: Key;
  shows: (me: Me) => boolean;
  Page: React.LazyExoticComponent<React.ComponentType>;
}

export const TABS: CentreTab[] = [
  { code: "rules", title: "oversight.policy", shows: (me) => me.pages.includes("policy"), Page: lazy(async () => ({ default: (await import("../../admin/oversight")).Rules })) },
  { code: "view-as", title: "modes.title", shows: (me) => Boolean(me.may_view_as) && !me.mode, Page: lazy(() => import("../modes/view-as")) },
  { code: "sandboxes", title: "sandbox.tab", shows: (me) => !me.mode && (Boolean(me.may_view_as) || me.pages.includes("access")), Page: lazy(() => import("../modes/sandboxes-page")) },
];

export function tabsOf(me: Me): CentreTab[] { return TABS.filter((tab) => tab.shows(me)); }
