"""Whether every page brings the style sheets that it uses. Prints ``path: what`` and ends with status 1 for any that does not.

A page is a chunk that is fetched when it is needed, and its styles come with it. A class whose rules stand in a sheet that the chunk does
not import looks right only when another page happens to have brought that sheet: the page then stands there bare and jumps later.

The same holds for a class that two sheets own, or one whose sheet means something else than another that varies it: the second page one
opens is then drawn by the rules of the first.

A chunk can rely on what it imports statically, and on what all those that fetch it can rely on. A class belongs to the sheets in which a
selector begins with it; one that never begins a selector only varies another and is not looked at.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "web" / "src"
MAIN = PAGES / "main.tsx"

STATIC = re.compile(r"""^(?:import|export)\s(?!type\b)(?:[^"';]*?\sfrom\s*)?["'](\.[^"']+)["']""", re.MULTILINE)
FETCHED = re.compile(r"""\bimport\(\s*["'](\.[^"']+)["']\s*\)""")
NAMES = re.compile(r"""[cC]lassName(?:=|:\s*)(?:"([^"]*)"|\{)""")
COMPARED = re.compile(r'[=!]== "[^"]*"')
TEXT = re.compile(r'"([^"]*)"|`([^`]*)`')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
FIRST = re.compile(r"[a-z]*(?:\.[A-Za-z][\w-]*)+")
ALONE = re.compile(r"\.([A-Za-z][\w-]*)(?::[\w-]+(?:\([^)]*\))?|\[[^]]*\])*")
JOINED = re.compile(r"(?:\.[A-Za-z][\w-]*){2,}")
WORD = re.compile(r"[A-Za-z][\w-]*")


def found_at(importer: Path, named: str) -> Path | None:
    """The file that an import names; None for what is no file of ours."""
    target = (importer.parent / named).resolve()
    for one in (
        target,
        target.with_name(f"{target.name}.ts"),
        target.with_name(f"{target.name}.tsx"),
        target / "index.ts",
        target / "index.tsx",
    ):
        if one.is_file():
            return one
    return None


def imported(path: Path, how: re.Pattern[str]) -> Iterator[Path]:
    """What a module imports in one of the two ways."""
    for named in how.findall(path.read_text("utf-8")):
        found = found_at(path, named)
        if found is not None:
            yield found


@cache
def together(entry: Path) -> frozenset[Path]:
    """A module and all that comes with it at once."""
    known, waiting = {entry}, [entry]
    while waiting:
        one = waiting.pop()
        if one.suffix in {".ts", ".tsx"}:
            more = set(imported(one, STATIC)) - known
            known |= more
            waiting += more
    return frozenset(known)


def selectors(sheet: Path) -> Iterator[str]:
    """The selectors of a sheet, one by one."""
    text = COMMENT.sub("", sheet.read_text("utf-8"))
    for group in re.findall(r"(?:^|[{}])([^{}@;]+)(?=\{)", text):
        yield from (one.strip() for one in group.split(","))


def owned(sheet: Path) -> tuple[set[str], set[str]]:
    """Classes with which a selector of a sheet begins, and those together with what else is said of the same element there."""
    names = [found[0].split(".")[1:] for one in selectors(sheet) if (found := FIRST.match(one))]
    return {one[0] for one in names}, {name for one in names for name in one}


def meant(sheet: Path) -> tuple[set[str], set[str]]:
    """Classes that a sheet gives a look of their own, and those with which it varies another."""
    found = list(selectors(sheet))
    own = {one[1] for text in found if (one := ALONE.fullmatch(text))}
    joined = (one.split(".")[1:] for text in found for one in JOINED.findall(text))
    return own, {name for names in joined for name in names[1:]}


def used(module: Path) -> set[str]:
    """Classes that a module gives its elements, as far as they stand there as text."""
    text, names = module.read_text("utf-8"), set[str]()
    for found in NAMES.finditer(text):
        if found[1] is not None:
            names |= set(WORD.findall(found[1]))
            continue
        depth, end = 1, found.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        for plain, filled in TEXT.findall(COMPARED.sub("", text[found.end() : end])):
            names |= set(
                re.findall(r"(?<![\w-])[A-Za-z][\w-]*(?![\w-])", plain or re.sub(r"\$\{[^}]*\}", "\0", filled))
            )
    return names


def chunks() -> dict[Path, set[Path]]:
    """Every module that is fetched by itself -> the chunks that fetch it."""
    by: dict[Path, set[Path]] = {MAIN: set()}
    waiting = [MAIN]
    while waiting:
        chunk = waiting.pop()
        for module in together(chunk):
            if module.suffix not in {".ts", ".tsx"}:
                continue
            for one in imported(module, FETCHED):
                if one not in by:
                    by[one] = set()
                    waiting.append(one)
                by[one].add(chunk)
    return by


def relied_on(by: dict[Path, set[Path]]) -> dict[Path, frozenset[Path]]:
    """What is there for certain when a chunk is."""
    every = frozenset[Path]().union(*(together(one) for one in by))
    there = dict.fromkeys(by, every)
    there[MAIN] = together(MAIN)
    moved = True
    while moved:
        moved = False
        for chunk, fetchers in by.items():
            if chunk == MAIN:
                continue
            now = together(chunk) | frozenset.intersection(*(there[one] for one in fetchers))
            if now != there[chunk]:
                there[chunk], moved = now, True
    return there


def missing() -> Iterator[str]:
    """Each chunk's classes whose sheet it does not bring."""
    by = chunks()
    sheets = set(PAGES.rglob("*.css"))
    owners, spoken = defaultdict[str, set[Path]](set), defaultdict[str, set[Path]](set)
    for sheet in sheets:
        begins, of = owned(sheet)
        for name in begins:
            owners[name].add(sheet)
        for name in of:
            spoken[name].add(sheet)
    for chunk, there in sorted(relied_on(by).items()):
        lacks: dict[str, set[str]] = {}
        for module in together(chunk):
            if module.suffix == ".tsx":
                for name in used(module):
                    if name in owners and not spoken[name] & there:
                        place = " or ".join(sorted(str(one.relative_to(PAGES)) for one in owners[name]))
                        lacks.setdefault(f"{module.relative_to(PAGES)} uses of {place}", set()).add(name)
        for what, names in sorted(lacks.items()):
            yield f"{chunk.relative_to(ROOT)}: {what}: {', '.join(sorted(names))}"


def clashing() -> Iterator[str]:
    """Each class that means two things."""
    own, varies = defaultdict[str, set[Path]](set), defaultdict[str, set[Path]](set)
    for sheet in PAGES.rglob("*.css"):
        looks, joined = meant(sheet)
        for name in looks:
            own[name].add(sheet)
        for name in joined:
            varies[name].add(sheet)
    always = {one for one in together(MAIN) if one.suffix == ".css"}
    for name, sheets in sorted(own.items()):
        others = varies[name] - sheets if not sheets & always else set()
        if len(sheets) > 1 or others:
            yield f".{name}: {', '.join(sorted(str(one.relative_to(ROOT)) for one in sheets | others))}: one class, two meanings"


def main() -> int:
    """Returns 1 when anything was found."""
    found = [*missing(), *clashing()]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
