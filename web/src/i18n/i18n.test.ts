import { describe, expect, it } from "vitest";
import { pick, translate } from ".";
import "./words-account";
import "./words-bin";
import "./words-bulk";
import "./words-configure";
import "./words-flows";
import "./words-giving";
import "./words-entry";
import "./words-guard";
import "./words-key";
import "./words-begin";
import "./words-processes";
import "./words-conflict";
import "./words-later";
import "./words-lend";
import "./words-lists";
import "./words-modes";
import "./words-org";
import "./words-oversight";
import "./words-palette";
import "./words-review";
import "./words-signin";
import "./words-simulate";
import "./words-together";
import "./words-tools";
import "./words-why";
import { dictionary, type Key } from "./dictionary";

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe("the dictionary", () => {
  it.each(Object.entries(dictionary))("%s speaks both languages with the same places", (_key, [zh, en]) => {
    expect(zh.trim()).not.toBe("");
    expect(en.trim()).not.toBe("");
    expect(places(zh)).toEqual(places(en));
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
  });
  it("fills places and leaves unknown ones alone", () => {
    expect(translate("zh", "list.count", { n: 128 })).toBe("共 128 条");
    expect(translate("en", "list.count", { n: 128 })).toBe("128 records");
    expect(translate("en", "list.count" as Key, {})).toBe("{n} records");
  });
  it("picks the server's words by language", () => {
    expect(pick("en", { zh: "客户", en: "Account" })).toBe("Account");
    expect(pick("en", { zh: "客户", en: "" })).toBe("客户");
    expect(pick("zh", null)).toBe("");
    expect(pick("zh", "plain")).toBe("plain");
  });
});
