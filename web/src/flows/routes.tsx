/** The pages of processes. They are named here, not in the first load, which need not know of them. */
import { lazy, Suspense } from "react";
import { Route, Routes, useParams } from "react-router";
import { Crash } from "../shell/crash";
import { Wait } from "../shell/wait";

const Processes = lazy(() => import("./processes-page"));
const FlowPage = lazy(() => import("./flow-page"));
const Seeing = lazy(() => import("./seeing/seeing-page"));
const Design = lazy(() => import("./designer/designer-page"));

/** Another case, another draft: a fresh page. */
function Keyed({ page: Page }: { page: React.ComponentType }) { return <Page key={useParams().id} />; }

export default function FlowRoutes() {
  return (
    <Suspense fallback={<Wait />}>
      <Routes>
        <Route index element={<Processes />} />
        <Route path="live/:code" element={<Seeing />} />
        <Route path="design/:id" element={<Keyed page={Design} />} />
        <Route path=":id" element={<Keyed page={FlowPage} />} />
        <Route path="*" element={<Crash.NotFound />} />
      </Routes>
    </Suspense>
  );
}
