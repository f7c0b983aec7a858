/** Loud, on every page: whose eyes or which draft these are, that nothing is written, how long it lasts, and the way out. */
import "../../i18n/words-modes";
import { lazy, Suspense, useEffect, useState } from "react";
import { send } from "../../api/client";
import type { Mode } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { useToasts } from "../../kit/toast";
import "./modes.css";

const SandboxSays = lazy(() => import("./sandbox-says"));

/** Whole minutes that are left, rounded up; the page is read anew when none are. */
function useLeft(seconds: number): number {
  const [end] = useState(() => Date.now() + seconds * 1000);
  const [left, set] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = Math.max(0, Math.round((end - Date.now()) / 1000));
      set(now);
      if (now === 0) location.assign("/");
    }, 5000);
    return () => clearInterval(timer);
  }, [end]);
  return Math.ceil(left / 60);
}

export default function ModeBanner({ mode }: { mode: Mode }) {
  const { t } = useI18n();
  const { refuse } = useToasts();
  const [busy, setBusy] = useState(false);
  const [says, setSays] = useState<"sign" | "report" | null>(null);
  const left = useLeft(mode.seconds);
  const trying = mode.kind === "sandbox";
  const end = () => { setBusy(true); send("DELETE", "/access/mode").then(() => location.assign("/"), (cause: unknown) => { setBusy(false); refuse(cause); }); };
  return (
    <div className="mode-banner" role="status">
      <Icon name={trying ? "bulb" : "eye"} />
      <p className="grow"><b>{t(trying ? "sandbox.in" : "modes.as", { name: mode.name })}</b> <span className="mode-text">{t(trying ? "sandbox.inText" : "modes.readOnly")}</span></p>
      <span className="nowrap">{t("modes.left", { n: left })}</span>
      <span className="mode-acts">
        {trying ? <><button className="mode-end" onClick={() => setSays("sign")}>{t("sandbox.sign")}</button><button className="mode-end" onClick={() => setSays("report")}>{t("sandbox.report")}</button></> : null}
        <button className="mode-end" disabled={busy} onClick={end}>{t(trying ? "sandbox.leave" : "modes.end")}</button>
      </span>
      {says ? <Suspense fallback={null}><SandboxSays draft={mode.of} title={mode.name} kind={says} onClose={() => setSays(null)} /></Suspense> : null}
    </div>
  );
}
