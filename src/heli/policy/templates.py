"""Roles as they ship: offered by the layer that knows the product, compared with what a company made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from heli.kernel.words import Words


class Template(Protocol):
    """A role as it ships, in one version."""

    @property
    def code(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def words(self) -> Words: ...
    @property
    def sees(self) -> Words: ...
    @property
    def lines(self) -> Sequence[Mapping[str, Any]]: ...


_OFFERED: dict[str, Template] = {}


def offer(templates: Iterable[Template]) -> None:
    """Make templates known; a later version of one replaces it."""
    for one in templates:
        _OFFERED[one.code] = one


def template_of(code: str) -> Template | None:
    return _OFFERED.get(code)


def templates() -> tuple[Template, ...]:
    return tuple(_OFFERED.values())
