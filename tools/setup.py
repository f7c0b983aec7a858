"""Makes `.venv` as the requirement locks say; a second run with unchanged locks does nothing.

Run by tools/setup under the interpreter it chose, or under `.venv/bin/python` once that exists.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}


def fingerprint(level: str) -> str:
    """What the environment of this level is made from: its locks, our own metadata, where it stands."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    parts = [
        (ROOT / LOCKS[level]).read_bytes(),
        repr((project["project"], project["build-system"])).encode(),
        str(ROOT).encode(),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def satisfied(level: str) -> bool:
    """Whether the environment was made for this level, or for dev, which holds more, from what is here now."""
    for made in {level, "dev"}:
        stamp = VENV / f"made-{made}"
        if stamp.exists() and stamp.read_text("utf-8") == fingerprint(made):
            return True
    return False


def works() -> bool:
    """Whether the environment's interpreter still runs (its base may have been removed)."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-I", "-c", "import pip"], check=False, capture_output=True).returncode == 0


def installer() -> list[str]:
    """uv, fetched with pip by hash; pip itself where there is no uv for this machine."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    quiet = ["--quiet", "--no-input"]
    got = subprocess.run(
        [*pip, "install", *quiet, "--require-hashes", "-r", "requirements-uv.lock"], check=False, cwd=ROOT
    )
    uv = VENV / "bin" / "uv"
    if got.returncode == 0 and subprocess.run([uv, "--version"], check=False, capture_output=True).returncode == 0:
        return [str(uv), "pip", "install", "--quiet", "--python", str(PYTHON)]
    print("uv is not available here; installing with pip, which takes longer")
    return [*pip, "install", *quiet]


def make(level: str) -> None:
    """Build or bring up to date the environment."""
    if not works():
        print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
    for stamp in VENV.glob("made-*"):
        stamp.unlink()
    install = installer()
    print(f"Installing {LOCKS[level]}", flush=True)
    subprocess.run([*install, "--require-hashes", "-r", LOCKS[level]], check=True, cwd=ROOT)
    subprocess.run([*install, "--no-deps", "--no-build-isolation", "--editable", "."], check=True, cwd=ROOT)
    (VENV / f"made-{level}").write_text(fingerprint(level), "utf-8")


def main(level: str) -> int:
    """Returns the exit status; 2 for an unknown level."""
    if level not in LOCKS:
        print(f"unknown level {level!r}: run or dev", file=sys.stderr)
        return 2
    if satisfied(level) and PYTHON.exists():
        return 0
    os.chdir(ROOT)
    with (ROOT / "pyproject.toml").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two commands at once: the second waits, then finds the work done
        if not satisfied(level) or not works():
            try:
                make(level)
            except subprocess.CalledProcessError as error:
                print(f"setup stopped: {Path(error.cmd[0]).name} ended with status {error.returncode}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "dev"))
