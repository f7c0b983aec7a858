"""A note with light formatting, written as Markdown and never as HTML, so nothing has to be made harmless."""

from __future__ import annotations

from heli.records.fields.longtext import LongText


class RichText(LongText):
    """Markdown text; the page shows it without ever inserting markup of its own making."""

    kind = "rich_text"
