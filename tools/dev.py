"""Development: the server, started anew when the code changes, and Vite before it. Ctrl+C ends both."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")
COMMANDS = (
    [PYTHON, "-m", "heli", "serve", "--worker", "--demo", "--reload"],
    [PYTHON, "tools/web.py", "npm", "run", "--silent", "dev"],
)


def main() -> int:
    """Run both until one ends; then end the other."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    processes = [subprocess.Popen(command, cwd=ROOT, env=os.environ, start_new_session=True) for command in COMMANDS]
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    return max(process.wait() for process in processes)


if __name__ == "__main__":
    sys.exit(main())
