/** The permission centre. Each of its areas adds a file of words of its own beside this one. */
export const accessWords = {
  "access.title": ["权限中心", "Permission centre"],

  // Words of its areas that stand outside their pages: titles of tabs, what is offered beside a refusal, entries of the queue.
  "export.title": ["导出", "Exports"],

  // Words of its areas that stand outside their pages: titles of tabs, what is offered beside a refusal, entries of the queue.
  "queue.export": ["审批导出", "Decide on the export"],
  "queue.confirm": ["看给什么权限", "See what it gives"],
  "queue.draft": ["打开草稿", "Open the draft"],
  "queue.alert": ["查看告警", "Look at the alert"],

  // Words of its areas that stand outside their pages: titles of tabs, what is offered beside a refusal, entries of the queue.
  "export.act": ["导出", "Export"],
  "whyPage.askRole": ["申请角色或岗位", "Ask for a role or post"],
  "whyPage.open": ["在「为什么」中打开", "Open in “Why”"],
  "lend.askShort": ["申请权限", "Ask for access"],
  "lend.lendOut": ["借给同事", "Lend to a colleague"],
} as const;
