import { describe, expect, it } from "vitest";
import { bytes, compact, compactMoney, dayOf, daysSince, elapsed, fullMoment, grouped, initial, isoDate, moment, money, percent } from "./format";

describe("exact decimals", () => {
  it("groups digits without touching the value", () => {
    expect(grouped("1234567.50")).toBe("1,234,567.50");
    expect(grouped("-1234.50")).toBe("−1,234.50");
    expect(grouped("99999999999999999999.10")).toBe("99,999,999,999,999,999,999.10");
    expect(grouped("12.00", true)).toBe("12");
    expect(grouped("***")).toBe("***");
  });
  it("writes money and percentages", () => {
    expect(money("1310400.00", "CNY")).toBe("¥1,310,400");
    expect(money("-5.25", "USD")).toBe("−$5.25");
    expect(percent("12.50")).toBe("12.50%");
  });
});

describe("a moment of the server", () => {
  it("falls on the day it is here, not in Greenwich", () => {
    for (const hour of [0, 12, 23]) expect(dayOf(new Date(2026, 11, 4, hour, 30).toISOString())).toBe("2026-12-04");
  });
});

describe("large figures", () => {
  it("uses 万 and 亿 in Chinese", () => {
    expect(compact("12248000.00", "zh")).toEqual(["1,225", "万"]);
    expect(compact("3125000", "zh")).toEqual(["312.5", "万"]);
    expect(compact("410000000", "zh")).toEqual(["4.1", "亿"]);
    expect(compact(38, "zh")).toEqual(["38", ""]);
    expect(compactMoney("1310000.00", "CNY", "zh")).toBe("¥131 万");
  });
  it("uses K, M and B in English", () => {
    expect(compactMoney("36610000", "USD", "en")).toBe("$36.6M");
    expect(compact("2500", "en")).toEqual(["2.5", "K"]);
    expect(compactMoney("-2500", "USD", "en")).toBe("−$2.5K");
  });
});

describe("moments", () => {
  const now = new Date(2026, 10, 23, 15, 0);
  it("says today, yesterday, this year and before as people do", () => {
    expect(moment(new Date(2026, 10, 23, 9, 5).toISOString(), "zh", now)).toBe("09:05");
    expect(moment(new Date(2026, 10, 22, 18, 2).toISOString(), "zh", now)).toBe("昨天 18:02");
    expect(moment(new Date(2026, 2, 1, 8, 0).toISOString(), "zh", now)).toBe("03-01 08:00");
    expect(moment(new Date(2024, 2, 1, 8, 0).toISOString(), "zh", now)).toBe("2024-03-01");
    expect(moment("not a date", "zh", now)).toBe("not a date");
  });
  it("measures waiting", () => {
    const since = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
    expect(elapsed(since(0), "zh", now)).toBe("不到 1 分钟");
    expect(elapsed(since(0.5), "zh", now)).toBe("30 分钟");
    expect(elapsed(since(29), "zh", now)).toBe("29 小时");
    expect(elapsed(since(72), "en", now)).toBe("3 days");
    expect(elapsed(since(1), "en", now)).toBe("1 hour");
    expect(daysSince(since(49), now)).toBe(2);
  });
  it("writes dates and sizes plainly", () => {
    expect(isoDate(now)).toBe("2026-11-23");
    expect(fullMoment(now.toISOString())).toBe("2026-11-23 15:00");
    expect(bytes(900)).toBe("900 B");
    expect(bytes(1_258_291)).toBe("1.2 MB");
    expect(initial(" 王敏")).toBe("王");
    expect(initial("")).toBe("?");
  });
});
