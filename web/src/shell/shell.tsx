/** The frame round every page: rail, palette, key sheet, and the keys that work everywhere. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useMemo, useState, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";
import { usePulse } from "../api/pulse";
import { useI18n } from "../i18n";
import { useKeys, type KeyMap } from "../kit/keys";
import { Icon } from "../kit/icons";
import { Crash } from "./crash";
import { useSession } from "../kit/session";

import { WhyProvider } from "../access/why-context";
import { LETTERS } from "./navigation";
import { Bell } from "./bell";
import { Logo } from "./logo";
import { RailContent } from "./rail";
import "./shell.css";

const Loud = lazy(() => import("./loud"));
const Watermark = lazy(async () => ({ default: (await import("../access/guard/watermark")).Watermark }));
const Palette = lazy(() => import("./palette"));
const KeySheet = lazy(() => import("./key-sheet"));

export function Shell({ children, onRights }: { children: ReactNode; onRights: () => void }) {
  const { t } = useI18n();
  const { types, me } = useSession();
  const go = useNavigate();
  const { pathname } = useLocation();
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  const [menu, setMenu] = useState<string | null>(null);
  usePulse(me.epoch, onRights);

  const keys = useMemo<KeyMap>(() => {
    const map: KeyMap = { "ctrl+k": () => setPalette(true), "/": () => setPalette(true), "?": () => setSheet(true), "g w": () => { void go("/"); } };
    if (me.pages.includes("organisation")) map["g g"] = () => { void go("/organisation"); };
    for (const [code, letter] of Object.entries(LETTERS)) if (types.has(code)) map[`g ${letter}`] = () => { void go(`/records/${code}`); };
    return map;
  }, [go, me, types]);
  useKeys(keys);
  const closePalette = useCallback(() => setPalette(false), []);
  const phoneMenu = menu === pathname;
  // How many are open is told by the pulse; the page asks nothing of its own while there are none.
  const emergencies = useQuery<number>({ queryKey: ["emergencies", "open"], enabled: false, initialData: 0 }).data;
  const loud = emergencies > 0 && pathname !== "/access/loans";

  return (
    <WhyProvider>
      <div className="mode-frame">
        {/* What a newer release has replaced fails to load: that part says so, and the page with what is typed stays. */}
        {me.mode || loud || me.frozen ? <Crash><Suspense fallback={<div />}><Loud me={me} emergency={loud} /></Suspense></Crash> : null}
        <div className="shell">
          <a className="skip" href="#main">{t("shell.skip")}</a>
          <header className="phone-bar only-phone">
            <button className="ib" aria-label={t("shell.menu")} aria-expanded={phoneMenu} onClick={() => setMenu(phoneMenu ? null : pathname)}><Icon name={phoneMenu ? "x" : "rows"} /></button>
            <Logo />
            <Bell end />
            <button className="ib" aria-label={t("shell.search")} onClick={() => setPalette(true)}><Icon name="search" /></button>
          </header>
          <div className={phoneMenu ? "rail open" : "rail"}><RailContent onSearch={() => setPalette(true)} onKeys={() => setSheet(true)} /></div>
          <div className="stage" id="main">{children}</div>
        </div>
      </div>
      {me.watermark ? <Crash><Suspense fallback={null}><Watermark /></Suspense></Crash> : null}
      <Crash><Suspense fallback={null}>
        {palette ? <Palette onClose={closePalette} onKeys={() => setSheet(true)} /> : null}
        {sheet ? <KeySheet onClose={() => setSheet(false)} /> : null}
      </Suspense></Crash>
    </WhyProvider>
  );
}
