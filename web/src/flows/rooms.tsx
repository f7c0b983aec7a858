/** /flows and what lies below it: each page is a chunk of its own, and the first load knows of one room only. */
import { lazy, Suspense } from "react";
import { Route, Routes, useParams } from "react-router";
import { Wait } from "../shell/wait";

const Processes = lazy(() => import("./processes-page"));
const Seeing = lazy(() => import("./seeing/seeing-page"));
const Design = lazy(() => import("./designer/designer-page"));
const Flow = lazy(() => import("./flow-page"));

/** Another case or draft starts with a fresh page. */
function Keyed({ page: Page }: { page: React.ComponentType }) {
  const { id } = useParams();
  return <Page key={id} />;
}

export default function Rooms() {
  return (
    <Suspense fallback={<Wait />}>
      <Routes>
        <Route index element={<Processes />} />
        <Route path="live/:code" element={<Seeing />} />
        <Route path="design/:id" element={<Keyed page={Design} />} />
        <Route path=":id" element={<Keyed page={Flow} />} />
      </Routes>
    </Suspense>
  );
}
