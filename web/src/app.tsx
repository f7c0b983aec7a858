/** Routes. Each page is a chunk of its own; the next ones are fetched while the browser is idle. */
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Navigate, Route, Routes, useLocation, useParams } from "react-router";
import { readAnew, sameRights, sameViewer } from "./api/anew";
import { get, whenSignedOut } from "./api/client";
import type { Boot, Me, Meta } from "./api/types";
import { useI18n } from "./i18n";
import { makeSession, SessionContext } from "./kit/session";
import { useToasts } from "./kit/toast";
import { somethingIsTyped } from "./kit/typed";
import { Shell } from "./shell/shell";
import { Crash } from "./shell/crash";
import { Wait } from "./shell/wait";

const pages = {
  signin: () => import("./signin/signin"),
  workbench: () => import("./workbench/workbench"),
  objects: () => import("./records/object-page"),
  record: () => import("./records/record-page"),
  organisation: () => import("./admin/organisation"),
  person: () => import("./admin/person"),
  oversight: () => import("./admin/oversight"),
  account: () => import("./account/account-page"),
  exports: () => import("./access/guard/exports-page"),
  centre: () => import("./access/centre/centre"),
  notices: () => import("./notices/notices-page"),
  flow: () => import("./flows/flow-page"),
  processes: () => import("./flows/processes-page"),
  design: () => import("./flows/designer/designer-page"),
  seeing: () => import("./flows/seeing/seeing-page"),
};
const SignIn = lazy(pages.signin);
const Workbench = lazy(pages.workbench);
const ObjectPage = lazy(pages.objects);
const RecordPage = lazy(pages.record);
const Organisation = lazy(pages.organisation);
const PersonPage = lazy(pages.person);
const Oversight = lazy(pages.oversight);
const Account = lazy(pages.account);
const Exports = lazy(pages.exports);
const Centre = lazy(pages.centre);
const Notices = lazy(pages.notices);
const FlowPage = lazy(pages.flow);
const Processes = lazy(pages.processes);
const Design = lazy(pages.design);
const Seeing = lazy(pages.seeing);

/** Safari has no idle callback. */
function idle(then: () => void): void { if ("requestIdleCallback" in window) requestIdleCallback(then); else then(); }
function leave(): void { location.assign(`/signin?next=${encodeURIComponent(location.pathname + location.search)}`); }

/** A new record or type starts with a fresh page: no state is carried over from the one before. */
function Keyed({ page: Page }: { page: React.ComponentType }) {
  const { type, id } = useParams();
  return <Page key={`${type ?? ""}/${id ?? ""}`} />;
}

export function App({ boot }: { boot: Boot }) {
  const client = useQueryClient();
  const { t } = useI18n();
  const { say } = useToasts();
  const [identity, setIdentity] = useState({ me: boot.me, meta: boot.meta, begun: 0 });
  const current = useRef(identity);
  current.current = identity;
  const busy = useRef(false);
  const renew = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      const [me, meta] = await Promise.all([get<Me>("/me"), get<Meta>("/meta")]);
      const before = current.current;
      const after = { me, meta };
      const same = sameRights(before, after);
      // The page is begun anew when my own rights are others now, but never under what I am typing.
      const anew = !same && (!sameViewer(before, after) || !somethingIsTyped());
      if (anew) client.clear();
      setIdentity({ me, meta: same ? before.meta : meta, begun: before.begun + (anew ? 1 : 0) });
      if (!anew) await readAnew(client, somethingIsTyped);
      if (!anew && !same) say(t("shell.rightsMoved"));
    } catch { /* the epoch is still another one: the next beat asks again */ } finally { busy.current = false; }
  }, [client, say, t]);
  const { me, meta, begun } = identity;
  const session = useMemo(() => (me && meta ? makeSession(me, meta) : null), [me, meta]);
  const { pathname, search } = useLocation();

  useEffect(() => {
    whenSignedOut(leave);
    if (!session) return undefined;
    const load = () => { for (const page of [pages.objects, pages.record, pages.workbench, () => import("./fields/picker")]) void page(); };
    const timer = setTimeout(() => idle(load), 1200);
    return () => clearTimeout(timer);
  }, [session]);

  if (!session) {
    if (pathname !== "/signin") return <Navigate to={`/signin?next=${encodeURIComponent(pathname + search)}`} replace />;
    return <Crash><Suspense fallback={<Wait />}><SignIn boot={boot} /></Suspense></Crash>;
  }
  return (
    <SessionContext value={session}>
      <Shell onRights={() => void renew()}>
        <Crash key={`${pathname} ${begun}`}>
          <Suspense fallback={<Wait />}>
            <Routes>
              <Route path="/" element={<Workbench />} />
              <Route path="/records/:type" element={<Keyed page={ObjectPage} />} />
              <Route path="/records/:type/:id" element={<Keyed page={RecordPage} />} />
              <Route path="/organisation" element={<Organisation tab="people" />} />
              <Route path="/organisation/positions" element={<Organisation tab="positions" />} />
              <Route path="/organisation/people/:id" element={<Keyed page={PersonPage} />} />
              <Route path="/projects" element={<Organisation tab="projects" />} />
              <Route path="/audit" element={<Oversight />} />
              <Route path="/policy" element={<Navigate to="/access/roles" replace />} />
              <Route path="/access" element={<Centre />} />
              <Route path="/access/:tab/*" element={<Centre />} />
              <Route path="/flows" element={<Processes />} />
              <Route path="/flows/live/:code" element={<Seeing />} />
              <Route path="/flows/:id" element={<Keyed page={FlowPage} />} />
              <Route path="/flows/design/:id" element={<Keyed page={Design} />} />
              <Route path="/exports" element={<Exports />} />
              <Route path="/exports/:id" element={<Exports />} />
              <Route path="/notices" element={<Notices />} />
              <Route path="/account" element={<Account />} />
              <Route path="/signin" element={<Navigate to="/" replace />} />
              <Route path="*" element={<Crash.NotFound />} />
            </Routes>
          </Suspense>
        </Crash>
      </Shell>
    </SessionContext>
  );
}
