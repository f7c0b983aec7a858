import { describe, expect, it } from "vitest";
import { draw, path, reduced } from "./diagram";
import { brief, percent, span } from "./told";
import type { Edge, Shape } from "./types";

const shape = (id: string, kind = "user", host: string | null = null, name: string | null = id): Shape => ({ id, kind, host, name: name ? { zh: name, en: name } : null, resolver: null, mode: null, waiting: null });
const edge = (text: string, cases: number | null = 1): Edge => { const [source = "", target = ""] = text.split(">"); return { source, target, cases, condition: false, back: false }; };

const SHAPES = [shape("s", "start"), shape("p", "parallel", null, null), shape("a"), shape("b"), shape("c"), shape("x", "exclusive", null, null), shape("j", "parallel", null, null), shape("d"), shape("e", "end"), shape("late", "boundary", "d"), shape("tell", "send"), shape("x1", "exclusive", null, null)];
const EDGES = ["s>p", "p>a", "p>b", "b>x", "x>c", "x>j", "c>j", "a>j", "j>x1", "x1>d", "d>e", "late>tell"].map((one) => edge(one));

describe("the picture of a process", () => {
  const drawing = draw(SHAPES, EDGES, [{ source: "d", target: "a", count: 3, cases: 2, share: 0.2 }], new Set());

  it("leaves out what nobody has been at behind a boundary, and gateways that do nothing", () => {
    expect(reduced(SHAPES, EDGES, new Set()).shapes.map((one) => one.id).sort()).toEqual(["a", "b", "c", "d", "e", "j", "p", "s", "x"]);
    expect(reduced(SHAPES, EDGES, new Set(["tell"])).shapes.map((one) => one.id)).toContain("tell");
  });
  it("puts each step below what it comes after, and none over another", () => {
    const at = new Map(drawing.boxes.map((box) => [box.id, box]));
    for (const line of drawing.lines) expect((at.get(line.target)?.y ?? 0)).toBeGreaterThan(at.get(line.source)?.y ?? 0);
    for (const one of drawing.boxes) for (const other of drawing.boxes) {
      if (one.id >= other.id) continue;
      const apart = one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y;
      expect(apart, `${one.id} ${other.id}`).toBe(true);
    }
    expect(Math.min(...drawing.boxes.map((box) => box.x))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawing.boxes.map((box) => box.x + box.width))).toBeLessThanOrEqual(drawing.width);
  });
  it("tells each line's count where no other line's stands", () => {
    const skips = draw(SHAPES, [...EDGES, edge("p>j")], [], new Set()).lines.map((one) => one.label);
    for (const labels of [drawing.lines.map((one) => one.label), skips]) for (const one of labels) for (const other of labels) {
      expect(one === other || Math.abs(one[0] - other[0]) >= 20 || Math.abs(one[1] - other[1]) >= 14, `${one.join()} ${other.join()}`).toBe(true);
    }
  });
  it("draws what goes back on a lane of its own", () => {
    expect(drawing.loops).toHaveLength(1);
    expect(drawing.loops[0]?.label[0]).toBeLessThan(Math.min(...drawing.boxes.map((box) => box.x)));
  });
  it("tells what is sent back where no other label of it stands", () => {
    const back = (source: string, target: string) => ({ source, target, count: 12, cases: 9, share: 0.2 });
    const { loops } = draw(SHAPES, EDGES, [back("d", "a"), back("d", "b"), back("j", "a"), back("c", "b")], new Set());
    for (const one of loops) for (const other of loops) {
      expect(one === other || Math.abs(one.label[0] - other.label[0]) >= 76 || Math.abs(one.label[1] - other.label[1]) >= 40, `${one.label.join()} ${other.label.join()}`).toBe(true);
    }
  });
  it("draws circles that no definition explains", () => {
    const circle = draw([shape("a"), shape("b")], [edge("a>b", 5), { ...edge("b>a", 2), back: true }], [], new Set());
    expect(circle.lines).toHaveLength(1);
    expect(circle.loops).toHaveLength(1);
  });
  it("rounds corners", () => { expect(path([[0, 0], [0, 20], [40, 20]])).toBe("M0 0L0 10Q0 20 10 20L40 20"); });
});

describe("spans of time", () => {
  it("are told in the unit that people would use", () => {
    expect(span(45, "zh")).toBe("45 秒");
    expect(span(3 * 3600, "zh")).toBe("3 小时");
    expect(span(2.6 * 86400, "en")).toBe("2.6 days");
    expect(span(27 * 3600, "zh", "working")).toBe("3 天");
    expect(span(null, "zh")).toBe("—");
    expect([percent(0), percent(0.004), percent(0.0004, 1), percent(0.996, 1)]).toEqual(["0%", "<1%", "<0.1%", "99.6%"]);
    expect(brief(26 * 3600, "calendar")).toBe("26h");
    expect(brief(5 * 9 * 3600, "working")).toBe("5d");
  });
});
