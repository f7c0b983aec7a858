/** Titles of the permission centre's tabs, for it and for whoever names one of them elsewhere. */
import { learn } from "./dictionary";

export const centreWords = {
  "tab.roles": ["角色", "Roles"],
  "tab.matrix": ["字段矩阵", "Field matrix"],
  "tab.scopes": ["数据范围", "Scopes"],
  "tab.bounds": ["边界", "Bounds"],
  "tab.drafts": ["草稿", "Drafts"],
  "review.title": ["复核", "Reviews"],
  "leaving.title": ["离职与转岗", "Leaving and moving"],
  "whyPage.title": ["为什么", "Why"],
  "simulate.title": ["模拟", "Simulate"],
  "lend.title": ["临时授权", "Loans"],
  "guard.title": ["防护", "Guard"],
} as const;

learn(centreWords);
