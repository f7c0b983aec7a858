"""The page's types of what the API answers, made of docs/openapi.json by openapi-typescript into web/src/api/schema.ts.

Usage: python tools/page_types.py [--check]. With --check nothing is written, and the status is 1 when the file is stale.
Every object type has the same routes with its own columns, which the page learns at run time: what one type alone uses is
left out, so that the file stays small enough to be read.
"""

import json
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import web

DOCUMENT = web.ROOT / "docs" / "openapi.json"
TARGET = web.WEB / "src" / "api" / "schema.ts"
_PER_TYPE = re.compile(r"/api/v1/records/([a-z_]+)")
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')


def _names(part: Any, schemas: dict[str, Any]) -> set[str]:
    """The schemas that a part of the document needs, and those that these need."""
    found: set[str] = set()
    todo = _REFERENCE.findall(json.dumps(part))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _REFERENCE.findall(json.dumps(schemas[name]))
    return found


def reduced(document: dict[str, Any]) -> dict[str, Any]:
    """What the API answers, by name, without the schemas that one object type alone uses."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    used: dict[str, set[str]] = defaultdict(set)
    for path, item in document["paths"].items():
        found = _PER_TYPE.match(path)
        for name in _names(item, schemas):
            used[name].add(found[1] if found else "")
    kept = {name: one for name, one in schemas.items() if "" in used[name] or len(used[name]) != 1}
    return {"openapi": document["openapi"], "info": document["info"], "paths": {}, "components": {"schemas": kept}}


def text() -> str:
    """The file as it should be. Raises SystemExit when the generator fails."""
    with tempfile.TemporaryDirectory(prefix="heli-types-") as folder:
        given, made = Path(folder) / "openapi.json", Path(folder) / "schema.ts"
        given.write_text(json.dumps(reduced(json.loads(DOCUMENT.read_text("utf-8")))), "utf-8")
        status = web.run("npm", ["run", "--silent", "types", "--", str(given), "-o", str(made)], quiet=True)
        if status:
            raise SystemExit(status)
        return made.read_text("utf-8")


def main(arguments: list[str]) -> int:
    """Write the file, or compare it; returns the exit status."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    made = text()
    if not arguments:
        TARGET.write_text(made, "utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == made:
        return 0
    print(f"{TARGET.relative_to(web.ROOT)} is stale: run `python tools/page_types.py`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
