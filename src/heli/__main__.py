"""``python -m heli``: the command ``heli``."""

import sys

from heli.config.cli import main

if __name__ == "__main__":  # web processes import this module anew
    sys.exit(main())
