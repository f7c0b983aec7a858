"""Lists of options that several object types share."""

from __future__ import annotations

from heli.records.fields import Option

INDUSTRIES = (
    Option("technology", "信息技术", "Technology"),
    Option("software", "软件服务", "Software"),
    Option("manufacturing", "制造业", "Manufacturing"),
    Option("medical", "医疗健康", "Medical"),
    Option("retail", "零售", "Retail"),
    Option("ecommerce", "电子商务", "E-commerce"),
    Option("finance", "金融", "Finance"),
    Option("education", "教育培训", "Education"),
    Option("logistics", "物流运输", "Logistics"),
    Option("energy", "能源电力", "Energy"),
    Option("construction", "建筑地产", "Construction"),
    Option("telecommunications", "通信", "Telecommunications"),
    Option("marketing", "广告营销", "Marketing"),
    Option("entertainment", "文化娱乐", "Entertainment"),
    Option("employment", "人力资源", "Employment"),
    Option("services", "专业服务", "Services"),
    Option("food", "食品餐饮", "Food"),
    Option("automotive", "汽车", "Automotive"),
    Option("government", "政府机构", "Government"),
    Option("other", "其他", "Other"),
)

LEVELS = (
    Option("a", "A 重点", "A key", color="v1"),
    Option("b", "B 成长", "B growing", color="v2"),
    Option("c", "C 普通", "C ordinary", color="v5"),
)

SOURCES = (
    Option("campaign", "市场活动", "Campaign"),
    Option("website", "官网", "Website"),
    Option("exhibition", "展会", "Exhibition"),
    Option("referral", "客户转介绍", "Referral"),
    Option("phone", "电话营销", "Outbound call"),
    Option("partner", "渠道伙伴", "Partner"),
    Option("advertising", "广告投放", "Advertising"),
    Option("visit", "主动拜访", "Visit"),
    Option("other", "其他", "Other"),
)

PRIORITIES = (
    Option("low", "低", "Low", color="v5"),
    Option("normal", "普通", "Normal", color="v2"),
    Option("high", "高", "High", color="wait"),
    Option("urgent", "紧急", "Urgent", color="bad"),
)

LOST_REASONS = (
    Option("price", "价格过高", "Price"),
    Option("competitor", "选择竞争对手", "Chose a competitor"),
    Option("budget", "预算取消", "Budget cancelled"),
    Option("timing", "时机不合适", "Wrong time"),
    Option("fit", "产品不匹配", "Product does not fit"),
    Option("contact", "失去联系", "Lost contact"),
    Option("other", "其他", "Other"),
)

PAYMENT_METHODS = (
    Option("transfer", "银行转账", "Bank transfer"),
    Option("acceptance", "承兑汇票", "Acceptance bill"),
    Option("cheque", "支票", "Cheque"),
    Option("online", "线上支付", "Online"),
    Option("cash", "现金", "Cash"),
)

TAX_RATES = (
    Option("0", "0%", "0%"),
    Option("1", "1%", "1%"),
    Option("3", "3%", "3%"),
    Option("6", "6%", "6%"),
    Option("9", "9%", "9%"),
    Option("13", "13%", "13%"),
)
