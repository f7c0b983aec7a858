/** What a browser calls itself, in two words: "Chrome · Windows". Empty when it says nothing known. */
const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, "微信"], [/DingTalk/, "钉钉"], [/Lark|Feishu/, "飞书"], [/Edg(e|A|iOS)?\//, "Edge"], [/OPR\//, "Opera"],
  [/Firefox\/|FxiOS\//, "Firefox"], [/HeadlessChrome\/|Chrome\/|CriOS\//, "Chrome"], [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, "iPhone"], [/iPad/, "iPad"], [/HarmonyOS/, "HarmonyOS"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"],
];
const named = (agent: string, among: [RegExp, string][]): string => among.find(([sign]) => sign.test(agent))?.[1] ?? "";

export function deviceOf(agent: string): string {
  return [named(agent, BROWSERS), named(agent, SYSTEMS)].filter(Boolean).join(" · ");
}
