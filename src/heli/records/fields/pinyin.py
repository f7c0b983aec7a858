"""Where the fields find the keys of names; the arithmetic itself is the kernel's."""

from heli.kernel.pinyin import KEY_LENGTH, initials, sort_key, syllables

__all__ = ["KEY_LENGTH", "initials", "sort_key", "syllables"]
