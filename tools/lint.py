"""Rules of this project that no general tool knows. Prints ``path:line: what`` and ends with status 1 for any.

- every read and write of a record passes the doors in ``heli.records``: no managers of record models outside it, no
  ``raw()``, no hand-made managers or query sets;
- nothing that is committed names a package registry, a path of one machine or an unkept promise.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "heli"
# The doors themselves, and what stands below them: the import contracts keep record models from those layers.
INSIDE = tuple(SOURCE / layer for layer in ("records", "access", "org", "jobs", "audit", "kernel"))
RECORD_MODULES = re.compile(r"heli\.crm\.objects(\.|$)")
MANAGERS = {"objects", "_base_manager", "_default_manager"}
HAND_MADE = {"Manager", "QuerySet", "RawQuerySet"}

ADDRESSES = re.compile(r"https?://[^/\s\"']*(registry|pypi|pythonhosted|npmjs|debian)[^/\s\"']*")
MACHINE = re.compile(r"(?<![\w.*~-])/(root|work|farm)/[\w.]|/home/[a-z]\w*/|/Users/[A-Za-z]\w*/")
PROMISE = re.compile(
    r"#.*\b(TO[D]O|FIX[M]E|XX[X])\b|//.*\b(TO[D]O|FIX[M]E)\b"
)  # written so that it does not find itself
RESOLVED = re.compile(r'"resolved"\s*:\s*"http')
SKIPPED = {".png", ".ico", ".woff2", ".xlsx", ".xls", ".pdf", ".zip", ".jpg"}
LICENCES = {"LICENSE"}

Finding = tuple[Path, int, str]


def _names(tree: ast.Module) -> set[str]:
    """The names by which a module knows record models or the modules that hold them."""
    known: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if RECORD_MODULES.match(node.module) or RECORD_MODULES.match(f"{node.module}.{alias.name}"):
                    known.add(alias.asname or alias.name)
                if node.module == "heli.org.models" and alias.name == "Project":
                    known.add(alias.asname or alias.name)
        elif isinstance(node, ast.Import):
            known |= {alias.asname for alias in node.names if alias.asname and RECORD_MODULES.match(alias.name)}
    return known


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def doors(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Ways past the doors in one module."""
    records = _names(tree)
    inside = any(path.is_relative_to(folder) for folder in INSIDE)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "raw":
            yield path, node.lineno, "raw() reads past every filter"
        if inside:
            continue
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            if _root(node.value) in records:
                yield path, node.lineno, f"{ast.unparse(node)}: records are read and written through heli.records"
            elif node.attr != "objects":
                yield path, node.lineno, f"{ast.unparse(node)}: only heli.records may reach for this manager"
        if isinstance(node, ast.Call) and _called(node.func) in HAND_MADE:
            yield path, node.lineno, f"{ast.unparse(node.func)}(): hand-made managers are for heli.records only"
        if isinstance(node, ast.ClassDef) and {_called(base) for base in node.bases} & HAND_MADE:
            yield path, node.lineno, f"class {node.name}: hand-made managers are for heli.records only"


def texts(path: Path, content: str) -> Iterator[Finding]:
    """What no committed text may hold."""
    for number, line in enumerate(content.splitlines(), 1):
        if ADDRESSES.search(line):
            yield path, number, "names a package registry"
        if MACHINE.search(line):
            yield path, number, "names a path of one machine"
        if RESOLVED.search(line):
            yield path, number, "a lock with addresses: lock by hashes only"
        if path.suffix in {".py", ".ts", ".tsx", ".css"} and PROMISE.search(line):
            yield path, number, "promises instead of doing"


def committed() -> list[Path]:
    """Files that git tracks or would; everything below the root where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    if listed.returncode:
        return [path for path in (ROOT / "src").rglob("*") if path.is_file()]
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def main() -> int:
    """Returns 1 when anything was found."""
    found: list[Finding] = []
    for path in committed():
        if path.suffix in SKIPPED or path.name in LICENCES or not path.is_file():
            continue
        if path.name == "uv.lock":
            found.append((path, 1, "holds registry addresses: lock by hashes only (make lock)"))
            continue
        try:
            content = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # not a text
        found += texts(path, content)
        if path.suffix == ".py" and path.is_relative_to(SOURCE):
            found += doors(path, ast.parse(content, str(path)))
    for path, line, what in sorted(found):
        print(f"{path.relative_to(ROOT)}:{line}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
