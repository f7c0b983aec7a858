"""Setup runs every interpreter before it chooses one: commands that exist and fail must not mislead it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIM = "#!/bin/sh\necho 'the command exists in these versions:' >&2\nexit 127\n"
OLD = "#!/bin/sh\nexit 0\n"  # an interpreter that is too old answers nothing to the question
CHOSEN = '#!/bin/sh\ncase "$3" in *version_info*) echo {version};; *) echo chosen {version} "$@";; esac\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "setup", tmp_path / "tools" / "setup")
    return tmp_path


def command(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def setup(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(checkout / "shims"), str(checkout / "bin"), str(checkout / "base")])
    if not (checkout / "base").exists():
        (checkout / "base").mkdir()
        for tool in ("dirname", "tr", "sort", "awk"):
            found = shutil.which(tool)
            assert found
            (checkout / "base" / tool).symlink_to(found)
    full = {"PATH": path, "HOME": str(checkout / "nobody"), **environment}
    return subprocess.run(
        ["/bin/sh", str(checkout / "tools" / "setup"), "run"],
        check=False, capture_output=True, text=True, env=full, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_shims_that_fail_and_old_interpreters_are_passed_over(checkout: Path) -> None:
    for name in ("python3", "python3.12", "python3.13", "python3.14"):
        command(checkout / "shims", name, SHIM)
    command(checkout / "bin", "python3", OLD)
    command(checkout / "pyenv" / "versions" / "3.12.1" / "bin", "python3", CHOSEN.format(version="3.012.001"))
    done = setup(checkout, PYENV_ROOT=str(checkout / "pyenv"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "chosen 3.012.001 -I tools/setup.py run"


def test_the_newest_below_the_newest_series_is_chosen(checkout: Path) -> None:
    for version in ("3.012.009", "3.013.001", "3.014.000"):
        command(checkout / "pyenv" / "versions" / version / "bin", "python3", CHOSEN.format(version=version))
    assert "chosen 3.013.001" in setup(checkout, PYENV_ROOT=str(checkout / "pyenv")).stdout


def test_the_newest_series_serves_when_it_is_alone(checkout: Path) -> None:
    command(checkout / "bin", "python3", CHOSEN.format(version="3.014.002"))
    assert "chosen 3.014.002" in setup(checkout).stdout


def test_a_named_interpreter_is_the_only_candidate(checkout: Path) -> None:
    command(checkout / "bin", "python3", CHOSEN.format(version="3.013.001"))
    command(checkout / "mine", "py", CHOSEN.format(version="3.012.004"))
    assert "chosen 3.012.004" in setup(checkout, HELI_PYTHON=str(checkout / "mine" / "py")).stdout


def test_without_any_it_says_what_to_install_in_both_languages(checkout: Path) -> None:
    command(checkout / "shims", "python3", SHIM)
    done = setup(checkout)
    assert done.returncode == 1
    assert "Python 3.12" in done.stderr
    assert "找不到" in done.stderr
    assert "HELI_PYTHON" in done.stderr


def test_an_environment_that_is_up_to_date_costs_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "tools/setup.py", "run"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
