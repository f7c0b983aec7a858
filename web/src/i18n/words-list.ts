/** What fields say wherever they stand; lists, boards and filters: words-lists. */
export const listWords = {
  "field.none": ["（未选）", "(none)"],
  "field.empty": ["未填写", "Empty"],
  "field.yes": ["是", "Yes"],
  "field.no": ["否", "No"],
  "field.text": ["文本", "Text"],
  "field.unnamed": ["（名称不可见）", "(name not visible)"],
  "field.broken": ["无法解密", "Cannot be decrypted"],
  "field.brokenHelp": ["密钥缺失，或数据被改动；已记入审计日志，请联系运维", "Its key is missing or it was altered; the audit log has been told, ask whoever runs this installation"],
  "lines.title": ["明细", "Lines"],
  "lines.count": ["{n} 行", "{n} lines"],
  "lines.product": ["产品", "Product"],
  "lines.quantity": ["数量", "Quantity"],
  "lines.price": ["单价", "Unit price"],
  "lines.discount": ["折扣", "Discount"],
  "lines.amount": ["金额", "Amount"],
} as const;
