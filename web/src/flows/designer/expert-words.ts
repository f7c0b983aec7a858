/** What bpmn-js calls things, in Chinese: it speaks English by itself, and asks for each text in turn. Pure. */
import type { Lang } from "../../api/types";

const THINGS: Record<string, string> = {
  task: "任务", "user task": "人工任务", "service task": "服务任务", "send task": "发送任务", "receive task": "接收任务", "manual task": "手工任务",
  "business rule task": "决策表任务", "script task": "脚本任务", "call activity": "调用流程", transaction: "事务", "event sub-process": "事件子流程",
  "sub-process": "子流程", "ad-hoc sub-process": "即席子流程", "expanded sub-process": "子流程（展开）", "compensation activity": "补偿活动",
  gateway: "网关", "exclusive gateway": "排他网关（条件分支）", "parallel gateway": "并行网关", "inclusive gateway": "包容网关", "complex gateway": "复杂网关",
  "event-based gateway": "事件网关", "event based instantiating gateway": "事件网关（发起流程）", "parallel event based instantiating gateway": "并行事件网关（发起流程）",
  "data store reference": "数据存储", "data object reference": "数据对象", "pool/participant": "泳池", "expanded pool/participant": "泳池（展开）",
  "empty pool/participant": "泳池（空）", group: "分组", "intermediate/boundary event": "中间或边界事件", "sequence flow": "连线", "default flow": "默认连线",
  "conditional flow": "条件连线", "text annotation": "文字注释",
};
const KINDS: Record<string, string> = {
  message: "消息", timer: "定时", conditional: "条件", signal: "信号", error: "错误", escalation: "升级", compensation: "补偿", link: "链接", cancel: "取消", terminate: "终止",
};
const PLACES: Record<string, string> = { start: "开始事件", end: "结束事件", boundary: "边界事件", "intermediate catch": "等待事件", "intermediate throw": "发出事件" };
const ACTS: Record<string, string> = {
  delete: "删除", "change element": "换成别的", "connect to other element": "连到别的元素", "connect using association": "用关联连接",
  "connect using data input association": "用数据输入关联连接", "add lane above": "在上面加泳道", "add lane below": "在下面加泳道", "divide into two lanes": "分成两条泳道",
  "divide into three lanes": "分成三条泳道", "activate hand tool": "移动画布", "activate lasso tool": "框选", "activate create/remove space tool": "增减空间",
  "activate global connect tool": "连线", "align elements": "对齐", "distribute elements horizontally": "水平均分", "distribute elements vertically": "垂直均分",
  "search in diagram": "在图中查找", "toggle non-interrupting": "切换是否中断", "parallel multi-instance": "并行逐个办理", "sequential multi-instance": "依次逐个办理",
  loop: "循环", collection: "集合", "participant multiplicity": "多个参与者", "open {element}": "打开{element}",
};
const STATES: Record<string, string> = { collapsed: "折叠", expanded: "展开", "non-interrupting": "不中断" };

/** Why bpmn-js cannot show a file, of what it says itself: that is English, and for programmers. Pure. */
export function whyNot(said: string): "design.expert.noSteps" | "design.expert.unmatched" | "design.expert.unread" {
  if (/no (diagram|process or collaboration) to display|no parent for/i.test(said)) return "design.expert.noSteps";
  return /bpmnElement|not yet drawn|bounds|plane|di\b/i.test(said) ? "design.expert.unmatched" : "design.expert.unread";
}

/** A text of bpmn-js in the language of the page; what is not known stays as it is. */
export function expertWord(lang: Lang, text: string, values: Record<string, string> = {}): string {
  const said = lang === "zh" ? chinese(text) ?? text : text;
  return said.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function chinese(text: string): string | null {
  const plain = text.trim().toLowerCase();
  const known = ACTS[plain] ?? THINGS[plain];
  if (known) return known;
  const state = /^(.*) \(([^()]*)\)$/.exec(plain);
  if (state) { const thing = chinese(state[1] ?? ""), how = STATES[state[2] ?? ""]; return thing && how ? `${thing}（${how}）` : null; }
  const act = /^(append|create|add) (.*)$/.exec(plain);
  if (act) { const thing = chinese(act[2] ?? ""); return thing ? `${act[1] === "append" ? "接上" : "新建"}${thing}` : null; }
  const event = /^(?:(\w+) )?(start|end|boundary|intermediate (?:catch|throw)) event$/.exec(plain);
  if (!event) return null;
  const kind = event[1] ? KINDS[event[1]] : "", place = PLACES[event[2] ?? ""];
  return kind !== undefined && place ? kind + place : null;
}
