/** The page of one object type: a list or a board, its views, filters, and a preview beside it. */
import { lazy, Suspense } from "react";
import { useParams, useSearchParams } from "react-router";
import { useType } from "../kit/session";
import { BIN, readState } from "./state";
import { NotPermitted } from "./not-permitted";
import { Wait } from "../shell/wait";
import { ListPage } from "./list/list-page";
import "./records.css";

const BoardPage = lazy(() => import("./board/board-page"));
const BinPage = lazy(() => import("./bin-page"));

export default function ObjectPage() {
  const { type: code = "" } = useParams();
  const type = useType(code);
  const [search] = useSearchParams();
  if (!type) return <NotPermitted code={code} />;
  const state = readState(search);
  if (state.tab === BIN && type.can.restore) return <Suspense fallback={<Wait />}><BinPage type={type} /></Suspense>;
  return state.layout === "kanban" && type.kanban ? <Suspense fallback={<Wait />}><BoardPage type={type} /></Suspense> : <ListPage type={type} />;
}
