/** Work of the queue, in its place beside it; the next of the queue is fetched ahead. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { FlowView } from "./flow-view";
import { flowQuery } from "./queries";

export default function WorkChosen({ id, next }: { id: string; next?: string }) {
  const client = useQueryClient();
  useEffect(() => { if (next) void client.prefetchQuery(flowQuery(next)); }, [client, next]);
  return <FlowView key={id} id={id} pane />;
}
