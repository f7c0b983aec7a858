"""联系人: someone who works at a customer."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

PARTS = (
    f.Option("decides", "决策人", "Decides", color="v1"),
    f.Option("influences", "影响人", "Influences", color="v2"),
    f.Option("uses", "使用人", "Uses", color="v4"),
    f.Option("buys", "采购", "Buys", color="v6"),
    f.Option("pays", "财务", "Pays", color="v3"),
)


class Contact(Record):
    """A person at an account. How to reach them is sensitive: masked in lists, shown on request."""

    heli = ObjectType(
        "contact", zh="联系人", en="Contact", plural_en="Contacts", icon="user",
        parent="account", title="name", key=None,
        related=("account",),
        columns=("name", "account", "job_title", "part", "mobile", "email", "owner"),
        sorts=("updated_at", "name"),
        summary=("account", "job_title", "part", "mobile", "email", "owner"),
        actions=(),
        kanban=None,
    )  # fmt: skip
    name = f.Text(zh="姓名", en="Name", required=True, search=True, max_length=100)
    account = f.Link("account", label=True, zh="客户", en="Account")
    job_title = f.Text(zh="职务", en="Job title", max_length=100)
    unit = f.Text(zh="所在部门", en="Department there", max_length=100)
    part = f.Choice(zh="角色", en="Part in buying", options=PARTS)
    key_contact = f.YesNo(zh="首要联系人", en="Main contact")
    mobile = f.Phone(zh="手机", en="Mobile", search=True, encrypted=True, group="contact")
    phone = f.Phone(zh="座机", en="Phone", encrypted=True, group="contact")
    email = f.Email(zh="邮箱", en="Email", search=True, group="contact")
    wechat = f.Text(zh="微信", en="WeChat", data_class="sensitive", max_length=60, group="contact")
    identity_number = f.Text(
        zh="证件号码", en="Identity number", data_class="confidential", encrypted=True, max_length=40, group="other"
    )
    birthday = f.Date(zh="生日", en="Birthday", data_class="sensitive", group="other")
    description = f.LongText(zh="备注", en="Notes", group="other")
