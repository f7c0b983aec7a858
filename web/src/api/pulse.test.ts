import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { Problem } from "./client";
import { goOn } from "./pulse";

const refused = (status: number) => new Problem({ status, code: "over_budget", message: { zh: "", en: "" } }, status === 429 ? 5 : 0);

test("what was refused for a while is asked again once that is over, and nothing else is", async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const slowed = vi.fn().mockRejectedValueOnce(refused(429)).mockResolvedValue("figures");
  const forbidden = vi.fn().mockRejectedValue(refused(403));
  const watched = [slowed, forbidden].map((queryFn, at) => new QueryObserver(client, { queryKey: ["count", at], queryFn }).subscribe(() => undefined));
  await vi.waitFor(() => expect(client.getQueryState(["count", 1])?.status).toBe("error"));
  goOn(client);
  expect(slowed).toHaveBeenCalledTimes(1);
  goOn(client, Date.now() + 5_100);
  await vi.waitFor(() => expect(client.getQueryData(["count", 0])).toBe("figures"));
  expect(forbidden).toHaveBeenCalledTimes(1);
  watched.forEach((end) => end());
});
