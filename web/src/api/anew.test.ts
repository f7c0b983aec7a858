import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import { Problem } from "./client";
import { readAnew, sameRights, type Identity } from "./anew";

const gone = () => Promise.reject(new Problem({ status: 404, code: "not_found", message: { zh: "没有", en: "Nothing" } }));

test("what is refused after rights changed goes from the page, what comes anew stays", async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  let answer: () => Promise<string> = () => Promise.resolve("one");
  const refused = new QueryObserver(client, { queryKey: ["record"], queryFn: () => answer() });
  const fresh = new QueryObserver(client, { queryKey: ["rows"], queryFn: () => answer().catch(() => "two") });
  const off = new QueryObserver(client, { queryKey: ["off"], queryFn: () => "old", enabled: false });
  const kept = new QueryObserver(client, { queryKey: ["mentioned"], queryFn: () => 0, enabled: false, initialData: 3 });
  const ends = [refused, fresh, off, kept].map((one) => one.subscribe(() => {}));
  client.setQueryData(["off"], "old");
  client.setQueryData(["left behind"], "old");
  await Promise.all([refused.refetch(), fresh.refetch()]);
  expect([refused, fresh, off].map((one) => one.getCurrentResult().data)).toEqual(["one", "one", "old"]);

  await new Promise((done) => setTimeout(done, 5));
  answer = gone;
  await readAnew(client);
  expect(refused.getCurrentResult()).toMatchObject({ data: undefined, isError: true });
  expect(fresh.getCurrentResult().data).toBe("two");
  expect(off.getCurrentResult().data).toBeUndefined();
  expect(kept.getCurrentResult().data).toBe(3);
  expect(client.getQueryData(["left behind"])).toBeUndefined();
  for (const end of ends) end();
});

test("an answer that is late is veiled, not taken from under what is typed; a refusal then goes as ever", async () => {
  vi.useFakeTimers();
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  let answer: () => Promise<string> = () => Promise.resolve("one");
  const kept = new QueryObserver(client, { queryKey: ["record"], queryFn: () => answer() });
  const refused = new QueryObserver(client, { queryKey: ["other"], queryFn: () => answer().then(gone) });
  const ends = [kept, refused].map((one) => one.subscribe(() => {}));
  client.setQueryData(["other"], "old");
  await vi.advanceTimersByTimeAsync(5);
  answer = () => new Promise((done) => setTimeout(() => done("two"), 30_000));
  const read = readAnew(client, () => true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kept.getCurrentResult().data).toBe("one");
  expect(document.documentElement.dataset.late).toBe("");
  await vi.advanceTimersByTimeAsync(25_000);
  await read;
  expect(document.documentElement.dataset.late).toBeUndefined();
  expect(kept.getCurrentResult().data).toBe("two");
  expect(refused.getCurrentResult()).toMatchObject({ data: undefined, isError: true });
  for (const end of ends) end();
  vi.useRealTimers();
});

test("the epoch alone is no change of what I may", () => {
  const one = (epoch: string, pages: string[], seconds = 60) => ({ me: { epoch, pages, person: { id: "1" }, mode: { kind: "view_as", of: "2", seconds } }, meta: { types: [] } }) as unknown as Identity;
  expect(sameRights(one("1.1", ["access"]), one("2.1", ["access"], 58))).toBe(true);
  expect(sameRights(one("1.1", ["access"]), one("2.1", []))).toBe(false);
});
