import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expertWord, whyNot } from "./expert-words";

const LIB = join(__dirname, "../../../node_modules/bpmn-js/lib/features");
const files = (folder: string): string[] => readdirSync(folder).flatMap((name) => { const path = join(folder, name); return statSync(path).isDirectory() ? files(path) : path.endsWith(".js") ? [path] : []; });

describe("bpmn-js in Chinese", () => {
  it("knows all that its palette, pad and menus ask for", () => {
    const asked = files(LIB).filter((path) => /(palette|context-pad|popup-menu|replace)/.test(path)).flatMap((path) => [...readFileSync(path, "utf-8").matchAll(/(?:translate\(|label: )'([^']+)'/g)].map((one) => one[1] ?? ""));
    expect(asked.length).toBeGreaterThan(100);
    expect([...new Set(asked)].filter((text) => !/[\u4e00-\u9fff]/.test(expertWord("zh", text)))).toEqual([]);
  });
  it("puts together what it is given", () => {
    expect(expertWord("zh", "Timer start event (non-interrupting)")).toBe("定时开始事件（不中断）");
    expect(expertWord("zh", "Open {element}", { element: "A" })).toBe("打开A");
    expect(expertWord("en", "Append task")).toBe("Append task");
    expect(expertWord("zh", "Something new")).toBe("Something new");
  });
});

it("why bpmn-js shows nothing is none of its own words", () => {
  expect(whyNot("no diagram to display")).toBe("design.expert.noSteps");
  expect(whyNot('no bpmnElement referenced in <bpmndi:BPMNPlane id="p" />')).toBe("design.expert.unmatched");
  expect(whyNot("failed to parse document as <bpmn:Definitions>")).toBe("design.expert.unread");
});
