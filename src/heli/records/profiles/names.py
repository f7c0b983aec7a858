"""When two spellings are the same name: letters and digits decide; case, width, spaces and punctuation do not."""

from __future__ import annotations

import unicodedata


def bare(name: str) -> str:
    """``GTX-Pro``, ``gtx pro`` and ``ＧＴＸＰｒｏ`` are all ``gtxpro``; "" when there is no letter or digit."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())
