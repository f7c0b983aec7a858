"""Text in both languages of the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence or name in Simplified Chinese and in English."""

    zh: str
    en: str

    def __call__(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh

    def json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    def fill(self, **values: object) -> Words:
        """Both sentences with ``{name}`` replaced; a value that is itself Words speaks each language."""

        def pick(language: Language) -> dict[str, object]:
            return {k: v(language) if isinstance(v, Words) else v for k, v in values.items()}

        return Words(self.zh.format_map(pick("zh")), self.en.format_map(pick("en")))
