"""Web addresses: http and https only, so that a link on a page can never run a script."""

from __future__ import annotations

from typing import ClassVar

from heli.kernel.words import Words
from heli.records.fields.patterned import Patterned


class Url(Patterned):
    """An http or https address, kept as typed."""

    kind = "url"
    shape = r'https?://[^\x00-\x20\x7f<>"\\^`{|}/?#@]+(?:[/?#][^\x00-\x20\x7f<>"\\^`{|}]*)?'
    wrong = Words("应为 http:// 或 https:// 开头的网址", "must be a web address starting with http:// or https://")
    length: ClassVar[int] = 500
