"""The field kinds. ``from heli.records import fields as f`` and write ``f.Text(zh=..., en=...)``."""

from heli.records.fields.address import Address
from heli.records.fields.autonumber import AutoNumber
from heli.records.fields.base import (
    DATA_CLASSES,
    EMPTY_OPERATORS,
    ENCRYPTED,
    MASK,
    PLAIN,
    DataClass,
    Field,
    FieldError,
    TextStyle,
)
from heli.records.fields.choice import Choice, Option
from heli.records.fields.choices import Choices
from heli.records.fields.creditcode import CreditCode
from heli.records.fields.date import Date
from heli.records.fields.datetime import DateTime
from heli.records.fields.departmentref import DepartmentRef
from heli.records.fields.email import Email
from heli.records.fields.lines import Lines
from heli.records.fields.link import Link
from heli.records.fields.links import Links
from heli.records.fields.longtext import LongText
from heli.records.fields.money import Money
from heli.records.fields.number import Number
from heli.records.fields.percent import Percent
from heli.records.fields.personref import PersonRef
from heli.records.fields.phone import Phone
from heli.records.fields.richtext import RichText
from heli.records.fields.text import Text
from heli.records.fields.timely import Timely
from heli.records.fields.url import Url
from heli.records.fields.yesno import YesNo

__all__ = [
    "DATA_CLASSES", "EMPTY_OPERATORS", "ENCRYPTED", "MASK", "PLAIN", "Address", "AutoNumber", "Choice",
    "Choices", "CreditCode", "DataClass", "Date", "DateTime", "DepartmentRef", "Email", "Field",
    "FieldError", "Lines", "Link", "Links", "LongText", "Money", "Number", "Option", "Percent",
    "PersonRef", "Phone", "RichText", "Text", "TextStyle", "Timely", "Url", "YesNo",
]  # fmt: skip
