"""Registries: filled while the program starts, frozen after it, so that what exists cannot change under a request."""

from __future__ import annotations

from collections.abc import Iterator

from heli.kernel.errors import Broken


class Registry[T]:
    """Named things of one kind, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}
        self._frozen = False

    def add(self, name: str, thing: T) -> T:
        if self._frozen:
            raise Broken(f"the registry of {self.kind}s is frozen: {name!r} comes too late")
        if name in self._things:
            raise Broken(f"{self.kind} {name!r} is registered twice")
        self._things[name] = thing
        return thing

    def freeze(self) -> None:
        self._frozen = True

    def get(self, name: str) -> T | None:
        return self._things.get(name)

    def __getitem__(self, name: str) -> T:
        return self._things[name]

    def __contains__(self, name: object) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def names(self) -> list[str]:
        return list(self._things)
