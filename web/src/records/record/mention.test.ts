import { describe, expect, it } from "vitest";
import { decode, encode, labelFor, putIn, wordAt } from "./mention";

describe("mentioning somebody", () => {
  it("knows the word after an @, also in the middle of Chinese", () => {
    expect(wordAt("请@王", 3)).toEqual({ from: 1, text: "王" });
    expect(wordAt("@", 1)).toEqual({ from: 0, text: "" });
    expect(wordAt("@wm ok", 6)).toBeNull();
    expect(wordAt("a@b", 3)).toBeNull();
    expect(wordAt("好，@赵倩，请看", 8)).toBeNull();
  });

  it("puts the name in the place of what was typed", () => {
    expect(putIn("请@wa 看", 1, 4, "王敏")).toEqual({ text: "请@王敏 看", caret: 5 });
  });

  it("sends signs for the names that still stand there", () => {
    const chosen = [{ id: "1", label: "王敏" }, { id: "2", label: "王敏敏" }, { id: "3", label: "李雷" }];
    expect(encode("@王敏敏 和@王敏 看", chosen)).toEqual({ body: "@{2} 和@{1} 看", mentions: ["2", "1"] });
    expect(encode("没有人", chosen)).toEqual({ body: "没有人", mentions: [] });
    expect(encode("(@a.b)", [{ id: "9", label: "a.b" }])).toEqual({ body: "(@{9})", mentions: ["9"] });
  });

  it("tells two people of one name apart", () => {
    const chosen = [{ id: "1", label: "王敏" }];
    expect(labelFor(chosen, "2", "王敏", "市场部")).toBe("王敏（市场部）");
    expect(labelFor(chosen, "1", "王敏", "市场部")).toBe("王敏");
  });
});

describe("changing a comment", () => {
  it("shows names, and sends their signs again", () => {
    const parts = [{ text: "请 " }, { person: { id: "1", username: "wm", name: "王敏" } }, { text: " 和 " }, { person: { id: "2", username: "wm2", name: "王敏" } }, { text: " 看" }];
    const { text, chosen } = decode(parts);
    expect(text).toBe("请 @王敏 和 @王敏（wm2） 看");
    expect(encode(text, chosen)).toEqual({ body: "请 @{1} 和 @{2} 看", mentions: ["1", "2"] });
  });
});
