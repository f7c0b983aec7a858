import { describe, expect, it } from "vitest";
import { ahead, alike, firstOf, groupsOf, holders, isLate, keptAfter, keptBack, longerThanUsual, missingOf, namesOf, nextOf, noWord, saidPlainly, spokenTo, standingOf, togetherAt, viewIn, wentOver, worksAt } from "./told";
import { nextLook } from "./queries";
import type { FlowWork, Happening, Mine, Need, Step, StepWork } from "./types";

const person = (id: string) => ({ id, name: `P${id}`, username: id });
const work = (number: number, given: Partial<StepWork>): StepWork => ({
  number, node: "n", person: person(String(number)), state: "open", outcome: "", text: "", acting_for: null, deputies: [], added_by: null, opinion: false, reassign: false,
  opened_at: null, seen_at: null, due_at: null, done_at: null, mine: false, round: 1, left: false, ...given,
});
const step = (given: Partial<Step>): Step => ({ id: "n", name: { zh: "节点", en: "Node" }, kind: "user", standing: "current", round: 1, mode: "any", within: null, usual: null, handoff: null, chosen: [], decides: true, timers: [], first: null, ...given });
const happening = (what: string, given: Partial<Happening>): Happening => ({ at: "", what, node: "n", node_name: null, person: person("1"), acting_for: null, other: null, outcome: "", text: "", words: null, to_name: null, files: [], made: null, ...given });

describe("how an instance is told", () => {
  it("lists events of which the first decides together, where the first of them stands", () => {
    const first = { of: "g", then: [] };
    const ids = togetherAt([step({ id: "a" }), step({ id: "paid", first }), step({ id: "b" }), step({ id: "late", first }), step({ id: "c", first: { of: "h", then: [] } })]);
    expect(ids.map((some) => some.map((one) => one.id))).toEqual([["a"], ["paid", "late"], ["b"], ["c"]]);
  });

  it("says a moment to come by today, tomorrow, the day or the year", () => {
    const now = new Date(2026, 10, 23, 14, 30);
    expect(ahead(new Date(2026, 10, 23, 23, 0).toISOString(), "zh", now)).toBe("今天 23:00");
    expect(ahead(new Date(2026, 10, 24, 9, 0).toISOString(), "en", now)).toBe("tomorrow 09:00");
    expect(ahead(new Date(2026, 11, 2, 9, 0).toISOString(), "zh", now)).toBe("12-02 09:00");
    expect(ahead(new Date(2027, 0, 2, 9, 0).toISOString(), "zh", now)).toBe("2027-01-02 09:00");
  });
  it("says of steps that decide nothing that they are done, sent, or that their time has come", () => {
    expect(saidPlainly(step({ decides: false }), "approve")).toBe("flow.h.finish");
    expect(saidPlainly(step({}), "approve")).toBeNull();
    expect(saidPlainly(step({ kind: "send" }), "done")).toBe("flow.h.sent");
    expect(saidPlainly(step({ kind: "timer" }), "done")).toBe("flow.h.rang");
    expect(saidPlainly(step({ kind: "service" }), "done")).toBeNull();
  });
  it("puts steps to come with one number together, in their order", () => {
    const coming = (id: string, number: number) => ({ id, number, name: { zh: id, en: id }, kind: "user", sure: true, when: null, mode: "any", who: "people" as const, people: [], deputies: [], more: 0, same: "" as const, does: null });
    expect(groupsOf([coming("c", 1), coming("a", 0), coming("b", 0)]).map((some) => some.map((one) => one.id))).toEqual([["a", "b"], ["c"]]);
  });
  it("names who has it, each once, and how many more", () => {
    const found = holders({ work: [work(1, {}), work(2, { person: person("1") }), work(3, {}), work(4, { state: "done" })] });
    expect(found.map((one) => one.id)).toEqual(["1", "3"]);
    expect(namesOf(found, "zh")).toBe("P1、P3");
    expect(namesOf(found, "en", 1)).toBe("P1 +1");
  });
  it("shows the last round of a step, without work that nobody needed", () => {
    const works = [work(1, { state: "done", outcome: "rejected" }), work(2, { round: 2, state: "done", outcome: "approved" }), work(3, { round: 2, state: "closed" })];
    expect(worksAt({ work: works }, step({ round: 2 })).map((one) => one.number)).toEqual([2]);
  });
  it("shows who took theirs back as waiting, beside who has signed", () => {
    const works = [work(1, { state: "done", outcome: "approved" }), work(2, { state: "done", outcome: "approved" }), work(3, { person: person("2") })];
    expect(worksAt({ work: works }, step({})).map((one) => one.number)).toEqual([1, 3]);
  });
  it("says where a process ended without passing, what was under way then, and what was done before it went back", () => {
    const flow = { work: [work(1, { state: "done", outcome: "rejected" }), work(2, { node: "signed", state: "done", outcome: "approved" }), work(3, { node: "signed", state: "closed", left: true })] };
    expect(standingOf(flow, step({ standing: "left" }))).toBe("stopped");
    expect(standingOf(flow, step({ standing: "passed_by" }))).toBe("stopped");
    expect(standingOf(flow, step({ standing: "passed_by", round: 2 }))).toBe("back");
    expect(standingOf(flow, step({ id: "other", standing: "passed_by" }))).toBe("passed_by");
    const signed = step({ id: "signed", standing: "left" });
    expect(standingOf(flow, signed)).toBe("left");
    expect(worksAt(flow, signed).map((one) => one.number)).toEqual([2, 3]);
  });
  it("calls a no what it is here: a vote sends nothing back by itself", () => {
    const mine = (given: Partial<Mine>) => ({ node: "n", opinion: false, targets: [], ...given }) as unknown as Mine;
    const at = (mode: Step["mode"]) => ({ nodes: [step({ mode })] });
    const target = [{ id: "before", name: { zh: "前", en: "Before" } }];
    expect(noWord(at("vote"), mine({ targets: target }))).toBe("flow.voteNo");
    expect(noWord(at("vote"), mine({ opinion: true }))).toBe("flow.disagree");
    expect(noWord(at("all"), mine({ targets: target }))).toBe("flow.reject");
    expect(noWord(at("all"), mine({}))).toBe("flow.refuse");
  });
  it("knows what is late", () => {
    expect(isLate("2026-01-01T00:00:00Z", Date.parse("2026-01-02T00:00:00Z"))).toBe(true);
    expect(isLate(null)).toBe(false);
  });
  it("goes on to what stood behind it in the queue, else to the first", () => {
    const queue = [["1", "2026-01-01"], ["3", "2026-01-03"]].map(([id, opened_at]) => ({ id, opened_at }) as FlowWork);
    expect(nextOf(queue, { id: "2", opened: "2026-01-02" })?.id).toBe("3");
    expect(nextOf(queue, { id: "4", opened: "2026-01-04" })?.id).toBe("1");
    expect(nextOf(queue.slice(0, 1), { id: "1", opened: null })).toBeUndefined();
  });
  it("keeps what was filled in when somebody is asked, and forgets it once it is decided", () => {
    const draft = { text: "please look", values: { legal_note: "long" } };
    expect(keptAfter(draft, {})).toEqual(draft);
    expect(keptAfter(draft, { text: true })).toEqual({ text: "", values: { legal_note: "long" } });
    expect(keptAfter(draft, { over: true })).toEqual({ text: "", values: {} });
  });
  it("says first why a step came back or who asked, else what who began it said", () => {
    const begun = happening("begun", { node: null, text: "urgent" });
    const back = happening("reject", { node: "later", outcome: "n", text: "no dates" });
    const asked = happening("add_signer", { other: person("2"), text: "you too" });
    expect(spokenTo({ history: [begun] }, "n", "2")).toBe(begun);
    expect(spokenTo({ history: [begun, back] }, "n", "2")).toBe(back);
    expect(spokenTo({ history: [begun, back, asked] }, "n", "2")).toBe(asked);
    expect(spokenTo({ history: [begun, asked] }, "n", "3")).toBe(begun);
    expect(spokenTo({ history: [happening("begun", {})] }, "n", "3")).toBeNull();
  });
  it("takes a view for a view, and a decision for a decision", () => {
    const works = [work(1, { opinion: true, state: "done", outcome: "opinion", done_at: "then" })];
    expect(viewIn({ work: works }, happening("reject", { at: "then" }))).toBe(true);
    expect(viewIn({ work: works }, happening("reject", { at: "later" }))).toBe(false);
  });
  it("names me among the first who have a step", () => {
    const works = [1, 2, 3, 4].map((one) => work(one, { mine: one === 4 }));
    expect(firstOf(works, 2).map((one) => one.number)).toEqual([4, 1]);
    expect(firstOf(works, 4)).toHaveLength(4);
  });

  it("knows when work has waited longer than is usual", () => {
    const now = new Date("2026-03-02T12:00:00Z");
    expect(longerThanUsual("2026-03-02T09:00:00Z", 2 * 3600, now)).toBe(true);
    expect(longerThanUsual("2026-03-02T09:00:00Z", 4 * 3600, now)).toBe(false);
    expect(longerThanUsual("2026-03-02T09:00:00Z", null, now)).toBe(false);
  });
});

describe("what is told of several", () => {
  it("stands together where it is the same, the most first", () => {
    expect(alike([["a", "x"], ["b", "y"], ["c", "y"]] as const, ([, told]) => told)).toEqual([[["b", "y"], ["c", "y"]], [["a", "x"]]]);
  });
});

it("a case that waits by the clock is looked at soon after it is due", () => {
  const now = Date.parse("2030-01-01T00:00:00Z"), timed = (until: string) => ({ state: "running" as const, nodes: [step({ timers: [{ name: null, until, ends: true, then: [], or: [] }] as unknown as Step["timers"] })] });
  expect(["2030-01-01T00:00:05Z", "2030-01-01T01:00:00Z", "2029-12-31T23:59:58Z", "2029-12-31T23:00:00Z"].map((until) => nextLook(timed(until), now))).toEqual([8_000, 20_000, 3_000, 20_000]);
  expect([nextLook(undefined), nextLook({ state: "completed", nodes: [] })]).toEqual([false, false]);
});

it("a case that went over to another version says which, and what somebody wrote stays as it is", () => {
  expect(wentOver("migrated", "1 → 2")).toEqual([1, 2]);
  expect([wentOver("comment", "1 → 2"), wentOver("migrated", "why not")]).toEqual([null, null]);
});

describe("what is still missing before it can be approved", () => {
  const need = (place: string, lacking: boolean | null = true): Need => ({ place, code: "required", message: { zh: place, en: place }, lacking });
  const all = [need("values/amount"), need("values/on", false), need("values/secret", null), need("packets/take/criteria/signed"), need("packets/take/fields/amount"), need("packets/take/files/scan"), need("packets/take/notes/promised")];
  const places = (some: Need[]) => some.map((one) => one.place);
  it("is what the server finds, each field once", () => {
    expect(places(keptBack(missingOf(all, {}, undefined), true))).toEqual(["values/amount", "packets/take/criteria/signed", "packets/take/files/scan", "packets/take/notes/promised"]);
  });
  it("counts what is typed and not sent, and leaves criteria for then", () => {
    expect(places(missingOf(all, { amount: 5 }, { take: { promised: "soon" } }))).toEqual(["packets/take/files/scan"]);
    expect(places(missingOf(all, { on: "" }, { take: { promised: " " } }))).toEqual(["values/amount", "values/on", "packets/take/fields/amount", "packets/take/files/scan", "packets/take/notes/promised"]);
  });
  it("asks nothing of a hand-off of who signs before others", () => {
    expect(places(keptBack(missingOf(all, {}, undefined), false))).toEqual(["values/amount"]);
  });
});
